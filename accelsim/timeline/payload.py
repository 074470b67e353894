"""What the script of the page reads: facts as JSON, and columns of numbers in one block."""

from typing import Any

import numpy as np

from accelsim.pages import Columns, packed
from accelsim.timeline.coded import coded_bars, names_of
from accelsim.timeline.content import Content, utilization
from accelsim.timeline.look import energy_colour
from accelsim.timeline.stream import ARRIVALS
from accelsim.timeline.view import RunView

_GROUPS = {"power": "power states"}  # power itself is a curve


def page_data(view: RunView, content: Content) -> dict[str, Any]:
    """Return what the script of a page reads, ready for JSON: same run, same bytes."""
    bars = coded_bars(content)
    names = names_of(content, bars.pop("_actions"))
    columns: Columns = {f"bars.{name}": column for name, column in bars.items()}
    columns |= _image_columns(content) | _load_columns(view, content)
    places, block = packed(columns)
    return {
        "end": content.end_ps,
        "period": view.period_ps,
        "held": list(content.held_ps),
        "whole": content.whole,
        "first": list(_first_view(view, content)),
        "colours": "image" if view.contexts > 1 else "op",
        "rows": [
            {
                "group": _GROUPS.get(row.group, row.group),
                "name": row.name,
                "stripes": content.bars.stripes[row],
            }
            for row in content.rows
        ],
        "energies": [
            {"name": group, "colour": energy_colour(group)} for group in content.load.energy_aJ
        ],
        "uses": list(utilization(view, content.load)),
        "peak_width": content.power.width_ps,
        "names": names,
        "columns": places,
        "block": block,
    }


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
    return start, min(end + (end - start) // 50, content.end_ps)


def _image_columns(content: Content) -> Columns:
    """Return the images that are whole. slot: which of the images in flight one is, from 0."""
    images, steps = content.images, content.steps
    slots = dict(zip(steps.image.tolist(), steps.slot.tolist(), strict=True))
    columns = {
        "image": [span.image for span in images],
        "start": [span.start_ps for span in images],
        "end": [span.end_ps for span in images],
        "energy": [span.energy_aJ for span in images],
        "slot": [slots[span.image] for span in images],
    }
    return {f"images.{name}": np.array(column, np.float64) for name, column in columns.items()}


def _load_columns(view: RunView, content: Content) -> Columns:
    """Return, bin by bin: energy by group, shares of rows and blocks, the queue, peak power."""
    load = content.load
    columns = {"edges": load.edges, "peak": content.power.peaks(load.edges)}
    for number, energy in enumerate(load.energy_aJ.values()):
        columns[f"energy{number}"] = energy
    for number, row in enumerate(content.rows):
        if row in load.busy_ps:
            columns[f"row{number}"] = load.share(row)
        elif row == ARRIVALS and content.marks is not None:
            columns[f"row{number}"] = content.marks.rate(load.edges)
    for number, share in enumerate(utilization(view, load).values()):
        columns[f"use{number}"] = share
    if content.queued is not None:
        columns["queue"] = content.queued
    return {f"load.{name}": column.astype(np.float64) for name, column in columns.items()}
