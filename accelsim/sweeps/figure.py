"""The figure of a sweep: its points by the objectives, two at a time, with the Pareto front."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from accelsim.plots.layout import add_caption, legend_above, new_panels
from accelsim.plots.scales import log_axis
from accelsim.plots.style import GREY, look, styled
from accelsim.quantities import QUANTITIES, axis
from accelsim.sweeps.columns import figure_column
from accelsim.sweeps.pareto import on_front
from accelsim.sweeps.sweeping import Sweep

_WIDE = 8.0  # ratio of most to least from which an axis is logarithmic
_UNITS = {"ps": ("ns", 1e-3), "aJ": ("pJ", 1e-6), "1": ("%", 100.0), "aJ ps": ("pJ ns", 1e-9)}
Floats = NDArray[np.float64]


def pareto_figure(sweep: Sweep, width: float) -> Figure:
    """Return the points of a sweep, `width` inches wide: a panel for each pair of objectives.

    An objective that is alone is drawn over the numbers of the points.
    """
    pairs = pairs_of(list(sweep.space.objectives))
    with styled():
        figure, panels = new_panels(len(pairs), width, 2.1)
        for axes, pair in zip(panels, pairs, strict=True):
            _draw(axes, sweep, pair)
        legend_above(figure, panels[0])
        add_caption(figure, _caption(sweep))
    return figure


def pairs_of(names: Sequence[str]) -> list[tuple[str, str]]:
    """Return which objectives are drawn over which; "" stands for the numbers of the points."""
    pairs = list(pairwise(names)) if len(names) > 1 else [("", names[0])]
    if len(names) == 3:
        pairs.append((names[0], names[2]))
    return pairs


def is_wide(values: Floats) -> bool:
    """Return whether an axis of these values is logarithmic."""
    return bool(len(values) and values.min() > 0 and values.max() > _WIDE * values.min())


def _draw(axes: Axes, sweep: Sweep, pair: tuple[str, str]) -> None:
    x, y = (_values(sweep, name) for name in pair)
    whole = ~(np.isnan(x) | np.isnan(y))
    front = sweep.front & whole
    chosen = {name: sweep.space.objectives[name] for name in pair if name}
    here = on_front(sweep.rows, chosen) & whole
    axes.plot(x[whole], y[whole], ".", color=GREY, ms=2.5, label="points", zorder=1)
    axes.plot(
        x[front], y[front], **{**look(0).line(), "ls": ""}, label="Pareto front of all objectives",
        zorder=3,
    )  # fmt: skip
    order = np.argsort(x[here], kind="stable")
    axes.plot(
        x[here][order], y[here][order], color=look(2).colour, ls=look(2).dash, lw=0.8,
        label="front of these two", zorder=2,
    )  # fmt: skip
    axes.set(xlabel=_name(pair[0]), ylabel=_name(pair[1]))
    for values, which in ((x[whole], "x"), (y[whole], "y")):
        if is_wide(values):
            log_axis(axes, "x" if which == "x" else "y")


def _values(sweep: Sweep, name: str) -> Floats:
    if not name:
        return np.asarray(sweep.rows.column("point").to_numpy(), float)
    values = sweep.rows.column(figure_column(name)).to_numpy(zero_copy_only=False)
    return np.asarray(values, float) * _unit(name)[1]


def _name(name: str) -> str:
    return axis(name, _unit(name)[0]) if name else "point"


def _unit(name: str) -> tuple[str, float]:
    unit = QUANTITIES[name].unit
    return _UNITS.get(unit, (unit, 1.0))


def _caption(sweep: Sweep) -> str:
    space = sweep.space
    parts: Sequence[str] = (
        space.description or space.name,
        f"Axes: {', '.join(axis.name for axis in space.axes)}.",
        f"{sweep.rows.num_rows:,} points of {space.machine} on {space.workload}, "
        f"{len(space.images):,} images"
        + (f"; {sweep.failed:,} failed" if sweep.failed else "")
        + ".",
    )
    return "  ".join(each if each.endswith(".") else f"{each}." for each in parts)
