"""What one step, or one layer, hands to the next: maps, before they have planes."""

from dataclasses import dataclass
from typing import NamedTuple

from accelsim.ops.template import DENSE, Grid, Template
from accelsim.topology import Place


@dataclass(frozen=True, eq=False)
class Value:
    """Maps that steps of one layer produce. Each is one of its own, whatever it is like.

    Map m lives in lane m modulo the machine's lanes. rows, cols: extent of the region in the
    plane; grid: the cells of it that hold values. pieces: of a view, which is a region of maps
    whose cells are in planes of other values, dense there; none: its cells are in planes of its
    own.
    """

    place: Place
    maps: int
    rows: int
    cols: int
    grid: Grid
    pieces: tuple["Piece", ...] = ()

    @property
    def stored(self) -> tuple["Piece", ...]:
        """Where its cells are: of a view its pieces, else the value itself."""
        return self.pieces or (Piece(self, 0, 0),)


class Piece(NamedTuple):
    """A value of which a view shows cells.

    row, col: the cell of its planes at which the view begins, below 0 if that is before them.
    """

    value: Value
    row: int
    col: int


Maps = tuple[Value, ...]
"""Maps of a layer: those of its values, one after another."""


@dataclass(frozen=True)
class Term:
    """What a sum adds of some maps: a convolution of them, or the maps as they are.

    layer: whose weights; "" for maps as they are. templates: without weights of their own for a
    convolution, of which each weighs a block of the window. grid: where the window's cells are in
    the planes read. groups: of a convolution.
    """

    maps: Maps
    templates: tuple[Template, ...]
    layer: str = ""
    grid: Grid = DENSE
    groups: int = 1


@dataclass(frozen=True)
class Sum:
    """A sum that is not formed yet, as cells can only store it together with what follows."""

    terms: tuple[Term, ...]


Passed = Maps | Sum
"""What a layer hands to those that read it."""
