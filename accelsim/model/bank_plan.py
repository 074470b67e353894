"""What an instruction takes of the banks of one place: claims, ports, and the rows reported.

What instructions have alike is made once: ports of the same lanes, reads and writes of the same
planes.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple, Protocol

from accelsim.compiler import Instruction, Operand, PlaneRef
from accelsim.compiler.counts import cells_read
from accelsim.kernel import Resource, lanes_of
from accelsim.model.binding import Act, Acts, Claim, Group, Part, Rank, Slots, Stage
from accelsim.model.design import Design
from accelsim.model.plane import DestinationClaim, Plane, SourceClaim
from accelsim.topology import Place, plane_path, read_ports_path, write_ports_path

Refs = tuple[PlaneRef, ...]
Ranked = tuple[Rank, Claim]
Held = tuple[Plane, int]
"""Planes of one number, and in which lanes."""


class Actions(Protocol):
    """What is counted where planes are of one sort. cells: of a plane."""

    def read(self, cells: int) -> dict[str, int]:
        """Return what a read of a plane counts."""

    def write(self, cells: int) -> dict[str, int]:
        """Return what a write of a plane counts."""


class CellActions(NamedTuple):
    """Analog cells: each is driven for the cycles of a read, and charged by a write."""

    read_cycles: int

    def read(self, cells: int) -> dict[str, int]:
        """Return what a read of a plane counts."""
        return {"cell_read_cycle": cells * self.read_cycles}

    def write(self, cells: int) -> dict[str, int]:
        """Return what a write of a plane counts."""
        return {"cell_write": cells}


class HasPlanes(Protocol):
    """What a plan needs to know of planes. paths: of the banks, by lane.

    ports: of reads and of writes; None where there are always enough.
    """

    place: Place
    paths: list[str]
    design: Design
    planes: list[Plane]
    actions: Actions
    ports: tuple[Resource, Resource] | None


@dataclass(slots=True)
class BankUse:
    """What a step takes of the banks, and the rows that they report of it.

    sources, destinations: planes with the lanes of each. reads, writes: lanes in which a port
    is taken, once for each port that a lane gives at the same time.
    """

    sources: list[Held] = field(default_factory=list)
    destinations: Sequence[Held] = ()
    reads: Sequence[int] = ()
    writes: Sequence[int] = ()
    reading: list[Group] = field(default_factory=list)
    writing: Group | None = None


class Ports(NamedTuple):
    """Ports that are taken at once. levels: lanes in which one, two, ... of them are."""

    claims: list[Ranked]
    levels: list[int]


_NO_PORTS = Ports([], [])


class PortPlan(NamedTuple):
    """The ports that an instruction takes in the banks of one place: the same in all contexts.

    operands: those that are read here, with their numbers. is_written: whether its destination is.
    """

    operands: list[tuple[int, Operand]]
    reads: Ports
    writes: Ports
    is_written: bool


class Access(NamedTuple):
    """What steps do to some planes: claims, planes with the lanes of each, and acts."""

    claims: list[Ranked]
    planes: list[Held]
    acts: Acts


class BankPlans:
    """Plans the part of the banks of one place in instructions."""

    def __init__(self, banks: HasPlanes) -> None:
        self._banks = banks
        self._plans: dict[int, PortPlan] = {}
        self._taken_ports: dict[tuple[Rank, tuple[int, ...]], Ports] = {}
        self._reads: dict[tuple[int, int, int, Refs], Access] = {}
        self._writes: dict[tuple[int, int, int, Refs], Access] = {}

    def plan(self, instruction: Instruction, first: int) -> tuple[Part, BankUse] | None:
        """Return the part, and what banks do for it; None if it has none.

        first: plane of the banks that the instruction's plane 0 is. Instructions have to outlive
        this.
        """
        ports = self._plans.get(id(instruction))
        if ports is None:
            ports = self._plans[id(instruction)] = self._ports(instruction)
        part = Part([], [])
        use = BankUse(reads=ports.reads.levels, writes=ports.writes.levels)
        claims = part.claims
        claims += ports.reads.claims
        claims += ports.writes.claims
        if not ports.operands and not ports.is_written:
            return None
        for number, operand in ports.operands:
            cells = cells_read(operand, instruction)
            access = self._read(number, operand.planes, cells, first)
            claims += access.claims
            use.sources += access.planes
            group = Group(access.acts)
            part.groups.append((Rank(Stage.READ, number), group))
            use.reading.append(group)
        if ports.is_written:
            cells = instruction.rows * instruction.cols
            read_ps = self._banks.design.phases.read_ps(instruction)
            access = self._write(instruction.destination, cells, first, read_ps)
            claims += access.claims
            use.destinations = access.planes
            use.writing = Group(access.acts)
            part.groups.append((_WRITE, use.writing))
        return part, use

    def _ports(self, instruction: Instruction) -> PortPlan:
        banks = self._banks
        operands = [
            (number, operand)
            for number, operand in enumerate(instruction.operands)
            if operand.planes[0].place is banks.place
        ]
        reads = writes = _NO_PORTS
        to = instruction.destination
        is_written = bool(to) and to[0].place is banks.place
        if operands and banks.ports is not None:
            lanes = [ref.lane for _, operand in operands for ref in operand.planes]
            rank = Rank(Stage.READ, operands[0][0])
            reads = self._taken(rank, banks.ports[0], lanes, read_ports_path)
        if is_written and banks.ports is not None:
            lanes = [ref.lane for ref in to]
            writes = self._taken(_WRITE, banks.ports[1], lanes, write_ports_path)
        return PortPlan(operands, reads, writes, is_written)

    def _taken(
        self, rank: Rank, ports: Resource, lanes: Sequence[int], path_of: Callable[[str], str]
    ) -> Ports:
        """Claim a port for each lane, as often as it is there."""
        key = rank, tuple(lanes)
        found = self._taken_ports.get(key)
        if found is None:
            needed = Counter(lanes)
            paths = {lane: path_of(self._banks.paths[lane]) for lane in lanes}
            claims: list[Ranked] = []
            for slots in sorted(set(needed.values())):
                some = {lane: path for lane, path in paths.items() if needed[lane] == slots}
                claims.append((rank, Slots(ports, some, slots)))
            levels = [
                lanes_of(lane for lane, number in needed.items() if number >= level)
                for level in range(1, max(needed.values()) + 1)
            ]
            found = self._taken_ports[key] = Ports(claims, levels)
        return found

    def _read(self, number: int, refs: Refs, cells: int, first: int) -> Access:
        key = number, first, cells, refs
        found = self._reads.get(key)
        if found is None:
            actions = self._banks.actions.read(cells)
            acts = Acts(
                Act("read", path, actions, (path, read_ports_path(self._banks.paths[ref.lane])))
                for ref, path in zip(refs, self._paths(refs, first), strict=True)
            )
            claims = [SourceClaim(*each) for each in self._planes(refs, first)]
            found = self._reads[key] = _access(Rank(Stage.SOURCE, number), claims, acts)
        return found

    def _write(self, refs: Refs, cells: int, first: int, read_ps: int) -> Access:
        key = first, cells, read_ps, refs
        found = self._writes.get(key)
        if found is None:
            actions = self._banks.actions.write(cells)
            paths = self._paths(refs, first)
            acts = [
                Act(
                    "write",
                    path,
                    actions,
                    (write_ports_path(self._banks.paths[ref.lane]),),
                    read_ps,
                )
                for ref, path in zip(refs, paths, strict=True)
            ]
            acts += [
                Act("settle", path, {}, (path,), after=place) for place, path in enumerate(paths)
            ]
            claims = [DestinationClaim(*each) for each in self._planes(refs, first)]
            found = self._writes[key] = _access(Rank(Stage.DESTINATION), claims, Acts(acts))
        return found

    def _paths(self, refs: Refs, first: int) -> list[str]:
        return [plane_path(self._banks.paths[ref.lane], first + ref.plane) for ref in refs]

    def _planes(self, refs: Refs, first: int) -> Iterator[tuple[Plane, dict[int, str]]]:
        """Give planes with the paths by lane, where those of one number follow one another."""
        named = zip(refs, self._paths(refs, first), strict=True)
        for number, run in groupby(named, key=lambda each: each[0].plane):
            yield self._banks.planes[first + number], {ref.lane: path for ref, path in run}


def _access(rank: Rank, claims: Sequence[SourceClaim | DestinationClaim], acts: Acts) -> Access:
    held = [(claim.plane, claim.lanes) for claim in claims]
    return Access([(rank, claim) for claim in claims], held, acts)


_WRITE = Rank(Stage.WRITE)
