"""Spills: maps that are kept elsewhere while planes do not suffice, by the host or in the SRAM.

Steps are taken in an order. Where one needs a plane and none is left, that fold gives up its own of
which the next reader is furthest away (Belady, "A study of replacement algorithms for a
virtual-storage computer", IBM Systems Journal 5(2), 1966): a `spill` hands its maps to the host, or
a `store` to the SRAM, unless they are there already, and a `fill` or `fetch` brings them back, into
whatever plane is free, before that reader. A fold is spilled whole, and not before it is complete.
What a fetch brings is in the SRAM anyway, so it comes when it is needed, as often as it is.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

from accelsim.compiler.draft import Fold, FoldedDraft, FoldedOperand, Run
from accelsim.compiler.instruction import Kernel
from accelsim.ops import CENTRE, FETCH_STEP, FILL_STEP, SPILL_STEP, STORE_STEP, Value
from accelsim.topology import Place


class SpillError(Exception):
    """One step needs more planes of a place at once than there are."""


class _Uses(NamedTuple):
    """Of a fold, steps that use it in the order that is taken, the last first; its writers."""

    left: list[int]
    writers: list[FoldedDraft]


def spilled(
    drafts: Sequence[FoldedDraft], room: int, *, to_sram: bool = False
) -> list[FoldedDraft]:
    """Return drafts with spills and fills, so that no place takes more planes than there is room.

    to_sram: keep maps in the SRAM, not at the host. Raises SpillError if one step reads and writes
    more.
    """
    return _Spilling(drafts, room, _Sram() if to_sram else _Host()).drafts()


def least_room(drafts: Sequence[FoldedDraft]) -> int:
    """Return the most planes of a place that one step reads and writes."""
    return max(
        max(Counter(fold.value.place for fold in _folds_of(draft)).values(), default=0)
        for draft in drafts
    )


class _Memory(Protocol):
    """Where maps are kept. run: of a fold that is in planes. first: the step that made it."""

    def __contains__(self, fold: Fold) -> bool:
        """Tell whether it has a fold."""

    def out(self, run: Run, first: FoldedDraft) -> FoldedDraft:
        """Return the step that takes a fold there."""

    def back(self, run: Run, first: FoldedDraft) -> FoldedDraft:
        """Return the step that brings it back."""

    def note(self, draft: FoldedDraft) -> None:
        """Take note of a step that is there anyway."""


class _Host:
    """Maps at the host, one after another."""

    def __init__(self) -> None:
        self._first: dict[Fold, int] = {}
        self._next_map = 0

    def __contains__(self, fold: Fold) -> bool:
        return fold in self._first

    def out(self, run: Run, first: FoldedDraft) -> FoldedDraft:
        self._first[_unfilled(run.fold)] = self._next_map
        self._next_map += run.maps
        return replace(
            first, op=SPILL_STEP, operands=(_as_it_is(run, first),), to=None, maps=run.maps,
            bias=None, first_map=self._next_map - run.maps,
        )  # fmt: skip

    def back(self, run: Run, first: FoldedDraft) -> FoldedDraft:
        return replace(
            first, op=FILL_STEP, operands=(), to=run, maps=run.maps, bias=None,
            first_map=self._first[_unfilled(run.fold)],
        )  # fmt: skip

    def note(self, draft: FoldedDraft) -> None:
        """Nothing goes to the host but spills."""


class _Sram:
    """Folds in the SRAM: those that were spilled, and those that the program keeps there."""

    def __init__(self) -> None:
        self._copies: dict[Fold, Fold] = {}
        self._values: dict[Value, Value] = {}

    def __contains__(self, fold: Fold) -> bool:
        return fold in self._copies

    def out(self, run: Run, first: FoldedDraft) -> FoldedDraft:
        fold = _unfilled(run.fold)
        value = self._values.setdefault(fold.value, replace(fold.value, place=Place.SRAM))
        copy = self._copies[fold] = fold._replace(value=value)
        return replace(
            first, op=STORE_STEP, operands=(_as_it_is(run, first),), to=run._replace(fold=copy),
            maps=run.maps, bias=None,
        )  # fmt: skip

    def back(self, run: Run, first: FoldedDraft) -> FoldedDraft:
        copy = run._replace(fold=self._copies[_unfilled(run.fold)])
        return replace(
            first, op=FETCH_STEP, operands=(_as_it_is(copy, first),), to=run, maps=run.maps,
            bias=None,
        )  # fmt: skip

    def note(self, draft: FoldedDraft) -> None:
        if draft.op in {STORE_STEP, FETCH_STEP} and draft.to is not None:
            (source,) = draft.operands[0].runs
            folds = source.fold, draft.to.fold
            plane, copy = folds if draft.op == STORE_STEP else folds[::-1]
            self._copies[plane] = copy


def _unfilled(fold: Fold) -> Fold:
    return fold._replace(filled=0)


def _as_it_is(run: Run, first: FoldedDraft) -> FoldedOperand:
    """Return the operand that reads a fold, cells where its first writer put them."""
    kernel, extent = Kernel(fixed=(1.0,)), (run.fold.value.rows, run.fold.value.cols)
    return FoldedOperand((run,), (CENTRE,), kernel, first.grid, extent, shared=False)


class _Spilling:
    def __init__(self, drafts: Sequence[FoldedDraft], room: int, memory: _Memory) -> None:
        self._given, self._room, self._memory = drafts, room, memory
        self._uses: dict[Fold, _Uses] = {}
        for step in range(len(drafts) - 1, -1, -1):
            for fold in _folds_of(drafts[step]):
                self._uses.setdefault(fold, _Uses([], [])).left.append(step)
        self._stores: dict[Fold, int] = {}
        for step, draft in enumerate(drafts):
            if draft.op == STORE_STEP:
                self._stores[draft.operands[0].runs[0].fold] = step
            elif draft.to is not None and draft.to.fold in self._uses:
                self._uses[draft.to.fold].writers.append(draft)
        self._written: dict[Fold, int] = {}
        self._held: dict[Place, dict[Fold, None]] = {place: {} for place in Place}
        self._filled: dict[Fold, int] = {}
        self._done: set[int] = set()

    def drafts(self) -> list[FoldedDraft]:
        """Return all steps."""
        return [each for step in range(len(self._given)) for each in self._taken(step)]

    def _taken(self, step: int) -> Iterator[FoldedDraft]:
        if step in self._done:
            return
        draft = self._given[step]
        needed = _folds_of(draft)
        if draft.op == FETCH_STEP:
            self._note(draft)
        else:
            for fold in needed:
                yield from self._given_plane(fold, needed)
            self._note(draft)
            yield self._renamed(draft)
        self._use(step, needed)

    def _given_plane(self, fold: Fold, needed: Sequence[Fold]) -> Iterator[FoldedDraft]:
        """Give a fold a plane, with what it holds, if it has none."""
        place = fold.value.place
        if fold in self._held[place]:
            return
        if len(self._held[place]) >= self._room:
            yield from self._given_up(place, needed)
        self._held[place][fold] = None
        if fold in self._memory:
            self._filled[fold] = self._filled.get(fold, 0) + 1
            yield self._memory.back(self._run(fold), self._uses[fold].writers[0])

    def _note(self, draft: FoldedDraft) -> None:
        """Take note of what a step writes."""
        self._memory.note(draft)
        if draft.to is not None:
            self._written[draft.to.fold] = self._written.get(draft.to.fold, 0) + 1

    def _use(self, step: int, needed: Sequence[Fold]) -> None:
        """Take note that a step has used folds; a plane is free after its last use."""
        for fold in needed:
            left = self._uses[fold].left
            if left[-1] == step:
                left.pop()
            else:
                left.remove(step)
            if not left:
                self._held[fold.value.place].pop(fold, None)

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
        if victim not in self._memory:
            yield self._kept(victim)
        self._held[place].pop(victim, None)

    def _kept(self, fold: Fold) -> FoldedDraft:
        """Return the step that keeps a fold: that which the program has for it, if there is one."""
        step = self._stores.get(fold)
        if step is None:
            return self._memory.out(self._run(fold), self._uses[fold].writers[0])
        draft = self._given[step]
        self._done.add(step)
        self._note(draft)
        self._use(step, _folds_of(draft))
        return self._renamed(draft)

    def _run(self, fold: Fold) -> Run:
        """Return the lanes of a fold where it is now."""
        return _run_of(self._uses[fold].writers)._replace(fold=self._named(fold))

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
    """Return each fold of a plane that a step reads or writes, once; what it writes last."""
    runs = [run for operand in draft.operands for run in operand.runs]
    if draft.to is not None:
        runs.append(draft.to)
    folds = (run.fold for run in runs if run.fold.value.place is not Place.SRAM)
    return tuple(dict.fromkeys(folds))


def _run_of(writers: Sequence[FoldedDraft]) -> Run:
    """Return the lanes of a fold that its writers together write."""
    runs = [draft.to for draft in writers if draft.to is not None]
    first, last = min(run.lane for run in runs), max(run.lane + run.maps for run in runs)
    return Run(runs[0].fold, first, last - first)
