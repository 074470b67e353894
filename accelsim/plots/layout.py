"""Parts of a figure: panels with letters, and a caption line below them."""

from collections.abc import Sequence
from functools import lru_cache

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.textpath import text_to_path

from accelsim.plots import COLUMN, LEAST_LETTERS
from accelsim.plots.style import LETTERS, SMALL

_POINTS = 72.0
_EDGE = 0.02  # inches left free around all
_LINE = 1.25  # height of a line of text, of its size
_HANDLE = 26.0  # of a legend, with what is free around it, points
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of inches, whose parts make room for one another."""
    layout = ConstrainedLayoutEngine(h_pad=_EDGE, w_pad=_EDGE, hspace=0.02, wspace=0.02)
    return Figure(figsize=(width, height), layout=layout)


def new_panels(
    number: int, width: float, height: float, *, across: int = 0, share_x: bool = False
) -> tuple[Figure, list[Axes]]:
    """Return a figure `width` inches wide and its panels, each `height` inches high.

    In a column they stand on one another; on a page so many are side by side: `across`, or all.
    Several have letters: (a), (b) and so on.
    """
    side_by_side = min(number, across or number) if width > COLUMN else 1
    rows = -(-number // side_by_side)
    figure = new_figure(width, rows * height)
    grid = figure.subplots(rows, side_by_side, sharex=share_x, squeeze=False)
    every = list(grid.ravel())
    for axes in every[number:]:
        axes.remove()
    panels = every[:number]
    if number > 1:
        add_letters(panels)
    return figure, panels


def add_letters(panels: Sequence[Axes]) -> None:
    """Name panels (a), (b) and so on, above their upper left corners."""
    for letter, axes in zip(_LETTERS, panels, strict=False):
        axes.set_title(f"({letter})", loc="left", fontweight="bold", pad=3)


def name_panel(axes: Axes, name: str) -> None:
    """Name a panel beside its letter."""
    axes.set_title(name, loc="center", pad=3)


def legend_above(figure: Figure, axes: Axes) -> None:
    """Put the legend of the axes above all panels, in as many columns as fit; the figure grows."""
    handles, labels = axes.get_legend_handles_labels()
    if not labels:
        return
    width = figure.get_figwidth() * _POINTS
    each = [text_width(label, SMALL) + _HANDLE for label in labels]
    fitting = len(each) if sum(each) <= width else max(1, int(width / max(each)))
    _grow(figure, -(-len(each) // fitting), SMALL)
    figure.legend(handles, labels, loc="outside upper center", ncols=fitting)


def legend_beside(axes: Axes) -> None:
    """Put the legend of a panel on its upper edge, at the right of its letter."""
    axes.legend(
        loc="lower right", bbox_to_anchor=(1, 1), ncols=3, borderaxespad=0.1, handlelength=2.2
    )


def add_caption(figure: Figure, text: str) -> None:
    """Write a caption below the panels, in lines as wide as the figure, which grows by them."""
    if not text:
        return
    width = figure.get_figwidth()
    lines = wrapped(text, width - 2 * _EDGE, LEAST_LETTERS)
    _grow(figure, len(lines), LEAST_LETTERS)
    figure.supxlabel(
        "\n".join(lines), x=_EDGE / width, ha="left", fontsize=LEAST_LETTERS, linespacing=_LINE
    )


def _grow(figure: Figure, lines: int, size: float) -> None:
    """Make a figure higher by lines of text."""
    figure.set_figheight(figure.get_figheight() + lines * _LINE * size / _POINTS)


def wrapped(text: str, width: float, size: float) -> list[str]:
    """Return a text in lines of at most so many inches, of letters of so many points.

    A word that is wider has a line of its own.
    """
    lines: list[str] = []
    for part in text.split("\n"):
        line = ""
        for word in part.split(" "):
            longer = f"{line} {word}" if line else word
            if line and text_width(longer, size) > width * _POINTS:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines


@lru_cache(maxsize=4096)
def text_width(text: str, size: float = LETTERS) -> float:
    """Return the width of a line of text, points."""
    font = FontProperties(family=["DejaVu Sans"], size=size)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(width)
