"""Which order of instructions a program takes: that of layers, or a better one (scheduler.py)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from accelsim.compiler.allocate import allocate
from accelsim.compiler.bounds import quick_bound
from accelsim.compiler.dependencies import dependencies
from accelsim.compiler.issue import issue_cycles, length_of
from accelsim.compiler.scheduler import ListScheduler, order_of_few_planes
from accelsim.compiler.use import Pace, Work
from accelsim.topology import Place

WORTH_IT = 0.001
"""Share of the cycles that has to be in reach for an order to be looked for: assumed. Layers of
many folds leave less, and programs of them are the longest."""


class Order(NamedTuple):
    """Steps by their numbers, in the order of a program.

    planes: of each store. needed: planes of an image in each place. cycles: of an image alone.
    """

    steps: Sequence[int]
    planes: Sequence[int]
    needed: dict[Place, int]
    cycles: int

    @property
    def most(self) -> int:
        """Planes of an image in a bank."""
        return max(planes for place, planes in self.needed.items() if place is not Place.SRAM)


def as_given(work: Work, pace: Pace) -> Order:
    """Return the order in which steps stand."""
    return _measured(work, pace, range(len(work.uses)))


def ordered(work: Work, pace: Pace, room: int, *, spares: bool = False, sram: int = 0) -> Order:
    """Return the order in which steps are issued: the given one, unless another is better.

    room: planes that an image may take in a bank, and sram: in the SRAM. spares: leave to others
    what the given order does not take of them. If no order that is found has room, the one that
    takes the fewest planes is returned.
    """
    found = as_given(work, pace)
    edges = dependencies(work.uses, pace)
    if found.most > room:
        few = _measured(work, pace, order_of_few_planes(work, edges))
        if few.most > room:
            return min(found, few, key=lambda order: order.most)
        found, standing = few, work.taken(few.steps)
        edges = dependencies(standing.uses, pace)
    else:
        standing = work
    if found.cycles - quick_bound(edges, standing.uses, pace) <= found.cycles * WORTH_IT:
        return found
    rooms = {**dict.fromkeys(Place, room), Place.SRAM: sram} | (found.needed if spares else {})
    steps = [found.steps[step] for step in ListScheduler(standing, edges, pace, rooms).order()]
    others = [_measured(work, pace, steps)]
    if pace.outlasts:  # a plane that is still read cannot be written yet
        others += [_measured(work, pace, each, rooms) for each in (found.steps, steps)]
    return min(found, *others, key=lambda order: order.cycles)


def _measured(
    work: Work, pace: Pace, steps: Sequence[int], rooms: Mapping[Place, int] | None = None
) -> Order:
    """Return an order with the planes, as `allocate` gives them, and cycles that follow."""
    planes, needed = allocate(work, steps, rooms)
    # A number of its own for each plane of each place.
    width = max(planes) + 1
    rank = {place: number for number, place in enumerate(Place)}
    numbers = [
        rank[place] * width + plane for place, plane in zip(work.places, planes, strict=True)
    ]
    uses = work.taken(steps).uses
    issued = issue_cycles(uses, work.places, pace, numbers)
    return Order(steps, planes, needed, length_of(uses, issued, pace))
