"""One look for all figures, and the same bytes for the same figure. No display is needed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from accelsim.files import new_files

FORMATS = ("png", "svg")
BLUE, ORANGE, GREEN, GREY = "#1f5fa8", "#d2691e", "#2e7d4f", "#8a8a8a"
COLOURS = (BLUE, ORANGE, GREEN, "#8e4a9e", "#b8901f", GREY, "#c0392b", "#3aa6a6")
STYLE: Any = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "svg.hashsalt": "accelsim",
}


def new_axes(
    rows: int, cols: int, size: tuple[float, float], *, share_x: bool = False
) -> tuple[Figure, list[Axes]]:
    """Return a figure of so many inches, and its axes row by row."""
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(rows, cols, sharex=share_x, squeeze=False)
    return figure, list(grid.ravel())


def plain(name: str) -> str:
    """Return a name so that a figure shows it as it is: '$' begins no formula."""
    return name.replace("$", r"\$")


def _lay_out(figure: Figure, dpi: int) -> None:
    """Place all parts as for a PNG, which comes before an SVG: with and without it, one SVG."""
    own, figure.dpi = figure.dpi, dpi
    figure.draw_without_rendering()
    figure.dpi = own


def save(
    figure: Figure,
    stem: Path,
    formats: Sequence[str] = FORMATS,
    *,
    dpi: int = 160,
    style: Any = STYLE,
) -> list[Path]:
    """Write a figure in formats beside each other, all or none; return the paths.

    stem: the files without their suffix; the folder is made if it is missing. dpi: of a PNG.
    Raises InputError if one cannot be written.
    """
    paths = [stem.with_name(f"{stem.name}.{suffix}") for suffix in formats]
    with mpl.rc_context(style), new_files(*paths) as files:
        for path, kind in zip(paths, formats, strict=True):
            # Neither the time nor the version of the library: same figure, same bytes.
            metadata = {"Date": None} if kind == "svg" else {"Software": None}
            if kind == "svg" and "png" not in formats:
                _lay_out(figure, dpi)
            with files.binary(path.name) as stream:
                figure.savefig(stream, format=kind, dpi=dpi, metadata=metadata)
    return paths
