"""Bars to draw: a rectangle for each record that has a row, and one for each step."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from accelsim.records.view import Column
from accelsim.timeline.detail import Detail
from accelsim.timeline.rows import STEP_ROW, STEPS, TimelineRow, ordered, spot
from accelsim.timeline.spans import Steps

STEP = "step"
"""The kind of a bar that stands for a whole step, from issue until its results are settled."""


@dataclass(frozen=True)
class Bars:
    """Rectangles in columns. rows: from the top; stripes: how many each row has.

    source: row of the detail, or of the steps if the kind is STEP. count: stripes a bar spans.
    """

    rows: tuple[TimelineRow, ...]
    stripes: dict[TimelineRow, int]
    row: Column = field(repr=False)
    stripe: Column = field(repr=False)
    count: Column = field(repr=False)
    start: Column = field(repr=False)
    end: Column = field(repr=False)
    image: Column = field(repr=False)
    step: Column = field(repr=False)
    source: Column = field(repr=False)
    kind: tuple[str, ...] = field(repr=False)
    op: tuple[str, ...] = field(repr=False)
    layer: tuple[str, ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self.row)


def bars_of(
    detail: Detail, steps: Steps | None, stripes: Callable[[TimelineRow, int], int]
) -> Bars:
    """Return bars of records, in their order, and after them of steps.

    Standby is not drawn: it lasts as long as the run. A record that takes no time is not either.
    """
    texts = detail.component.texts
    places = ((code, spot(texts[code])) for code in detail.component.used())
    spots = {code: place for code, place in places if place is not None}
    placed = np.array([code in spots for code in range(len(texts))], bool)
    drawn = placed[detail.component.codes] & ~detail.kind.where("standby")
    source = np.flatnonzero(drawn & (detail.t_end_ps > detail.t_start_ps))
    codes = detail.component.codes[source]
    used = {code: spots[code] for code in np.unique(codes).tolist()}
    step_row = TimelineRow(STEPS, STEP_ROW)
    has_steps = steps is not None and len(steps) > 0
    rows = ordered([found.row for found in used.values()] + [step_row] * has_steps)
    seen: dict[TimelineRow, int] = {}
    for found in used.values():
        seen[found.row] = max(seen.get(found.row, 0), found.stripe + 1)
    row = np.array([rows.index(used[c].row) for c in codes.tolist()], np.int64)
    stripe = np.array([used[c].stripe for c in codes.tolist()], np.int64)
    bars = Bars(
        tuple(rows),
        {name: stripes(name, count) for name, count in seen.items()},
        row,
        stripe,
        np.ones(len(source), np.int64),
        detail.t_start_ps[source],
        detail.t_end_ps[source],
        detail.image[source],
        detail.step[source],
        source,
        detail.kind.read(source),
        detail.op.read(source),
        detail.layer.read(source),
    )
    return _with_steps(bars, detail, steps, rows.index(step_row)) if has_steps and steps else bars


def merged(bars: Bars) -> Bars:
    """Return bars without the clock, neighbours of one step and phase made one bar.

    The clock stays if there is nothing else.
    """
    rows = [row for row in bars.rows if row.name != "clock"] or list(bars.rows)
    keep = np.array([bars.rows[row] in rows for row in bars.row.tolist()], bool)
    number = np.array([rows.index(row) if row in rows else -1 for row in bars.rows], np.int64)
    kinds = {kind: code for code, kind in enumerate(dict.fromkeys(bars.kind))}
    kind = np.array([kinds[kind] for kind in bars.kind], np.int64)
    columns = np.stack(
        [number[bars.row], bars.start, bars.end, kind, bars.image, bars.step, bars.stripe]
    )
    order = np.lexsort(columns[::-1])
    order = order[keep[order]]
    chosen = columns[:, order]
    joined = (np.diff(chosen[:-1], axis=1) == 0).all(axis=0) & (np.diff(chosen[-1]) == 1)
    starts = np.flatnonzero(np.append(True, ~joined)[: len(order)])
    first = order[starts]
    counts = np.diff(np.append(starts, len(order))).astype(np.int64)
    return replace(_taken(bars, first), rows=tuple(rows), row=number[bars.row[first]], count=counts)


def within(bars: Bars, start_ps: int, end_ps: int) -> Bars:
    """Return the bars that are seen in a span of time, and only the rows that have one."""
    seen = (bars.start < end_ps) & (bars.end > start_ps)
    seen |= (bars.start == bars.end) & (bars.start >= start_ps) & (bars.start <= end_ps)
    used = np.unique(bars.row[seen])
    number = np.full(len(bars.rows), -1)
    number[used] = np.arange(len(used))
    chosen = _taken(bars, np.flatnonzero(seen))
    rows = tuple(bars.rows[row] for row in used.tolist())
    return replace(chosen, rows=rows, row=number[chosen.row])


def _taken(bars: Bars, chosen: Column) -> Bars:
    numbers = ("row", "stripe", "count", "start", "end", "image", "step", "source")
    texts = ("kind", "op", "layer")
    changed: dict[str, Any] = {name: getattr(bars, name)[chosen] for name in numbers}
    for name in texts:
        changed[name] = tuple(getattr(bars, name)[place] for place in chosen)
    return replace(bars, **changed)


def _with_steps(bars: Bars, detail: Detail, steps: Steps, row: int) -> Bars:
    first = steps.first
    added = {
        "row": np.full(len(steps), row),
        "stripe": steps.slot,
        "count": np.ones(len(steps), np.int64),
        "start": steps.t_start_ps,
        "end": steps.t_end_ps,
        "image": steps.image,
        "step": steps.step,
        "source": np.arange(len(steps)),
    }
    changed: dict[str, Any] = {
        name: np.append(getattr(bars, name), more) for name, more in added.items()
    }
    changed["stripes"] = {**bars.stripes, bars.rows[row]: int(steps.slot.max()) + 1}
    changed["kind"] = bars.kind + (STEP,) * len(steps)
    changed["op"] = bars.op + detail.op.read(first)
    changed["layer"] = bars.layer + detail.layer.read(first)
    return replace(bars, **changed)
