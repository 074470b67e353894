"""The timeline of the page: layers on one plot, each with a source that the script fills.

From the bottom to the top: shades of how busy a row is; a cover where records are drawn one by
one; bars of records; hatches of waits; boxes around what is read; names of steps; and lines
where images are done.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, FixedTicker, HoverTool, LinearColorMapper, Range1d

from accelsim.timeline.axes import new_plot
from accelsim.timeline.content import Content
from accelsim.timeline.look import lighter
from accelsim.timeline.view import RunView

ARRIVE = "; a stroke: an image arrives"
SHADE_SPANS = 700
"""Spans of time that a view is cut into where records are too many to draw."""

_SHADES = tuple(lighter("#1f3f66", share) for share in np.linspace(0.04, 0.9, 64))
_HEIGHT = 600
_SIDES = ("left", "right", "top", "bottom")
# A rectangle from the columns of its source.
_RECTANGLE = {side: side for side in _SIDES}
_BARS = (
    *_SIDES, "fill", "alpha", "line", "line_width",
    "what", "kind", "component", "record", "time", "lasts", "actions", "energy", "cause",
)  # fmt: skip
_TIP = """
<div style="max-width: 34em"><b>@what</b><br>@kind<br>@component, @record<br>
@time: @lasts<br>energy @energy; @actions<br>@cause</div>
"""


@dataclass(frozen=True)
class Timeline:
    """The plot with its layers, and what the script fills and moves.

    covered: the cover, which the script hides where shades are to be seen.
    """

    plot: Any
    bars: ColumnDataSource
    boxes: ColumnDataSource
    waits: ColumnDataSource
    labels: ColumnDataSource
    ends: ColumnDataSource
    cover: ColumnDataSource
    covered: Any
    shade: ColumnDataSource

    def arguments(self) -> dict[str, Any]:
        """Return the plot, its axis of rows and its layers by the names that the script has."""
        layers = {name: value for name, value in vars(self).items() if name != "plot"}
        axes = {"axis": self.plot.yaxis[0], "y_range": self.plot.y_range}
        return {"plot": self.plot, **axes, **layers}


def timeline_plot(view: RunView, content: Content, x_range: Range1d) -> Timeline:
    """Return the timeline of a page; nothing is drawn on it yet."""
    plot = _empty_plot(view, x_range)
    # The order of the calls is that of the layers, from the bottom.
    shade = _add_shades(plot, len(content.rows))
    cover, covered = _add_cover(plot, content.held_ps)
    bars = _add_bars(plot)
    waits = _add_waits(plot)
    boxes = _add_boxes(plot)
    labels = _add_labels(plot)
    ends = _add_ends(plot)
    return Timeline(plot, bars, boxes, waits, labels, ends, cover, covered, shade)


def _empty_plot(view: RunView, x_range: Range1d) -> Any:
    lanes = view.run.machine.arrays.lanes.value
    title = (
        "Timeline: light while planes settle, hollow while they are read, hatched while an image "
        f"waits; lanes from the top of a row, {lanes} in all"
        f"{ARRIVE if 'load' in view.run.stats else ''}"
    )
    y_range = Range1d(start=1, end=0)
    plot = new_plot(title, _HEIGHT, x_range, y_range=y_range, toolbar="right")
    plot.name = "timeline"
    plot.ygrid.visible = False
    plot.yaxis.ticker = FixedTicker(ticks=[])
    return plot


def _source(name: str | None, *columns: str) -> ColumnDataSource:
    """Return an empty source; with a name, tests and the browser's console find it."""
    return ColumnDataSource({column: [] for column in columns}, name=name)


def _add_shades(plot: Any, rows: int) -> ColumnDataSource:
    """Add an image a row, one cell high."""
    places = {name: [0.0] * rows for name in ("x", "y", "dw", "dh")}
    images = [np.zeros((1, SHADE_SPANS)) for _ in range(rows)]
    source = ColumnDataSource({"image": images, **places}, name="shade")
    colours = LinearColorMapper(palette=_SHADES, low=0, high=1)
    plot.image(
        image="image", x="x", y="y", dw="dw", dh="dh", source=source, color_mapper=colours
    )  # fmt: skip
    return source


def _add_cover(plot: Any, held_ps: tuple[int, int]) -> tuple[ColumnDataSource, Any]:
    """Add what hides the shades of each row over the span whose records are here."""
    source = _source(None, "top", "bottom")
    start, end = held_ps
    cover = plot.quad(
        left=start, right=end, top="top", bottom="bottom", source=source,
        fill_color="#f2f2f2", line_color=None,
    )  # fmt: skip
    return source, cover


def _add_bars(plot: Any) -> ColumnDataSource:
    source = _source("bars", *_BARS)
    drawn = plot.quad(
        **_RECTANGLE, source=source,
        fill_color="fill", fill_alpha="alpha", line_color="line", line_width="line_width",
    )  # fmt: skip
    plot.add_tools(HoverTool(renderers=[drawn], tooltips=_TIP, attachment="below"))
    return source


def _add_waits(plot: Any) -> ColumnDataSource:
    """Add the hatches: bokeh makes a pattern for each bar that has one of its own."""
    source = _source("waits", *_SIDES)
    plot.quad(
        **_RECTANGLE, source=source, fill_color=None, line_color=None,
        hatch_pattern="/", hatch_color="#555555", hatch_weight=0.7, hatch_scale=7,
    )  # fmt: skip
    return source


def _add_boxes(plot: Any) -> ColumnDataSource:
    source = _source("boxes", *_SIDES, "line")
    plot.quad(**_RECTANGLE, source=source, fill_color=None, line_color="line", line_width=1.5)
    return source


def _add_labels(plot: Any) -> ColumnDataSource:
    source = _source("labels", "x", "y", "text", "colour")
    plot.text(
        x="x", y="y", text="text", source=source, text_color="colour",
        text_font_size="11px", text_align="center", text_baseline="middle",
    )  # fmt: skip
    return source


def _add_ends(plot: Any) -> ColumnDataSource:
    source = _source("ends", "x", "y", "text")
    plot.vspan(x="x", source=source, line_dash="dashed", line_color="black")
    plot.text(
        x="x", y="y", text="text", source=source, text_font_size="11px",
        text_align="right", x_offset=-4,
    )  # fmt: skip
    return source
