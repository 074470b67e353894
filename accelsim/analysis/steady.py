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

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_LONGEST_LOOKED_AT = 4096

Column = NDArray[np.int64]


def steady_interval(arrived_ps: Column, admitted_ps: Column, done_ps: Column) -> int | float | None:
    """Return the mean time between departures in the steady state in ps, or None.

    arrived_ps, admitted_ps, done_ps: when each image came, got a context and left, in any
    order of images. The result is an int where it is one.
    """
    in_flight = _most_in_flight(admitted_ps, done_ps)
    middle = _Middle.of(arrived_ps, admitted_ps, done_ps, in_flight)
    number = len(middle.departures)
    for pattern in range(1, _LONGEST_LOOKED_AT // 2 + 1):
        needed = pattern + max(pattern, in_flight)
        if needed > number:
            break
        last = max(needed, min(number // 2, _LONGEST_LOOKED_AT))
        took = middle.period(pattern, last)
        if took is not None:
            return took // pattern if took % pattern == 0 else took / pattern
    return None


@dataclass(frozen=True, eq=False)
class _Middle:
    """The departures between fill and drain, each against the one before.

    departures, arrivals: time between them, of the images in the order in which they leave.
    stays: how long each of them was in the machine. handed_over: whether the one before made
    room for an image that waited.
    """

    departures: Column
    arrivals: Column
    stays: Column
    handed_over: NDArray[np.bool_]

    @classmethod
    def of(cls, arrived: Column, admitted: Column, done: Column, in_flight: int) -> "_Middle":
        order = np.argsort(done, kind="stable")
        drain = int(np.searchsorted(done[order], admitted.max(), side="right"))
        order = order[in_flight - 1 : drain + 1]
        takeovers = admitted[admitted > arrived]
        return cls(
            departures=np.diff(done[order]),
            arrivals=np.diff(arrived[order]),
            stays=(done - admitted)[order[1:]],
            handed_over=np.isin(done[order], takeovers)[:-1],
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


def _most_in_flight(admitted: Column, done: Column) -> int:
    """Return how many images were in flight at once at most; a context can change hands."""
    left = np.searchsorted(np.sort(done), np.sort(admitted), side="right")
    return int((np.arange(1, len(admitted) + 1) - left).max())
