"""The figure of a comparison: energy against latency, a machine a look, a network a letter."""

import math
from collections.abc import Iterator, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from accelsim.plots import COLUMN, LEAST_LETTERS
from accelsim.plots.layout import add_caption, legend_above, new_panels
from accelsim.plots.scales import log_axis, tick_texts
from accelsim.plots.spots import Spot, write_texts
from accelsim.plots.style import PALE, look, nested, styled
from accelsim.quantities import axis
from accelsim.reports.comparison import Column, MachineComparison

_ROOM = 2.2  # times the least and most that an axis goes beyond the points
_MOST_LINES = 7
_ALONG = (0.15, 0.3, 0.5, 0.7, 0.85)


def comparison_figure(found: Sequence[MachineComparison], width: float = COLUMN) -> Figure:
    """Return energy per image against latency on both log axes, `width` inches wide.

    Lines have the same energy-delay product all along. Machines of all networks have the same
    names.
    """
    with styled():
        figure, (axes,) = new_panels(1, width, 2.6)
        for number, name in enumerate(found[0].names):
            own = [_point(each.columns[number]) for each in found]
            shown = look(number).line() | {"ls": ""}
            axes.plot(*zip(*own, strict=True), **shown, ms=nested(number), label=name, zorder=3)
        points = [_point(column) for each in found for column in each.columns]
        _frame(axes, points)
        axes.set(xlabel=axis("latency", "ns"), ylabel=axis("energy_per_image", "pJ"))
        log_axis(axes, "x")
        log_axis(axes, "y")
        legend_above(figure, axes)
        add_caption(figure, _caption(found))
        _name_lines(axes, points)
        write_texts(axes, list(_spots(found)))
    return figure


def _point(column: Column) -> tuple[float, float]:
    """Return latency in ns and energy in pJ."""
    latency, energy = column.figures["latency"], column.figures["energy_per_image"]
    assert latency is not None  # noqa: S101 - every run has both
    assert energy is not None  # noqa: S101
    return latency / 1e3, energy / 1e6


def _frame(axes: Axes, points: Sequence[tuple[float, float]]) -> None:
    """Set the limits, and draw the lines of the same product."""
    axes.set_xscale("log")
    axes.set_yscale("log")
    (left, right), (low, high) = (
        (min(values) / _ROOM, max(values) * _ROOM) for values in zip(*points, strict=True)
    )
    axes.set(xlim=(left, right), ylim=(low, high))
    for product in _products(left * low, right * high):
        axes.plot(
            [left, right], [product / left, product / right], color=PALE, lw=0.6, zorder=0,
            scalex=False, scaley=False,
        )  # fmt: skip


def _products(least: float, most: float) -> list[float]:
    """Return powers of ten between two products, pJ ns; so many that lines stay apart."""
    first, last = math.ceil(math.log10(least)), math.floor(math.log10(most))
    stride = max(1, -(-(last - first + 1) // _MOST_LINES))
    return [10.0**power for power in range(first, last + 1, stride)]


def _spots(found: Sequence[MachineComparison]) -> Iterator[Spot]:
    """Give the points with their networks; of machines that coincide once."""
    seen = set()
    for each in found if len(found) > 1 else ():
        for x, y in map(_point, each.columns):
            place = each.network, round(math.log(x), 1), round(math.log(y), 1)
            if place not in seen:
                seen.add(place)
                yield Spot(x, y, each.network, y, y)


def _name_lines(axes: Axes, points: Sequence[tuple[float, float]]) -> None:
    """Write the product on each line, where it is furthest from all points."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    products = _products(left * low, right * high)
    for product, said in zip(products, tick_texts(products), strict=True):
        first, last = max(left, product / high), min(right, product / low)
        places = [first * (last / first) ** share for share in _ALONG]
        x = max(places, key=lambda x: min(_apart(x, product / x, *point) for point in points))
        if last > 1.5 * first:
            axes.text(
                x, product / x, f"{said} pJ ns", fontsize=LEAST_LETTERS, ha="center",
                va="center", zorder=1,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
            )  # fmt: skip


def _apart(x: float, y: float, other_x: float, other_y: float) -> float:
    return math.hypot(math.log(x / other_x), math.log(y / other_y))


def _caption(found: Sequence[MachineComparison]) -> str:
    networks = ", ".join(each.network for each in found)
    numbers = sorted({column.images for each in found for column in each.columns})
    images = " and ".join(f"{number:,}" for number in numbers)
    return (
        f"Network{'s' * (len(found) > 1)} {networks}; n = {images} image"
        f"{'s' * (numbers != [1])}. Grey: the same energy-delay product all along. Latency and "
        "energy of all but the last fully-connected layer."
    )
