"""What one step hands to the next: maps, and where they are, before they have planes."""

from dataclasses import dataclass

from accelsim.ops.template import Grid
from accelsim.topology import Place


@dataclass(frozen=True)
class Value:
    """Maps that a step produces: map m lives in lane m. `number` is the step that writes it.

    rows, cols: extent of the region in the plane; grid: the cells of it that hold values.
    """

    number: int
    place: Place
    layer: str
    maps: int
    rows: int
    cols: int
    grid: Grid
