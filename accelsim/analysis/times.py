"""When each image arrived, was admitted, began and was done, from the records.

An image waits in the host's queue until a context is free (`queued_ps`), then in its
context until its load can be issued (`load_wait_ps`); from there until its results are
stored is its latency. The three add up to its time in the system, to the picosecond.
"""

from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from accelsim.analysis.steady import steady_interval
from accelsim.energy import Priced
from accelsim.records import KINDS

_ISSUE, _SETTLE, _WAIT = KINDS.index("issue"), KINDS.index("settle"), KINDS.index("wait")
_NEVER = np.iinfo(np.int64).max
_GROWTH = 2

Column = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Times:
    """Times of every image in ps, in order of image number.

    arrived: it enters the host's queue. started: its load is issued. done: its results are
    stored at the host. queued: how long it waited in the host's queue. load_wait: how long
    its context then waited to issue its load.
    """

    image: Column = field(repr=False)
    arrived_ps: Column = field(repr=False)
    started_ps: Column = field(repr=False)
    done_ps: Column = field(repr=False)
    queued_ps: Column = field(repr=False)
    load_wait_ps: Column = field(repr=False)

    def of(self, rows: NDArray[np.bool_]) -> "Times":
        """Return the times of some of the images."""
        return Times(*(getattr(self, each.name)[rows] for each in fields(self)))

    @property
    def latency_ps(self) -> Column:
        """Time from the issue of the load until the results are stored."""
        return self.done_ps - self.started_ps

    @property
    def time_in_system_ps(self) -> Column:
        """Time from arrival until the results are stored."""
        return self.done_ps - self.arrived_ps

    @property
    def makespan_ps(self) -> int:
        """Time from the start of the run until the last image is done."""
        return int(self.done_ps.max())

    @property
    def interval_ps(self) -> int | float | None:
        """Mean time between departures in the steady state; None if none can be told.

        See `accelsim.analysis.steady` for the rule.
        """
        admitted = self.arrived_ps + self.queued_ps
        return steady_interval(self.arrived_ps, admitted, self.done_ps)


class TimesTally:
    """A priced sink that notes when images arrive, wait, begin and end."""

    def __init__(self) -> None:
        self._columns = _columns(0)

    def write(self, priced: Priced) -> None:
        """Add one block."""
        records = priced.records
        self._grow(int(records.image.max()) + 1)
        arrived, started, done, queued, load_wait = self._columns
        issues, waits = records.kind == _ISSUE, records.kind == _WAIT
        loads = issues & (records.step == 1)
        np.minimum.at(started, records.image[loads], records.t_start_ps[loads])
        # The first thing that is recorded of an image begins when it arrives.
        begins = issues | waits
        np.minimum.at(arrived, records.image[begins], records.t_start_ps[begins])
        ends = records.kind == _SETTLE
        np.maximum.at(done, records.image[ends], records.t_end_ps[ends])
        in_queue = records.component == records.vocabulary.find("host.queue")
        lasted = records.t_end_ps - records.t_start_ps
        for which, waited in (
            (waits & in_queue, queued),
            (waits & ~in_queue & (records.step == 1), load_wait),
        ):
            np.add.at(waited, records.image[which], lasted[which])

    def close(self) -> None:
        """Nothing is left to do."""

    def times(self) -> Times:
        """Return the times of all images that were seen."""
        seen = np.flatnonzero(self._columns[2] > 0)
        return Times(seen, *self._columns[:, seen])

    def _grow(self, images: int) -> None:
        have = self._columns.shape[1]
        if images > have:
            more = _columns(max(images, _GROWTH * have) - have)
            self._columns = np.concatenate([self._columns, more], axis=1)


def _columns(images: int) -> Column:
    """Return empty columns: arrived, started, done, queued, load_wait."""
    columns = np.zeros((5, images), np.int64)
    columns[:2] = _NEVER
    return columns
