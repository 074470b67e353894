"""Gives planes to folds by liveness: a plane is free again after its last reader."""

from collections.abc import Sequence
from functools import lru_cache

from accelsim.compiler.draft import Fold, FoldedDraft, FoldedOperand, Run
from accelsim.compiler.instruction import Instruction, Operand, PlaneRef
from accelsim.compiler.liveness import stores_of
from accelsim.compiler.use import Work
from accelsim.topology import Place

Planes = tuple[PlaneRef, ...]


def allocate(work: Work, order: Sequence[int]) -> tuple[list[int], dict[Place, int]]:
    """Return the plane of each store, and the planes an image needs in each place.

    A fold takes the lowest plane that is free in all lanes when its first map is written; what is
    read then is still held, so it never shares a plane with that.
    """
    used = [stores_of(work.uses[step]) for step in order]
    last_use = {store: index for index, stores in enumerate(used) for store in stores}
    planes = [-1] * len(work.places)
    taken: dict[Place, set[int]] = {}
    needed: dict[Place, int] = {}
    for index, step in enumerate(order):
        writes = work.uses[step].writes
        if writes is not None and planes[writes.store] < 0:
            place = work.places[writes.store]
            plane = planes[writes.store] = _lowest_free(taken.setdefault(place, set()))
            taken[place].add(plane)
            needed[place] = max(needed.get(place, 0), plane + 1)
        for store in used[index]:
            if last_use[store] <= index:
                taken[work.places[store]].discard(planes[store])
    return planes, needed


def instructions_of(
    drafts: Sequence[FoldedDraft], work: Work, order: Sequence[int], planes: Sequence[int]
) -> tuple[Instruction, ...]:
    """Return the instructions in an order, with the plane of each store."""
    live = dict(zip(work.folds, planes, strict=True))
    return tuple(
        _instruction(number, drafts[step], live) for number, step in enumerate(order, start=1)
    )


def _lowest_free(taken: set[int]) -> int:
    return next(plane for plane in range(len(taken) + 1) if plane not in taken)


def _instruction(step: int, draft: FoldedDraft, live: dict[Fold, int]) -> Instruction:
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
    )


def _operand(operand: FoldedOperand, live: dict[Fold, int]) -> Operand:
    return Operand(
        planes=_planes(operand.runs, live),
        taps=operand.taps,
        kernel=operand.kernel,
        grid=operand.grid,
        extent=operand.extent,
        shared=operand.shared,
    )


def _planes(runs: tuple[Run, ...], live: dict[Fold, int]) -> Planes:
    parts = [_refs(run.fold.value.place, live[run.fold], run.lane, run.maps) for run in runs]
    return parts[0] if len(parts) == 1 else tuple(ref for part in parts for ref in part)


@lru_cache(maxsize=4096)
def _refs(place: Place, plane: int, lane: int, maps: int) -> Planes:
    """Return the planes of neighbouring lanes; programs name the same ones again and again."""
    return tuple(PlaneRef(place, lane + number, plane) for number in range(maps))
