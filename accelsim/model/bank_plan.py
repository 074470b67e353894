"""What an instruction takes of the banks of one place: claims, ports, and the rows reported."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Protocol

from accelsim.compiler import Instruction, Operand, PlaneRef
from accelsim.compiler.counts import cells_read
from accelsim.kernel import Resource, lanes_of
from accelsim.model.binding import Act, Group, Part, Rank, Slots, Stage
from accelsim.model.design import Design
from accelsim.model.plane import DestinationClaim, Plane, SourceClaim
from accelsim.topology import Place, plane_path, read_ports_path, write_ports_path


class HasPlanes(Protocol):
    """What a plan needs to know of banks."""

    place: Place
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


class BankPlan:
    """The part of banks in an instruction, and what they have to do for it.

    first: plane of the banks that the instruction's plane 0 is.
    """

    def __init__(self, banks: HasPlanes, instruction: Instruction, first: int) -> None:
        self.part, self.use = Part([], []), BankUse()
        self._banks, self._design = banks, banks.design
        self._instruction, self._first = instruction, first
        operands = [
            (number, operand)
            for number, operand in enumerate(instruction.operands)
            if operand.planes[0].place is banks.place
        ]
        for number, operand in operands:
            self._read(number, operand)
        if operands:
            refs = [ref for _, operand in operands for ref in operand.planes]
            rank = Rank(Stage.READ, operands[0][0])
            self.use.reads = self._ports(rank, banks.read_ports, refs, read_ports_path)
        if instruction.destination and instruction.destination[0].place is banks.place:
            self._write(instruction.destination)

    def _read(self, number: int, operand: Operand) -> None:
        for plane, lanes in self._planes(operand.planes):
            claim = SourceClaim(plane, lanes)
            self.part.claims.append((Rank(Stage.SOURCE, number), claim))
            self.use.sources.append((plane, claim.lanes))
        actions = {
            "cell_read_cycle": cells_read(operand, self._instruction) * self._design.read_cycles
        }
        paths = [(self._path(ref), read_ports_path(ref.bank)) for ref in operand.planes]
        group = Group(Act("read", held[0], actions, held) for held in paths)
        self.part.groups.append((Rank(Stage.READ, number), group))
        self.use.reading.append(group)

    def _write(self, to: Sequence[PlaneRef]) -> None:
        for plane, lanes in self._planes(to):
            claim = DestinationClaim(plane, lanes)
            self.part.claims.append((Rank(Stage.DESTINATION), claim))
            self.use.destinations.append((plane, claim.lanes))
        rank = Rank(Stage.WRITE)
        self.use.writes = self._ports(rank, self._banks.write_ports, to, write_ports_path)
        actions = {"cell_write": self._instruction.rows * self._instruction.cols}
        read_ps = self._design.read_ps
        acts = [
            Act("write", self._path(ref), actions, (write_ports_path(ref.bank),), read_ps)
            for ref in to
        ]
        acts += [
            Act("settle", act.path, {}, (act.path,), after=place) for place, act in enumerate(acts)
        ]
        self.use.writing = Group(acts)
        self.part.groups.append((rank, self.use.writing))

    def _planes(self, refs: Sequence[PlaneRef]) -> list[tuple[Plane, dict[int, str]]]:
        """Return planes with the paths by lane, where those of one number follow one another."""
        return [
            (self._banks.planes[self._first + number], {ref.lane: self._path(ref) for ref in run})
            for number, run in groupby(refs, key=lambda ref: ref.plane)
        ]

    def _ports(
        self,
        rank: Rank,
        ports: Resource,
        refs: Sequence[PlaneRef],
        path_of: Callable[[str], str],
    ) -> list[int]:
        """Claim a port for each plane; return the lanes that take one, two, ... of them."""
        needed = Counter(ref.lane for ref in refs)
        paths = {ref.lane: path_of(ref.bank) for ref in refs}
        for slots in sorted(set(needed.values())):
            lanes = {lane: path for lane, path in paths.items() if needed[lane] == slots}
            self.part.claims.append((rank, Slots(ports, lanes, slots)))
        most = max(needed.values())
        return [
            lanes_of(lane for lane, number in needed.items() if number >= level)
            for level in range(1, most + 1)
        ]

    def _path(self, ref: PlaneRef) -> str:
        return plane_path(ref.bank, self._first + ref.plane)
