"""Prints the tiles of maps that are larger than an array, and what they cost."""

from rich.table import Table

from accelsim.cli.tables import new_table
from accelsim.compiler import LayerTiles
from accelsim.compiler.overhead import Taken
from accelsim.config import Machine

_PJ = 1e6  # aJ in a pJ


def tiles_table(tiles: list[LayerTiles], machine: Machine) -> Table:
    """Return the tiles of each layer, on the arrays of a machine."""
    rows, cols = machine.arrays.rows.value, machine.arrays.cols.value
    table = new_table(
        f"Tiles of maps larger than {rows} x {cols}",
        left=("layers", "maps", "tiles", "edges"),
        right=("steps", "more", "cells", "more cells", "pJ", "more pJ"),
    )
    total, over = Taken(), Taken()
    for each in tiles:
        maps, grid = ("x".join(map(str, sizes)) for sizes in (each.shape, each.grid))
        texts = ", ".join(each.layers), maps, grid, ", ".join(each.edges)
        table.add_row(*texts, *_figures(each.taken, each.over))
        total, over = total.plus(each.taken), over.plus(each.over)
    table.add_section()
    table.add_row("all", "", "", "", *_figures(total, over))
    table.caption = (
        "more: than arrays that hold each map whole. cells: written. pJ: no clock.\n"
        "edges: how tiles have cells beside theirs, by fewest cycles, then least energy."
    )
    return table


def _figures(taken: Taken, over: Taken) -> list[str]:
    return [
        f"{taken.steps:,}", f"{over.steps:+,}", f"{taken.cells:,}", f"{over.cells:+,}",
        f"{taken.energy_aJ / _PJ:.3f}", f"{over.energy_aJ / _PJ:+.3f}",
    ]  # fmt: skip
