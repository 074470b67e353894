"""The figure of a window whose records are too many, or too short, to be seen one by one.

In the place of steps it has layers, and in the place of records, for each sort of block, the share
of it that is busy, bin by bin: planes of a bank, and the arrays of a circuit, together. Power and
energy below are those of all records.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from accelsim.errors import InputError
from accelsim.plots import COLUMN
from accelsim.plots.layout import add_caption
from accelsim.plots.style import styled
from accelsim.timeline.bins import Floats, Load
from accelsim.timeline.content import utilization
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
from accelsim.timeline.labels import fitting
from accelsim.timeline.look import IMAGES, WAIT, image_colour, ink
from accelsim.timeline.passing import LayerSpan, Passing, read_load, read_passing
from accelsim.timeline.rows import STEPS, TimelineRow
from accelsim.timeline.strips import draw_energy, draw_power, draw_queue
from accelsim.timeline.view import RunView, describe
from accelsim.trace import Window
from accelsim.units import render

BINS = 400
"""Bins of time: narrower ones would not be seen in a column of print."""
_LAYERS = TimelineRow(STEPS, "layers")
_WAITS, _QUEUE = TimelineRow("sequencer", "waits"), TimelineRow("host", "host queue")
_LAYER_HEIGHT, _MOST_SLOTS = 0.34, 8
_BUSY = "#4C78A8"


def draw_folded(view: RunView, window: Window, width: float) -> Figure:
    """Return the figure of a window, `width` inches wide; InputError if nothing is in it."""
    passing = read_passing(view, window)
    start, end = _span(passing, window)
    load = read_load(view, window, (start, end), BINS)
    shares = _shares(view, load)
    if not shares:
        raise InputError(
            f"{describe(window)}: nothing to draw: only standby, which lasts all along"
        )
    wide = width > COLUMN
    slots = _slots(passing.layers)
    scale = _scale(shares, max(slots, default=-1) + 1)
    queued = load.busy_ps.get(_QUEUE)
    with styled():
        figure, (main, *strips) = axes_of(scale, width, 2 if queued is None else 3)
        set_span([main, *strips], start, end)
        draw_rows(main, list(scale.top), scale)
        for row, share in shares.items():
            _draw_share(main, load, share, scale.span(row, 0, 1), _colour(row))
        if queued is not None:
            draw_queue(strips[0], load.edges, queued / load.widths)
        draw_power(strips[-2], load)
        draw_energy(strips[-1], load, wide=wide)
        mark_images([main, *strips], passing.images)
        add_caption(figure, caption_of(view, window, passing.images, *_notes(passing, load)))
        figure.align_ylabels(strips)
        figure.draw_without_rendering()
        _draw_layers(main, passing.layers, slots, scale)
    return figure


def _span(passing: Passing, window: Window) -> tuple[int, int]:
    """Return the span that is drawn: of the images in the window, or the window itself."""
    start, end = min(passing.start_ps, passing.end_ps), passing.end_ps
    if window.start_ps is not None:
        start = max(start, window.start_ps)
    if window.end_ps is not None:
        end = min(end, window.end_ps)
    return start, max(end, start + 1)


def _shares(view: RunView, load: Load) -> dict[TimelineRow, Floats]:
    """Return the busy share of each row: of waits, that of the images in flight that wait."""
    waits = {_WAITS: load.share(_WAITS)} if _WAITS in load.busy_ps else {}
    of_group = {row.name: row.group for row in load.busy_ps}
    named = utilization(view, load)
    return waits | {
        TimelineRow(of_group.get(name, name), name): share for name, share in named.items()
    }


def _scale(shares: dict[TimelineRow, Floats], slots: int) -> Scale:
    top, height, place = {}, {}, 0.0
    rows = [_LAYERS, *shares] if slots else list(shares)
    for number, row in enumerate(rows):
        if number and row.group != rows[number - 1].group:
            place += ROW_GAP
        top[row] = place
        height[row] = slots * _LAYER_HEIGHT if row is _LAYERS else 1.5 * ROW_HEIGHT
        place += height[row] + ROW_GAP
    return Scale(top, height, place)


def _draw_share(
    axes: Axes, load: Load, share: Floats, ends: tuple[float, float], colour: str
) -> None:
    """Fill a row from its foot: to its top where all of it is busy."""
    above, below = ends
    tops = below - np.clip(share, 0, 1) * (below - above)
    axes.fill_between(
        load.edges / 1e3, below, np.append(tops, tops[-1]), step="post", color=colour, lw=0
    )


def _colour(row: TimelineRow) -> str:
    return WAIT if row == _WAITS else _BUSY


def _slots(layers: list[LayerSpan]) -> list[int]:
    """Give each layer the lowest slot that is free when it begins."""
    free: list[int] = []
    slots = []
    for span in layers:
        slot = next((n for n, time in enumerate(free) if time <= span.start_ps), len(free))
        free[slot : slot + 1] = [span.end_ps]
        slots.append(min(slot, _MOST_SLOTS - 1))
    return slots


def _draw_layers(axes: Axes, layers: list[LayerSpan], slots: list[int], scale: Scale) -> None:
    """Draw a bar for each layer, with its name if there is room; the figure is laid out."""
    if not layers:
        return
    names = list(dict.fromkeys(span.layer for span in layers))
    several = len({span.image for span in layers}) > 1
    for span, slot in zip(layers, slots, strict=True):
        above, below = scale.span(_LAYERS, slot, max(slots) + 1)
        place = names.index(span.layer)
        colour = image_colour(span.image) if several else IMAGES[place % len(IMAGES)]
        left, right = span.start_ps / 1e3, span.end_ps / 1e3
        axes.fill([left, right, right, left], [above, above, below, below], color=colour, lw=0)
        fit = fitting(axes, span.layer, (left, right), (above, below))
        if fit is not None:
            axes.text(
                (left + right) / 2, (above + below) / 2, span.layer, fontsize=fit[0],
                rotation=fit[1], ha="center", va="center", clip_on=True, color=ink(colour),
            )  # fmt: skip


def _notes(passing: Passing, load: Load) -> list[str]:
    what = f"{passing.steps:,} steps" if passing.steps else f"{passing.records:,} records"
    width = render(int(load.widths[0]), "ps")
    rows = "layers, and the busy share of blocks" if passing.layers else "the busy share of blocks"
    return [f"{what}: {rows}, in bins of {width}", "a narrower window shows each record"]
