"""The plots of the page, and what joins them: one axis of time, one script that redraws."""

from importlib.resources import files
from typing import Any

import numpy as np
from bokeh.layouts import column, row
from bokeh.models import (
    ColumnDataSource,
    CustomJS,
    FixedTicker,
    HoverTool,
    LinearColorMapper,
    Range1d,
)
from bokeh.models.widgets import Button, CheckboxButtonGroup, Div, Select

from accelsim.timeline.axes import new_plot
from accelsim.timeline.content import Content, coded_bars, names_of
from accelsim.timeline.curves import curves_of, load_source, overview
from accelsim.timeline.look import lighter
from accelsim.timeline.rows import groups_of
from accelsim.timeline.view import View

MOST_DRAWN = 4000
"""Records that are drawn one by one; of more, the share of busy time is drawn."""

_BARS = (
    "left", "right", "top", "bottom", "fill", "alpha", "line", "line_width",
    "what", "kind", "component", "record", "time", "lasts", "actions", "energy", "cause",
)  # fmt: skip
_TIP = """
<div style="max-width: 34em"><b>@what</b><br>@kind<br>@component, @record<br>
@time: @lasts<br>energy @energy; @actions<br>@cause</div>
"""
_COLOURS: tuple[Any, ...] = (
    ("op", "colour: op"), ("layer", "colour: layer"), ("image", "colour: image"),
)  # fmt: skip
_SHADES = tuple(lighter("#1f3f66", share) for share in np.linspace(0.04, 0.9, 64))
# Spans of time that a view is cut into where records are too many to draw.
_SPANS = 700


def page_layout(view: View, content: Content) -> Any:
    """Return the layout of plots and widgets of a page."""
    # Time goes to the right; a view cannot leave the run.
    room = content.end_ps * 0.01
    start, end = _first_view(view, content)
    x_range = Range1d(start=start, end=end, bounds=(-room, content.end_ps + room))
    load = load_source(view, content)
    plots = _Plots(view, content, x_range)
    curves = curves_of(view, content, x_range)
    groups = groups_of(content.rows)
    toggles = CheckboxButtonGroup(labels=groups, active=list(range(len(groups))), name="groups")
    colours = Select(
        title="", value="image" if view.contexts > 1 else "op", width=140, name="colours",
        options=list(_COLOURS),
    )  # fmt: skip
    note = Div(text="", name="note", height=22, sizing_mode="stretch_width")
    redraw = CustomJS(
        name="redraw",
        code=files("accelsim.timeline").joinpath("redraw.js").read_text(encoding="utf-8"),
        args={
            **plots.arguments(), **curves.arguments, "x_range": x_range, "groups": toggles,
            "colours": colours, "note": note, "load": load, "most": MOST_DRAWN,
            "spans": _SPANS,
            "period": view.period_ps, "held": list(content.held_ps),
        },
    )  # fmt: skip
    x_range.js_on_change("start", redraw)
    x_range.js_on_change("end", redraw)
    toggles.js_on_change("active", redraw)
    colours.js_on_change("value", redraw)
    plots.timeline.js_on_change("inner_width", redraw)
    strip = overview(content, x_range, load)
    widgets = row(toggles, colours, *_views(content, x_range))
    return column(strip, widgets, note, plots.timeline, *curves.plots, sizing_mode="stretch_width")


