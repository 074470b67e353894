"""Why the slowest images of a stream are slow: what they waited for, behind which images.

A burst is a busy period of the machine as queueing theory has it: it begins with an image that
finds no other in the system, and ends when there is none again. Who waits for a context waits
behind the image that had it; the chain of those leads back to one that did not wait in the queue.
Times in ps.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from accelsim.analysis.passages import WHERE, Column, Passages, Waits
from accelsim.analysis.stalls import FLIGHT
from accelsim.units import PS_PER_S

SHARE = 99
"""The percentile that is explained, as `load` of stats.json has it: an order statistic."""
MOST_BURSTS = 1000


@dataclass(frozen=True)
class Share:
    """Waits of one reason at one place: of the image, of all of the tail, of all images together.

    where: of `accelsim.analysis.stalls`.
    """

    where: str
    reason: str
    image_ps: int
    tail_ps: int
    all_ps: int


@dataclass(frozen=True)
class Burst:
    """A busy period. first, last: numbers of its images as they came; tail: how many are slow."""

    first: int
    last: int
    images: int
    tail: int
    begin_ps: int
    last_arrival_ps: int
    end_ps: int


@dataclass(frozen=True)
class Tail:
    """The slowest images of a stream, from the one at the percentile on.

    image: the first at the percentile, which takes limit_ps from arrival_ps on. images: numbers of
    all at or above it, as they came. of: how many images there are. tail_ps, all_ps: times in the
    system, added up. shares: waits, longest of the tail first; what they leave is the images' own
    steps. planes_ps: how much of that was for their own planes: of `image`, the tail, all. behind:
    images that were served before `image` since it came, one after the other, the nearest first;
    overtook: how many of them came later. begun_by: the image with which that queue began. bursts:
    up to MOST_BURSTS of the of_bursts with images of the tail, most of these first; burst: that of
    `image`. rate: of arrivals of the whole stream, images a second; 0 if all came at once.
    """

    image: int
    limit_ps: int
    arrived_ps: int
    images: tuple[int, ...] = field(repr=False)
    of: int
    tail_ps: int
    all_ps: int
    shares: tuple[Share, ...]
    planes_ps: tuple[int, int, int]
    behind: tuple[int, ...]
    overtook: int
    begun_by: int
    burst: Burst
    bursts: tuple[Burst, ...] = field(repr=False)
    of_bursts: int
    rate: float

    @property
    def own_ps(self) -> tuple[int, int, int]:
        """What waits leave of the time in the system: of the image, the tail, all images."""
        each = ((one.image_ps, one.tail_ps, one.all_ps) for one in self.shares)
        waited = [sum(column) for column in zip(*each, strict=True)] or [0, 0, 0]
        whole = (self.limit_ps, self.tail_ps, self.all_ps)
        image, tail, every = (time - less for time, less in zip(whole, waited, strict=True))
        return image, tail, every


def tail_of(passages: Passages, mine: NDArray[np.bool_] | None = None) -> Tail:
    """Return the slowest images of a stream, or of a tenant's among all.

    mine: (n,) which images are the tenant's, one at least. Bursts are of all images.
    """
    in_system = passages.in_system_ps
    chosen = np.ones(len(in_system), np.bool_) if mine is None else mine
    number = int(chosen.sum())
    limit = int(np.sort(in_system[chosen])[-(-number * SHARE // 100) - 1])
    order = np.lexsort((np.arange(len(in_system)), passages.arrived_ps))
    slow = chosen & (in_system >= limit)
    place = int(order[(chosen & (in_system == limit))[order]][0])
    bursts = _Bursts(passages, order, slow)
    arrived, rank = passages.arrived_ps, np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    chain = _chain(passages.waits, place, len(arrived))
    behind = [each for each in chain if passages.done_ps[each] > arrived[place]]
    planes = passages.planes_ps
    span = int(arrived.max() - arrived.min())
    return Tail(
        image=passages.first + place,
        limit_ps=limit,
        arrived_ps=int(arrived[place]),
        images=tuple((passages.first + order[slow[order]]).tolist()),
        of=number,
        tail_ps=int(in_system[slow].sum()),
        all_ps=int(in_system[chosen].sum()),
        shares=_shares(passages, place, slow, chosen),
        planes_ps=(int(planes[place]), int(planes[slow].sum()), int(planes[chosen].sum())),
        behind=tuple(passages.first + each for each in behind),
        overtook=sum(bool(rank[each] > rank[place]) for each in behind),
        begun_by=passages.first + (chain or [place])[-1],
        burst=bursts.at(int(arrived[place])),
        bursts=bursts.slowest(MOST_BURSTS),
        of_bursts=bursts.with_slow,
        rate=(len(arrived) - 1) * PS_PER_S / span if span else 0.0,
    )


def _shares(
    passages: Passages, place: int, slow: NDArray[np.bool_], chosen: NDArray[np.bool_]
) -> tuple[Share, ...]:
    waits, reasons = passages.waits, passages.reasons
    kinds = waits.where * len(reasons) + waits.reason
    found = []
    for kind in np.unique(kinds[chosen[waits.image]]).tolist():
        some = waits.of(kinds == kind)
        where, reason = divmod(kind, len(reasons))
        sums = (
            int(some.lasted_ps[rows].sum())
            for rows in (some.image == place, slow[some.image], chosen[some.image])
        )
        found.append(Share(WHERE[where], reasons[reason], *sums))
    return tuple(sorted(found, key=lambda one: (-one.tail_ps, -one.all_ps, one.where, one.reason)))


def _chain(waits: Waits, place: int, images: int) -> list[int]:
    """Return the places of the images that one waited behind before its load, nearest first."""
    behind = np.full(images, -1)
    early = waits.of((waits.where != WHERE.index(FLIGHT)) & (waits.behind >= 0))
    # The wait in the queue counts, and that for the load port where there is none.
    rows = np.argsort(-early.where, kind="stable")
    behind[early.image[rows]] = early.behind[rows]
    chain: dict[int, None] = {}
    while (place := int(behind[place])) >= 0 and place not in chain:
        chain[place] = None
    return list(chain)


class _Bursts:
    """The busy periods of a stream. order: places of its images as they came."""

    def __init__(self, passages: Passages, order: Column, slow: NDArray[np.bool_]) -> None:
        arrived, done = passages.arrived_ps[order], np.maximum.accumulate(passages.done_ps[order])
        begins = np.append(True, arrived[1:] >= done[:-1])
        firsts = np.flatnonzero(begins)
        lasts = np.append(firsts[1:], len(order)) - 1
        number = np.cumsum(begins) - 1
        self._begin_ps = arrived[firsts]
        self._slow = np.bincount(number[slow[order]], minlength=len(firsts))
        self._columns = (
            passages.first + order[firsts], passages.first + order[lasts], lasts - firsts + 1,
            self._slow, self._begin_ps, arrived[lasts], done[lasts],
        )  # fmt: skip

    @property
    def with_slow(self) -> int:
        """How many have slow images."""
        return int((self._slow > 0).sum())

    def at(self, time_ps: int) -> Burst:
        """Return the one in which an image arrives at a time."""
        return self._burst(int(np.searchsorted(self._begin_ps, time_ps, "right")) - 1)

    def slowest(self, most: int) -> tuple[Burst, ...]:
        """Return up to so many of those with slow images, most of them first."""
        ranks = np.lexsort((self._begin_ps, -self._slow))[: min(most, self.with_slow)]
        return tuple(map(self._burst, ranks.tolist()))

    def _burst(self, number: int) -> Burst:
        return Burst(*(int(column[number]) for column in self._columns))
