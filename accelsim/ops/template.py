"""Templates: which cells around its own a destination cell reads, and with which weights."""

from dataclasses import dataclass
from typing import NamedTuple


class Tap(NamedTuple):
    """Offset of a template entry from the source cell, in rows and columns."""

    row: int
    col: int


class Grid(NamedTuple):
    """Where window cell (i, j) is in a plane: (i * row_step, j * col_step)."""

    row_step: int
    col_step: int


@dataclass(frozen=True)
class Template:
    """Taps of one operand, with a weight each, or without weights: those of a layer.

    An operand with weights of its own is read map by map. One whose weights are a layer's is
    read as a whole: every destination map weighs every source map.
    """

    taps: tuple[Tap, ...]
    weights: tuple[float, ...] | None = None

    @property
    def trained(self) -> bool:
        """Tell whether the weights are those of a layer."""
        return self.weights is None

    def mirrored(self) -> "Template":
        """Return the template that reads the opposite neighbours."""
        return Template(tuple(Tap(-tap.row, -tap.col) for tap in self.taps), self.weights)


CENTRE = Tap(0, 0)
DENSE = Grid(1, 1)
NEIGHBOURHOOD = tuple(Tap(row, col) for row in (-1, 0, 1) for col in (-1, 0, 1))
