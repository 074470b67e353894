"""The plots of the page, and what joins them: one axis of time, one script that redraws."""

from dataclasses import dataclass
from typing import Any, Self

from bokeh.layouts import column, row
from bokeh.models import ColumnDataSource, CustomJS, Range1d
from bokeh.models.widgets import Button, CheckboxButtonGroup, Div, Select

from accelsim.resources import text_of
from accelsim.timeline.content import Content, coded_bars, names_of
from accelsim.timeline.curves import curves_of, load_source, overview
from accelsim.timeline.layers import SHADE_SPANS, Timeline, timeline_plot
from accelsim.timeline.rows import groups_of
from accelsim.timeline.view import RunView

MOST_DRAWN = 4000
"""Records that are drawn one by one; of more, the share of busy time is drawn."""

_COLOURS: list[Any] = [
    ("op", "colour: op"), ("layer", "colour: layer"), ("image", "colour: image"),
]  # fmt: skip
# Room beside the run, as a share of it.
_ROOM = 0.01


def page_layout(view: RunView, content: Content) -> Any:
    """Return the layout of plots and widgets of a page."""
    x_range = _time_range(view, content)
    load = load_source(view, content)
    timeline = timeline_plot(view, content, x_range)
    curves = curves_of(view, content, x_range)
    widgets = _Widgets.of(view, content)
    redraw = _redraw(
        {
            **timeline.arguments(),
            **_records(content),
            **curves.arguments,
            "x_range": x_range,
            **vars(widgets),
            "load": load,
            "most": MOST_DRAWN,
            "spans": SHADE_SPANS,
            "period": view.period_ps,
            "held": list(content.held_ps),
        }
    )
    _redraw_at_changes(redraw, x_range, widgets, timeline)
    strip = overview(content, x_range, load)
    controls = row(widgets.groups, widgets.colours, *_view_buttons(content, x_range))
    plots = (strip, controls, widgets.note, timeline.plot, *curves.plots)
    return column(*plots, sizing_mode="stretch_width")


@dataclass(frozen=True)
class _Widgets:
    """What the user chooses with, and where the page says what is in view."""

    groups: CheckboxButtonGroup
    colours: Select
    note: Div

    @classmethod
    def of(cls, view: RunView, content: Content) -> Self:
        """Return the widgets: all groups shown, colours by op, or by image if several run."""
        groups = groups_of(content.rows)
        shown = list(range(len(groups)))
        colour = "image" if view.contexts > 1 else "op"
        return cls(
            CheckboxButtonGroup(labels=groups, active=shown, name="groups"),
            Select(title="", value=colour, width=140, name="colours", options=_COLOURS),
            Div(text="", name="note", height=22, sizing_mode="stretch_width"),
        )


def _time_range(view: RunView, content: Content) -> Range1d:
    """Return the axis of time of all plots: a view cannot leave the run."""
    room = content.end_ps * _ROOM
    start, end = _first_view(view, content)
    return Range1d(start=start, end=end, bounds=(-room, content.end_ps + room))


def _first_view(view: RunView, content: Content) -> tuple[int, int]:
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


def _records(content: Content) -> dict[str, Any]:
    """Return what the page holds, by the names that the script has."""
    columns = coded_bars(content)
    names = names_of(content, columns.pop("_actions"))
    stripes = content.bars.stripes
    return {
        "all": ColumnDataSource(columns, name="all"),
        "names": names,
        "rows": [
            {"group": each.group, "name": each.name, "stripes": stripes[each]}
            for each in content.rows
        ],
        "images": [
            {
                "image": span.image,
                "end": span.end_ps,
                "latency": span.latency_ps,
                "energy": span.energy_aJ,
            }
            for span in content.images
        ],
    }


def _redraw(arguments: dict[str, Any]) -> CustomJS:
    code = text_of("accelsim.timeline", "redraw.js")
    return CustomJS(name="redraw", code=code, args=arguments)


def _redraw_at_changes(
    redraw: CustomJS, x_range: Range1d, widgets: _Widgets, timeline: Timeline
) -> None:
    x_range.js_on_change("start", redraw)
    x_range.js_on_change("end", redraw)
    widgets.groups.js_on_change("active", redraw)
    widgets.colours.js_on_change("value", redraw)
    timeline.plot.js_on_change("inner_width", redraw)


def _view_buttons(content: Content, x_range: Range1d) -> list[Button]:
    """Return buttons that show the whole run, and, if they are fewer, the records held."""
    spans = {"whole run": (0, content.end_ps)}
    if not content.whole:
        spans["all records held"] = content.held_ps
    return [_view_button(label, span, x_range) for label, span in spans.items()]


def _view_button(label: str, span: tuple[int, int], x_range: Range1d) -> Button:
    arguments = {"x_range": x_range, "start": span[0], "end": span[1]}
    button = Button(label=label, name=label)
    button.js_on_click(CustomJS(args=arguments, code="x_range.setv({start, end})"))
    return button
