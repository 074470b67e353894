"""Templates: which cells around its own a destination cell reads, and with which weights."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple


class Tap(NamedTuple):
    """Offset of a template entry from the source cell, in rows and columns."""

    row: int
    col: int


class Grid(NamedTuple):
    """Where window cell (i, j) is in a plane: (i * row_step, j * col_step)."""

    row_step: int
    col_step: int


SIDE = 3
"""Rows and columns of cells that one template weighs."""


class Block(NamedTuple):
    """A part of a layer's window: its first row and column, and how many of each."""

    row: int
    col: int
    rows: int
    cols: int


@dataclass(frozen=True)
class Template:
    """Taps of one operand, with a weight each, or without weights: those of a layer.

    An operand with weights of its own is read map by map. One whose weights are a layer's is
    read as a whole: every destination map weighs every source map. block: of the layer's window,
    whose weights they are; None: all of it.
    """

    taps: tuple[Tap, ...]
    weights: tuple[float, ...] | None = None
    block: Block | None = None

    @property
    def trained(self) -> bool:
        """Tell whether the weights are those of a layer."""
        return self.weights is None

    def mirrored(self) -> "Template":
        """Return the template that reads the opposite neighbours."""
        return Template(tuple(Tap(-tap.row, -tap.col) for tap in self.taps), self.weights)

    def shifted(self, rows: int, cols: int) -> "Template":
        """Return the template that reads cells so many rows and columns further."""
        if not rows and not cols:
            return self
        taps = tuple(Tap(tap.row + rows, tap.col + cols) for tap in self.taps)
        return replace(self, taps=taps)

    def reaching(
        self, grid: Grid, window: tuple[int, int], extent: tuple[int, int]
    ) -> "Template | None":
        """Return the part of a rectangular template with which cells of a window reach a region.

        Cell (i, j) of the window begins at cell (i * row_step, j * col_step) of the planes, and
        the region has so many rows and columns of them. None: no tap of any cell is inside.
        """
        lines = [sorted({tap[axis] for tap in self.taps}) for axis in (0, 1)]
        rows, cols = (
            _reaching(lines[axis], grid[axis], window[axis], extent[axis]) for axis in (0, 1)
        )
        if not rows or not cols:
            return None
        if len(rows) * len(cols) == len(self.taps):
            return self
        kept = [n for n, tap in enumerate(self.taps) if tap.row in rows and tap.col in cols]
        taps = tuple(self.taps[n] for n in kept)
        if self.weights is not None:
            return Template(taps, tuple(self.weights[n] for n in kept))
        row, col = (0, 0) if self.block is None else self.block[:2]
        block = Block(
            row + lines[0].index(rows[0]), col + lines[1].index(cols[0]), len(rows), len(cols)
        )
        return Template(taps, block=block)


def _reaching(offsets: list[int], step: int, window: int, extent: int) -> list[int]:
    """Return the neighbouring offsets, in order, from the first to the last that reaches."""
    found = [
        place
        for place, offset in enumerate(offsets)
        # The first window cell that is not before the region is in the window, and not behind it.
        if (first := max(0, -(offset // step))) < window and first * step + offset < extent
    ]
    return offsets[found[0] : found[-1] + 1] if found else []


def square(size: int, row: int = 0, col: int = 0) -> tuple[Tap, ...]:
    """Return the taps of a square window whose first cell is at an offset."""
    return tuple(Tap(row + i, col + j) for i in range(size) for j in range(size))


def blocks(size: int) -> list[Block]:
    """Cut a square window into the fewest blocks that a template has room for, row by row."""
    cuts = [(first, min(SIDE, size - first)) for first in range(0, size, SIDE)]
    return [Block(row, col, rows, cols) for row, rows in cuts for col, cols in cuts]


@lru_cache(maxsize=1024)
def window_templates(size: int, row: int, col: int) -> tuple[Template, ...]:
    """Return the templates of a square window whose first cell is at an offset: one a block."""
    taps, cut = square(size, row, col), blocks(size)
    if len(cut) == 1:
        return (Template(taps),)
    return tuple(
        Template(
            tuple(
                taps[i * size + j]
                for i in range(block.row, block.row + block.rows)
                for j in range(block.col, block.col + block.cols)
            ),
            block=block,
        )
        for block in cut
    )


CENTRE = Tap(0, 0)
DENSE = Grid(1, 1)
NEIGHBOURHOOD = square(3, -1, -1)


def fits_template(taps: Sequence[Tap]) -> bool:
    """Tell whether taps lie within 3 x 3 cells, wherever: a window may begin at any cell."""
    return all(
        max(offsets) - min(offsets) < SIDE
        for offsets in ([tap.row for tap in taps], [tap.col for tap in taps])
    )


def synapse_of(tap: Tap, taps: Sequence[Tap]) -> int:
    """Return the number, 0 to 8, of the synapse that weighs what one of some taps reads.

    Synapses are numbered by rows of the 3 x 3 cells that they read. Those are around the cell
    itself, unless a tap is further away: then they begin at the first.
    """
    row = tap.row - _first([each.row for each in taps])
    return row * SIDE + tap.col - _first([each.col for each in taps])


def _first(offsets: Sequence[int]) -> int:
    return -1 if max(map(abs, offsets)) <= 1 else min(offsets)
