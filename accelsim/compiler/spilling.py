"""Spills: maps that the host keeps while planes do not suffice.

Steps are taken in an order. Where one needs a plane and none is left, that fold gives up its own of
which the next reader is furthest away (Belady, "A study of replacement algorithms for a
virtual-storage computer", IBM Systems Journal 5(2), 1966): a `spill` hands its maps to the host,
unless they are there already, and a `fill` brings them back, into whatever plane is free, before
that reader. A fold is spilled whole, and not before it is complete.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from accelsim.compiler.draft import Fold, FoldedDraft, FoldedOperand, Run
from accelsim.compiler.instruction import Kernel
from accelsim.ops import CENTRE, FILL_STEP, SPILL_STEP
from accelsim.topology import Place


class SpillError(Exception):
    """One step needs more planes of a place at once than there are."""


class _Uses(NamedTuple):
    """Of a fold, steps that use it in the order that is taken, the last first; its writers."""

    left: list[int]
    writers: list[FoldedDraft]


def spilled(drafts: Sequence[FoldedDraft], room: int) -> list[FoldedDraft]:
    """Return drafts with spills and fills, so that no place takes more planes than there is room.

    Raises SpillError if one step reads and writes more.
    """
    return _Spilling(drafts, room).drafts()


def least_room(drafts: Sequence[FoldedDraft]) -> int:
    """Return the most planes of a place that one step reads and writes."""
    return max(
        max(Counter(fold.value.place for fold in _folds_of(draft)).values()) for draft in drafts
    )


class _Spilling:
    def __init__(self, drafts: Sequence[FoldedDraft], room: int) -> None:
        self._given, self._room = drafts, room
        self._uses: dict[Fold, _Uses] = {}
        for step in range(len(drafts) - 1, -1, -1):
            for fold in _folds_of(drafts[step]):
                self._uses.setdefault(fold, _Uses([], [])).left.append(step)
        for draft in drafts:
            if draft.to is not None:
                self._uses[draft.to.fold].writers.append(draft)
        self._written: dict[Fold, int] = {}
        self._held: dict[Place, dict[Fold, None]] = {place: {} for place in Place}
        self._filled: dict[Fold, int] = {}
        self._host: dict[Fold, int] = {}
        self._next_map = 0

    def drafts(self) -> list[FoldedDraft]:
        """Return all steps."""
        return [each for step in range(len(self._given)) for each in self._taken(step)]

    def _taken(self, step: int) -> Iterator[FoldedDraft]:
        draft = self._given[step]
        needed = _folds_of(draft)
        for fold in needed:
            place = fold.value.place
            if fold in self._held[place]:
                continue
            if len(self._held[place]) >= self._room:
                yield from self._given_up(place, needed)
            self._held[place][fold] = None
            if fold in self._host:
                self._filled[fold] = self._filled.get(fold, 0) + 1
                yield self._fill(fold)
        if draft.to is not None:
            self._written[draft.to.fold] = self._written.get(draft.to.fold, 0) + 1
        yield self._renamed(draft)
        for fold in needed:
            self._uses[fold].left.pop()
            if not self._uses[fold].left:
                del self._held[fold.value.place][fold]

    def _given_up(self, place: Place, needed: Sequence[Fold]) -> Iterator[FoldedDraft]:
        """Free a plane of a place, whose fold is not needed now."""
        able = [
            fold
            for fold in self._held[place]
            if fold not in needed and self._written[fold] == len(self._uses[fold].writers)
        ]
        if not able:
            raise SpillError
        victim = max(able, key=lambda fold: self._uses[fold].left[-1])
        if victim not in self._host:
            self._host[victim] = self._next_map
            self._next_map += _run_of(self._uses[victim].writers).maps
            yield self._spill(victim)
        del self._held[place][victim]

    def _spill(self, fold: Fold) -> FoldedDraft:
        """Return the step that hands a fold to the host."""
        first = self._uses[fold].writers[0]
        run = _run_of(self._uses[fold].writers)._replace(fold=self._named(fold))
        kernel, extent = Kernel(fixed=(1.0,)), (fold.value.rows, fold.value.cols)
        operand = FoldedOperand((run,), (CENTRE,), kernel, first.grid, extent, shared=False)
        return replace(
            first, op=SPILL_STEP, operands=(operand,), to=None, maps=run.maps, bias=None,
            first_map=self._host[fold],
        )  # fmt: skip

    def _fill(self, fold: Fold) -> FoldedDraft:
        """Return the step that brings a fold back."""
        first = self._uses[fold].writers[0]
        run = _run_of(self._uses[fold].writers)._replace(fold=self._named(fold))
        return replace(
            first, op=FILL_STEP, operands=(), to=run, maps=run.maps, bias=None,
            first_map=self._host[fold],
        )  # fmt: skip

    def _named(self, fold: Fold) -> Fold:
        return fold._replace(filled=self._filled.get(fold, 0))

    def _renamed(self, draft: FoldedDraft) -> FoldedDraft:
        """Return a step that reads folds where they are now."""
        if not self._filled:
            return draft
        operands = tuple(
            replace(
                operand,
                runs=tuple(run._replace(fold=self._named(run.fold)) for run in operand.runs),
            )
            for operand in draft.operands
        )
        return replace(draft, operands=operands)


def _folds_of(draft: FoldedDraft) -> tuple[Fold, ...]:
    """Return each fold that a step reads or writes, once; what it writes last."""
    runs = [run for operand in draft.operands for run in operand.runs]
    if draft.to is not None:
        runs.append(draft.to)
    return tuple(dict.fromkeys(run.fold for run in runs))


def _run_of(writers: Sequence[FoldedDraft]) -> Run:
    """Return the lanes of a fold that its writers together write."""
    runs = [draft.to for draft in writers if draft.to is not None]
    first, last = min(run.lane for run in runs), max(run.lane + run.maps for run in runs)
    return Run(runs[0].fold, first, last - first)
