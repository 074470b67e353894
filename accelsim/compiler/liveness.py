"""Which stores hold a plane while steps are taken in another order than they stand in.

What is not taken yet is always supposed to follow in the order in which it stands. Then each store
holds a plane from its first writer to its last user, and the planes of each place at each step are
a profile. Taking a step early changes the profile between the first step that is left and that one
alone. An order whose profile never exceeds the room can so be finished at any time.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from accelsim.compiler.use import Work
from accelsim.topology import Place


class _Span(NamedTuple):
    """Steps that use a store, ascending, of which those that are taken may be left; and writers."""

    users: list[int]
    writers: list[int]


class Profile:
    """Planes by place and step, of steps that are taken one after another. work: all of them."""

    def __init__(self, work: Work) -> None:
        self._work, self.first = work, 0
        self._taken = [False] * len(work.uses)
        self._spans: list[_Span] = [_Span([], []) for _ in work.places]
        for step, use in enumerate(work.uses):
            for store in use.stores:
                self._spans[store].users.append(step)
            if use.writes is not None:
                self._spans[use.writes.store].writers.append(step)
        self._open = [False] * len(work.places)
        self._live = dict.fromkeys(Place, 0)
        self._planes = self._initial()

    def _initial(self) -> dict[Place, np.ndarray]:
        steps = len(self._work.uses)
        changes = {place: np.zeros(steps + 1, np.int64) for place in Place}
        for span, place in zip(self._spans, self._work.places, strict=True):
            changes[place][span.users[0]] += 1
            changes[place][span.users[-1] + 1] -= 1
        return {place: np.cumsum(change)[:steps] for place, change in changes.items()}

    @property
    def peak(self) -> dict[Place, int]:
        """The most planes of each place, from the first step that is left on."""
        return {place: int(planes[self.first :].max()) for place, planes in self._planes.items()}

    def is_within(self, step: int, room: Mapping[Place, int]) -> bool:
        """Tell whether a step may be taken now, and the rest as it stands, within some planes."""
        if step == self.first:
            return True
        opened = self._opened(step)
        if opened is None:
            return True
        place, until = opened
        if self._live[place] + 1 > room[place]:
            return False
        return int(self._planes[place][self.first : until].max(initial=0)) + 1 <= room[place]

    def take(self, step: int) -> None:
        """Take a step. Those that it waits for have been taken."""
        opened = self._opened(step)
        if opened is not None:
            place, until = opened
            self._planes[place][self.first : until] += 1
            self._live[place] += 1
            writes = self._work.uses[step].writes
            assert writes is not None  # noqa: S101 - it opens a store
            self._open[writes.store] = True
        self._taken[step] = True
        for store in self._work.uses[step].stores:
            self._close(store, step)
        taken = self._taken
        while self.first < len(taken) and taken[self.first]:
            self.first += 1

    def _opened(self, step: int) -> tuple[Place, int] | None:
        """Return the place of a plane that a step takes first, and which step would have."""
        writes = self._work.uses[step].writes
        if writes is None or self._open[writes.store]:
            return None
        return self._work.places[writes.store], self._spans[writes.store].writers[0]

    def _close(self, store: int, step: int) -> None:
        """Free what a store no longer needs: it is needed up to its last user that is left."""
        users = self._spans[store].users
        if users[-1] != step:
            return
        while users and self._taken[users[-1]]:
            users.pop()
        place = self._work.places[store]
        if step > self.first:
            self._planes[place][users[-1] + 1 if users else self.first : step + 1] -= 1
        if not users:
            self._live[place] -= 1


def peak_of(work: Work, order: Sequence[int]) -> dict[Place, int]:
    """Return the most planes of each place that an order takes."""
    return Profile(work.taken(order)).peak
