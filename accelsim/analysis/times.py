"""When each image arrived, was admitted, began and was done, from the records.

An image waits in the host's queue until a context is free (`queued_ps`), then in its
context until its load can be issued (`load_wait_ps`); from there until its results are
stored is its latency. The three add up to its time in the system, to the picosecond.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from accelsim.analysis.steady import steady_interval
from accelsim.energy import Priced, PricedPeriod
from accelsim.records import KINDS
from accelsim.records.period import Stride

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
        first, found = _found(priced)
        self._grow(first + found.shape[1])
        _merge(self._columns[:, first : first + found.shape[1]], found)

    def repeat(self, priced: PricedPeriod) -> None:
        """Add a period as often as it happens."""
        number, stride = np.arange(priced.period.times), priced.period.stride
        first, found = _found(priced.one)
        span = int(number[-1]) * stride.images + 1
        self._grow(first + found.shape[1] + span - 1)
        for place, column in enumerate(found.T, first):
            images = self._columns[:, place : place + span : stride.images]
            _merge(images, _later(column, number, stride))

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


def _found(priced: Priced) -> tuple[int, Column]:
    """Return the first image of a block, and columns from it on."""
    records = priced.records
    first = int(np.where(records.image < 0, _NEVER, records.image).min())
    if first == _NEVER:
        return 0, _columns(0)
    columns = _columns(int(records.image.max()) + 1 - first)
    arrived, started, done, queued, load_wait = columns
    image = records.image - first
    issues, waits = records.kind == _ISSUE, records.kind == _WAIT
    loads = issues & (records.step == 1)
    np.minimum.at(started, image[loads], records.t_start_ps[loads])
    # The first thing that is recorded of an image begins when it arrives.
    begins = issues | waits
    np.minimum.at(arrived, image[begins], records.t_start_ps[begins])
    ends = records.kind == _SETTLE
    np.maximum.at(done, image[ends], records.t_end_ps[ends])
    in_queue = records.component == records.vocabulary.find("host.queue")
    lasted = records.t_end_ps - records.t_start_ps
    for which, waited in (
        (waits & in_queue, queued),
        (waits & ~in_queue & (records.step == 1), load_wait),
    ):
        np.add.at(waited, image[which], lasted[which])
    return first, columns


def _later(column: Column, number: Column, stride: Stride) -> Column:
    """Return what a period has of an image as the periods of some numbers have it of theirs.

    Who waits in the queue there arrived there, and waits longer if images come faster than they
    leave.
    """
    arrived, started, done, queued, load_wait = column.tolist()
    later = np.empty((5, len(number)), np.int64)
    by = stride.arrival_ps if queued else stride.time_ps
    later[0] = arrived if arrived == _NEVER else arrived + number * by
    later[1] = started if started == _NEVER else started + number * stride.time_ps
    later[2] = done and done + number * stride.time_ps
    later[3] = queued and queued + number * (stride.time_ps - stride.arrival_ps)
    later[4] = load_wait
    return later


def _merge(into: Column, found: Column) -> None:
    """Add columns of more records of the same images."""
    np.minimum(into[:2], found[:2], out=into[:2])
    np.maximum(into[2], found[2], out=into[2])
    into[3:] += found[3:]
