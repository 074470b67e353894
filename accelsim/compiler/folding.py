"""Folds layers onto the lanes, and sums onto what a step reads.

* More maps than lanes: map m lives in lane m mod lanes, fold m div lanes. Each fold is an
  instruction of its own. They do not depend on one another, so that one is read while others are
  written.
* More planes than a cell has synapses for (`arrays.fan_in`) or than a bank gives at once
  (`banks.read_ports`): a sum is formed in several steps. Each but the last stores a partial sum,
  scaled by a gain (`partial.py`), in a plane of the destination's bank; the next one reads it
  as a further operand, which takes a place of the fan-in.

The host's port gives one map at a time: each input map is a load of its own.

What else fits is left as it is: one instruction. Folds of one step, and of the same step of several
tiles, take turns in forming their sums.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from accelsim.compiler.draft import (
    Draft,
    DraftOperand,
    Fold,
    FoldedDraft,
    FoldedOperand,
    Run,
)
from accelsim.compiler.instruction import Kernel
from accelsim.compiler.partial import PartialSums
from accelsim.compiler.room import Banks, Room, RoomError
from accelsim.config import Machine
from accelsim.ops import (
    CENTRE,
    COPY_STEP,
    EXCHANGE_STEP,
    LOAD_STEP,
    PARTIAL_STEP,
    STEP_OPS,
    Value,
)
from accelsim.topology import Place


class _Segment(NamedTuple):
    """Maps of a draft in one fold of its result: from its `first` on, so many, from a lane on."""

    first: int
    maps: int
    fold: int
    lane: int

    @property
    def lanes(self) -> tuple[int, int]:
        """The first lane, and how many."""
        return self.lane, self.maps


class _Slice(NamedTuple):
    """Planes of a source, by their numbers, that a step reads; of one read map by map, all."""

    source: int
    begin: int
    end: int


_Plan = list[list[_Slice]]
"""What each step of a sum reads."""


Chain = list[FoldedDraft]
"""Instructions that form one sum of one fold, each but the first from the one before."""


class Folding:
    """Folds drafts for a machine.

    The folds of an instruction take turns in forming their sums, so that each is read while
    others are written. They take one plane more than they are, as they do one after another.
    """

    def __init__(self, machine: Machine, sums: PartialSums) -> None:
        self._lanes = machine.arrays.lanes.value
        self._fan_in = machine.arrays.fan_in.value
        self._ports = machine.banks.read_ports.value
        self._sums = sums

    def fold(self, bundles: Iterable[Sequence[Draft]]) -> Chain:
        """Return the instructions of drafts; those of a bundle do not depend on one another.

        Raises RoomError for a step that cannot be split.
        """
        return [step for bundle in bundles for step in self._in_turns(bundle)]

    def _in_turns(self, bundle: Sequence[Draft]) -> Iterator[FoldedDraft]:
        chains = [chain for draft in bundle for chain in self.chains(draft)]
        for turn in range(max(map(len, chains))):
            yield from (chain[turn] for chain in chains if turn < len(chain))

    def chains(self, draft: Draft) -> list[Chain]:
        """Return the instructions of each fold of a draft."""
        plans: dict[tuple[int, int], _Plan] = {}  # alike for folds in the same lanes
        chains = []
        for segment in self._segments(draft):
            if segment.lanes not in plans:
                plans[segment.lanes] = self._plan(draft, segment)
            chains.append(list(self._chain(draft, segment, plans[segment.lanes])))
        return chains

    def kinds(self, draft: Draft) -> list[tuple[Chain, int]]:
        """Return the instructions of one fold of those that count alike, and how many these are."""
        alike = Counter(segment.lanes for segment in self._segments(draft))
        first = {segment.lanes: segment for segment in reversed([*self._segments(draft)])}
        return [
            (list(self._chain(draft, first[lanes], self._plan(draft, first[lanes]))), folds)
            for lanes, folds in alike.items()
        ]

    def _segments(self, draft: Draft) -> Iterator[_Segment]:
        """Cut a draft's maps where a fold ends; those of a load one from another."""
        most = 1 if draft.op == LOAD_STEP else self._lanes
        first = 0
        while first < draft.maps:
            fold, lane = divmod(draft.at + first, self._lanes)
            maps = min(most, self._lanes - lane, draft.maps - first)
            yield _Segment(first, maps, fold, lane)
            first += maps

    def _plan(self, draft: Draft, segment: _Segment) -> _Plan:
        """Share the planes of all sources out among steps, as many to each as it can read."""
        plan: _Plan = [[]]
        room = Room(self._fan_in, self._ports)
        # No synapse weighs what is passed on to the host, or words of the SRAM.
        result = None if STEP_OPS[draft.op].is_digital else draft.result
        for number, source in enumerate(draft.sources):
            for begin in range(1 if source.maps is None else source.maps):
                banks = self._banks(source, segment, begin)
                if result is not None and not room.takes(banks):
                    room = Room(self._fan_in, self._ports, _partial(result, segment))
                    if not plan[-1] or not room.takes(banks):
                        raise RoomError(draft.layer, *room.lack(banks))
                    plan.append([])
                room.take(banks)
                _join(plan[-1], _Slice(number, begin, begin + 1))
        return plan

    def _banks(self, source: DraftOperand, segment: _Segment, begin: int) -> list[Banks]:
        """Return the banks that one synapse of each cell reads."""
        part = self._runs(source, segment, begin, begin + 1)
        return [Banks(run.fold.value.place, range(run.lane, run.lane + run.maps)) for run in part]

    def _chain(self, draft: Draft, segment: _Segment, plan: _Plan) -> Iterator[FoldedDraft]:
        """Give the instructions of one fold: one, or partial sums and the last step of them."""
        first_map, to = draft.first_map + segment.first, None
        gain, before = 1.0, list[FoldedOperand]()
        if len(plan) > 1:
            gain = self._gain(draft, segment, plan)
        for turn, slices in enumerate(plan):
            is_last = turn == len(plan) - 1
            if draft.result is not None:
                partial = None if is_last else (first_map, turn)
                fold = Fold(draft.result, segment.fold, partial)
                to = Run(fold, segment.lane, segment.maps)
            step = FoldedDraft(
                draft.op if is_last else PARTIAL_STEP, draft.layer,
                (*self._operands(draft, segment, slices, 1.0 if is_last else gain), *before), to,
                draft.grid, draft.rows, draft.cols, segment.maps,
                draft.bias if is_last else None, first_map, draft.tile,
            )  # fmt: skip
            yield step
            if is_last:
                return
            if draft.result is not None and draft.result.place is Place.STAGING:
                step = _copied(step)
                yield step
            before = [_read_back(step, 1 / gain if turn == len(plan) - 2 else 1.0)]

    def _gain(self, draft: Draft, segment: _Segment, plan: _Plan) -> float:
        """Return what keeps the partial sums of a fold from being clipped."""
        if draft.op == EXCHANGE_STEP:
            return 1.0  # each cell is that of one tile
        summed = self._operands(draft, segment, _merged(plan[:-1]))
        # What is known of partial sums is known of whole windows.
        layer = "" if draft.is_across else draft.layer
        return self._sums.gain(layer, summed, segment.maps)

    def _operands(
        self, draft: Draft, segment: _Segment, slices: Sequence[_Slice], gain: float = 1.0
    ) -> list[FoldedOperand]:
        return [self._operand(draft.sources[part.source], segment, part, gain) for part in slices]

    def _operand(
        self, source: DraftOperand, segment: _Segment, part: _Slice, gain: float
    ) -> FoldedOperand:
        kernel, is_shared = source.kernel, source.maps is not None
        if kernel.layer:
            first_in = kernel.first_in + (part.begin if is_shared else 0)
            first_out = kernel.first_out + segment.first
            kernel = replace(kernel, first_out=first_out, first_in=first_in, gain=gain)
        elif gain != 1:
            kernel = replace(kernel, gain=gain)
        runs = self._runs(source, segment, part.begin, part.end)
        extent = (source.value.rows, source.value.cols)
        return FoldedOperand(runs, source.taps, kernel, source.grid, extent, is_shared)

    def _runs(
        self, source: DraftOperand, segment: _Segment, begin: int, end: int
    ) -> tuple[Run, ...]:
        """Return where planes of a source are; of one read map by map, those of a segment."""
        first, last = source.first + begin, source.first + end
        if source.maps is None:
            first = source.first + segment.first
            last = first + segment.maps
        runs = []
        while first < last:
            fold, lane = divmod(first, self._lanes)
            maps = min(self._lanes - lane, last - first)
            runs.append(Run(Fold(source.value, fold), lane, maps))
            first += maps
        return tuple(runs)


