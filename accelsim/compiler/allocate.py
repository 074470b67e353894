"""Gives planes to folds by liveness: a plane is free again after its last reader."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from accelsim.compiler.draft import Fold, FoldedDraft, FoldedOperand, Run
from accelsim.compiler.instruction import Instruction, Operand, PlaneRef
from accelsim.topology import Place

Planes = tuple[PlaneRef, ...]


def allocate(drafts: Sequence[FoldedDraft]) -> tuple[tuple[Instruction, ...], dict[Place, int]]:
    """Return instructions with planes, and the planes an image needs in each place.

    A fold takes the lowest plane that is free in all lanes when its first map is written; what is
    read then is still held, so it never shares a plane with that.
    """
    used = [_folds_of(draft) for draft in drafts]
    last_use = {fold: index for index, folds in enumerate(used) for fold in folds}
    live: dict[Fold, int] = {}
    taken: dict[Place, set[int]] = {}
    needed: dict[Place, int] = {}
    instructions = []
    for index, draft in enumerate(drafts):
        if draft.to is not None and draft.to.fold not in live:
            place = draft.to.fold.value.place
            plane = live[draft.to.fold] = _lowest_free(taken.setdefault(place, set()))
            taken[place].add(plane)
            needed[place] = max(needed.get(place, 0), plane + 1)
        instructions.append(instruction_of(index + 1, draft, live))
        for fold in used[index]:
            if last_use[fold] <= index:
                taken[fold.value.place].discard(live.pop(fold))
    return tuple(instructions), needed


def _folds_of(draft: FoldedDraft) -> tuple[Fold, ...]:
    """Return each fold that an instruction reads or writes, once."""
    runs = [run for operand in draft.operands for run in operand.runs]
    if draft.to is not None:
        runs.append(draft.to)
    return tuple(dict.fromkeys(run.fold for run in runs))


def _lowest_free(taken: set[int]) -> int:
    return next(plane for plane in range(len(taken) + 1) if plane not in taken)


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
