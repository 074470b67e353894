"""How images of a stream passed: when each came and was done, and what it waited for, behind whom.

A wait for a plane is one for the image's own earlier steps, as a plane is of one image at a time:
it is part of what the image's program takes, and only its sum is kept here. Times in ps.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from accelsim.analysis.stalls import BEFORE, FIRST_STEP, FLIGHT, QUEUE
from accelsim.errors import ReconciliationError
from accelsim.records import BatchView, Decoder
from accelsim.records.reasons import IN_USE, UNSETTLED, UNWRITTEN
from accelsim.records.view import NONE
from accelsim.topology import QUEUE as HOST_QUEUE

COLUMNS = (
    "id", "t_start_ps", "t_end_ps", "component", "kind", "step", "image", "cause", "cause_id",
)  # fmt: skip
WHERE = (QUEUE, BEFORE, FLIGHT)
_OWN = (UNSETTLED, IN_USE, UNWRITTEN)
_NEVER = np.iinfo(np.int64).max

Column = NDArray[np.int64]
Read = Callable[[], Iterable[pa.RecordBatch]]
"""Gives all records of a trace, with at least COLUMNS, each time anew."""


class Waits(NamedTuple):
    """Waits of images for others, (w,) each.

    image, behind: places of the images that wait, and of those whose record they waited for (-1:
    of none). where: place in WHERE. reason: place in the reasons of the passages.
    """

    image: Column
    where: Column
    reason: Column
    lasted_ps: Column
    behind: Column

    def of(self, rows: "NDArray[np.bool_] | Column") -> "Waits":
        """Return some of them."""
        return Waits(*(column[rows] for column in self))


@dataclass(frozen=True)
class Passages:
    """Images of a run by their places, (n,); image `place` has the number first + place.

    planes_ps: how long each waited for its own planes.
    """

    first: int
    arrived_ps: Column = field(repr=False)
    done_ps: Column = field(repr=False)
    planes_ps: Column = field(repr=False)
    waits: Waits = field(repr=False)
    reasons: tuple[str, ...]

    @classmethod
    def of(cls, read: Read, first: int, images: int) -> Self:
        """Return the passages of so many images.

        Raises ReconciliationError for records of other images, or an image without any.
        """
        seen = _Seen(first, images)
        for batch in read():
            seen.add(batch)
        if (seen.arrived == _NEVER).any() or (seen.done < 0).any():
            raise ReconciliationError("not every image of the run has records of its own")
        waits = _named(seen.waits(), read, first)
        return cls(first, seen.arrived, seen.done, seen.planes, waits, seen.reasons)

    @property
    def in_system_ps(self) -> Column:
        """From arrival until the results are stored."""
        return self.done_ps - self.arrived_ps


class _Seen:
    """What batches have told so far; `behind` of a wait is still the id of a record."""

    def __init__(self, first: int, images: int) -> None:
        self.arrived = np.full(images, _NEVER)
        self.done = np.full(images, -1)
        self.planes = np.zeros(images, np.int64)
        self._first, self._decoder = first, Decoder()
        self._waits: list[Waits] = []

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(self._decoder.words("cause"))

    def waits(self) -> Waits:
        none = Waits(*(np.zeros(0, np.int64) for _ in Waits._fields))
        return Waits(*map(np.concatenate, zip(none, *self._waits, strict=True)))

    def add(self, batch: pa.RecordBatch) -> None:
        view = BatchView(batch)
        image, start, end = map(view.integers, ("image", "t_start_ps", "t_end_ps"))
        place, kind, having = image - self._first, view.texts("kind"), image != NONE
        if (place[having] >= len(self.done)).any() or (place[having] < 0).any():
            raise ReconciliationError("a record is of an image that the run does not have")
        waits, stored = kind.where("wait") & having, kind.where("settle") & having
        begins = waits | (kind.where("issue") & having)
        np.minimum.at(self.arrived, place[begins], start[begins])
        np.maximum.at(self.done, place[stored], end[stored])
        cause = self._decoder.texts(view, "cause")
        queued = view.texts("component").where(HOST_QUEUE)
        before = view.integers("step") == FIRST_STEP
        where = np.where(queued, 0, np.where(before, 1, 2))
        own = waits & (where == WHERE.index(FLIGHT)) & cause.where(*_OWN)
        np.add.at(self.planes, place[own], (end - start)[own])
        columns = (place, where, cause.codes, end - start, view.integers("cause_id"))
        self._waits.append(Waits(*(column[waits & ~own] for column in columns)))


def _named(waits: Waits, read: Read, first: int) -> Waits:
    """Return waits that name the images they were behind; those for an own record are left out."""
    wanted = np.unique(waits.behind)
    owner = np.full(len(wanted), NONE)
    for batch in read() if len(wanted) else ():
        view = BatchView(batch)
        ids, image = view.integers("id"), view.integers("image")
        place = np.minimum(np.searchsorted(wanted, ids), len(wanted) - 1)
        found = wanted[place] == ids
        owner[place[found]] = np.where(image < 0, NONE, image - first)[found]
    behind = owner[np.searchsorted(wanted, waits.behind)] if len(wanted) else waits.behind
    return waits._replace(behind=behind).of(behind != waits.image)
