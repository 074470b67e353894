"""The timeline as a figure for papers: what each block did when, and what it cost.

Rows are kinds of blocks, their stripes the lanes; a bar is dark in the read phase and light
while the plane settles. Below, power and energy on the same axis of time; of a stream, arrivals and
the length of the host's queue, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from accelsim.errors import InputError
from accelsim.plots import STYLE
from accelsim.timeline.bars import Bars, bars_of, merged
from accelsim.timeline.bins import Load, LoadMeter
from accelsim.timeline.detail import Detail
from accelsim.timeline.labels import write_labels
from accelsim.timeline.look import (
    OF_NO_IMAGE,
    WAIT,
    image_colour,
    lighter,
    op_class,
    op_colour,
)
from accelsim.timeline.rows import STEPS, TimelineRow
from accelsim.timeline.spans import ImageSpan, find_images, find_steps
from accelsim.timeline.stream import ARRIVAL, marks_of, queue_between, with_marks
from accelsim.timeline.strips import LEGEND, draw_energy, draw_power, draw_queue
from accelsim.timeline.view import RunView, describe
from accelsim.topology import QUEUE
from accelsim.trace import Window
from accelsim.units import render

WIDTHS = {"column": 3.5, "page": 7.16}
"""Widths of a figure, inches: of a column and of a page of a journal of two columns."""

MOST_RECORDS, MOST_MARKS = 20_000, 20_000
_SETTLED_SHARE = 0.4
_MOST_ENDS = 16
_MARGIN = 0.01
_HATCH = "//////"
Corners = list[tuple[float, float]]
_STYLE = {
    **STYLE,
    "text.parse_math": False,  # names are text, whatever is in them
    "font.size": 6.5,
    "axes.linewidth": 0.5,
    "xtick.major.width": 0.5,
    "ytick.major.width": 0.5,
    "hatch.linewidth": 0.4,
    "svg.fonttype": "none",
}
_ROW, _MOST_STEP_ROW, _GAP, _STRIP, _REST = 0.17, 1.6, 0.05, 0.62, 1.15


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


def draw_figure(view: RunView, width: float) -> Figure:
    """Return the figure of a view, `width` inches wide.

    An open window shows the first image, or as many as the machine has contexts. Longer
    windows than MOST_RECORDS are cut there, and the figure says so.
    """
    window, detail = _read(view)
    steps = find_steps(detail)
    images = find_images(detail, steps)
    bars = merged(bars_of(detail, None if window.components else steps, view.stripes))
    if not len(bars):
        raise InputError(
            f"{describe(window)}: nothing to draw: only standby, which lasts all along"
        )
    start, end = _extent(view, detail, window)
    marks = marks_of(view)
    if marks is not None:
        bars = with_marks(bars, marks.between(start, end, MOST_MARKS))
    wide = width > WIDTHS["column"]
    with mpl.rc_context(_STYLE):
        scale = _scale(bars, wide=wide)
        figure, (main, *strips) = _axes(scale, width, 2 if marks is None else 3)
        main.set_xlim(start / 1e3, (end + _MARGIN * (end - start)) / 1e3)
        _bars(main, bars, scale, colour_images=_many(detail))
        if marks is not None:
            draw_queue(strips[0], *queue_between(view, start, end))
        load = _load(view, detail, start, end)
        draw_power(strips[-2], load)
        draw_energy(strips[-1], load, wide=wide)
        _latencies([main, *strips], images)
        strips[-1].set_xlabel("time, ns")
        strips[-1].ticklabel_format(axis="x", style="plain", useOffset=False)
        title = _title(view, detail, window, images)
        figure.suptitle(title, fontsize=6.5, x=0.01, ha="left")
        figure.align_ylabels([main, *strips])
        _phase_legend(main, bars, wide=wide)
        figure.draw_without_rendering()
        write_labels(main, bars, scale)
    return figure


def _axes(scale: "Scale", width: float, strips: int) -> tuple[Figure, list[Axes]]:
    """Return the figure, and the axes of the bars and of so many strips below them."""
    layout = ConstrainedLayoutEngine(h_pad=0.02, w_pad=0.02, hspace=0.02)
    figure = Figure(figsize=(width, scale.total + strips * _STRIP + _REST), layout=layout)
    heights = [scale.total, *[_STRIP] * strips]
    axes = figure.subplots(1 + strips, 1, sharex=True, gridspec_kw={"height_ratios": heights})
    return figure, list(axes)


def _read(view: RunView) -> tuple[Window, Detail]:
    """Return the window that the figure is of, and its records."""
    window = view.window
    if window.images is not None or window.start_ps is not None or window.end_ps is not None:
        return window, view.read(window, MOST_RECORDS)
    first = Window(images=view.first_images().images, components=window.components)
    try:
        return first, view.read(first, MOST_RECORDS)
    except InputError:  # components that do nothing for the first images
        return window, view.read(window, MOST_RECORDS)


def _extent(view: RunView, detail: Detail, shown: Window) -> tuple[int, int]:
    """Return the span that is drawn: of images, that of their own records."""
    window = view.window
    if shown.images is not None:
        detail = detail.of_images()
    begun = detail.t_start_ps[~detail.component.where(QUEUE)]
    start = int((begun if len(begun) else detail.t_start_ps).min())
    end = int(detail.t_end_ps.max())
    if detail.until_ps is not None:
        end = min(end, detail.until_ps)
    if window.start_ps is not None:
        start = max(start, window.start_ps)
    if window.end_ps is not None:
        end = min(end, window.end_ps)
    return start, max(end, start + 1)


def _many(detail: Detail) -> bool:
    return len(np.unique(detail.image[detail.image >= 0])) > 1


def _scale(bars: Bars, *, wide: bool) -> Scale:
    top, height, place = {}, {}, 0.0
    for number, row in enumerate(bars.rows):
        if number and row.group != bars.rows[number - 1].group:
            place += _GAP
        top[row] = place
        # Names of steps stand upright in a column, and lie on a page.
        each = (0.26 if wide else 0.52) * bars.stripes[row]
        height[row] = min(each, _MOST_STEP_ROW) if row.group == STEPS else _ROW
        place += height[row] + 0.025
    return Scale(top, height, place)


def _bars(axes: Axes, bars: Bars, scale: Scale, *, colour_images: bool) -> None:
    looks: dict[str, tuple[list[Corners], list[str]]] = {
        name: ([], []) for name in ("plain", "read", "wait", ARRIVAL)
    }
    for number, row in enumerate(bars.row):
        where = bars.rows[row]
        first, count = int(bars.stripe[number]), int(bars.count[number])
        ends = scale.span(where, first, bars.stripes[where], count)
        kind = bars.kind[number]
        corners, colours = looks.get(kind, looks["plain"])
        corners.append(_corners(bars.start[number] / 1e3, bars.end[number] / 1e3, *ends))
        image, op = int(bars.image[number]), bars.op[number]
        colour = image_colour(image) if colour_images else op_colour(op)
        colours.append(lighter(OF_NO_IMAGE.get(kind, colour), _share(kind)))
    _rows(axes, bars, scale)
    for name, (corners, colours) in looks.items():
        axes.add_collection(PolyCollection(corners, **_look(name, colours)))


def _look(kind: str, colours: list[str]) -> Any:
    if kind == "wait":
        return {"facecolors": "white", "edgecolors": WAIT, "linewidths": 0.3, "hatch": _HATCH}
    if kind == ARRIVAL:
        return {"facecolors": "none", "edgecolors": "black", "linewidths": 0.8}
    if kind == "read":
        return {"facecolors": "white", "edgecolors": colours, "linewidths": 0.8}
    return {"facecolors": colours, "edgecolors": "white", "linewidths": 0.25}


def _corners(left: float, right: float, above: float, below: float) -> Corners:
    return [(left, above), (right, above), (right, below), (left, below)]


def _rows(axes: Axes, bars: Bars, scale: Scale) -> None:
    """Name the rows, and shade them, so that a row that is filled in part is seen to be."""
    for row in bars.rows:
        above = scale.top[row]
        axes.axhspan(above, above + scale.height[row], color="#f2f2f2", lw=0, zorder=0)
    axes.set_ylim(scale.total, -0.02)
    axes.set_yticks(
        [scale.top[row] + scale.height[row] / 2 for row in bars.rows],
        [row.name for row in bars.rows],
    )
    axes.tick_params(axis="y", length=0, pad=2)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", lw=0.2)
    axes.set_axisbelow(True)


def _share(kind: str) -> float:
    return {"settle": _SETTLED_SHARE, "step": _SETTLED_SHARE, "clock": 0.3}.get(kind, 1.0)


def _load(view: RunView, detail: Detail, start: int, end: int) -> Load:
    """Return the load of the records alone, with a bin from each change to the next."""
    times = np.unique(np.concatenate([detail.t_start_ps, detail.t_end_ps]))
    inside = times[(times > start) & (times < end)]
    meter = LoadMeter(np.concatenate([[start], inside, [end]]), view.stripes)
    meter.add(detail)
    return meter.load()


def _latencies(axes: Sequence[Axes], images: Sequence[ImageSpan]) -> None:
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
        )  # fmt: skip


def _title(view: RunView, detail: Detail, window: Window, images: Sequence[ImageSpan]) -> str:
    text = f"{view.run.name}: {describe(window)}"
    if images:
        latencies = {span.latency_ps for span in images}
        least, most = (render(edge(latencies), "ps") for edge in (min, max))
        text += f", latency {least}" + (f" to {most}" if most != least else "")
    if detail.until_ps is not None:
        text += f"\nthe first {MOST_RECORDS:,} records; a narrower window shows the rest"
    lanes = view.run.machine.arrays.lanes.value
    names = view.run.tenancy.names
    if "load" in view.run.stats and len(names) > 1 and not window.components:
        text += f"\narrivals from the top: {', '.join(names)}"
    return text + (f"\nrows of arrays and planes: lanes 0 to {lanes - 1} from the top")


def _phase_legend(axes: Axes, bars: Bars, *, wide: bool) -> None:
    pairs = zip(bars.image.tolist(), bars.kind, strict=True)
    images = sorted({image for image, kind in pairs if image >= 0 and kind != ARRIVAL})
    handles: list[Artist] = (
        [Patch(color=image_colour(image), label=f"image {image}") for image in images[:6]]
        if len(images) > 1
        else [Patch(color=op_colour(op), label=op) for op in _ops(bars)]
    )
    handles += [
        Patch(facecolor="white", edgecolor="#444444", label="read"),
        Patch(facecolor="#444444", label="computed, charged"),
        Patch(facecolor=lighter("#444444", _SETTLED_SHARE), label="settling"),
    ]
    drawn = [kind for kind in OF_NO_IMAGE if kind in bars.kind]
    handles += [Patch(color=OF_NO_IMAGE[kind], label=kind) for kind in drawn]
    if "wait" in bars.kind:
        handles.append(Patch(facecolor="white", edgecolor=WAIT, hatch=_HATCH, label="waiting"))
    if ARRIVAL in bars.kind:
        handles.append(Line2D([], [], color="black", ls="", marker="|", label="arrival"))
    axes.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=10 if wide else 4,
        **LEGEND,
    )  # fmt: skip


def _ops(bars: Bars) -> list[str]:
    return list(dict.fromkeys(op_class(op) for op in bars.op if op))
