"""What all plots of the page have in common: an axis of time, units at the ticks, legends."""

from typing import Any

from bokeh.models import CustomJSTickFormatter, Range1d, WheelZoomTool
from bokeh.plotting import figure

_TICKS = """
const size = Math.max(...ticks.map(Math.abs));
const [unit, scale] = units.find(([, scale]) => size >= scale) ?? units.at(-1);
return `${Number((tick / scale).toPrecision(9))} ${unit}`;
"""
_TIMES = [["s", 1e12], ["ms", 1e9], ["µs", 1e6], ["ns", 1e3], ["ps", 1]]
ENERGIES = [["mJ", 1e15], ["µJ", 1e12], ["nJ", 1e9], ["pJ", 1e6], ["fJ", 1e3], ["aJ", 1]]
POWERS = [["W", 1e3], ["mW", 1], ["µW", 1e-3], ["nW", 1e-6]]
_TOOLS = "xpan,xwheel_zoom,xbox_zoom,reset"
_LEFT, _RIGHT = 95, 40


def new_plot(title: str, height: int, x_range: Range1d, **more: Any) -> Any:
    """Return a plot over time with the tools of all; `more`: for bokeh."""
    plot: Any = figure(
        title=title, height=height, x_range=x_range, tools=more.pop("tools", _TOOLS),
        sizing_mode="stretch_width", min_border_left=_LEFT, min_border_right=_RIGHT,
        toolbar_location=more.pop("toolbar", None), **more,
    )  # fmt: skip
    plot.toolbar.logo = None
    plot.xaxis.formatter = CustomJSTickFormatter(code=_TICKS, args={"units": _TIMES})
    plot.yaxis.minor_tick_line_color = None
    plot.title.text_font_size = "12px"
    wheels = [tool for tool in plot.toolbar.tools if isinstance(tool, WheelZoomTool)]
    if wheels:
        plot.toolbar.active_scroll = wheels[0]
    return plot


def scale_ticks(plot: Any, units: list[list[Any]]) -> None:
    """Name the unit at each tick of the axis of values."""
    plot.yaxis.formatter = CustomJSTickFormatter(code=_TICKS, args={"units": units})


def place_legend(plot: Any) -> None:
    """Put the legend above the plot; a name in it shows and hides its curve."""
    if not plot.legend:
        return
    plot.legend.click_policy = "hide"
    plot.legend.location = "top_left"
    plot.legend.orientation = "horizontal"
    plot.legend.label_text_font_size = "11px"
    plot.legend.spacing, plot.legend.padding, plot.legend.margin = 8, 0, 2
    plot.legend.border_line_color = None
    plot.add_layout(plot.legend[0], "above")
