"""What steps take of a machine and of one another, in numbers: what orders and bounds rest on.

A store is what a step writes and others read: a fold before it has a plane, or a plane of a
program. Lanes are bits. Pure tables: nothing here decides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

from accelsim.compiler.draft import Fold, FoldedDraft, Run
from accelsim.compiler.instruction import Instruction, PlaneRef, Program, ways
from accelsim.compiler.phases import Phase, Phases
from accelsim.config import Machine
from accelsim.ops import FILL_STEP, SPILL_STEP
from accelsim.topology import Place


class Pace(NamedTuple):
    """How long things take, in cycles, and the ports of a bank.

    read, write: phases of a step, unless it has others. spill: the way to the host and back.
    varies: whether some have others.
    """

    read: int
    write: int
    read_ports: int
    spill: int = 0
    write_ports: int = 1
    varies: bool = False

    @property
    def outlasts(self) -> bool:
        """Whether a read phase may be longer than a cycle."""
        return self.varies or self.read > 1

    @property
    def usual(self) -> Phase:
        """The phases of a step that has no others."""
        return Phase(self.read, self.write)

    @classmethod
    def of(cls, machine: Machine) -> "Pace":
        """Return the pace of a machine."""
        phases, banks = Phases.of_machine(machine), machine.banks
        spill = 0 if machine.spill is None else machine.spill.cycles.value
        return cls(
            *phases.usual, banks.read_ports.value, spill, banks.write_ports.value,
            phases.vary,
        )  # fmt: skip


class Part(NamedTuple):
    """Lanes of a store."""

    store: int
    lanes: int


class Use(NamedTuple):
    """What a step takes.

    reads: a part twice if it is read twice. writes: None of a handoff. ways: of the datapath, or a
    port of the host. arrays: circuit and lanes, None of a handoff. stores: each that it reads or
    writes, once. spills, fills: where at the host; -1: it does not. phase: its own; None: as usual.
    """

    reads: tuple[Part, ...]
    writes: Part | None
    ways: tuple[str, ...]
    arrays: tuple[str, int] | None
    stores: tuple[int, ...]
    spills: int = -1
    fills: int = -1
    phase: Phase | None = None

    def phase_at(self, pace: Pace) -> Phase:
        """Return its phases."""
        return self.phase or pace.usual


@dataclass(frozen=True)
class Work:
    """Steps in an order. places: of each store. folds: that the stores are; none of planes."""

    uses: Sequence[Use]
    places: Sequence[Place]
    folds: Sequence[Fold] = ()

    def taken(self, order: Sequence[int]) -> "Work":
        """Return the same in another order of steps."""
        return replace(self, uses=[self.uses[step] for step in order])


_Name = TypeVar("_Name", Fold, tuple[Place, int])


class _Table(Generic[_Name]):
    """Numbers the stores as they come, by what names them."""

    def __init__(self) -> None:
        self.numbers: dict[_Name, int] = {}
        self.places: list[Place] = []
        self._ways: dict[tuple[tuple[Place, ...], Place | None], tuple[str, ...]] = {}

    def number(self, name: _Name, place: Place) -> int:
        number = self.numbers.setdefault(name, len(self.numbers))
        if number == len(self.places):
            self.places.append(place)
        return number

    def use(self, reads: list[Part], sources: tuple[Place, ...], writes: Part | None) -> Use:
        """Return a use. sources: the place of each operand."""
        to = None if writes is None else self.places[writes.store]
        key = sources, to
        found = self._ways.get(key)
        if found is None:
            found = self._ways[key] = ways(sources, to)
        arrays = None
        if writes is not None and to is not None and Place.SRAM not in (*sources, to):
            arrays = to.circuit, writes.lanes
        stores = [part.store for part in (reads if writes is None else [*reads, writes])]
        return Use(tuple(reads), writes, found, arrays, tuple(dict.fromkeys(stores)))


@lru_cache(maxsize=4096)
def lanes_of(first: int, number: int) -> int:
    """Return neighbouring lanes as bits."""
    return ((1 << number) - 1) << first


@lru_cache(maxsize=4096)
def lanes_in(lanes: int) -> tuple[int, ...]:
    """Return the numbers of lanes that are bits."""
    return tuple(lane for lane in range(lanes.bit_length()) if lanes >> lane & 1)


def work_of(drafts: Iterable[FoldedDraft], phases: Phases | None = None) -> Work:
    """Return what drafts take; their stores are folds. phases: None: each has the usual ones."""
    table, uses = _Table[Fold](), []
    for draft in drafts:
        reads = [_part(run, table) for operand in draft.operands for run in operand.runs]
        sources = tuple(operand.runs[0].fold.value.place for operand in draft.operands)
        writes = None if draft.to is None else _part(draft.to, table)
        uses.append(_own(table.use(reads, sources, writes), draft, phases))
    return Work(uses, table.places, list(table.numbers))


def _part(run: Run, table: _Table[Fold]) -> Part:
    return Part(table.number(run.fold, run.fold.value.place), lanes_of(run.lane, run.maps))


def work_of_program(program: Program, phases: Phases | None = None) -> Work:
    """Return what instructions take; their stores are planes. phases: None: the usual ones."""
    table = _Table[tuple[Place, int]]()
    uses = [_own(_use_of(step, table), step, phases) for step in program.instructions]
    return Work(uses, table.places)


def _use_of(step: Instruction, table: _Table[tuple[Place, int]]) -> Use:
    reads = [part for operand in step.operands for part in _parts(operand.planes, table)]
    sources = tuple(operand.planes[0].place for operand in step.operands)
    written = _parts(step.destination, table)
    if len(written) > 1:
        raise ValueError(f"step {step.step} writes planes of several numbers")
    return table.use(reads, sources, written[0] if written else None)


def _own(use: Use, step: FoldedDraft | Instruction, phases: Phases | None) -> Use:
    """Return a use with what is a step's own: phases, and what the host keeps of it."""
    if step.op == SPILL_STEP:
        use = use._replace(spills=step.first_map)
    elif step.op == FILL_STEP:
        use = use._replace(fills=step.first_map)
    if phases is None or not phases.vary:
        return use
    phase = phases.of(step)
    return use if phase == phases.usual else use._replace(phase=phase)


def _parts(refs: Sequence[PlaneRef], table: _Table[tuple[Place, int]]) -> list[Part]:
    """Return planes with the lanes of each; a plane that is named again is a part of its own."""
    parts: list[Part] = []
    for ref in refs:
        store, lane = table.number((ref.place, ref.plane), ref.place), 1 << ref.lane
        if parts and parts[-1].store == store and not parts[-1].lanes & lane:
            parts[-1] = Part(store, parts[-1].lanes | lane)
        else:
            parts.append(Part(store, lane))
    return parts


def banks_read(use: Use, places: Sequence[Place]) -> dict[tuple[Place, int], int]:
    """Return how many planes a step reads of each bank, by place and lane."""
    return _banks(tuple((places[part.store], part.lanes) for part in use.reads))


@lru_cache(maxsize=4096)
def _banks(reads: tuple[tuple[Place, int], ...]) -> dict[tuple[Place, int], int]:
    found: dict[tuple[Place, int], int] = {}
    for place, lanes in reads:
        if place is Place.SRAM:  # which has a port for each of those who read it
            continue
        for lane in lanes_in(lanes):
            found[place, lane] = found.get((place, lane), 0) + 1
    return found
