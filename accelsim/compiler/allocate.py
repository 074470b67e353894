"""Gives planes to folds by liveness: a plane is free again after its last reader."""

from collections.abc import Iterable, Iterator, Sequence

from accelsim.compiler.draft import Fold, FoldedDraft, FoldedOperand, MapRef
from accelsim.compiler.instruction import Instruction, Operand, PlaneRef
from accelsim.topology import Place


def allocate(drafts: Sequence[FoldedDraft]) -> tuple[tuple[Instruction, ...], dict[Place, int]]:
    """Return instructions with planes, and the planes an image needs in each place.

    A fold takes the lowest plane that is free in all lanes when its first map is written; what is
    read then is still held, so it never shares a plane with that.
    """
    last_use = {fold: index for index, draft in enumerate(drafts) for fold in _folds_of(draft)}
    live: dict[Fold, int] = {}
    taken: dict[Place, set[int]] = {}
    needed: dict[Place, int] = {}
    instructions = []
    for index, draft in enumerate(drafts):
        for fold in _folds(draft.destination):
            if fold not in live:
                place = fold.value.place
                plane = live[fold] = _lowest_free(taken.setdefault(place, set()))
                taken[place].add(plane)
                needed[place] = max(needed.get(place, 0), plane + 1)
        instructions.append(_instruction(index + 1, draft, live))
        for fold in _folds_of(draft):
            if last_use[fold] <= index:
                taken[fold.value.place].discard(live.pop(fold))
    return tuple(instructions), needed


def _folds_of(draft: FoldedDraft) -> Iterator[Fold]:
    """Give each fold that an instruction reads or writes, once."""
    refs = [ref for operand in draft.operands for ref in operand.maps]
    yield from _folds([*refs, *draft.destination])


def _folds(refs: Iterable[MapRef]) -> Iterator[Fold]:
    yield from dict.fromkeys(ref.fold for ref in refs)


def _lowest_free(taken: set[int]) -> int:
    return next(plane for plane in range(len(taken) + 1) if plane not in taken)


def _instruction(step: int, draft: FoldedDraft, live: dict[Fold, int]) -> Instruction:
    return Instruction(
        step=step,
        op=draft.op,
        layer=draft.layer,
        operands=tuple(_operand(operand, live) for operand in draft.operands),
        destination=_planes(draft.destination, live),
        grid=draft.grid,
        rows=draft.rows,
        cols=draft.cols,
        maps=draft.maps,
        bias=draft.bias,
        first_map=draft.first_map,
    )


def _operand(operand: FoldedOperand, live: dict[Fold, int]) -> Operand:
    return Operand(
        planes=_planes(operand.maps, live),
        taps=operand.taps,
        kernel=operand.kernel,
        grid=operand.grid,
        extent=operand.extent,
        shared=operand.shared,
    )


def _planes(refs: Iterable[MapRef], live: dict[Fold, int]) -> tuple[PlaneRef, ...]:
    return tuple(PlaneRef(ref.fold.value.place, ref.lane, live[ref.fold]) for ref in refs)
