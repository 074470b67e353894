"""What an instruction takes of the banks of one place: claims, ports, and the rows reported."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Protocol

from accelsim.compiler import Instruction, Operand, PlaneRef
from accelsim.compiler.counts import cells_read
from accelsim.kernel import Resource, lanes_of
from accelsim.model.binding import Act, Claim, Group, Part, Rank, Slots, Stage
from accelsim.model.design import Design
from accelsim.model.plane import DestinationClaim, Plane, SourceClaim
from accelsim.topology import Place, plane_path, read_ports_path, write_ports_path

Named = tuple[PlaneRef, str]
"""A plane of an instruction, and its path in a context."""


class HasPlanes(Protocol):
    """What a plan needs to know of banks. paths: of the banks, by lane."""

    place: Place
    paths: list[str]
    design: Design
    planes: list[Plane]
    read_ports: Resource
    write_ports: Resource


@dataclass(slots=True)
class BankUse:
    """What a step takes of the banks, and the rows that they report of it.

    sources, destinations: planes with the lanes of each. reads, writes: lanes in which a port
    is taken, once for each port that a lane gives at the same time.
    """

    sources: list[tuple[Plane, int]] = field(default_factory=list)
    destinations: list[tuple[Plane, int]] = field(default_factory=list)
    reads: list[int] = field(default_factory=list)
    writes: list[int] = field(default_factory=list)
    reading: list[Group] = field(default_factory=list)
    writing: Group | None = None


class PortPlan:
    """The ports that an instruction takes in the banks of one place: the same in all contexts.

    operands: those that are read here, with their numbers. reads, writes: as of `BankUse`.
    """

    def __init__(self, banks: HasPlanes, instruction: Instruction) -> None:
        self.claims: list[tuple[Rank, Claim]] = []
        self.operands = [
            (number, operand)
            for number, operand in enumerate(instruction.operands)
            if operand.planes[0].place is banks.place
        ]
        self._paths = banks.paths
        self.reads: list[int] = []
        self.writes: list[int] = []
        if self.operands:
            refs = [ref for _, operand in self.operands for ref in operand.planes]
            rank = Rank(Stage.READ, self.operands[0][0])
            self.reads = self._ports(rank, banks.read_ports, refs, read_ports_path)
        to = instruction.destination
        if to and to[0].place is banks.place:
            rank = Rank(Stage.WRITE)
            self.writes = self._ports(rank, banks.write_ports, to, write_ports_path)

    def _ports(
        self,
        rank: Rank,
        ports: Resource,
        refs: Sequence[PlaneRef],
        path_of: Callable[[str], str],
    ) -> list[int]:
        """Claim a port for each plane; return the lanes that take one, two, ... of them."""
        needed = Counter(ref.lane for ref in refs)
        paths = {ref.lane: path_of(self._paths[ref.lane]) for ref in refs}
        for slots in sorted(set(needed.values())):
            lanes = {lane: path for lane, path in paths.items() if needed[lane] == slots}
            self.claims.append((rank, Slots(ports, lanes, slots)))
        most = max(needed.values())
        return [
            lanes_of(lane for lane, number in needed.items() if number >= level)
            for level in range(1, most + 1)
        ]


class BankPlan:
    """The part of banks in an instruction, and what they have to do for it.

    ports: those that it takes. first: plane of the banks that the instruction's plane 0 is.
    """

    def __init__(
        self, banks: HasPlanes, instruction: Instruction, ports: PortPlan, first: int
    ) -> None:
        self.part = Part([*ports.claims], [])
        self.use = BankUse(reads=ports.reads, writes=ports.writes)
        self._banks, self._design = banks, banks.design
        self._instruction, self._first = instruction, first
        for number, operand in ports.operands:
            self._read(number, operand)
        if ports.writes:
            self._write(instruction.destination)

    def _read(self, number: int, operand: Operand) -> None:
        named = self._named(operand.planes)
        for plane, lanes in self._planes(named):
            claim = SourceClaim(plane, lanes)
            self.part.claims.append((Rank(Stage.SOURCE, number), claim))
            self.use.sources.append((plane, claim.lanes))
        actions = {
            "cell_read_cycle": cells_read(operand, self._instruction) * self._design.read_cycles
        }
        banks = self._banks.paths
        group = Group(
            Act("read", path, actions, (path, read_ports_path(banks[ref.lane])))
            for ref, path in named
        )
        self.part.groups.append((Rank(Stage.READ, number), group))
        self.use.reading.append(group)

    def _write(self, to: Sequence[PlaneRef]) -> None:
        named = self._named(to)
        for plane, lanes in self._planes(named):
            claim = DestinationClaim(plane, lanes)
            self.part.claims.append((Rank(Stage.DESTINATION), claim))
            self.use.destinations.append((plane, claim.lanes))
        actions = {"cell_write": self._instruction.rows * self._instruction.cols}
        read_ps, banks = self._design.read_ps, self._banks.paths
        acts = [
            Act("write", path, actions, (write_ports_path(banks[ref.lane]),), read_ps)
            for ref, path in named
        ]
        acts += [
            Act("settle", act.path, {}, (act.path,), after=place) for place, act in enumerate(acts)
        ]
        self.use.writing = Group(acts)
        self.part.groups.append((Rank(Stage.WRITE), self.use.writing))

    def _named(self, refs: Sequence[PlaneRef]) -> list[Named]:
        banks, first = self._banks.paths, self._first
        return [(ref, plane_path(banks[ref.lane], first + ref.plane)) for ref in refs]

    def _planes(self, named: Sequence[Named]) -> Iterator[tuple[Plane, dict[int, str]]]:
        """Give planes with the paths by lane, where those of one number follow one another."""
        for number, run in groupby(named, key=lambda each: each[0].plane):
            yield self._banks.planes[self._first + number], {ref.lane: path for ref, path in run}
