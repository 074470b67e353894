"""How far a run has come, told after each block of records."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from accelsim.energy import Priced, PricedBatch, PricedPeriod, PricedSink
from accelsim.ops import HANDOFF_STEP
from accelsim.records import KINDS

_SETTLE = KINDS.index("settle")


class Position(NamedTuple):
    """How far a run has come.

    blocks, records: of records that the sinks have taken. images: whose results are stored.
    time_ps: of what is recorded. valued: images whose values are computed, after the last block.
    """

    blocks: int = 0
    records: int = 0
    images: int = 0
    time_ps: int = 0
    valued: int = 0


Progress = Callable[[Position], None]
"""Called after each block of records, and then as values are computed; it may end the run."""


class Passing:
    """The last sink of a run: passes each block on to the trace, and tells how far the run is.

    A period that happens again and again is one block if it is given as a whole.
    """

    def __init__(self, trace: PricedSink | None, progress: Progress | None) -> None:
        self._trace, self._progress = trace, progress
        self._now = Position()

    def write(self, priced: Priced) -> None:
        """Pass one block on, and count it."""
        if self._trace is not None:
            self._trace.write(priced)
        self._count(priced, 1, int(priced.records.t_end_ps.max()))

    def repeat(self, priced: PricedPeriod) -> None:
        """Count a period as often as it happens; the trace wants its records."""
        if self._trace is not None:
            raise TypeError("a trace takes blocks of records")
        times, last = priced.period.times, int(priced.period.records.t_end_ps.max())
        self._count(priced.one, times, last + (times - 1) * priced.period.stride.time_ps)

    def add_batch(self, priced: PricedBatch) -> None:
        """Count a batch; the trace wants its records."""
        if self._trace is not None:
            raise TypeError("a trace takes blocks of records")
        batch = priced.batch
        stored = (batch.rows.op == batch.rows.vocabulary.find(HANDOFF_STEP)) & (
            batch.rows.kind == _SETTLE
        )
        images = int(np.bincount(batch.owner).take(batch.row_owner[stored]).sum())
        self._add(len(batch), images, int(batch.lines.end.max()))

    def close(self) -> None:
        """Close the trace."""
        if self._trace is not None:
            self._trace.close()

    def _count(self, priced: Priced, times: int, end_ps: int) -> None:
        records = priced.records
        handoff = records.vocabulary.find(HANDOFF_STEP)
        stored = (records.op == handoff) & (records.kind == _SETTLE)
        self._add(len(records) * times, int(stored.sum()) * times, end_ps)

    def _add(self, records: int, images: int, end_ps: int) -> None:
        before = self._now
        self._now = Position(
            before.blocks + 1,
            before.records + records,
            before.images + images,
            max(before.time_ps, end_ps),
        )
        if self._progress is not None:
            self._progress(self._now)
