"""Writes the names of steps onto their bars, wherever the text has room."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from matplotlib.axes import Axes

from accelsim.plots import LEAST_LETTERS
from accelsim.plots.layout import text_width
from accelsim.plots.style import SMALL
from accelsim.timeline.bars import STEP, Bars
from accelsim.timeline.look import ink
from accelsim.timeline.rows import TimelineRow

_SIZES = (SMALL, LEAST_LETTERS)
_POINTS = 72.0
_LINE, _MARGIN = 1.2, 1.5  # of a line, of the size of its letters; and what is left free, points


class Heights(Protocol):
    """Where rows are, in inches."""

    def span(
        self, row: TimelineRow, stripe: int, stripes: int, count: int = 1
    ) -> tuple[float, float]:
        """Return the upper and lower end of stripes of a row."""


def write_labels(axes: Axes, bars: Bars, scale: Heights, colours: Sequence[str]) -> None:
    """Name steps on their bars: op and layer in the row of steps, the op in the others.

    colours: of the bars. The figure must have been laid out. What fits neither along the bar nor
    upright is left out.
    """
    left, right = axes.get_xlim()
    points_per_ns, points_per_inch = _scales(axes)
    for number, kind in enumerate(bars.kind):
        if kind not in (STEP, "settle", "compute", "transfer", "convert", "mac"):
            continue
        where = bars.rows[bars.row[number]]
        above, below = scale.span(
            where, int(bars.stripe[number]), bars.stripes[where], int(bars.count[number])
        )
        start = max(bars.start[number] / 1e3, left)
        end = min(bars.end[number] / 1e3, right)
        room = (end - start) * points_per_ns, (below - above) * points_per_inch
        for text in _texts(bars, number):
            fit = _fit(text, *room)
            if fit is not None:
                size, rotation = fit
                axes.text(
                    (start + end) / 2, (above + below) / 2, text, fontsize=size,
                    rotation=rotation, ha="center", va="center", linespacing=1.1, clip_on=True,
                    color=ink(colours[number]),
                )  # fmt: skip
                break


def fitting(
    axes: Axes, text: str, times_ns: tuple[float, float], ends: tuple[float, float]
) -> tuple[float, int] | None:
    """Return the size of letters and the rotation with which a text fits a bar, if any.

    ends: the upper and the lower one, inches. The figure must have been laid out.
    """
    points_per_ns, points_per_inch = _scales(axes)
    (left, right), (above, below) = times_ns, ends
    return _fit(text, (right - left) * points_per_ns, (below - above) * points_per_inch)


def _scales(axes: Axes) -> tuple[float, float]:
    """Return points a nanosecond, and points an inch of the rows."""
    box = axes.get_window_extent()
    left, right = axes.get_xlim()
    upper, lower = axes.get_ylim()
    points = box.width / axes.figure.dpi * _POINTS, box.height / axes.figure.dpi * _POINTS
    return points[0] / (right - left), points[1] / abs(upper - lower)


def _texts(bars: Bars, number: int) -> Iterator[str]:
    op, layer = bars.op[number], bars.layer[number]
    if bars.kind[number] == STEP:
        step = int(bars.step[number])
        yield from (f"{step} {op}\n{layer}", f"{step} {op} {layer}", f"{op} {layer}")
    yield op


def _fit(text: str, width: float, height: float) -> tuple[float, int] | None:
    """Return the size of letters and the rotation with which a text fits, if any."""
    lines = text.split("\n")
    for size in _SIZES:
        length = max(text_width(line, size) for line in lines) + _MARGIN
        depth = size * _LINE * len(lines)
        if length <= width and depth <= height:
            return size, 0
        if length <= height and depth <= width:
            return size, 90
    return None
