"""What a step counts: cells written, cells read, tap-cycles (docs/machine.md section 4).

Pure geometry: the model distributes these counts over components, `accelsim
compile` prints them, and a run is reconciled against them.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from accelsim.compiler.instruction import Instruction, Operand
from accelsim.ops import STEP_OPS, Grid, Tap


@dataclass(frozen=True)
class Counts:
    """Counts of one step.

    written: destination cells, all maps. read: distinct source cells that some tap
    of the window uses, over all source planes. tap_cycles: cells written times
    (taps + 1 for a bias) times read cycles. static_cycles: cells written times read
    cycles.
    """

    written: int
    read: int
    tap_cycles: int
    static_cycles: int


def count(instruction: Instruction, read_cycles: int) -> Counts:
    """Return the counts of an instruction whose read phase has `read_cycles`."""
    written = instruction.rows * instruction.cols * instruction.maps
    return Counts(
        written=written,
        read=sum(cells_read(op, instruction) * len(op.planes) for op in instruction.operands),
        tap_cycles=written * taps_per_cell(instruction) * read_cycles,
        static_cycles=written * read_cycles,
    )


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
