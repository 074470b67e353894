"""What a step counts: cells written, cells read, tap-cycles (docs/machine.md section 4).

Pure geometry: the model distributes these counts over components, `accelsim
compile` prints them, and a run is reconciled against them.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from accelsim.compiler.instruction import Instruction, Operand
from accelsim.config import Codes
from accelsim.ops import FETCH_STEP, FILL_STEP, SPILL_STEP, STEP_OPS, STORE_STEP, Grid, Tap
from accelsim.topology import Place


@dataclass(frozen=True)
class Counts:
    """Counts of one step.

    written: destination cells, all maps. read: distinct source cells that some tap
    of the window uses, over all source planes. tap_cycles: cells written times
    (taps + 1 for a bias) times read cycles. static_cycles: cells written times read
    cycles. Of what is in the SRAM there are no cells, and a step that reads or writes it has no
    synapses.
    """

    written: int
    read: int
    tap_cycles: int
    static_cycles: int


def count(instruction: Instruction, read_cycles: int) -> Counts:
    """Return the counts of an instruction whose read phase has `read_cycles`."""
    written = 0 if writes_words(instruction) else cells_of(instruction)
    computed = 0 if instruction.touches_sram else written
    return Counts(
        written=written,
        read=sum(
            cells_read(op, instruction) * len(op.planes)
            for op in instruction.operands
            if op.planes[0].place is not Place.SRAM
        ),
        tap_cycles=computed * taps_per_cell(instruction) * read_cycles,
        static_cycles=computed * read_cycles,
    )


def cells_of(instruction: Instruction) -> int:
    """Return the cells of all maps of an instruction's window."""
    return instruction.rows * instruction.cols * instruction.maps


def writes_words(instruction: Instruction) -> bool:
    """Tell whether an instruction writes words: in the SRAM, or from there to the host."""
    to = instruction.destination
    return to[0].place is Place.SRAM if to else instruction.touches_sram


def count_words(instruction: Instruction, codes: Codes) -> dict[str, int]:
    """Return the actions of converters, digital engine and SRAM in a step; none of other steps."""
    if not instruction.touches_sram:
        return {}
    found = way_actions(instruction)
    read = sum(
        codes.words(cells_read(operand, instruction)) * len(operand.planes)
        for operand in instruction.operands
        if operand.planes[0].place is Place.SRAM
    )
    if read:
        found["sram_read"] = read
    if instruction.destination and writes_words(instruction):
        window = instruction.rows * instruction.cols
        found["sram_write"] = codes.words(window) * instruction.maps
    return found


def way_actions(instruction: Instruction) -> dict[str, int]:
    """Return what the way that an instruction takes counts; nothing of those between planes."""
    cells, op = cells_of(instruction), instruction.op
    if op in _CONVERSIONS:
        return {_CONVERSIONS[op]: cells}
    if STEP_OPS[op].is_digital:
        return {"digital_op": cells * STEP_OPS[op].operations}
    return {"host_cell": cells} if op in {SPILL_STEP, FILL_STEP} else {}


_CONVERSIONS = {STORE_STEP: "adc_conversion", FETCH_STEP: "dac_conversion"}


def alike(instructions: Iterable[Instruction]) -> list[list[Instruction]]:
    """Return instructions by what they count: a long program has few that differ."""
    found: dict[Hashable, list[Instruction]] = {}
    for each in instructions:
        operands = tuple(
            (operand.taps, operand.grid, operand.extent, operand.shared, len(operand.planes))
            for operand in each.operands
        )
        window = each.rows, each.cols, each.maps, len(each.destination)
        form = each.op, each.bias is None, window, operands
        found.setdefault(form, []).append(each)
    return list(found.values())


def taps_per_cell(instruction: Instruction) -> int:
    """Return what drives a destination cell: taps, one for a bias, the input driver of a load."""
    taps = sum(operand.taps_per_cell for operand in instruction.operands)
    return taps + (instruction.bias is not None) + STEP_OPS[instruction.op].driven


def cells_read(operand: Operand, instruction: Instruction) -> int:
    """Distinct cells of one plane of an operand that the instruction's window uses."""
    window = (instruction.rows, instruction.cols)
    return distinct_cells(operand.taps, window, operand.grid, operand.extent)


@lru_cache(maxsize=1024)
def distinct_cells(
    taps: tuple[Tap, ...], window: tuple[int, int], grid: Grid, extent: tuple[int, int]
) -> int:
    """Return how many cells of an extent the taps reach from all cells of a window.

    Columns are bits: those of one row are one integer.
    """
    columns: dict[int, int] = defaultdict(int)
    for tap in taps:
        columns[tap.row] |= _bits(_reached(tap.col, window[1], grid[1], extent[1]))
    used: dict[int, int] = defaultdict(int)
    for offset, cols in columns.items():
        for row in _reached(offset, window[0], grid[0], extent[0]):
            used[row] |= cols
    return sum(map(int.bit_count, used.values()))


def _reached(offset: int, size: int, step: int, extent: int) -> range:
    """Return which of `extent` rows, or columns, a tap reaches from `size`, a step apart."""
    first = offset + max(0, -(offset // step)) * step
    return range(first, min(offset + (size - 1) * step + 1, extent), step)


@lru_cache(maxsize=1024)
def _bits(places: range) -> int:
    return sum(1 << place for place in places)
