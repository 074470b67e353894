"""Texts beside the points of a plot, each where it covers nothing."""

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

from accelsim.plots import LEAST_LETTERS
from accelsim.plots.layout import text_width

_POINTS = 72.0
_MARKER = 2.2  # half of a marker's size, points
_GAPS = (1.2, 3.0, 5.0)  # tried one after another, points
# Corners first: lines mostly leave a point sideways, and error bars up and down.
_SIDES = ((1, 1), (1, -1), (-1, 1), (-1, -1), (0, 1), (0, -1), (1, 0), (-1, 0))


class Spot(NamedTuple):
    """A point of data with its text; low, high: ends of its error bar."""

    x: float
    y: float
    text: str
    low: float
    high: float


def write_texts(axes: Axes, spots: Sequence[Spot]) -> None:
    """Write each spot's text beside it, where it covers no marker and no text.

    Nor an error bar, if there is room elsewhere.

    For the last step of a figure, which is laid out here. A text without room is left out.
    """
    figure = axes.get_figure(root=True)
    assert figure is not None  # noqa: S101 - for the type checker: axes are of a figure
    figure.draw_without_rendering()
    dots = figure.dpi / _POINTS
    markers = [_marker(axes, spot, dots) for spot in spots]
    bars = [_bar(axes, spot, dots) for spot in spots]
    taken: list[Bbox] = []
    for spot in spots:
        place = _room(axes, spot, [*taken, *markers, *bars], dots)
        place = place or _room(axes, spot, [*taken, *markers], dots)
        if place is None:
            continue
        offset, box = place
        taken.append(box)
        axes.annotate(
            spot.text, (spot.x, spot.y), xytext=offset, textcoords="offset points",
            fontsize=LEAST_LETTERS, ha="center", va="center", zorder=5,
        ).set_in_layout(False)  # fmt: skip


def _marker(axes: Axes, spot: Spot, dots: float) -> Bbox:
    """Return the box that a marker covers, in dots of the figure."""
    x, y = axes.transData.transform((spot.x, spot.y))
    half = _MARKER * dots
    return Bbox.from_extents(x - half, y - half, x + half, y + half)


def _bar(axes: Axes, spot: Spot, dots: float) -> Bbox:
    """Return the box that an error bar covers, in dots of the figure."""
    (x, low), (_, high) = (axes.transData.transform((spot.x, y)) for y in (spot.low, spot.high))
    return Bbox.from_extents(x - dots, low, x + dots, high)


def _room(
    axes: Axes, spot: Spot, taken: Sequence[Bbox], dots: float
) -> tuple[tuple[float, float], Bbox] | None:
    """Return the first offset in points at which the text is free, and its box in dots."""
    inside = axes.get_window_extent()
    x, y = axes.transData.transform((spot.x, spot.y))
    wide, high = text_width(spot.text, LEAST_LETTERS) / 2, LEAST_LETTERS / 2
    for gap, (right, up) in product(_GAPS, _SIDES):
        offset = right * (_MARKER + gap + wide), up * (_MARKER + gap + high)
        middle = x + offset[0] * dots, y + offset[1] * dots
        box = Bbox.from_extents(
            middle[0] - wide * dots, middle[1] - high * dots,
            middle[0] + wide * dots, middle[1] + high * dots,
        )  # fmt: skip
        held = inside.x0 <= box.x0 and box.x1 <= inside.x1
        if held and inside.y0 <= box.y0 and box.y1 <= inside.y1 and not box.count_overlaps(taken):
            return offset, box
    return None
