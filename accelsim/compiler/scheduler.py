"""The order of instructions: list scheduling on critical path, resources and planes.

The sequencer issues the steps of an image in the order of the program, so the compiler's order is
what they overlap by. In each cycle the step goes next that can be issued and from which the longest
path leads to the end; of two alike the one that layers have first. The order in which layers and
folds come (`folding.py`) is kept unless the new one takes fewer cycles, by the rules of the model
(`issue.py`) for an image that is alone. So it is never slower. No chance, and no time of day, plays
a part.

If that order takes more planes than there are, one is looked for that takes fewer: the step goes
next that frees most.
"""

import heapq
from collections.abc import Mapping

from accelsim.compiler.dependencies import Edges, tails
from accelsim.compiler.issue import Resources
from accelsim.compiler.liveness import Profile
from accelsim.compiler.use import Pace, Work
from accelsim.topology import Place

WINDOW = 1024
"""How many steps beyond the first that is left may be issued before it: assumed. It bounds the time
that a program takes, and is some layers of a wide network."""
LOOKED_AT = 16
"""Steps that are tried in a cycle, the most urgent first: assumed, for the same reason."""


class ListScheduler:
    """Orders steps. work: in an order that is right; its planes are within the room.

    edges: what each step waits for.
    """

    def __init__(self, work: Work, edges: Edges, pace: Pace, room: Mapping[Place, int]) -> None:
        self._work, self._pace, self._room = work, pace, room
        self._after: list[list[tuple[int, int]]] = [[] for _ in edges]
        for step, before in enumerate(edges):
            for other, cycles in before:
                self._after[other].append((step, cycles))
        self._missing = [len(before) for before in edges]
        self._since = [0] * len(edges)
        self._tails = tails(edges, work.uses, pace)
        self._resources = Resources(pace, work.places)
        self._profile = Profile(work)
        self._waiting: list[tuple[int, int]] = []
        self._ready: list[tuple[int, int]] = []

    def order(self) -> list[int]:
        """Return the steps in the order in which they are issued; the first and the last stay."""
        last = len(self._missing) - 1
        for step in range(last):
            if not self._missing[step] and step:
                self._waiting.append((1, step))
        found = [0]
        self._issue(0, 0)
        cycle = 1
        while len(found) < last:
            chosen = self._next(cycle, last)
            if chosen is None:
                cycle = self._later(cycle)
                continue
            found.append(chosen)
            self._issue(chosen, cycle)
            cycle += 1
        return [*found, last] if last else found

    def _issue(self, step: int, cycle: int) -> None:
        self._resources.take(self._work.uses[step], cycle)
        self._profile.take(step)
        for other, cycles in self._after[step]:
            self._missing[other] -= 1
            self._since[other] = max(self._since[other], cycle + cycles)
            if not self._missing[other]:
                heapq.heappush(self._waiting, (self._since[other], other))

    def _next(self, cycle: int, last: int) -> int | None:
        """Return the step that is issued in a cycle, or None."""
        waiting, ready = self._waiting, self._ready
        while waiting and waiting[0][0] <= cycle:
            step = heapq.heappop(waiting)[1]
            if step != last:
                heapq.heappush(ready, (-self._tails[step], step))
        aside: list[tuple[int, int]] = []
        found = None
        while ready and found is None and len(aside) < LOOKED_AT:
            entry = heapq.heappop(ready)
            if self._may_go(entry[1], cycle):
                found = entry[1]
            else:
                aside.append(entry)
        if found is None and len(aside) == LOOKED_AT:
            found = self._first_left(cycle)
            if found is not None:
                ready.remove((-self._tails[found], found))
                heapq.heapify(ready)
        for entry in aside:
            heapq.heappush(ready, entry)
        return found

    def _first_left(self, cycle: int) -> int | None:
        """Return the first step that is left, which has room for its planes, if it can go."""
        first = self._profile.first
        if (-self._tails[first], first) in self._ready and self._may_go(first, cycle):
            return first
        return None

    def _may_go(self, step: int, cycle: int) -> bool:
        return (
            step - self._profile.first < WINDOW
            and self._resources.is_free(self._work.uses[step], cycle)
            and self._profile.is_within(step, self._room)
        )

    def _later(self, cycle: int) -> int:
        """Return the next cycle in which something may have changed."""
        times = [self._waiting[0][0]] if self._waiting else []
        release = self._resources.next_release()
        if release is not None:
            times.append(release)
        return max(cycle + 1, min(times, default=cycle + 1))


def order_of_few_planes(work: Work, edges: Edges) -> list[int]:
    """Return an order that takes few planes: the step goes next that leaves the fewest held.

    Of steps alike the one that became possible last goes: what was begun is finished first.
    """
    return _Frugal(work, edges).order()


class _Frugal:
    """Takes the step that leaves the fewest planes held."""

    def __init__(self, work: Work, edges: Edges) -> None:
        self._work = work
        self._stores = [use.stores for use in work.uses]
        self._users: list[set[int]] = [set() for _ in work.places]
        for step, stores in enumerate(self._stores):
            for store in stores:
                self._users[store].add(step)
        self._open = [False] * len(work.places)
        self._after: list[list[int]] = [[] for _ in edges]
        for step, before in enumerate(edges):
            for other, _ in before:
                self._after[other].append(step)
        self._missing = [len(before) for before in edges]
        self._turn: list[int | None] = [None] * len(edges)
        self._turns = 0
        self._heap: list[tuple[int, int, int]] = []

    def order(self) -> list[int]:
        last, found = len(self._missing) - 1, list[int]()
        for step in range(last, 0, -1):
            if not self._missing[step]:
                self._ready(step)
        taken = [False] * len(self._missing)
        step = 0
        while len(found) < last:
            taken[step] = True
            found.append(step)
            self._take(step)
            while self._heap and (taken[self._heap[0][2]] or self._heap[0][2] == last):
                heapq.heappop(self._heap)
            if self._heap:
                step = heapq.heappop(self._heap)[2]
        return [*found, last] if last else found

    def _take(self, step: int) -> None:
        writes = self._work.uses[step].writes
        again: set[int] = set()
        if writes is not None and not self._open[writes.store]:
            self._open[writes.store] = True
            again |= self._users[writes.store]
        for store in self._stores[step]:
            self._users[store].discard(step)
            if len(self._users[store]) == 1:
                again |= self._users[store]
        for other in reversed(self._after[step]):
            self._missing[other] -= 1
            if not self._missing[other]:
                self._ready(other)
        for other in sorted(again):
            if self._turn[other] is not None:
                self._push(other)

    def _ready(self, step: int) -> None:
        self._turns += 1
        self._turn[step] = -self._turns
        self._push(step)

    def _push(self, step: int) -> None:
        turn = self._turn[step]
        assert turn is not None  # noqa: S101 - it has become possible
        heapq.heappush(self._heap, (self._held_after(step), turn, step))

    def _held_after(self, step: int) -> int:
        """Return how many planes more are held after a step."""
        writes = self._work.uses[step].writes
        opened = writes is not None and not self._open[writes.store]
        return opened - sum(len(self._users[store]) == 1 for store in self._stores[step])
