"""The timeline as a figure for papers: what each block did when, and what it cost.

Rows are kinds of blocks, their stripes the lanes; a bar is dark in the read phase and light
while the plane settles. Below, power and energy on the same axis of time; of a stream, arrivals and
the length of the host's queue, too.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import ScaledTranslation

from accelsim.errors import InputError
from accelsim.plots import COLUMN
from accelsim.plots.files import DPI
from accelsim.plots.layout import add_caption
from accelsim.plots.style import styled
from accelsim.timeline.bars import Bars, bars_of, merged, within
from accelsim.timeline.bins import Load, LoadMeter
from accelsim.timeline.detail import Detail
from accelsim.timeline.folded import draw_folded
from accelsim.timeline.frame import (
    ROW_GAP,
    ROW_HEIGHT,
    Scale,
    axes_of,
    caption_of,
    draw_rows,
    mark_images,
    set_span,
)
from accelsim.timeline.labels import write_labels
from accelsim.timeline.look import (
    OF_NO_IMAGE,
    WAIT,
    image_colour,
    lighter,
    op_class,
    op_colour,
)
from accelsim.timeline.rows import STEPS
from accelsim.timeline.spans import find_images, find_steps
from accelsim.timeline.stream import ARRIVAL, marks_of, queue_between, with_marks
from accelsim.timeline.strips import LEGEND, draw_energy, draw_power, draw_queue
from accelsim.timeline.view import RunView, describe
from accelsim.topology import QUEUE
from accelsim.trace import Window

MOST_RECORDS, MOST_MARKS = 20_000, 20_000
_SETTLED_SHARE = 0.4
_HATCH = "//////"
Corners = list[tuple[float, float]]
_MOST_STEP_ROW = 1.6
_LETTER = 0.2  # of a panel, inches


def draw_figure(view: RunView, width: float) -> Figure:
    """Return the figure of a view, `width` inches wide.

    An open window shows the first image, or as many as the machine has contexts. Of a window
    of more than MOST_RECORDS, or whose records are too short to be seen, the figure has layers and
    busy shares instead of records, and says so.
    """
    window, detail = _read(view)
    if detail.until_ps is not None:
        return draw_folded(view, window, width)
    images = find_images(detail, find_steps(detail))
    steps = None if window.components else find_steps(detail, cut=True)
    bars = merged(bars_of(detail, steps, view.stripes))
    if not len(bars):
        raise InputError(
            f"{describe(window)}: nothing to draw: only standby, which lasts all along"
        )
    start, end = _extent(view, detail, window)
    if _are_too_small(bars, end - start, width):
        return draw_folded(view, window, width)
    marks = marks_of(view)
    if marks is not None:
        bars = with_marks(bars, marks.between(start, end, MOST_MARKS))
    bars = within(bars, start, end)
    wide = width > COLUMN
    with styled():
        scale = _scale(bars, wide=wide)
        figure, (main, *strips) = axes_of(scale, width, 2 if marks is None else 3)
        set_span([main, *strips], start, end)
        colours = _colours(bars, colour_images=_many(detail))
        _bars(main, bars, scale, colours)
        if marks is not None:
            draw_queue(strips[0], *queue_between(view, start, end))
        load = _load(view, detail, start, end)
        draw_power(strips[-2], load)
        draw_energy(strips[-1], load, wide=wide)
        mark_images([main, *strips], images)
        add_caption(figure, caption_of(view, window, images, *_notes(view, window)))
        figure.align_ylabels(strips)
        _phase_legend(main, bars, wide=wide)
        figure.draw_without_rendering()
        write_labels(main, bars, scale, colours)
    return figure


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


def _are_too_small(bars: Bars, span_ps: int, width: float) -> bool:
    """Tell whether there are more bars than dots across, and most of them are less than a dot."""
    dots = width * DPI
    return len(bars) > dots and bool(np.median(bars.end - bars.start) < span_ps / dots)


def _many(detail: Detail) -> bool:
    return len(np.unique(detail.image[detail.image >= 0])) > 1


def _scale(bars: Bars, *, wide: bool) -> Scale:
    top, height, place = {}, {}, 0.0
    for number, row in enumerate(bars.rows):
        if number and row.group != bars.rows[number - 1].group:
            place += ROW_GAP
        top[row] = place
        # Names of steps stand upright in a column, and lie on a page.
        each = (0.26 if wide else 0.85) * bars.stripes[row]
        height[row] = min(each, _MOST_STEP_ROW) if row.group == STEPS else ROW_HEIGHT
        place += height[row] + 0.025
    return Scale(top, height, place)


def _colours(bars: Bars, *, colour_images: bool) -> list[str]:
    """Return the colour of each bar: of its image or op, lighter while it settles."""
    found = []
    for kind, image, op in zip(bars.kind, bars.image.tolist(), bars.op, strict=True):
        colour = image_colour(image) if colour_images else op_colour(op)
        found.append(lighter(OF_NO_IMAGE.get(kind, colour), _share(kind)))
    return found


def _bars(axes: Axes, bars: Bars, scale: Scale, chosen: Sequence[str]) -> None:
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
        colours.append(chosen[number])
    draw_rows(axes, bars.rows, scale)
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


def _share(kind: str) -> float:
    return {"settle": _SETTLED_SHARE, "step": _SETTLED_SHARE, "clock": 0.3}.get(kind, 1.0)


def _load(view: RunView, detail: Detail, start: int, end: int) -> Load:
    """Return the load of the records alone, with a bin from each change to the next."""
    times = np.unique(np.concatenate([detail.t_start_ps, detail.t_end_ps]))
    inside = times[(times > start) & (times < end)]
    meter = LoadMeter(np.concatenate([[start], inside, [end]]), view.stripes)
    meter.add(detail)
    return meter.load()


def _notes(view: RunView, window: Window) -> Iterator[str]:
    """Say what the stripes of rows are."""
    names = view.run.tenancy.names
    if "load" in view.run.stats and len(names) > 1 and not window.components:
        yield f"arrivals from the top: {', '.join(names)}"
    lanes = view.run.machine.arrays.lanes.value
    yield f"rows of arrays and planes: lanes 0 to {lanes - 1} from the top"


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
    figure = axes.get_figure(root=True)
    assert figure is not None  # noqa: S101 - for the type checker: axes are of a figure
    beside_letter = ScaledTranslation(_LETTER, 0, figure.dpi_scale_trans)
    axes.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=10 if wide else 4,
        bbox_transform=axes.transAxes + beside_letter, **LEGEND,
    )  # fmt: skip


def _ops(bars: Bars) -> list[str]:
    return list(dict.fromkeys(op_class(op) for op in bars.op if op))
