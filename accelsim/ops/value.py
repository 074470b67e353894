"""What one step, or one layer, hands to the next: maps, before they have planes."""

from dataclasses import dataclass

from accelsim.ops.template import DENSE, Grid, Template
from accelsim.topology import Place


@dataclass(frozen=True, eq=False)
class Value:
    """Maps that steps of one layer produce. Each is one of its own, whatever it is like.

    Map m lives in lane m modulo the machine's lanes. rows, cols: extent of the region in the
    plane; grid: the cells of it that hold values.
    """

    place: Place
    maps: int
    rows: int
    cols: int
    grid: Grid


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
