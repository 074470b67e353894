"""A machine under a stream of images: times in the system, queue, deadlines, and how sure.

Means over a stream are those of correlated numbers that begin from an empty machine. The
warm-up is cut where the standard error of what is left is least (MSER-5: K. P. White, "An
effective truncation heuristic for bias reduction in simulation output", Simulation 69, 323,
1997), and the interval is that of 20 batch means (A. M. Law, "Simulation modeling and
analysis", ch. 9), Student's t with 19 degrees of freedom. Counts and percentiles are those of
all images. Times in ps.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accelsim.analysis.times import Times
from accelsim.errors import ReconciliationError

Column = NDArray[np.int64]

BATCHES = 20
T_975 = 2.093
"""Student's t at 0.975 with 19 degrees of freedom, to four digits."""
LEAST = 10 * BATCHES
"""Images after the warm-up that an interval needs."""
PERCENTILES = (50, 95, 99)

_GROUP = 5  # of MSER-5


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
    in_system = times.time_in_system_ps
    order = np.lexsort((times.image, times.arrived_ps))
    waited = times.started_ps - times.arrived_ps
    warm_up = _warm_up(in_system[order])
    ordered = np.sort(in_system)
    ranks = [-(-len(ordered) * share // 100) - 1 for share in PERCENTILES]
    first, last = int(times.arrived_ps.min()), int(times.done_ps.max())
    area, _ = _area(times.arrived_ps, times.done_ps)
    if area != sum(in_system.tolist()):
        raise ReconciliationError(
            f"Little's law does not hold: {area} image-ps in the system over time, "
            f"{sum(in_system.tolist())} by image"
        )
    queued, most = _area(times.arrived_ps, times.arrived_ps + times.queued_ps)
    wanted = np.zeros(len(in_system), np.bool_) if deadline_ps is None else deadline_ps >= 0
    late = wanted & (in_system > deadline_ps) if deadline_ps is not None else wanted
    return Load(
        warm_up=warm_up,
        in_system=_mean(in_system[order][warm_up:]),
        waiting=_mean(waited[order][warm_up:]),
        percentiles=(*(int(ordered[rank]) for rank in ranks), int(ordered[-1])),
        span_ps=last - first,
        end_ps=last if end_ps is None else end_ps,
        number=area / (last - first),
        queued=queued / (last - first),
        queued_most=most,
        missed=int(late.sum()),
        deadlines=int(wanted.sum()),
    )


def lengths(entered: Column, left: Column) -> tuple[Column, Column]:
    """Return when the number of images between two points changes, and to what: (N,) each.

    Those that pass both at one time are never counted.
    """
    times, places = np.unique(np.concatenate([entered, left]), return_inverse=True)
    change = np.zeros(len(times), np.int64)
    np.add.at(change, places[: len(entered)], 1)
    np.add.at(change, places[len(entered) :], -1)
    return times, np.cumsum(change)


def _area(entered: Column, left: Column) -> tuple[int, int]:
    """Return images times ps between two points, and the most images at a time."""
    times, number = lengths(entered, left)
    spans = np.diff(times).tolist()
    area = sum(count * span for count, span in zip(number.tolist(), spans, strict=False))
    return area, int(number.max())


def _warm_up(values: Column) -> int:
    """Return how many values to leave out at the beginning, at most half of them."""
    groups = values[: len(values) // _GROUP * _GROUP].reshape(-1, _GROUP).mean(axis=1)
    if len(groups) < 2:
        return 0
    # Of what is left from each group on: sums from the end.
    rest = np.arange(len(groups), 0, -1)
    total, squares = np.cumsum(groups[::-1])[::-1], np.cumsum(groups[::-1] ** 2)[::-1]
    spread = np.maximum(squares - total**2 / rest, 0) / rest**2
    return int(spread[: len(groups) // 2 + 1].argmin()) * _GROUP


def _mean(values: Column) -> Mean:
    mean = float(values.mean())
    if len(values) < LEAST:
        return Mean(mean, None)
    size = len(values) // BATCHES
    batches = values[len(values) - size * BATCHES :].reshape(BATCHES, size).mean(axis=1)
    return Mean(mean, float(T_975 * batches.std(ddof=1) / np.sqrt(BATCHES)))
