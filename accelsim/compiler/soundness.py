"""Refuses a program that no machine could execute: one that was edited, not compiled.

What is held here is what the model and the values rely on; what a program needs of a certain
machine is in fit.py.
"""

import math
from collections.abc import Iterable, Iterator

from accelsim.compiler.instruction import Instruction, Operand, PlaneRef, Program
from accelsim.errors import InputError, nearest
from accelsim.network import Weights
from accelsim.ops import (
    FETCH_STEP,
    FILL_STEP,
    FROM_HOST,
    HANDOFF_STEP,
    HANDOFFS,
    LOAD_STEP,
    LOADS,
    SPILL_STEP,
    STEP_OPS,
    STORE_STEP,
    TO_HOST,
    Shape,
    fits_template,
)
from accelsim.topology import Place


def check_parts(program: Program) -> None:
    """Check that each step has the parts of its op; InputError names the first that has not."""
    steps = program.instructions
    if len(steps) < 2:
        raise InputError(f"program of '{program.network}': damaged: expected a load and a handoff")
    for number, step in enumerate(steps, start=1):
        _refuse(program, step, _parts(step, number, len(steps)))


def check_ranges(program: Program) -> None:
    """Check planes, windows and templates; InputError names the first step that is wrong."""
    steps = program.instructions
    region = (
        max(step.rows * step.grid.row_step for step in steps if step.destination),
        max(step.cols * step.grid.col_step for step in steps if step.destination),
    )
    written: set[PlaneRef] = set()
    spilled: dict[int, tuple[int, ...]] = {}
    for step in steps:
        _refuse(program, step, _ranges(step, program, region))
        _refuse(program, step, _reads(step, written))
        _refuse(program, step, _fills(step, spilled))
        written.update(step.destination)


def check_weights(program: Program, weights: Weights) -> None:
    """Check that the weights have what the steps name; InputError names the first that lacks."""
    for step in program.instructions:
        _refuse(program, step, _trained(step, weights))


def _refuse(program: Program, step: Instruction, faults: Iterable[str]) -> None:
    for fault in faults:
        raise InputError(
            f"program of '{program.network}': step {step.step} ({step.op} of layer "
            f"'{step.layer}') is damaged: {fault}"
        )


def _parts(step: Instruction, number: int, last: int) -> Iterator[str]:
    if step.step != number:
        yield f"step: got {step.step}, expected {number}"
    if step.op not in STEP_OPS:
        hint = nearest(step.op, STEP_OPS)
        yield f"op: got '{step.op}', expected one of {', '.join(STEP_OPS)}{hint}"
    if (step.op == LOAD_STEP) != (number == 1) or (step.op == HANDOFF_STEP) != (number == last):
        yield "a program begins with its only load and ends with its only handoff"
    loads, hands_off = step.op in FROM_HOST, step.op in TO_HOST
    if bool(step.operands) == loads:
        yield "operands: expected some, but none of a load"
    if len(step.destination) != (0 if hands_off else step.maps):
        yield (
            f"destination: got {len(step.destination)} planes for {step.maps} maps; expected one "
            "each, and none of a handoff"
        )
    for name, value in (
        ("maps", step.maps), ("rows", step.rows), ("cols", step.cols),
        ("grid.row_step", step.grid.row_step), ("grid.col_step", step.grid.col_step),
    ):  # fmt: skip
        if value < 1:
            yield f"{name}: got {value}, expected at least 1"
    for operand in step.operands:
        if not operand.planes or not operand.taps:
            yield "an operand has no planes or no taps"


def _ranges(step: Instruction, program: Program, region: tuple[int, int]) -> Iterator[str]:
    for place, lane, plane in (*step.sources, *step.destination):
        planes = program.planes.get(place, 0)
        if lane < 0 or not 0 <= plane < planes:
            yield f"lane {lane}, plane {plane} of {place}, whose planes number {planes}"
    groups = [step.destination, *(operand.planes for operand in step.operands)]
    if any(len({ref.place for ref in group}) > 1 for group in groups):
        yield "planes of one operand, or of the destination, are at several places"
    yield from _places(step)
    yield from _charges(step)
    grid = step.grid
    yield from _beyond(
        "window", ((step.rows - 1) * grid.row_step + 1, (step.cols - 1) * grid.col_step + 1), region
    )
    yield from _boundary(step, program)
    for operand in step.operands:
        yield from _beyond("extent of an operand", operand.extent, region)
        yield from _operand(step, operand)


def _places(step: Instruction) -> Iterator[str]:
    """Give a line for a step that reads or writes where its op does not."""
    reads_words = STEP_OPS[step.op].is_digital or step.op == FETCH_STEP
    writes_words = STEP_OPS[step.op].is_digital or step.op == STORE_STEP
    for what, refs, words in (
        ("destination", step.destination, writes_words),
        ("operands", step.sources, reads_words),
    ):
        either = step.op in HANDOFFS or not refs
        if not either and (refs[0].place is Place.SRAM) != words:
            where = "the SRAM" if words else "planes"
            yield f"{what}: got {refs[0].place.described}, expected {where}"


