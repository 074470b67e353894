"""The steady interval of a run: how far apart images leave in a state that goes on for ever.

A machine that is fed steadily repeats itself: after p departures and T ps the same follows
again, and T / p is its interval. A run also holds its fill and its drain, which are no part
of that:

- fill: up to departure f, f being the most images that were ever in flight at once;
- drain: after the last image was admitted no other takes its turn, and those in flight
  run with less and less beside them. The first departure after that is still as in an
  endless run, as it is what would have made room for the next image.

Between the two a pattern of p departures is looked for, the smallest first. It has to hold
in all of the later half of what is left, and in any case over one pattern and then again
over a whole pattern and a whole round (f departures, one of each context). Less could be a
burst inside a pattern: three contexts that leave at 42, 43, 44, 84, 85, 86 ns are not 1 ns
apart. What has to repeat depends on what limits the run:

- the machine: each departure makes room for an image that waits, and those that wait do
  not become fewer. Then the times between departures repeat, and T is their sum.
- the arrivals: then the times between arrivals repeat, and what each image spends in the
  machine. T is the sum of the former: departures are on clock edges, arrivals need not be,
  and in the long run as many leave as arrive.

Where neither repeats, the run has no steady interval: it is too short, or its arrivals or
its refreshes follow no pattern that it shows.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from accelsim.analysis.flow import area

_LONGEST_LOOKED_AT = 4096

Column = NDArray[np.int64]


Reader = Callable[[], Iterator[tuple[Column, Column, Column]]]
"""Gives when images came, got a context and left, in pieces, anew each time."""


def steady_interval(arrived_ps: Column, admitted_ps: Column, done_ps: Column) -> int | float | None:
    """Return the mean time between departures in the steady state in ps, or None.

    arrived_ps, admitted_ps, done_ps: when each image came, got a context and left, in any
    order of images. The result is an int where it is one.
    """
    return steady_interval_of(lambda: iter([(arrived_ps, admitted_ps, done_ps)]))


def steady_interval_of(read: Reader) -> int | float | None:
    """Return what `steady_interval` does of images in pieces."""
    _, in_flight = area(lambda: ((admitted, done) for _, admitted, done in read()))
    middle = _Middle.of(read, in_flight)
    for pattern in range(1, _LONGEST_LOOKED_AT // 2 + 1):
        needed = pattern + max(pattern, in_flight)
        if needed > middle.number:
            break
        last = max(needed, min(middle.number // 2, _LONGEST_LOOKED_AT))
        took = middle.period(pattern, last)
        if took is not None:
            return took // pattern if took % pattern == 0 else took / pattern
    return None


def mean_interval(done_ps: Column, drain: int = 0) -> Fraction:
    """Return the mean time in ps between departures over their second half, two or more.

    For a machine that always has an image waiting, where its departures do not repeat. drain: how
    many departures at the end are left out.
    """
    done_ps = np.sort(done_ps)[: len(done_ps) - drain]
    half = len(done_ps) // 2
    return Fraction(int(done_ps[-1] - done_ps[half - 1]), len(done_ps) - half)


@dataclass(frozen=True, eq=False)
class _Middle:
    """The departures between fill and drain, each against the one before.

    number: of them. Of those that are looked at, the last: departures, arrivals: time between
    them, of the images in the order in which they leave. stays: how long each of them was in the
    machine. handed_over: whether the one before made room for an image that waited.
    """

    number: int
    departures: Column
    arrivals: Column
    stays: Column
    handed_over: NDArray[np.bool_]

    @classmethod
    def of(cls, read: Reader, in_flight: int) -> "_Middle":
        # Of those that leave after the last admission, no more are there than were in flight.
        most = _LONGEST_LOOKED_AT + 2 * in_flight + 2
        images, (arrived, admitted, done) = _last(read, most)
        before = images - len(done)
        last_admitted = max(int(column.max()) for _, column, _ in read() if len(column))
        drain = images - int((done > last_admitted).sum())
        part = slice(max(in_flight - 1 - before, 0), drain + 1 - before)
        takeovers = admitted[admitted > arrived]
        return cls(
            number=min(drain + 1, images) - in_flight,
            departures=np.diff(done[part]),
            arrivals=np.diff(arrived[part]),
            stays=(done - admitted)[part][1:],
            handed_over=np.isin(done[part], takeovers)[:-1],
        )

    def period(self, pattern: int, last: int) -> int | None:
        """Return how long a pattern takes that the last so many departures repeat, or None."""
        departures, arrivals = self.departures[-last:], self.arrivals[-last:]
        backlog_lasts = arrivals.sum() <= departures.sum() and self.handed_over[-last:].all()
        if backlog_lasts:
            return int(departures[-pattern:].sum()) if _repeats(departures, pattern) else None
        if _repeats(arrivals, pattern) and _repeats(self.stays[-last:], pattern):
            return int(arrivals[-pattern:].sum())
        return None


def _repeats(column: Column, pattern: int) -> bool:
    return bool((column[pattern:] == column[:-pattern]).all())


def _last(read: Reader, most: int) -> tuple[int, Column]:
    """Return how many images there are, and the columns of those that leave last, in order."""
    images, kept = 0, np.zeros((3, 0), np.int64)
    for piece in read():
        images += len(piece[0])
        kept = np.concatenate([kept, piece], axis=1)
        kept = kept[:, np.argsort(kept[2], kind="stable")[-most:]]
    return images, kept
