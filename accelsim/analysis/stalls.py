"""Who waited for what, and for how long, over a trace of any length.

A wait for an unsettled plane ends when its settling does. It may begin before that, while the
plane is still charged in the read phase of the step that writes it: the two parts are told
apart at the begin of the settle record that the wait names.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from accelsim.analysis.sums import Key, Total, add_durations
from accelsim.records import BatchView
from accelsim.records.reasons import (
    BUSY,
    CLOCK_EDGE,
    FAULTY,
    IN_USE,
    NO_CONTEXT,
    REFRESHING,
    SLOT,
    UNCONVERTED,
    UNSETTLED,
    UNWRITTEN,
    WAKING,
)
from accelsim.topology import QUEUE as HOST_QUEUE

COLUMNS = (
    "id", "t_start_ps", "t_end_ps", "component", "kind", "op", "step", "layer", "cause",
    "resource", "cause_id",
)  # fmt: skip
_KEY = ("component", "cause", "resource", "step", "op", "layer")
FIRST_STEP = 1
_NONE = Total()
QUEUE, BEFORE, FLIGHT = "queue", "before load", "in flight"
"""Where an image waited: in the host's queue; with a context of its own, for its load to be
issued; after that, which is part of its latency."""
CHARGED, SETTLING = "charged", "settling"
"""The two parts of a wait for an unsettled plane."""
MEANINGS = {
    UNSETTLED: "a plane to be written",
    CHARGED: "a plane being charged",
    SETTLING: "a plane to settle",
    BUSY: "a resource held by a step",
    IN_USE: "a plane being read",
    UNWRITTEN: "an unwritten plane",
    REFRESHING: "a plane being refreshed",
    FAULTY: "what a fault keeps from going on",
    UNCONVERTED: "a place at the boundary",
    SLOT: "the issue slot",
    NO_CONTEXT: "a free context",
    CLOCK_EDGE: "the next clock edge",
    WAKING: "the machine to wake",
}
"""What a wait's reason says was waited for."""


@dataclass(frozen=True)
class Stall:
    """Waits of one reason, for one resource, before one step.

    where: QUEUE, BEFORE or FLIGHT. resource: dotted path of a plane or unit, "" if the reason
    names none. charged, settling: the parts of a wait for an unsettled plane; a wait whose
    settle record is not in the trace has neither.
    """

    where: str
    reason: str
    resource: str
    step: int
    op: str
    layer: str
    total: Total
    charged: Total = _NONE
    settling: Total = _NONE


def stalls(batches: Iterable[pa.RecordBatch]) -> list[Stall]:
    """Return the waits of a trace, longest in sum first. batches: with at least COLUMNS."""
    totals: dict[Key, Total] = {}
    unsettled: list[pa.RecordBatch] = []
    began: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    for batch in batches:
        view = BatchView(batch)
        kinds = view.texts("kind")
        waiting = kinds.where("wait")
        add_durations(totals, batch.filter(pa.array(waiting)), _KEY)
        unsettled.append(batch.filter(pa.array(waiting & view.texts("cause").where(UNSETTLED))))
        settles = kinds.where("settle")
        began.append((view.integers("id")[settles], view.integers("t_start_ps")[settles]))
    charged, settling = _parts(unsettled, began)
    merged: dict[Key, Stall] = {}
    for key, total in totals.items():
        component, cause, resource, step, op, layer = key
        where = QUEUE if component == HOST_QUEUE else BEFORE if step == FIRST_STEP else FLIGHT
        place = (where, *key[1:])
        new = Stall(where, str(cause), str(resource), int(step), str(op), str(layer), _NONE)
        old = merged.get(place, new)
        merged[place] = replace(
            old,
            total=old.total + total,
            charged=old.charged + charged.get(key, _NONE),
            settling=old.settling + settling.get(key, _NONE),
        )
    return sorted(merged.values(), key=lambda s: (-s.total.time_ps, s.step, s.reason, s.resource))


def parts(found: Iterable[Stall]) -> list[Stall]:
    """Return the waits with those for an unsettled plane as their parts, CHARGED and SETTLING.

    Such a wait counts once in each part that it has, so times add up, and records do not.
    """
    split = []
    for stall in found:
        named = [(CHARGED, stall.charged), (SETTLING, stall.settling)]
        rest = stall.total.time_ps - stall.charged.time_ps - stall.settling.time_ps
        split += [replace(stall, reason=name, total=part) for name, part in named if part.records]
        if rest:
            number = stall.total.records - max(stall.charged.records, stall.settling.records)
            split.append(replace(stall, total=Total(number, rest, stall.total.longest_ps)))
    return split


def _parts(
    unsettled: list[pa.RecordBatch], began: list[tuple[NDArray[np.int64], NDArray[np.int64]]]
) -> tuple[dict[Key, Total], dict[Key, Total]]:
    """Return the waits for unsettled planes before and after the begin of the settling."""
    charged: dict[Key, Total] = {}
    settling: dict[Key, Total] = {}
    if not began:
        return charged, settling
    ids, starts = (np.concatenate([pair[place] for pair in began]) for place in (0, 1))
    order = np.argsort(ids)
    ids, starts = ids[order], starts[order]
    for batch in unsettled:
        causes = BatchView(batch).integers("cause_id")
        found = np.isin(causes, ids)
        known = batch.filter(pa.array(found))
        view = BatchView(known)
        start, end = view.integers("t_start_ps"), view.integers("t_end_ps")
        moment = np.clip(starts[np.searchsorted(ids, causes[found])], start, end)
        for sums, first, last in ((charged, start, moment), (settling, moment, end)):
            part = known.set_column(*_column(known, "t_start_ps", first))
            part = part.set_column(*_column(part, "t_end_ps", last))
            add_durations(sums, part.filter(pa.array(last > first)), _KEY)
    return charged, settling


def _column(
    batch: pa.RecordBatch, name: str, values: NDArray[np.int64]
) -> tuple[int, str, pa.Array]:
    return batch.schema.get_field_index(name), name, pa.array(values)


def together(found: Iterable[Stall], *fields: str) -> dict[tuple[object, ...], Total]:
    """Return the sums by some fields of a Stall, longest first."""
    sums: dict[tuple[object, ...], Total] = defaultdict(Total)
    for stall in found:
        sums[tuple(getattr(stall, name) for name in fields)] += stall.total
    return dict(sorted(sums.items(), key=lambda item: -item[1].time_ps))
