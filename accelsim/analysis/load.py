"""A machine under a stream of images: times in the system, queue, deadlines, and how sure.

Means over a stream are those of correlated numbers that begin from an empty machine. The
warm-up is cut where the standard error of what is left is least (MSER-5: K. P. White, "An
effective truncation heuristic for bias reduction in simulation output", Simulation 69, 323,
1997), and the interval is that of 20 batch means (A. M. Law, "Simulation modeling and
analysis", ch. 9), Student's t with 19 degrees of freedom. Counts and percentiles are those of
all images. Times in ps.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accelsim.analysis.flow import area
from accelsim.analysis.streaming import Reader, ranked, sums_between, warm_up
from accelsim.analysis.times import Times
from accelsim.errors import ReconciliationError

Column = NDArray[np.int64]

BATCHES = 20
T_975 = 2.093
"""Student's t at 0.975 with 19 degrees of freedom, to four digits."""
LEAST = 10 * BATCHES
"""Images after the warm-up that an interval needs."""
PERCENTILES = (50, 95, 99)


@dataclass(frozen=True)
class Mean:
    """A mean with half the width of its interval of 95 % confidence; None: too few images."""

    value: float
    half: float | None


@dataclass(frozen=True, eq=False)
class Load:
    """What a stream of images met.

    in_system, waiting: mean time of an image in the system and before its load, after the
    warm-up of so many images. percentiles: of the time in the system, by PERCENTILES, then the
    most. span_ps: from the first arrival to the last result; end_ps: from the start of the run to
    it. number: mean number of images in the system over the span; queued: of those in the host's
    queue; queued_most. missed: images that are late, of those with a deadline.
    """

    warm_up: int
    in_system: Mean
    waiting: Mean
    percentiles: tuple[int, ...]
    span_ps: int
    end_ps: int
    number: float
    queued: float
    queued_most: int
    missed: int
    deadlines: int


def load_of(times: Times, deadline_ps: Column | None = None, end_ps: int | None = None) -> Load:
    """Return what a stream met.

    deadline_ps: of each image, as many as times has, negative without one. end_ps: of the run, if
    others shared it; None: the last result. Raises
    ReconciliationError if Little's law does not hold to the picosecond.
    """
    times, deadline_ps = _as_they_arrive(times, deadline_ps)
    number = len(times)

    def in_system() -> Iterator[Column]:
        return (piece.time_in_system_ps for piece in times.pieces())

    def waited() -> Iterator[Column]:
        return (piece.started_ps - piece.arrived_ps for piece in times.pieces())

    spent = sum(int(values.sum()) for values in in_system())
    in_area, _ = area(lambda: ((each.arrived_ps, each.done_ps) for each in times.pieces()))
    if in_area != spent:
        raise ReconciliationError(
            f"Little's law does not hold: {in_area} image-ps in the system over time, "
            f"{spent} by image"
        )
    queued, most = area(
        lambda: ((each.arrived_ps, each.arrived_ps + each.queued_ps) for each in times.pieces())
    )
    cut, last = warm_up(in_system), times.makespan_ps
    span = last - min(int(piece.arrived_ps.min()) for piece in times.pieces())
    ranks = [-(-number * share // 100) - 1 for share in PERCENTILES]
    late, wanted = _missed(in_system, deadline_ps)
    return Load(
        warm_up=cut,
        in_system=_mean(in_system, number, cut),
        waiting=_mean(waited, number, cut),
        percentiles=tuple(ranked(in_system, [*ranks, number - 1])),
        span_ps=span,
        end_ps=last if end_ps is None else end_ps,
        number=in_area / span,
        queued=queued / span,
        queued_most=most,
        missed=late,
        deadlines=wanted,
    )


def _as_they_arrive(times: Times, deadline_ps: Column | None) -> tuple[Times, Column | None]:
    """Return images in order of arrival, which the numbers of a stream's are."""
    last = 0
    for piece in times.pieces():
        arrived = piece.arrived_ps
        if (np.diff(arrived, prepend=last) < 0).any():
            break
        last = int(arrived[-1])
    else:
        return times, deadline_ps
    order = np.lexsort((times.image, times.arrived_ps))
    return times.of(order), None if deadline_ps is None else deadline_ps[order]


def _missed(in_system: Reader, deadline_ps: Column | None) -> tuple[int, int]:
    """Return how many images are late, of how many with a deadline."""
    if deadline_ps is None:
        return 0, 0
    late = begin = 0
    for values in in_system():
        deadlines = deadline_ps[begin : begin + len(values)]
        late += int(((deadlines >= 0) & (values > deadlines)).sum())
        begin += len(values)
    return late, int((deadline_ps >= 0).sum())


def _mean(read: Reader, number: int, cut: int) -> Mean:
    """Return the mean of the values behind the warm-up."""
    rest = number - cut
    mean = sums_between(read, [cut, number])[0] / rest
    if rest < LEAST:
        return Mean(mean, None)
    size = rest // BATCHES
    edges = [number - size * each for each in range(BATCHES, -1, -1)]
    batches = np.array([total / size for total in sums_between(read, edges)])
    return Mean(mean, float(T_975 * batches.std(ddof=1) / np.sqrt(BATCHES)))