def _boundary(step: Instruction, program: Program) -> Iterator[str]:
    """Give a line for a load or handoff that is not of the network's maps."""
    if step.op in (*LOADS, *HANDOFFS):
        shape = program.input if step.op in LOADS else program.output
        end = step.first_map + step.maps
        if not _is_of_map(step, shape) or step.first_map < 0 or end > shape.maps:
            window = f"{step.maps} x {step.rows} x {step.cols}"
            after = f" from map {step.first_map} on" if step.first_map else ""
            at = f" at cell {step.tile}" if step.tile is not None else ""
            yield f"its window is {window}{after}{at}, expected {shape}"


def _is_of_map(step: Instruction, shape: Shape) -> bool:
    """Tell whether a step's window is a whole map of a shape, or a tile of one."""
    if step.tile is None:
        return (step.rows, step.cols) == shape[1:]
    ends = step.tile.row + step.rows, step.tile.col + step.cols
    return min(step.tile) >= 0 and ends[0] <= shape.rows and ends[1] <= shape.cols


def _fills(step: Instruction, spilled: dict[int, tuple[int, ...]]) -> Iterator[str]:
    """Give a line for a fill of what was not spilled so. spilled: window by place at the host."""
    window = (step.maps, step.rows, step.cols)
    if step.op == SPILL_STEP:
        spilled[step.first_map] = window
    elif step.op == FILL_STEP and spilled.get(step.first_map) != window:
        shape = " x ".join(map(str, window))
        yield f"it fills {shape} from {step.first_map}, where no step before it spills that"


def _charges(step: Instruction) -> Iterator[str]:
    """Give a line for each plane that a step's arrays cannot charge.

    A lane has one array, which charges one plane at a time, however many write ports its
    bank has; and a plane that is charged cannot be read meanwhile.
    """
    charged: dict[int, PlaneRef] = {}
    for ref in step.destination:
        other = charged.setdefault(ref.lane, ref)
        if other is not ref:
            yield (
                f"destination: it charges planes {other.plane} and {ref.plane} of lane "
                f"{ref.lane}, whose array charges one plane at a time"
            )
    sources = set(step.sources)
    for ref in step.destination:
        if ref in sources:
            yield f"destination: it charges plane {ref.plane} of {ref.bank}, which it reads"


def _beyond(what: str, cells: tuple[int, int], region: tuple[int, int]) -> Iterator[str]:
    if not all(1 <= size <= limit for size, limit in zip(cells, region, strict=True)):
        yield (
            f"{what}: got {cells[0]} x {cells[1]} cells, expected 1 x 1 to "
            f"{region[0]} x {region[1]}, which the program uses of a plane"
        )


def _operand(step: Instruction, operand: Operand) -> Iterator[str]:
    kernel = operand.kernel
    if not operand.shared and len(operand.planes) != step.maps:
        yield f"an operand has {len(operand.planes)} planes for {step.maps} maps"
    if min(operand.grid) < 1:
        yield f"grid of an operand: got {tuple(operand.grid)}, expected at least 1"
    if operand.taps and not fits_template(operand.taps):
        yield "a tap is outside of the 3 x 3 template"
    if operand.shared and not kernel.layer:
        yield "an operand has a trained kernel if it is shared"
    if not kernel.layer and len(kernel.fixed) != len(operand.taps):
        yield f"kernel: got {len(kernel.fixed)} values for {len(operand.taps)} taps"
    if not all(math.isfinite(value) for value in (kernel.gain, *kernel.fixed)):
        yield "kernel: expected finite values"


def _reads(step: Instruction, written: set[PlaneRef]) -> Iterator[str]:
    for ref in step.sources:
        if ref not in written:
            yield f"it reads plane {ref.plane} of {ref.bank}, which no step before it writes"


def _is_within(operand: Operand, maps: int, shape: tuple[int, ...]) -> bool:
    """Tell whether weights of a shape have what an operand selects, and a value for each tap."""
    if len(shape) != 4:
        return False
    kernel, planes = operand.kernel, len(operand.planes) if operand.shared else 1
    row, col, rows, cols = kernel.block or (0, 0, *shape[2:])
    first = (kernel.first_out, kernel.first_in, row, col)
    count = (maps, planes, rows, cols)
    return (
        min(first) >= 0
        and min(count) >= 1
        and all(f + c <= size for f, c, size in zip(first, count, shape, strict=True))
        and len(operand.taps) == rows * cols
    )


def _trained(step: Instruction, weights: Weights) -> Iterator[str]:
    for operand in step.operands:
        kernel = operand.kernel
        if kernel.layer:
            found = weights.weight.get(kernel.layer)
            if found is None:
                yield f"kernel.layer: no weights of '{kernel.layer}'"
                continue
            if not _is_within(operand, step.maps, found.shape):
                yield f"kernel: beyond the weights of '{kernel.layer}', {found.shape}"
    bias = step.bias
    if bias is not None and bias.layer:
        values = weights.bias.get(bias.layer)
        if values is None:
            yield f"bias.layer: no bias of '{bias.layer}'"
        elif step.first_map < 0 or step.first_map + step.maps > len(values):
            yield f"bias: beyond that of '{bias.layer}', {len(values)} maps"
