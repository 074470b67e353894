"""Folds layers onto the lanes, and sums onto what a step reads.

* More maps than lanes: map m lives in lane m mod lanes, fold m div lanes. Each fold is an
  instruction of its own. They do not depend on one another, so that one is read while others are
  written.
* More planes than a cell has synapses for (`arrays.fan_in`) or than a bank gives at once
  (`banks.read_ports`): a sum is formed in several steps. Each but the last stores a partial sum,
  scaled by a gain (`partial.py`), in a plane of the destination's bank; the next one reads it
  as a further operand, which takes a place of the fan-in.

What fits is left as it is: one instruction.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from accelsim.compiler.draft import (
    Draft,
    DraftOperand,
    Fold,
    FoldedDraft,
    FoldedOperand,
    MapRef,
)
from accelsim.compiler.instruction import Kernel
from accelsim.compiler.partial import PartialSums
from accelsim.compiler.room import Room, RoomError
from accelsim.config import Machine
from accelsim.ops import (
    CENTRE,
    COPY_STEP,
    HANDOFF_MORE_STEP,
    HANDOFF_STEP,
    LOAD_MORE_STEP,
    LOAD_STEP,
    PARTIAL_STEP,
    Value,
)
from accelsim.topology import Place


class _Segment(NamedTuple):
    """Maps of a draft in one fold of its result: from its `first` on, so many, from a lane on."""

    first: int
    maps: int
    fold: int
    lane: int


class _Slice(NamedTuple):
    """Planes of an operand, by their numbers, that a step reads."""

    operand: int
    begin: int
    end: int


_Plan = list[list[_Slice]]
"""What each step of a sum reads."""


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

    def fold(self, drafts: Sequence[Draft]) -> list[FoldedDraft]:
        """Return instructions that fit the lanes; RoomError for a step that cannot be split."""
        return [folded for draft in drafts for folded in self._folded(draft)]

    def _folded(self, draft: Draft) -> Iterator[FoldedDraft]:
        segments = list(self._segments(draft))
        chains = [
            list(self._chain(draft, segment, number, len(segments)))
            for number, segment in enumerate(segments)
        ]
        for turn in range(max(map(len, chains))):
            yield from (chain[turn] for chain in chains if turn < len(chain))

    def _segments(self, draft: Draft) -> Iterator[_Segment]:
        """Cut a draft's maps where a fold ends."""
        first = 0
        while first < draft.maps:
            fold, lane = divmod(draft.at + first, self._lanes)
            maps = min(self._lanes - lane, draft.maps - first)
            yield _Segment(first, maps, fold, lane)
            first += maps

    def _chain(
        self, draft: Draft, segment: _Segment, number: int, segments: int
    ) -> Iterator[FoldedDraft]:
        """Give the instructions of one fold: one, or those that form its sum."""
        operands = [self._operand(source, segment) for source in draft.sources]
        whole = FoldedDraft(
            _op(draft.op, number, segments), draft.layer, tuple(operands),
            self._destination(draft, segment), draft.grid, draft.rows, draft.cols, segment.maps,
            draft.bias, draft.first_map + segment.first,
        )  # fmt: skip
        plan = self._plan(draft, operands, segment) if draft.result and operands else []
        if draft.result is None or len(plan) <= 1:
            yield whole
        else:
            yield from self._accumulated(whole, draft.result, plan)

    def _accumulated(self, whole: FoldedDraft, result: Value, plan: _Plan) -> Iterator[FoldedDraft]:
        """Give the steps of a sum: partial sums, and the last step, which undoes their gain."""
        summed = [_cut(whole.operands, each) for each in _joined(plan[:-1])]
        gain = self._sums.gain(summed, whole.maps)
        before: tuple[FoldedOperand, ...] = ()
        for turn, slices in enumerate(plan[:-1]):
            operands = tuple(_scaled(_cut(whole.operands, each), gain) for each in slices)
            to = tuple(
                MapRef(Fold(result, ref.fold.number, (whole.first_map, turn)), ref.lane)
                for ref in whole.destination
            )
            partial = replace(
                whole, op=PARTIAL_STEP, operands=(*operands, *before), destination=to, bias=None
            )
            yield partial
            if result.place is Place.STAGING:
                partial = _copied(partial)
                yield partial
            before = (_read_back(partial, 1.0),)
        operands = tuple(_cut(whole.operands, each) for each in plan[-1])
        yield replace(whole, operands=(*operands, _read_back(partial, 1 / gain)))

    def _plan(self, draft: Draft, operands: Sequence[FoldedOperand], segment: _Segment) -> _Plan:
        """Share the planes of all operands out among steps, as many to each as it can read."""
        lanes = range(segment.lane, segment.lane + segment.maps)
        room = Room(self._fan_in, self._ports)
        plan: _Plan = [[]]
        for number, operand in enumerate(operands):
            for unit in _units(number, operand):
                refs = operand.maps[unit.begin : unit.end]
                if not room.takes(refs):
                    room = self._room_beside_partial(draft, lanes)
                    if not plan[-1] or not room.takes(refs):
                        raise RoomError(draft.layer, *room.lack(refs))
                    plan.append([])
                room.take(refs)
                plan[-1].append(unit)
        return [list(_merged(slices)) for slices in plan]

    def _room_beside_partial(self, draft: Draft, lanes: range) -> Room:
        assert draft.result is not None  # noqa: S101 - a handoff is never split
        place = draft.result.place
        place = Place.A if place is Place.STAGING else place
        return Room(self._fan_in, self._ports, Counter((place, lane) for lane in lanes))

    def _operand(self, source: DraftOperand, segment: _Segment) -> FoldedOperand:
        kernel, shared = source.kernel, source.maps is not None
        begin, maps = source.first, source.maps
        if maps is None:
            begin, maps = source.first + segment.first, segment.maps
        if kernel.layer:
            kernel = replace(kernel, first_out=kernel.first_out + segment.first)
        refs = tuple(
            MapRef(Fold(source.value, map_ // self._lanes), map_ % self._lanes)
            for map_ in range(begin, begin + maps)
        )
        extent = (source.value.rows, source.value.cols)
        return FoldedOperand(refs, source.taps, kernel, source.grid, extent, shared)

    @staticmethod
    def _destination(draft: Draft, segment: _Segment) -> tuple[MapRef, ...]:
        if draft.result is None:
            return ()
        fold = Fold(draft.result, segment.fold)
        return tuple(MapRef(fold, segment.lane + number) for number in range(segment.maps))


def _op(op: str, number: int, segments: int) -> str:
    """Return the op of a fold: only the first load and the last handoff have their own name."""
    if op == LOAD_STEP and number:
        return LOAD_MORE_STEP
    if op == HANDOFF_STEP and number < segments - 1:
        return HANDOFF_MORE_STEP
    return op


def _units(number: int, operand: FoldedOperand) -> Iterator[_Slice]:
    """Give what one synapse of a cell reads: a plane, or all that are read map by map."""
    planes = len(operand.maps)
    if not operand.shared:
        yield _Slice(number, 0, planes)
        return
    for plane in range(planes):
        yield _Slice(number, plane, plane + 1)


def _merged(slices: Sequence[_Slice]) -> Iterator[_Slice]:
    """Join planes of one operand that follow one another."""
    last = slices[0]
    for each in slices[1:]:
        if (each.operand, each.begin) == (last.operand, last.end):
            last = last._replace(end=each.end)
        else:
            yield last
            last = each
    yield last


def _joined(plan: _Plan) -> Iterator[_Slice]:
    yield from _merged([each for slices in plan for each in slices])


def _cut(operands: Sequence[FoldedOperand], part: _Slice) -> FoldedOperand:
    operand = operands[part.operand]
    if not operand.shared:
        return operand
    kernel = replace(operand.kernel, first_in=operand.kernel.first_in + part.begin)
    return replace(operand, maps=operand.maps[part.begin : part.end], kernel=kernel)


def _scaled(operand: FoldedOperand, gain: float) -> FoldedOperand:
    return replace(operand, kernel=replace(operand.kernel, gain=gain))


def _read_back(partial: FoldedDraft, gain: float) -> FoldedOperand:
    """Return the operand that reads a partial sum."""
    value = partial.destination[0].fold.value
    kernel = Kernel(fixed=(1.0,), gain=gain)
    extent = (value.rows, value.cols)
    return FoldedOperand(partial.destination, (CENTRE,), kernel, partial.grid, extent, shared=False)


def _copied(partial: FoldedDraft) -> FoldedDraft:
    """Return the step that brings a staged partial sum back, where there is one circuit."""
    to = tuple(
        MapRef(ref.fold._replace(value=replace(ref.fold.value, place=Place.A)), ref.lane)
        for ref in partial.destination
    )
    return replace(partial, op=COPY_STEP, operands=(_read_back(partial, 1.0),), destination=to)
