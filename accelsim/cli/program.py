"""Prints a micro-program as a table for people."""

from collections.abc import Iterator, Sequence

from rich.table import Table

from accelsim.cli.classification_report import stages_table
from accelsim.cli.step_lines import folded, lines_of, numbers
from accelsim.cli.tables import new_table
from accelsim.compiler import Instruction, PlaneRef, Program, Tenancy, count
from accelsim.compiler.counts import taps_per_cell
from accelsim.config import Machine


def program_tables(tenancy: Tenancy, machine: Machine, *, full: bool = False) -> Iterator[Table]:
    """Give the instruction list of each program, and what each of several tenants has.

    full: a line for each instruction, however many there are.
    """
    if tenancy.is_alone:
        yield program_table(tenancy.programs[0], machine, full=full)
        behind = stages_table(tenancy.programs[0], machine)
        if behind is not None:
            yield behind
        return
    for name, program in zip(tenancy.names, tenancy.programs, strict=True):
        yield program_table(program, machine, name, full=full)
    table = new_table(
        "Contexts", left=("images of", "planes from"), right=("context",),
        order=("context", "images of", "planes from"),
    )  # fmt: skip
    for plan in tenancy.plans(machine.sequencer.contexts.value):
        first = ", ".join(f"{place}{plane}" for place, plane in plan.first.items())
        names = ", ".join(tenancy.names[number] for number in plan.programs)
        table.add_row(str(plan.index), names, first)
    yield table


def program_table(
    program: Program, machine: Machine, tenant: str = "", *, full: bool = False
) -> Table:
    """Return the instruction list as a table; a0[1-4] is plane 0 of lanes 1 to 4 of circuit A."""
    lines = lines_of(program.instructions, full=full)
    if len(lines) < len(program.instructions):
        return _folded_table(program, lines, machine, tenant)
    table = new_table(
        _title(program, machine, tenant),
        left=("op", "layer", "from", "to", "window"),
        right=("step", "taps", "written", "read", "tap-cycles"),
        order=(
            "step", "op", "layer", "from", "to", "window",
            "taps", "written", "read", "tap-cycles",
        ),
    )  # fmt: skip
    for instruction in program.instructions:
        counts = count(instruction, machine.timing.read_cycles.value)
        table.add_row(
            str(instruction.step),
            instruction.op,
            instruction.of_tile,
            _operands(instruction),
            _planes(instruction.destination) or "host",
            f"{instruction.rows}x{instruction.cols}",
            f"{taps_per_cell(instruction)}{' +z' if instruction.bias else ''}",
            f"{counts.written:,}",
            f"{counts.read:,}",
            f"{counts.tap_cycles:,}",
        )
    table.caption = (
        f"a0[0-3]: plane 0 of lanes 0 to 3 of circuit A. {_planes_taken(program)}\n"
        "taps: synapses that drive one cell, a bias z included. written, read: cells of all lanes."
    )
    return table


def _folded_table(
    program: Program, lines: Sequence[Sequence[Instruction]], machine: Machine, tenant: str
) -> Table:
    """Return the instructions of each layer and op together."""
    order = ("step", "op", "layer", "number", "written", "read", "tap-cycles")
    left = ("op", "layer")
    right = [name for name in order if name not in left]
    table = new_table(_title(program, machine, tenant), left=left, right=right, order=order)
    for line in lines:
        counts = [count(each, machine.timing.read_cycles.value) for each in line]
        table.add_row(
            numbers(line),
            line[0].op,
            line[0].layer,
            f"{len(line):,}",
            f"{sum(each.written for each in counts):,}",
            f"{sum(each.read for each in counts):,}",
            f"{sum(each.tap_cycles for each in counts):,}",
        )
    each = "Each: --full; as data: --json."
    table.caption = (
        f"{folded(len(program.instructions), len(lines), each)}\n"
        f"written, read: cells of all lanes. {_planes_taken(program)}"
    )
    return table


def _title(program: Program, machine: Machine, tenant: str) -> str:
    what = f"{tenant}: micro-program" if tenant else "Micro-program"
    others = ", others as long as their cells take" if machine.keeps_maps_in_sram else ""
    return (
        f"{what} of '{program.network}' on '{machine.name}': "
        f"{len(program.instructions)} steps of {machine.step_cycles} cycles{others}"
    )


def _planes_taken(program: Program) -> str:
    planes = ", ".join(f"{number} in {place}" for place, number in program.planes.items())
    return f"Planes an image takes: {planes}."


def _operands(instruction: Instruction) -> str:
    return " ".join(_planes(operand.planes) for operand in instruction.operands) or "host"


def _planes(planes: tuple[PlaneRef, ...]) -> str:
    """Return planes as 'a0[0-7] a1[0-3]': those of neighbouring lanes together."""
    runs: list[list[PlaneRef]] = []
    for ref in planes:
        if runs and ref == runs[-1][-1]._replace(lane=runs[-1][-1].lane + 1):
            runs[-1].append(ref)
        else:
            runs.append([ref])
    return " ".join(_run(run[0], run[-1]) for run in runs)


def _run(first: PlaneRef, last: PlaneRef) -> str:
    lanes = f"{first.lane}-{last.lane}" if last != first else f"{first.lane}"
    return f"{first.place}{first.plane}[{lanes}]"
