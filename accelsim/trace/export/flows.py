"""Which record led to which: the arrows of a timeline.

A plane's settling leads to each read of the value it stored; what a context or an image
waited for leads to the issue that ended the wait.
"""

import numpy as np
import pyarrow as pa

from accelsim.records import BatchView, CodedTexts
from accelsim.records.view import Column, Mask
from accelsim.trace.export.source import TraceSource
from accelsim.trace.reader import Progress

_COLUMNS = ("id", "component", "kind", "cause_id")


class Flows:
    """Pairs of records, producer and consumer, both inside the window: 32 bytes a pair."""

    def __init__(self, producers: Column, consumers: Column) -> None:
        order = np.lexsort((consumers, producers))
        self._ends = [producers[order], consumers[order]]
        self._orders = [np.arange(len(order)), np.argsort(self._ends[1], kind="stable")]
        self._ends[1] = self._ends[1][self._orders[1]]

    def __len__(self) -> int:
        return len(self._ends[0])

    def among(self, first_id: int, last_id: int) -> dict[int, list[int]]:
        """Return the numbers (from 1) of the pairs that each record of a range has a part in."""
        found: dict[int, list[int]] = {}
        for ends, order in zip(self._ends, self._orders, strict=True):
            begin, end = np.searchsorted(ends, [first_id, last_id + 1])
            numbers = (order[begin:end] + 1).tolist()
            for record, number in zip(ends[begin:end].tolist(), numbers, strict=True):
                found.setdefault(record, []).append(number)
        return found


def find_flows(source: TraceSource, progress: Progress | None = None) -> Flows:
    """Read the window once and return its flows."""
    finder = _Finder()
    for batch in source.batches(_COLUMNS, progress):
        finder.add(batch, keep_ids=bool(source.window))
    return finder.flows()


class _Finder:
    def __init__(self) -> None:
        self._settled: dict[str, int] = {}
        self._waits = np.empty((2, 0), np.int64)
        self._producers: list[Column] = []
        self._consumers: list[Column] = []
        self._ids: list[Column] = []

    def add(self, batch: pa.RecordBatch, *, keep_ids: bool) -> None:
        view = BatchView(batch)
        kinds, ids = view.texts("kind"), view.integers("id")
        if keep_ids:
            self._ids.append(ids)
        components, causes = view.texts("component"), view.integers("cause_id")
        self._add_reads(components, ids, kinds.where("settle"), kinds.where("read"))
        self._add_issues(ids, causes, kinds.where("wait"), kinds.where("issue"))

    def flows(self) -> Flows:
        none = np.empty(0, np.int64)
        producers = np.concatenate([none, *self._producers])
        consumers = np.concatenate([none, *self._consumers])
        if self._ids:
            inside = np.isin(producers, np.concatenate(self._ids))
            producers, consumers = producers[inside], consumers[inside]
        return Flows(producers, consumers)

    def _add_reads(self, components: CodedTexts, ids: Column, settles: Mask, reads: Mask) -> None:
        """Pair each read with the plane's last settling before it."""
        rows = np.flatnonzero(settles | reads)
        rows = rows[np.argsort(components.codes[rows], kind="stable")]
        codes, settled = components.codes[rows], settles[rows]
        at = np.maximum.accumulate(np.where(settled, np.arange(len(rows)), -1))
        here = (at >= 0) & (codes[at] == codes)
        known = np.array([self._settled.get(text, -1) for text in components.texts], np.int64)
        last = np.where(here, ids[rows[at]] if len(rows) else -1, known[codes])
        paired = ~settled & (last >= 0)
        self._pair(last[paired], ids[rows][paired])
        for code, number in zip(codes[settled].tolist(), ids[rows][settled].tolist(), strict=True):
            self._settled[components.texts[code]] = number

    def _add_issues(self, ids: Column, cause_ids: Column, waits: Mask, issues: Mask) -> None:
        """Pair each issue that follows a wait with what was waited for."""
        own = np.stack([ids[waits], cause_ids[waits]])
        known = np.concatenate([self._waits, own], axis=1)
        self._waits = own if own.size else self._waits
        if not known.size:
            return
        causes, issued = cause_ids[issues], ids[issues]
        place = np.minimum(np.searchsorted(known[0], causes), known.shape[1] - 1)
        paired = (known[0][place] == causes) & (known[1][place] >= 0)
        self._pair(known[1][place][paired], issued[paired])

    def _pair(self, producers: Column, consumers: Column) -> None:
        self._producers.append(producers)
        self._consumers.append(consumers)
