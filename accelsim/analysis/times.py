"""When each image began and was done, from the records."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from accelsim.energy import Priced
from accelsim.records import KINDS

_ISSUE, _SETTLE, _WAIT = KINDS.index("issue"), KINDS.index("settle"), KINDS.index("wait")
_NEVER = np.iinfo(np.int64).max
_GROWTH = 2
_FEWEST_INTERVALS = 2
_LONGEST_PATTERN = 64
_LONGEST_LOOKED_AT = 4096

Column = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Times:
    """Times of every image in ps, in order of image number.

    started: its load is issued. done: its results are stored at the host. queued:
    how long it waited in the host's queue before.
    """

    image: Column = field(repr=False)
    started_ps: Column = field(repr=False)
    done_ps: Column = field(repr=False)
    queued_ps: Column = field(repr=False)

    @property
    def latency_ps(self) -> Column:
        """Time from the issue of the load until the results are stored."""
        return self.done_ps - self.started_ps

    @property
    def makespan_ps(self) -> int:
        """Time from the start of the run until the last image is done."""
        return int(self.done_ps.max())

    @property
    def interval_ps(self) -> float | None:
        """Steady mean interval between images that leave; None for fewer than three images.

        Images may leave in bursts, so the later half of the run is searched for a
        repeating pattern of intervals, and its mean taken over whole patterns: exact for
        a steady stream. Where nothing repeats it is the mean over all intervals.
        """
        intervals = np.diff(np.sort(self.done_ps))
        later = intervals[len(intervals) // 2 :][-_LONGEST_LOOKED_AT:]
        if len(intervals) < _FEWEST_INTERVALS:
            return None
        for period in range(1, min(_LONGEST_PATTERN, len(later) // 2) + 1):
            if (later[period:] == later[:-period]).all():
                return float(later[-period:].mean())
        return float(intervals.mean())


class TimesTally:
    """A priced sink that notes when images begin and end."""

    def __init__(self) -> None:
        self._columns = np.zeros((3, 0), np.int64)

    def write(self, priced: Priced) -> None:
        """Add one block."""
        records = priced.records
        self._grow(int(records.image.max()) + 1)
        started, done, queued = self._columns
        begins = (records.kind == _ISSUE) & (records.step == 1)
        np.minimum.at(started, records.image[begins], records.t_start_ps[begins])
        ends = records.kind == _SETTLE
        np.maximum.at(done, records.image[ends], records.t_end_ps[ends])
        waits = (records.kind == _WAIT) & (
            records.component == records.vocabulary.find("host.queue")
        )
        queued[records.image[waits]] += (records.t_end_ps - records.t_start_ps)[waits]

    def close(self) -> None:
        """Nothing is left to do."""

    def times(self) -> Times:
        """Return the times of all images that were seen."""
        seen = np.flatnonzero(self._columns[1] > 0)
        started, done, queued = self._columns[:, seen]
        return Times(seen, started, done, queued)

    def _grow(self, images: int) -> None:
        have = self._columns.shape[1]
        if images > have:
            more = np.zeros((3, max(images, _GROWTH * have) - have), np.int64)
            more[0] = _NEVER
            self._columns = np.concatenate([self._columns, more], axis=1)