def _first_view(view: View, content: Content) -> tuple[int, int]:
    """Return the span of the images that are in flight first, or else of what is held."""
    window, (start, end) = view.window, content.held_ps
    if window.images or window.start_ps is not None or window.end_ps is not None:
        return start, end
    detail = content.detail
    least, most = view.first_images().images or (0, 0)
    first = (detail.image >= least) & (detail.image < most)
    if not first.any():
        return start, end
    start, end = int(detail.t_start_ps[first].min()), int(detail.t_end_ps[first].max())
    return start, min(end + (end - start) // 50, content.end_ps + view.period_ps)


class _Plots:
    """The timeline itself: shades of busy rows, bars, names, and where images are done."""

    def __init__(self, view: View, content: Content, x_range: Range1d) -> None:
        self.view, self.content = view, content
        y_range = Range1d(start=1, end=0)
        self.timeline = plot = new_plot(
            "Timeline: light while planes settle, hollow while they are read, hatched while an "
            f"image waits; lanes from the top of a row, "
            f"{view.run.machine.arrays.lanes.value} in all",
            600, x_range, y_range=y_range, toolbar="right",
        )  # fmt: skip
        plot.name = "timeline"
        plot.ygrid.visible = False
        plot.yaxis.ticker = FixedTicker(ticks=[])
        self.cover = ColumnDataSource({"top": [], "bottom": []})
        self.shade = _shades(len(content.rows))
        plot.image(
            image="image", x="x", y="y", dw="dw", dh="dh", source=self.shade,
            color_mapper=LinearColorMapper(palette=_SHADES, low=0, high=1),
        )  # fmt: skip
        start, end = content.held_ps
        self.covered = plot.quad(
            left=start, right=end, top="top", bottom="bottom", source=self.cover,
            fill_color="#f2f2f2", line_color=None,
        )  # fmt: skip
        self.bars = ColumnDataSource({name: [] for name in _BARS}, name="bars")
        drawn = plot.quad(
            left="left", right="right", top="top", bottom="bottom", source=self.bars,
            fill_color="fill", fill_alpha="alpha", line_color="line", line_width="line_width",
        )  # fmt: skip
        plot.add_tools(HoverTool(renderers=[drawn], tooltips=_TIP, attachment="below"))
        # Bokeh makes a pattern for each bar that has one of its own: waits share theirs.
        self.waits = ColumnDataSource(
            {name: [] for name in ("left", "right", "top", "bottom")}, name="waits"
        )
        plot.quad(
            left="left", right="right", top="top", bottom="bottom", source=self.waits,
            fill_color=None, line_color=None, hatch_pattern="/", hatch_color="#555555",
            hatch_weight=0.7, hatch_scale=7,
        )  # fmt: skip
        self.boxes = ColumnDataSource(
            {name: [] for name in ("left", "right", "top", "bottom", "line")}, name="boxes"
        )
        plot.quad(
            left="left", right="right", top="top", bottom="bottom", source=self.boxes,
            fill_color=None, line_color="line", line_width=1.5,
        )  # fmt: skip
        self.labels = ColumnDataSource({"x": [], "y": [], "text": [], "colour": []}, name="labels")
        plot.text(
            x="x", y="y", text="text", source=self.labels, text_color="colour",
            text_font_size="11px", text_align="center", text_baseline="middle",
        )  # fmt: skip
        self.ends = ColumnDataSource({"x": [], "y": [], "text": []}, name="ends")
        plot.vspan(x="x", source=self.ends, line_dash="dashed", line_color="black")
        plot.text(
            x="x", y="y", text="text", source=self.ends, text_font_size="11px",
            text_align="right", x_offset=-4,
        )  # fmt: skip

    def arguments(self) -> dict[str, Any]:
        """Return what the script needs."""
        columns = coded_bars(self.content)
        names = names_of(self.content, columns.pop("_actions"))
        bars = self.content.bars
        return {
            "plot": self.timeline,
            "axis": self.timeline.yaxis[0],
            "y_range": self.timeline.y_range,
            "all": ColumnDataSource(columns, name="all"),
            "bars": self.bars,
            "boxes": self.boxes,
            "waits": self.waits,
            "labels": self.labels,
            "ends": self.ends,
            "cover": self.cover,
            "covered": self.covered,
            "shade": self.shade,
            "names": names,
            "rows": [
                {"group": row.group, "name": row.name, "stripes": bars.stripes[row]}
                for row in bars.rows
            ],
            "images": [
                {
                    "image": span.image,
                    "end": span.end_ps,
                    "latency": span.latency_ps,
                    "energy": span.energy_aJ,
                }
                for span in self.content.images
            ],
        }


def _shades(rows: int) -> ColumnDataSource:
    """Return an image a row, one cell high, that the script fills."""
    places = {name: [0.0] * rows for name in ("x", "y", "dw", "dh")}
    images = [np.zeros((1, _SPANS)) for _ in range(rows)]
    return ColumnDataSource({"image": images, **places}, name="shade")


def _views(content: Content, x_range: Range1d) -> list[Button]:
    """Return buttons that show the whole run, and, if they are fewer, the records held."""
    spans = {"whole run": (0, content.end_ps)}
    if not content.whole:
        spans["all records held"] = content.held_ps
    buttons = []
    for label, (start, end) in spans.items():
        button = Button(label=label, name=label)
        code = "x_range.setv({start, end})"
        button.js_on_click(
            CustomJS(args={"x_range": x_range, "start": start, "end": end}, code=code)
        )
        buttons.append(button)
    return buttons