def _partial(result: Value, segment: _Segment) -> Banks:
    """Return the banks that a partial sum is read from."""
    place = Place.A if result.place is Place.STAGING else result.place
    return Banks(place, range(segment.lane, segment.lane + segment.maps))


def _join(slices: list[_Slice], part: _Slice) -> None:
    """Add planes to those of a step; with the last of the same source if they follow it."""
    if slices and (slices[-1].source, slices[-1].end) == (part.source, part.begin):
        slices[-1] = slices[-1]._replace(end=part.end)
    else:
        slices.append(part)


def _merged(plan: _Plan) -> list[_Slice]:
    """Return what several steps read together."""
    merged: list[_Slice] = []
    for slices in plan:
        for part in slices:
            _join(merged, part)
    return merged


def _read_back(partial: FoldedDraft, gain: float) -> FoldedOperand:
    """Return the operand that reads a partial sum."""
    assert partial.to is not None  # noqa: S101 - a partial sum is written
    value, kernel = partial.to.fold.value, Kernel(fixed=(1.0,), gain=gain)
    extent = (value.rows, value.cols)
    return FoldedOperand((partial.to,), (CENTRE,), kernel, partial.grid, extent, shared=False)


def _copied(partial: FoldedDraft) -> FoldedDraft:
    """Return the step that brings a staged partial sum back, where there is one circuit."""
    assert partial.to is not None  # noqa: S101 - a partial sum is written
    fold = partial.to.fold
    back = fold._replace(value=replace(fold.value, place=Place.A))
    to = partial.to._replace(fold=back)
    return replace(partial, op=COPY_STEP, operands=(_read_back(partial, 1.0),), to=to)
