"""Curves of the page: power, energy, utilization and the host's queue, over the same time."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, HoverTool, Range1d, RangeTool

from accelsim.timeline.axes import ENERGIES, POWERS, new_plot, place_legend, scale_ticks
from accelsim.timeline.content import Content, cumulated, utilization
from accelsim.timeline.look import IMAGES, energy_colour
from accelsim.timeline.stream import ARRIVALS
from accelsim.timeline.view import RunView

# Yellow does not stand out as a line.
_LINES = (*IMAGES[:-1], "#000000")


def load_source(view: RunView, content: Content) -> ColumnDataSource:
    """Return integrals at the edges of bins: of energy, busy shares and images that queue.

    The script takes differences, so that what it draws is exact at any zoom.
    """
    load = content.load
    data = {"t": load.edges.astype(np.float64)}
    for number, energy in enumerate(load.energy_aJ.values()):
        data[f"energy{number}"] = np.append(0.0, np.cumsum(energy))
    for number, row_ in enumerate(content.rows):
        if row_ in load.busy_ps:
            data[f"row{number}"] = cumulated(load, load.share(row_))
        elif row_ == ARRIVALS and content.marks is not None:
            data[f"row{number}"] = cumulated(load, content.marks.rate(load.edges))
    for number, share in enumerate(utilization(view, load).values()):
        data[f"use{number}"] = cumulated(load, 100 * share)
    if content.queued is not None:
        data["queue"] = cumulated(load, content.queued)
    return ColumnDataSource(data, name="load")


def overview(content: Content, x_range: Range1d, load: ColumnDataSource) -> Any:
    """Return the strip of the whole run, with a box that chooses the view."""
    room = content.end_ps * 0.01
    plot = new_plot(
        "The whole run: power. The box is what is shown below; drag it, or its edges.",
        95, Range1d(start=-room, end=content.end_ps + room), tools="",
    )  # fmt: skip
    scale_ticks(plot, POWERS)
    run = np.searchsorted(content.load.edges, content.run_edges)
    names = [name for name in load.data if name.startswith("energy")]
    energy = sum((np.asarray(load.data[name])[run] for name in names), np.zeros(len(run)))
    power = np.diff(energy) / np.diff(content.run_edges) / 1000
    x = content.run_edges.astype(np.float64)
    plot.varea_step(
        x=x, y1=np.zeros(len(x)), y2=np.append(power, power[-1:]), step_mode="after",
        fill_color="#444444", fill_alpha=0.8,
    )  # fmt: skip
    plot.y_range = Range1d(start=0, end=1.1 * float(power.max(initial=0.0)) or 1)
    plot.yaxis.ticker.desired_num_ticks = 3
    tool = RangeTool(x_range=x_range)
    tool.overlay.fill_color, tool.overlay.fill_alpha = IMAGES[0], 0.25
    plot.add_tools(tool)
    return plot


class Curves:
    """Plots of power, energy and use, and what the script needs of them."""

    def __init__(self, plots: list[Any], arguments: dict[str, Any]) -> None:
        self.plots, self.arguments = plots, arguments


def curves_of(view: RunView, content: Content, x_range: Range1d) -> Curves:
    """Return the plots below the timeline; the script fills their source."""
    groups = list(content.load.energy_aJ)
    used = list(utilization(view, content.load))
    queued = content.queued
    names = ["t", "power", "total", *(f"use{n}" for n in range(len(used)))]
    names += [f"sum{n}" for n in range(len(groups) + 1)] + ["queue"] * (queued is not None)
    # Bokeh does not end if it is asked to draw a stepped area without points.
    stack = ColumnDataSource(
        {**{name: [0.0, 0.0] for name in names}, "text": ["", ""]}, name="stack"
    )
    power, energy = _power(stack, x_range), _energy(stack, groups, x_range)
    plots = [power, energy]
    if used:
        plots.append(_used(used, stack, x_range))
    if queued is not None:
        plots.append(_queue(stack, x_range, float(queued.max())))
    arguments = {
        "stack": stack,
        "energy_groups": groups,
        "energy_range": energy.y_range,
        "power_range": power.y_range,
    }
    return Curves(plots, arguments)


def _power(stack: ColumnDataSource, x_range: Range1d) -> Any:
    plot = new_plot("Power", 130, x_range, y_range=Range1d(start=0, end=1))
    scale_ticks(plot, POWERS)
    plot.yaxis.ticker.desired_num_ticks = 4
    plot.varea_step(
        x="t", y1="sum0", y2="power", source=stack, step_mode="after", fill_color="#444444"
    )
    return plot


def _energy(stack: ColumnDataSource, groups: Sequence[str], x_range: Range1d) -> Any:
    plot = new_plot(
        "Energy from the left edge of the view on, by component", 220, x_range,
        y_range=Range1d(start=0, end=1),
    )  # fmt: skip
    scale_ticks(plot, ENERGIES)
    for number, group in enumerate(groups):
        plot.varea(
            x="t", y1=f"sum{number}", y2=f"sum{number + 1}", source=stack,
            fill_color=energy_colour(group), legend_label=group,
        )  # fmt: skip
    line = plot.line(x="t", y="total", source=stack, color="black", line_width=1)
    tip = "<div>@text{safe}</div>"
    plot.add_tools(HoverTool(renderers=[line], tooltips=tip, mode="vline"))
    place_legend(plot)
    return plot


def _used(names: Sequence[str], stack: ColumnDataSource, x_range: Range1d) -> Any:
    plot = new_plot(
        "Utilization: share of arrays, of planes, of a datapath direction, of issue slots",
        220, x_range, y_range=Range1d(start=0, end=105), y_axis_label="% busy",
    )  # fmt: skip
    for number, name in enumerate(names):
        plot.step(
            x="t", y=f"use{number}", source=stack, mode="after", legend_label=name,
            color=_LINES[number % len(_LINES)],
            line_dash="solid" if number < len(_LINES) else "dashed", line_width=1.5,
        )  # fmt: skip
    place_legend(plot)
    return plot


def _queue(stack: ColumnDataSource, x_range: Range1d, most: float) -> Any:
    plot = new_plot(
        "Images that wait in the host's queue",
        120,
        x_range,
        y_range=Range1d(start=0, end=1.1 * most or 1),
    )
    plot.step(x="t", y="queue", source=stack, mode="after", color="#444444", line_width=1.5)
    return plot
