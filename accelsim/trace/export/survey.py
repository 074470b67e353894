"""A first pass over a trace: what is in the window, and how far its records are out of order.

Records come in order of issue; tools that draw waveforms want them in order of time. The
survey tells, for any place in the trace, the earliest time that a later record begins at,
so that what ended before can be written. Records that begin long before their place (an
image's wait in the host's queue, what a bank leaks over the run) would defeat that: they
are few, and kept apart.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from accelsim.records import BatchView, Groups
from accelsim.records.reasons import POWERED
from accelsim.records.view import Column
from accelsim.topology import QUEUE
from accelsim.trace.export.source import TraceSource, nothing_to_write
from accelsim.trace.reader import Progress
from accelsim.trace.structure import before_the_run

_COLUMNS = (
    "id", "t_start_ps", "t_end_ps", "component", "kind", "op", "step", "image", "cause", "resource",
    "energy_aJ",
)  # fmt: skip
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Survey:
    """What a first pass saw.

    start_ps, end_ps: first and last time of the records, cut at the window. early: the
    records that begin long before their place. units: which component has which kinds.
    """

    start_ps: int
    end_ps: int
    records: int
    early: tuple[pa.RecordBatch, ...] = field(repr=False)
    units: frozenset[tuple[str, str]] = field(repr=False)
    _last_id: Column = field(repr=False)
    _later: Column = field(repr=False)

    @property
    def first_ps(self) -> int:
        """When the first record begins that is not early, cut at the window."""
        return min(max(self.start_ps, self.settled_before(-1)), self.end_ps)

    def settled_before(self, last_id: int) -> int:
        """Return the time before which no record after `last_id` begins, in ps."""
        place = int(np.searchsorted(self._last_id, last_id, side="right"))
        return int(self._later[place])


def survey(source: TraceSource, progress: Progress | None = None) -> Survey:
    """Read the window once.

    Raises InputError if no record is inside, as there is nothing to write, or if one begins before
    the run does.
    """
    start, end, records = _NEVER, -1, 0
    last_ids, firsts = [], []
    early: list[pa.RecordBatch] = []
    units: set[tuple[str, str]] = set()
    for batch in source.batches(_COLUMNS, progress):
        view = BatchView(batch)
        begins, ends = view.integers("t_start_ps"), view.integers("t_end_ps")
        start, end = min(start, int(begins.min())), max(end, int(ends.max()))
        records += len(view)
        units.update(_units(view))
        before = is_early(batch)
        if before.any():
            early.append(batch.filter(pa.array(before)))
        last_ids.append(int(view.integers("id")[-1]))
        firsts.append(int(begins[~before].min()) if not before.all() else _NEVER)
    if not records:
        raise nothing_to_write(source)
    if start < 0:
        raise before_the_run(source.trace.path)
    later = np.minimum.accumulate([*firsts, _NEVER][::-1])[::-1]
    window = source.window
    return Survey(
        start if window.start_ps is None else max(start, window.start_ps),
        end if window.end_ps is None else min(end, window.end_ps),
        records,
        tuple(early),
        frozenset(units),
        np.array(last_ids, np.int64),
        np.array(later, np.int64),
    )


def is_early(batch: pa.RecordBatch) -> NDArray[np.bool_]:
    """Tell which records of a batch begin long before their place in the trace."""
    view = BatchView(batch)
    return view.texts("component").where(QUEUE) | view.texts("cause").where(POWERED)


class Reorder:
    """Puts events into order of time; rows of integers, times in the first column.

    Rows are ordered by the first three columns: time, phase, and record.
    """

    def __init__(self) -> None:
        self._pending: list[NDArray[np.int64]] = []

    def add(self, events: NDArray[np.int64]) -> None:
        """Take events in any order."""
        if len(events):
            self._pending.append(events)

    def take(self, before_ps: int | None = None) -> NDArray[np.int64]:
        """Return, in order, the events before a time (None: all) and forget them."""
        if not self._pending:
            return np.empty((0, 3), np.int64)
        events = np.concatenate(self._pending)
        ready = np.ones(len(events), bool) if before_ps is None else events[:, 0] < before_ps
        self._pending = [] if ready.all() else [events[~ready]]
        events = events[ready]
        return events[np.lexsort((events[:, 2], events[:, 1], events[:, 0]))]


def _units(view: BatchView) -> Iterator[tuple[str, str]]:
    components, kinds = view.texts("component"), view.texts("kind")
    rows = Groups(len(view), components.codes, kinds.codes).first
    return zip(components.read(rows), kinds.read(rows), strict=True)
