"""Who waited for what, and for how long, over a trace of any length."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from accelsim.analysis.sums import Key, Total, add_durations

COLUMNS = ("t_start_ps", "t_end_ps", "component", "kind", "op", "step", "layer", "cause")
_CAUSE = re.compile(r"(?P<reason>unsettled|busy|in use|unwritten) (?P<resource>\S+)")
FIRST_STEP = 1
QUEUE, BEFORE, FLIGHT = "queue", "before load", "in flight"
"""Where an image waited: in the host's queue; with a context of its own, for its load to be
issued; after that, which is part of its latency."""
MEANINGS = {
    "unsettled": "a plane to settle",
    "busy": "a unit held by a step",
    "in use": "a plane being read",
    "unwritten": "an unwritten plane",
    "issue slot taken": "the issue slot",
    "no free context": "a free context",
    "clock edge": "the next clock edge",
}
"""What a wait's reason says was waited for."""


@dataclass(frozen=True)
class Stall:
    """Waits of one reason, for one resource, before one step.

    where: QUEUE, BEFORE or FLIGHT. resource: dotted path of a plane or unit, "" if the reason
    names none.
    """

    where: str
    reason: str
    resource: str
    step: int
    op: str
    layer: str
    total: Total


def stalls(batches: Iterable[pa.RecordBatch]) -> list[Stall]:
    """Return the waits of a trace, longest in sum first. batches: with at least COLUMNS."""
    totals: dict[Key, Total] = {}
    for batch in batches:
        waits = batch.filter(pc.equal(batch["kind"].cast(pa.string()), "wait"))
        add_durations(totals, waits, ("component", "cause", "step", "op", "layer"))
    merged: dict[tuple[str, str, int, str, str], Total] = defaultdict(Total)
    for (component, cause, step, op, layer), total in totals.items():
        where = QUEUE if component == "host.queue" else BEFORE if step == FIRST_STEP else FLIGHT
        merged[where, str(cause), int(step), str(op), str(layer)] += total
    found = [
        Stall(where, *split_cause(cause), step, op, layer, total)
        for (where, cause, step, op, layer), total in merged.items()
    ]
    return sorted(found, key=lambda s: (-s.total.time_ps, s.step, s.reason, s.resource))


def split_cause(cause: str) -> tuple[str, str]:
    """Return ('busy', 'datapath.a_to_b') of a wait's cause; resource "" if it names none."""
    match = _CAUSE.fullmatch(cause)
    return (match["reason"], match["resource"]) if match else (cause, "")


def together(found: Iterable[Stall], *fields: str) -> dict[tuple[object, ...], Total]:
    """Return the sums by some fields of a Stall, longest first."""
    sums: dict[tuple[object, ...], Total] = defaultdict(Total)
    for stall in found:
        sums[tuple(getattr(stall, name) for name in fields)] += stall.total
    return dict(sorted(sums.items(), key=lambda item: -item[1].time_ps))
