"""Which order of instructions a program takes: that of layers, or a better one (scheduler.py)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from accelsim.compiler.allocate import allocate
from accelsim.compiler.bounds import quick_bound
from accelsim.compiler.dependencies import dependencies
from accelsim.compiler.issue import issue_cycles
from accelsim.compiler.scheduler import ListScheduler, order_of_few_planes
from accelsim.compiler.use import Pace, Work
from accelsim.topology import Place


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
        return max(self.needed.values())


def ordered(work: Work, pace: Pace, room: int, *, spares: bool = False) -> Order:
    """Return the order in which steps are issued: the given one, unless another is better.

    room: planes that an image may take in a bank. spares: leave to others what the given order
    does not take of them. If no order that is found has room, the one that takes the fewest planes
    is returned.
    """
    found = _measured(work, pace, range(len(work.uses)))
    if found.most > room:
        steps = order_of_few_planes(work, dependencies(work.uses, pace))
        found = min(found, _measured(work, pace, steps), key=lambda order: order.most)
    if found.most > room or found.cycles <= quick_bound(work, pace):
        return found
    rooms = dict.fromkeys(Place, room) | (found.needed if spares else {})
    return min(found, _scheduled(work, pace, found, rooms), key=lambda order: order.cycles)


def _scheduled(work: Work, pace: Pace, given: Order, rooms: Mapping[Place, int]) -> Order:
    """Return what list scheduling makes of an order. rooms: planes in a bank of each place."""
    standing = work.taken(given.steps)
    edges = dependencies(standing.uses, pace)
    steps = ListScheduler(standing, edges, pace, rooms).order()
    return _measured(work, pace, [given.steps[step] for step in steps])


def _measured(work: Work, pace: Pace, steps: Sequence[int]) -> Order:
    """Return an order with the planes and cycles that follow."""
    planes, needed = allocate(work, steps)
    # A number of its own for each plane of each place.
    width = max(planes) + 1
    rank = {place: number for number, place in enumerate(Place)}
    numbers = [
        rank[place] * width + plane for place, plane in zip(work.places, planes, strict=True)
    ]
    uses = work.taken(steps).uses
    issued = issue_cycles(uses, work.places, pace, numbers)
    return Order(steps, planes, needed, issued[-1] + pace.step)
