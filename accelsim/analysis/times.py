"""When each image arrived, was admitted, began and was done, from the records.

An image waits in the host's queue until a context is free (`queued_ps`), then in its
context until its load can be issued (`load_wait_ps`); from there until its results are
stored is its latency. The three add up to its time in the system, to the picosecond.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from accelsim.analysis.steady import steady_interval_of
from accelsim.energy import PerImage, Priced, PricedBatch, PricedPeriod, repeated
from accelsim.records import KINDS, Groups
from accelsim.records.period import Stride

_ISSUE, _SETTLE, _WAIT = KINDS.index("issue"), KINDS.index("settle"), KINDS.index("wait")
_NEVER = np.iinfo(np.int64).max

Column = NDArray[np.int64]


class Times:
    """Times of every image in ps, in order of image number.

    image: (n,), their numbers. arrived_ps: each enters the host's queue. started_ps: its load is
    issued. done_ps: its results are stored at the host. queued_ps: how long it waited in the host's
    queue. load_wait_ps: how long its context then waited to issue its load. A column is an array
    of all images; `pieces` gives some at a time, for runs of so many that memory would not do.
    """

    def __init__(
        self,
        image: Column,
        arrived_ps: Column,
        started_ps: Column,
        done_ps: Column,
        queued_ps: Column,
        load_wait_ps: Column,
    ) -> None:
        columns = (image, arrived_ps, started_ps, done_ps, queued_ps, load_wait_ps)
        whole = np.array(columns, np.int64).reshape(len(columns), -1)
        self._read: Callable[[], Iterator[Column]] = lambda: iter([whole])

    @classmethod
    def of_pieces(cls, read: Callable[[], Iterator[Column]]) -> "Times":
        """Return times that are read anew each time; read: gives (6, n), in order of images."""
        times = cls(*np.zeros((6, 0), np.int64))
        times._read = read
        return times

    def of(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> "Times":
        """Return the times of some of the images."""
        return Times(*(column[rows] for column in self._whole()))

    def pieces(self) -> Iterator["Times"]:
        """Return the images in order, some at a time."""
        return (Times(*piece) for piece in self._read())

    def __len__(self) -> int:
        return sum(piece.shape[1] for piece in self._read())

    @property
    def image(self) -> Column:
        """Numbers of the images."""
        return self._column(0)

    @property
    def arrived_ps(self) -> Column:
        """When each came."""
        return self._column(1)

    @property
    def started_ps(self) -> Column:
        """When the load of each was issued."""
        return self._column(2)

    @property
    def done_ps(self) -> Column:
        """When the results of each were stored."""
        return self._column(3)

    @property
    def queued_ps(self) -> Column:
        """How long each waited for a context."""
        return self._column(4)

    @property
    def load_wait_ps(self) -> Column:
        """How long each then waited until its load was issued."""
        return self._column(5)

    @property
    def latency_ps(self) -> Column:
        """Time from the issue of the load until the results are stored."""
        return self.done_ps - self.started_ps

    @property
    def time_in_system_ps(self) -> Column:
        """Time from arrival until the results are stored."""
        return self.done_ps - self.arrived_ps

    @property
    def first_image(self) -> int:
        """The lowest number."""
        return int(next(self._read())[0, 0])

    @property
    def makespan_ps(self) -> int:
        """Time from the start of the run until the last image is done."""
        return max(int(piece[3].max()) for piece in self._read() if piece.size)

    @property
    def interval_ps(self) -> int | float | None:
        """Mean time between departures in the steady state; None if none can be told.

        See `accelsim.analysis.steady` for the rule.
        """
        return steady_interval_of(
            lambda: (
                (each.arrived_ps, each.arrived_ps + each.queued_ps, each.done_ps)
                for each in self.pieces()
            )
        )

    def _whole(self) -> Column:
        return np.concatenate([*self._read()], axis=1)

    def _column(self, row: int) -> Column:
        found: Column = np.concatenate([piece[row] for piece in self._read()])
        return found


class TimesTally:
    """A priced sink that notes when images arrive, wait, begin and end.

    restarts: whether images may be loaded again; the first load is the one that they wait for.
    """

    def __init__(self, *, restarts: bool = False) -> None:
        self._restarts = restarts
        self._images = PerImage(["least", "least", "most", "sum", "sum"])

    def write(self, priced: Priced) -> None:
        """Add one block."""
        first, found = _found(priced)
        self._images.add(np.arange(first, first + found.shape[1]), found)

    def add_batch(self, priced: PricedBatch) -> None:
        """Add a batch: of what settles, only the last of each image says anything."""
        batch = priced.batch
        lines, wanted = batch.lines, batch.of_kinds(_WAIT)
        wanted |= batch.of_kinds(_ISSUE) & batch.of_step(1)
        settles = np.flatnonzero(batch.of_kinds(_SETTLE))
        groups = Groups(len(settles), lines.image.take(settles))
        end = lines.end.take(settles)
        wanted[settles[end == groups.most(end).take(groups.of)]] = True
        if wanted.any():
            self.write(priced.priced(wanted))

    def repeat(self, priced: PricedPeriod) -> None:
        """Add a period as often as it happens."""
        stride = priced.period.stride
        first, found = _found(priced.one)
        images = np.arange(first, first + found.shape[1])
        for moved, which, number in repeated(images, priced.period.times, stride.images):
            self._images.add(moved, _later(found[:, which], number, stride))

    def close(self) -> None:
        """Nothing is left to do."""

    def times(self) -> Times:
        """Return the times of all images that were seen."""
        return Times.of_pieces(self._seen)

    def _seen(self) -> Iterator[Column]:
        for images, columns in self._images.pieces():
            seen = columns[2] > 0
            if self._restarts:
                arrived, started, _, queued, _ = columns
                columns[4] = started - arrived - queued
            yield np.concatenate([images[None], columns])[:, seen]


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


def _later(columns: Column, number: Column, stride: Stride) -> Column:
    """Return what is known of images, (5, n), as so many periods later, (n,), of theirs.

    Who waits in the queue there arrived there, and waits longer if images come faster than they
    leave.
    """
    arrived, started, done, queued, _ = columns
    arrival = number * np.where(queued > 0, stride.arrival_ps, stride.time_ps)
    longer = number * (stride.time_ps - stride.arrival_ps)
    later = columns.copy()
    later[0] += np.where(arrived == _NEVER, 0, arrival)
    later[1] += np.where(started == _NEVER, 0, number * stride.time_ps)
    later[2] += np.where(done > 0, number * stride.time_ps, 0)
    later[3] += np.where(queued > 0, longer, 0)
    return later
