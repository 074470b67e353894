"""Gives planes to folds by liveness: a plane is free again after its last reader."""

from collections import deque
from collections.abc import Mapping, Sequence
from functools import lru_cache
from heapq import heappop, heappush

from accelsim.compiler.draft import Fold, FoldedDraft, FoldedOperand, Run
from accelsim.compiler.instruction import Instruction, Operand, PlaneRef
from accelsim.compiler.use import Work
from accelsim.topology import Place

Planes = tuple[PlaneRef, ...]
AT_ONCE = 6
"""Steps that can be in their read phase at once: one on each way, local ways and the ports of the
host among them. A plane that one of them reads cannot be written yet."""


def allocate(
    work: Work, order: Sequence[int], rooms: Mapping[Place, int] | None = None
) -> tuple[list[int], dict[Place, int]]:
    """Return the plane of each store, and the planes an image needs in each place.

    A fold takes a plane that is free in all lanes when its first map is written; what is
    read then is still held, so it never shares a plane with that. rooms: planes in each place, if
    one that may still be read is to rest meanwhile; None: the lowest that is free is taken, so that
    the fewest are needed.
    """
    used = [work.uses[step].stores for step in order]
    last_use = {store: index for index, stores in enumerate(used) for store in stores}
    planes = [-1] * len(work.places)
    free = {place: _Free(rooms[place] if rooms else None) for place in Place}
    for index, step in enumerate(order):
        writes = work.uses[step].writes
        if writes is not None and planes[writes.store] < 0:
            planes[writes.store] = free[work.places[writes.store]].take(index)
        for store in used[index]:
            if last_use[store] <= index:
                free[work.places[store]].give(planes[store], index)
    return planes, {place: each.needed for place, each in free.items() if each.needed}


class _Free:
    """Planes of a place that are free. room: how many there are; None: reuse them at once."""

    def __init__(self, room: int | None) -> None:
        self._room, self._rest = room, 0 if room is None else AT_ONCE
        self._resting: deque[tuple[int, int]] = deque()
        self._rested: list[int] = []
        self.needed = 0

    def take(self, index: int) -> int:
        """Take a plane for the step of an index; there is always one more."""
        while self._resting and self._resting[0][0] + self._rest <= index:
            heappush(self._rested, self._resting.popleft()[1])
        if self._rested:
            return heappop(self._rested)
        if self._resting and self.needed >= (self._room or 0):
            return self._resting.popleft()[1]
        self.needed += 1
        return self.needed - 1

    def give(self, plane: int, index: int) -> None:
        """Free a plane that the step of an index read last."""
        self._resting.append((index, plane))


def instructions_of(
    drafts: Sequence[FoldedDraft], work: Work, order: Sequence[int], planes: Sequence[int]
) -> tuple[Instruction, ...]:
    """Return the instructions in an order, with the plane of each store."""
    live = dict(zip(work.folds, planes, strict=True))
    return tuple(
        instruction_of(number, drafts[step], live) for number, step in enumerate(order, start=1)
    )


def instruction_of(step: int, draft: FoldedDraft, live: Mapping[Fold, int]) -> Instruction:
    """Return the instruction of a draft whose folds have planes."""
    return Instruction(
        step=step,
        op=draft.op,
        layer=draft.layer,
        operands=tuple(_operand(operand, live) for operand in draft.operands),
        destination=() if draft.to is None else _planes((draft.to,), live),
        grid=draft.grid,
        rows=draft.rows,
        cols=draft.cols,
        maps=draft.maps,
        bias=draft.bias,
        first_map=draft.first_map,
        tile=draft.tile,
    )


def _operand(operand: FoldedOperand, live: Mapping[Fold, int]) -> Operand:
    return Operand(
        planes=_planes(operand.runs, live),
        taps=operand.taps,
        kernel=operand.kernel,
        grid=operand.grid,
        extent=operand.extent,
        shared=operand.shared,
    )


def _planes(runs: tuple[Run, ...], live: Mapping[Fold, int]) -> Planes:
    parts = [_refs(run.fold.value.place, live[run.fold], run.lane, run.maps) for run in runs]
    return parts[0] if len(parts) == 1 else tuple(ref for part in parts for ref in part)


@lru_cache(maxsize=4096)
def _refs(place: Place, plane: int, lane: int, maps: int) -> Planes:
    """Return the planes of neighbouring lanes; programs name the same ones again and again."""
    return tuple(PlaneRef(place, lane + number, plane) for number in range(maps))
