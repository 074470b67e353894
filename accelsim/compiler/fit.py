"""Refuses a program that was compiled for another machine and does not fit this one.

The compiler refuses networks (limits.py); here the instructions are given, and each message
names the instruction and the limit.
"""

from collections import Counter
from collections.abc import Iterator

from accelsim.compiler.classifier import check_classifier
from accelsim.compiler.instruction import Instruction, Program
from accelsim.compiler.soundness import check_parts, check_ranges
from accelsim.compiler.tenancy import Tenancy, check_contexts
from accelsim.config import Machine
from accelsim.config.digital import ANALOG
from accelsim.errors import InputError
from accelsim.ops import FILL_STEP, SPILL_STEP
from accelsim.topology import Place


def check_program(program: Program | Tenancy, machine: Machine) -> None:
    """Check that every instruction fits a machine; raises InputError for the first that does not.

    Looked at: circuits, lanes, planes of all contexts, rows and columns, fan-in, read
    ports, spills, and what is behind the handoff; and what no machine could execute, such as a
    plane that no step writes. A step charges one plane of a bank at most, so a write port is
    always enough.
    """
    tenancy = Tenancy.of(program)
    contexts = machine.sequencer.contexts.value if tenancy.is_alone else 1
    for each in tenancy.programs:
        _check(each, machine, contexts)
    check_contexts(tenancy, machine)


def _check(program: Program, machine: Machine, contexts: int) -> None:
    check_parts(program)
    for instruction in program.instructions:
        for needs, key, limit in _needs(instruction, program, machine, contexts):
            raise InputError(
                f"program of '{program.network}': step {instruction.step} ({instruction.op} of "
                f"layer '{instruction.layer}') {needs}, the machine '{machine.name}' has "
                f"{key} = {limit}"
            )
    check_ranges(program)
    check_classifier(program, machine)


def _needs(
    instruction: Instruction, program: Program, machine: Machine, contexts: int
) -> Iterator[tuple[str, str, int | str]]:
    """Return what an instruction needs beyond a limit, with the key of the limit."""
    yield from _circuits(instruction, machine)
    if instruction.touches_sram:
        yield from _sram(instruction, program, machine, contexts)
    if instruction.op in {SPILL_STEP, FILL_STEP} and machine.spill is None:
        yield "needs maps that the host keeps", "host.spill", "none"
    arrays, banks = machine.arrays, machine.banks
    references = (*instruction.sources, *instruction.destination)
    in_banks = [ref for ref in references if ref.place is not Place.SRAM]
    read = [ref for ref in instruction.sources if ref.place is not Place.SRAM]
    reads = max(Counter((ref.place, ref.lane) for ref in read).values(), default=0)
    planes = max((ref.plane + 1 for ref in in_banks), default=0)
    places = _places(instruction) - {Place.SRAM}
    planes = max([planes, *(program.planes.get(place, 0) for place in places)])
    in_flight = f" for {contexts} images in flight" if contexts > 1 else ""
    rows, cols = _extent(instruction)
    lanes = max((ref.lane + 1 for ref in references), default=0)
    for needed, what, key, limit in (
        (lanes, "lanes", "arrays.lanes", arrays.lanes),
        (rows, "rows", "arrays.rows", arrays.rows),
        (cols, "columns", "arrays.cols", arrays.cols),
        (_fan_in(instruction), "source planes a cell", "arrays.fan_in", arrays.fan_in),
        (planes * contexts, f"planes a bank{in_flight}", "banks.planes", banks.planes),
        (reads, "planes of one bank read at once", "banks.read_ports", banks.read_ports),
    ):  # fmt: skip
        if needed > limit.value:
            yield f"needs {needed} {what}", key, limit.value


def _sram(
    instruction: Instruction, program: Program, machine: Machine, contexts: int
) -> Iterator[tuple[str, str, int | str]]:
    """Return what an instruction needs of an SRAM that there is not, or that is too small."""
    codes = machine.codes
    if codes is None:
        memory = ANALOG if machine.maps is None else machine.maps.memory
        yield "needs maps in the SRAM", "maps.memory", memory
        return
    planes = max(
        ref.plane + 1
        for ref in (*instruction.sources, *instruction.destination)
        if ref.place is Place.SRAM
    )
    planes = max(planes, program.planes.get(Place.SRAM, 0)) * contexts
    if planes > codes.planes:
        needed = planes * codes.plane_bytes
        yield f"needs {needed} bytes of maps", "digital.sram.size", codes.size


def _circuits(instruction: Instruction, machine: Machine) -> Iterator[tuple[str, str, int]]:
    circuits = machine.circuits.value
    missing = Place.B if circuits == 1 else Place.STAGING
    if missing in _places(instruction):
        what = "circuit B" if circuits == 1 else "the staging planes of a machine with one circuit"
        yield f"uses {what}", "circuits", circuits


def _places(instruction: Instruction) -> set[Place]:
    return {ref.place for ref in (*instruction.sources, *instruction.destination)}


def _extent(instruction: Instruction) -> tuple[int, int]:
    """Return the rows and columns of cells that an instruction reaches."""
    extents = [operand.extent for operand in instruction.operands]
    if instruction.destination:
        grid = instruction.grid
        extents.append(
            ((instruction.rows - 1) * grid.row_step + 1, (instruction.cols - 1) * grid.col_step + 1)
        )
    return max(rows for rows, _ in extents), max(cols for _, cols in extents)


def _fan_in(instruction: Instruction) -> int:
    """Return how many planes one cell reads; a handoff only passes them on, and words have none."""
    if not instruction.destination or instruction.touches_sram:
        return 0
    return sum(len(each.planes) if each.shared else 1 for each in instruction.operands)
