"""What a step counts: cells written, cells read, tap-cycles (docs/machine.md section 4).

Pure geometry: the model distributes these counts over components, `accelsim
compile` prints them, and a run is reconciled against them.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from accelsim.compiler.instruction import Instruction, Operand
from accelsim.ops import STEP_OPS, Tap


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
    return _distinct(operand.taps, window, tuple(operand.grid), operand.extent)


@lru_cache(maxsize=1024)
def _distinct(
    taps: tuple[Tap, ...], window: tuple[int, int], grid: tuple[int, int], extent: tuple[int, int]
) -> int:
    used = np.zeros(extent, dtype=bool)
    rows, cols = (np.arange(size) * step for size, step in zip(window, grid, strict=True))
    for tap in taps:
        inside_rows = rows + tap.row
        inside_cols = cols + tap.col
        inside_rows = inside_rows[(inside_rows >= 0) & (inside_rows < extent[0])]
        inside_cols = inside_cols[(inside_cols >= 0) & (inside_cols < extent[1])]
        used[np.ix_(inside_rows, inside_cols)] = True
    return int(used.sum())
