"""Power and energy over time, by block of the machine, from the records alone.

A record's energy is spread evenly over its time for the power, and booked when it ends
for the energy: a sum of whole attojoules at any time. 1 aJ/ps is 1 uW.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from accelsim.records import BatchView
from accelsim.topology import BlockName, component
from accelsim.trace.export.survey import Reorder, Survey, is_early

_BLOCKS = tuple(BlockName)
BLOCK_NAMES = tuple(block.value for block in _BLOCKS)
_END, _BEGIN = 0, 1


class Sample(NamedTuple):
    """A block's power from a time on, and its energy up to it."""

    time_ps: int
    block: int
    power_uW: float  # noqa: N815 - uW is the unit
    energy_aJ: int  # noqa: N815


class Meter:
    """Takes batches; gives the samples that no later record can change, in order of time."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._events = Reorder()
        self._active: list[dict[int, int]] = [{} for _ in BLOCK_NAMES]
        self._booked = [0 for _ in BLOCK_NAMES]
        for batch in survey.early:
            self._add(batch)

    def take(self, batch: pa.RecordBatch) -> Iterator[Sample]:
        """Take one batch; return samples."""
        self._add(batch.filter(pa.array(~is_early(batch))))
        return self._samples(self._survey.settled_before(int(BatchView(batch).integers("id")[-1])))

    def rest(self) -> Iterator[Sample]:
        """Return the samples that are left."""
        return self._samples(None)

    def _add(self, batch: pa.RecordBatch) -> None:
        view = BatchView(batch)
        energy = view.integers("energy_aJ")
        rows = np.flatnonzero(energy)
        if not len(rows):
            return
        components = view.texts("component")[rows]
        blocks = np.zeros(len(components.texts), np.int64)
        for code in components.used():
            blocks[code] = _BLOCKS.index(component(components.texts[code]).block)
        start, end = view.integers("t_start_ps")[rows], view.integers("t_end_ps")[rows]
        block, energy = blocks[components.codes], energy[rows]
        for phase, time in (
            (_END, np.minimum(end, self._survey.end_ps)),
            (_BEGIN, np.maximum(start, self._survey.start_ps)),
        ):
            phases = np.full(len(rows), phase)
            self._events.add(np.stack([time, phases, block, end - start, energy], axis=1))

    def _samples(self, before: int | None) -> Iterator[Sample]:
        events = self._events.take(before)
        if not len(events):
            return
        # Steps of one moment, block and duration count as one.
        order = np.lexsort((events[:, 3], events[:, 1], events[:, 2], events[:, 0]))
        events = events[order]
        keys = events[:, [0, 2, 1, 3]]
        first = np.flatnonzero(np.r_[True, (np.diff(keys, axis=0) != 0).any(axis=1)])
        sums = np.add.reduceat(events[:, 4], first).tolist()
        rows = keys[first].tolist()
        for place, ((time, block, phase, duration), energy) in enumerate(
            zip(rows, sums, strict=True)
        ):
            self._count(block, phase, duration, energy)
            following = rows[place + 1] if place + 1 < len(rows) else None
            if following is None or following[:2] != [time, block]:
                yield self._sample(time, block)

    def _count(self, block: int, phase: int, duration: int, energy: int) -> None:
        active = self._active[block]
        if phase == _END:
            self._booked[block] += energy
            energy = -energy
        left = active.get(duration, 0) + energy
        if left:
            active[duration] = left
        else:
            active.pop(duration, None)

    def _sample(self, time: int, block: int) -> Sample:
        active = self._active[block]
        power = sum(active[duration] / duration for duration in sorted(active) if duration)
        return Sample(time, block, float(power), self._booked[block])
