"""The frame of a figure for papers: axes of one time, rows, where images are done, the caption."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from accelsim.plots import LEAST_LETTERS
from accelsim.plots.layout import add_letters, new_figure
from accelsim.timeline.rows import TimelineRow
from accelsim.timeline.spans import ImageSpan
from accelsim.timeline.view import RunView, describe
from accelsim.trace import Window
from accelsim.units import render

ROW_HEIGHT, ROW_GAP = 0.17, 0.05
"""Inches: of a row of the timeline, and between groups of rows."""
_STRIP, _REST = 0.75, 1.0
_MARGIN = 0.01
_MOST_ENDS = 16


@dataclass(frozen=True)
class Scale:
    """Heights of rows in inches: where each begins, from the top, and how high it is."""

    top: dict[TimelineRow, float]
    height: dict[TimelineRow, float]
    total: float

    def span(
        self, row: TimelineRow, stripe: int, stripes: int, count: int = 1
    ) -> tuple[float, float]:
        """Return the upper and lower end of stripes of a row."""
        each = self.height[row] / stripes
        above = self.top[row] + stripe * each
        return above, above + count * each


def axes_of(scale: Scale, width: float, strips: int) -> tuple[Figure, list[Axes]]:
    """Return the figure, and the axes of the bars and of so many strips below them."""
    figure = new_figure(width, scale.total + strips * _STRIP + _REST)
    heights = [scale.total, *[_STRIP] * strips]
    axes = figure.subplots(1 + strips, 1, sharex=True, gridspec_kw={"height_ratios": heights})
    add_letters(axes)
    return figure, list(axes)


def set_span(axes: Sequence[Axes], start_ps: int, end_ps: int) -> None:
    """Let axes show a span of time, which the last of them names."""
    axes[0].set_xlim(start_ps / 1e3, (end_ps + _MARGIN * (end_ps - start_ps)) / 1e3)
    axes[-1].set_xlabel("time, ns")
    axes[-1].ticklabel_format(axis="x", style="plain", useOffset=False)


def draw_rows(axes: Axes, rows: Sequence[TimelineRow], scale: Scale) -> None:
    """Name the rows, and shade them, so that a row that is filled in part is seen to be."""
    for row in rows:
        above = scale.top[row]
        axes.axhspan(above, above + scale.height[row], color="#f2f2f2", lw=0, zorder=0)
    axes.set_ylim(scale.total, -0.02)
    axes.set_yticks(
        [scale.top[row] + scale.height[row] / 2 for row in rows],
        [row.name for row in rows],
    )
    axes.tick_params(axis="y", length=0, pad=2)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", lw=0.2)
    axes.set_axisbelow(True)


def mark_images(axes: Sequence[Axes], images: Sequence[ImageSpan]) -> None:
    """Mark where each image is done, unless there are many; of one, say what it took and cost."""
    for span in images if len(images) <= _MOST_ENDS else ():
        for one in axes:
            # Among the bars it must not cross out a name.
            above = 0.9 if one is axes[0] else 5
            one.axvline(span.end_ps / 1e3, color="black", lw=0.7, ls=(0, (3, 2)), zorder=above)
    if len(images) == 1:
        done = images[0]
        text = f"{render(done.latency_ps, 'ps')}, {render(done.energy_aJ, 'aJ')}"
        axes[-1].annotate(
            text, (done.end_ps / 1e3, 1), xycoords=("data", "axes fraction"),
            xytext=(-2, 0), textcoords="offset points", ha="right", va="top",
            fontsize=LEAST_LETTERS,
        )  # fmt: skip


def caption_of(view: RunView, window: Window, images: Sequence[ImageSpan], *more: str) -> str:
    """Return the caption: run, window, latency if there is one, and lines that say more."""
    text = f"{view.run.name}: {describe(window)}"
    if images:
        latencies = {span.latency_ps for span in images}
        least, most = (render(edge(latencies), "ps") for edge in (min, max))
        text += f", latency {least}" + (f" to {most}" if most != least else "")
    return "\n".join([text, *more])
