"""The stream of images of a run. Time in ps."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.int64]
_FIRST_LOOK = 64
_PIECE = 1024


class Arrival(NamedTuple):
    """An image that arrives at the host, and when (ps).

    tenant: the number of its program. priority: which goes first by arbitration `priority`, the
    greatest.
    """

    image: int
    time_ps: int
    tenant: int = 0
    priority: int = 0


class Stream(Sequence[Arrival]):
    """Images in order of arrival, times (ps) not falling.

    images: their numbers. times_ps: (n,), one for each. kinds: (n, 2), tenant and priority of
    each; None: all are of tenant 0 and priority 0.
    """

    def __init__(
        self, images: "range | Column", times_ps: Column, kinds: Column | None = None
    ) -> None:
        self.images, self.times_ps = images, times_ps
        self._first = 0
        self._piece: list[int] = []
        self.kinds = None if kinds is None or not kinds.any() else kinds

    @classmethod
    def of(cls, arrivals: Iterable[Arrival]) -> "Stream":
        """Return arrivals as a stream."""
        if isinstance(arrivals, Stream):
            return arrivals
        columns = np.array([*arrivals], np.int64).reshape(-1, len(Arrival._fields))
        return cls(columns[:, 0], columns[:, 1], columns[:, 2:])

    @classmethod
    def at_once(cls, images: range) -> "Stream":
        """Return images that all arrive at time 0: they take no memory."""
        return cls(images, np.broadcast_to(np.int64(0), len(images)))

    def __len__(self) -> int:
        return len(self.times_ps)

    def __getitem__(self, place: int) -> Arrival:  # type: ignore[override]
        return self.arrival(range(len(self))[place])

    def __iter__(self) -> Iterator[Arrival]:
        return map(self.arrival, range(len(self)))

    def arrival(self, place: int) -> Arrival:
        """Return the image at a place, from 0 on."""
        image, time = int(self.images[place]), self.time_ps(place)
        if self.kinds is None:
            return Arrival(image, time)
        tenant, priority = self.kinds[place].tolist()
        return Arrival(image, time, tenant, priority)

    @property
    def tenants(self) -> Column:
        """The tenant of each image, (n,)."""
        return np.zeros(len(self), np.int64) if self.kinds is None else self.kinds[:, 0]

    @property
    def lowest(self) -> int:
        """The lowest number of an image; there is at least one."""
        return self.images[0] if isinstance(self.images, range) else int(self.images.min())

    def place(self, image: int) -> int | None:
        """Return the place of an image; None if it is not among them."""
        if isinstance(self.images, range):
            return self.images.index(image) if image in self.images else None
        found = np.flatnonzero(self.images == image)
        return int(found[0]) if len(found) else None

    def time_ps(self, place: int) -> int:
        """Return when the image at a place arrives."""
        inside = place - self._first
        if not 0 <= inside < len(self._piece):
            # As integers of Python, a piece at a time: they are looked at one by one.
            self._first, inside = place, 0
            self._piece = self.times_ps[place : place + _PIECE].tolist()
        return self._piece[inside]

    def between(self, one: int, other: int) -> int:
        """Return how long after the image of a place that of another arrives, if both are there."""
        last = len(self) - 1
        return int(self.times_ps[min(other, last)] - self.times_ps[min(one, last)])

    def together(self, first: int) -> int:
        """Return the place behind all images that arrive when the first of them does."""
        time, width = self.time_ps(first), 1
        if first + 1 < len(self) and self.time_ps(first + 1) > time:
            return first + 1
        while True:
            part = self.times_ps[first : first + width]
            later = int((part > time).argmax())
            if later:
                return first + later
            if first + width >= len(self):
                return len(self)
            width *= 2

    def arrived(self, now: int) -> int:
        """Return how many images arrive by a time."""
        return int(np.searchsorted(self.times_ps, now, side="right"))

    def regular(self, first: int, stride: int, step_ps: int) -> int:
        """Return from where on arrivals are not those `stride` places before, moved on.

        Moved on: `step_ps` later, and with numbers `stride` higher. first: where to begin to look.
        """
        width = _FIRST_LOOK
        while first < len(self):
            last = min(first + width, len(self))
            times, images = self.times_ps, self.images
            wrong = times[first:last] - times[first - stride : last - stride] != step_ps
            if not isinstance(images, range):
                wrong |= images[first:last] - images[first - stride : last - stride] != stride
            if wrong.any():
                return first + int(wrong.argmax())
            first, width = last, min(2 * width, 1 << 16)
        return first
