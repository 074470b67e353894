"""A resource with slots in each lane, whose holders are known.

SimPy's Resource queues its users. Here nobody queues at a resource: the sequencer
looks whether everything that a step needs is free and the blocks take it at once, so
that no step ever holds one resource while it waits for another.
"""

from typing import Protocol

from accelsim.kernel.lanes import lanes_of
from accelsim.kernel.state import Exchanges, State


class Holder(Exchanges, Protocol):
    """Who holds a resource or a plane."""

    def record(self, path: str) -> int:
        """Return the id of the record in which the holder holds what has this path."""


class Resource:
    """`capacity` slots in each lane; a slot is taken in a whole set of lanes at once."""

    __slots__ = ("_blocks", "_capacity", "_holds", "_levels")

    def __init__(self, capacity: int = 1) -> None:
        self._capacity = capacity
        # Level n is the set of lanes in which more than n slots are taken.
        self._levels = [0] * capacity
        self._holds: list[tuple[Holder, int]] = []
        self._blocks: list[tuple[Holder, int]] = []

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        state.lists_of_values(self, "_levels")
        state.holds(self, "_holds", "_blocks")

    @property
    def idle(self) -> bool:
        """Whether nobody holds a slot."""
        return not self._holds

    def full(self, lanes: int, slots: int = 1) -> int:
        """Return those of some lanes in which so many slots are not free."""
        levels, level = self.levels_for(slots)
        return levels[level] & lanes

    def levels_for(self, slots: int) -> tuple[list[int], int]:
        """Return a list and a place in it that always has the lanes without so many free slots."""
        if slots > self._capacity:
            return [-1], 0  # never, in any lane
        return self._levels, self._capacity - slots

    def take(self, holder: Holder, lanes: int) -> None:
        """Take a slot in each of some lanes; all of them must have one free."""
        self._holds.append((holder, lanes))
        levels, number, capacity = self._levels, 0, self._capacity
        level = levels[0]
        if not level & lanes:  # nearly always
            levels[0] = level | lanes
            return
        while lanes:
            if number == capacity:
                raise RuntimeError(f"no slot of {capacity} is free in lanes {lanes:b}")
            level = levels[number]
            levels[number] = level | lanes
            if not level:
                return
            lanes &= level
            number += 1

    def release(self, holder: Holder, lanes: int) -> None:
        """Give back what `take` took."""
        self._holds.remove((holder, lanes))
        levels, number = self._levels, self._capacity
        while lanes:
            number -= 1
            gone = levels[number] & lanes
            levels[number] ^= gone
            lanes ^= gone

    def block(self, holder: Holder, lanes: int) -> None:
        """Take a slot as `take` does, for something that is no work and may last for ever."""
        self.take(holder, lanes)
        self._blocks.append(self._holds.pop())

    def unblock(self, holder: Holder, lanes: int) -> None:
        """Give back what `block` took."""
        self._blocks.remove((holder, lanes))
        self._holds.append((holder, lanes))
        self.release(holder, lanes)

    def oldest(self, lane: int) -> Holder | None:
        """Return who has held a slot of a lane for longest, if anybody works with one."""
        one = lanes_of([lane])
        return next((holder for holder, lanes in self._holds if lanes & one), None)

    def blocker(self, lane: int) -> Holder | None:
        """Return what has blocked a slot of a lane for longest, if anything has."""
        one = lanes_of([lane])
        return next((holder for holder, lanes in self._blocks if lanes & one), None)

    def holders(self) -> list[tuple[Holder, int]]:
        """Return who holds slots, oldest first, and in which lanes."""
        return list(self._holds)
