"""What a machine is made of, and the dotted path of each part: built and read here alone.

================================  ===========================================================
sequencer                         the issue slot; ``sequencer.context0`` is an image in flight
clock                             clock cycles
host.queue                        images that wait; ``host.load``, ``host.handoff`` its ports
host.boundary                     results; ``host.boundary.plane0`` those of a context
datapath.a_to_b                   one direction; ``datapath.a_local`` stays within circuit A
circuit_a.lane0.array             CeNN array of a lane
circuit_a.lane0.bank              memory bank of a lane; ``circuit_a.lane0.staging`` with one
                                  circuit is where the other planes are
circuit_a.lane0.bank.plane1       one plane
circuit_a.lane0.bank.read_ports   ports of a bank, as a resource; also ``write_ports``
================================  ===========================================================
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import NamedTuple

SEQUENCER, CLOCK = "sequencer", "clock"
QUEUE, LOAD, HANDOFF, BOUNDARY = "host.queue", "host.load", "host.handoff", "host.boundary"


class Place(StrEnum):
    """Where planes are: the banks of circuit A or B, or staging planes (one circuit)."""

    A = "a"
    B = "b"
    STAGING = "staging"

    @property
    def circuit(self) -> str:
        """The circuit whose arrays write these planes: 'a' or 'b'."""
        return "b" if self is Place.B else "a"


class Block(StrEnum):
    """A block of the machine, as readers know it; energy is reported by block."""

    ARRAYS = "CeNN arrays"
    BANKS = "memory banks"
    DATAPATH = "datapath"
    SEQUENCER = "control sequencer"
    CLOCK = "clock"
    HOST = "host boundary"


def context_path(index: int) -> str:
    """Return the path of a context: 'sequencer.context0'."""
    return f"{SEQUENCER}.context{index}"


def direction_path(source: Place, to: Place) -> str:
    """Return the path of a direction of the datapath: 'datapath.a_to_b', 'datapath.a_local'."""
    return f"datapath.{source}_local" if source is to else f"datapath.{source}_to_{to}"


def array_path(circuit: str, lane: int) -> str:
    """Return the path of a CeNN array: 'circuit_a.lane0.array'."""
    return f"circuit_{circuit}.lane{lane}.array"


def bank_path(place: Place, lane: int) -> str:
    """Return the path of a bank: 'circuit_a.lane0.bank'."""
    kind = "staging" if place is Place.STAGING else "bank"
    return f"circuit_{place.circuit}.lane{lane}.{kind}"


def plane_path(bank: str, index: int) -> str:
    """Return the path of a plane of a bank, or of the host's boundary."""
    return f"{bank}.plane{index}"


def read_ports_path(bank: str) -> str:
    """Return the path of a bank's read ports, as a resource."""
    return f"{bank}.read_ports"


def write_ports_path(bank: str) -> str:
    """Return the path of a bank's write ports, as a resource."""
    return f"{bank}.write_ports"


_TOPS = {
    "datapath": Block.DATAPATH,
    SEQUENCER: Block.SEQUENCER,
    CLOCK: Block.CLOCK,
    "host": Block.HOST,
}
_KINDS = {"array": Block.ARRAYS, "bank": Block.BANKS, "staging": Block.BANKS}
_PORTS = ("read_ports", "write_ports")


class Component(NamedTuple):
    """A path, taken apart. Parts that it does not have are None, or "" for the circuit.

    unit: the path of what it belongs to: a plane or port belongs to its bank.
    role: the path without the number of a plane or context: the same for every image.
    """

    path: str
    block: Block
    unit: str
    role: str
    circuit: str = ""
    lane: int | None = None
    plane: int | None = None
    context: int | None = None


@lru_cache(maxsize=4096)
def component(path: str) -> Component:
    """Take a path apart.

    Raises ValueError for a path that no machine has.
    """
    head, *rest = path.split(".")
    if head not in _TOPS and not head.startswith("circuit_"):
        raise ValueError(f"'{path}' is no part of a machine")
    found = _parted(path)
    if head in _TOPS:
        return found._replace(block=_TOPS[head])
    kind = found.unit.rpartition(".")[2]
    if kind not in _KINDS or not rest[0].startswith("lane"):
        raise ValueError(f"'{path}' is no part of a machine")
    lane = _number(path, rest[0].removeprefix("lane"))
    return found._replace(block=_KINDS[kind], circuit=head[-1], lane=lane)


def _parted(path: str) -> Component:
    """Return a path with what its last part says of it; the block is left to say."""
    above, _, last = path.rpartition(".")
    if last.startswith("plane"):
        plane = _number(path, last.removeprefix("plane"))
        return Component(path, Block.BANKS, above, f"{above}.plane", plane=plane)
    if last.startswith("context"):
        context = _number(path, last.removeprefix("context"))
        return Component(path, Block.SEQUENCER, above, f"{above}.context", context=context)
    return Component(path, Block.BANKS, above if last in _PORTS else path, path)


def role_of(path: str) -> str:
    """Return the role of a path, or the path itself if no machine has it."""
    try:
        return component(path).role
    except ValueError:
        return path


def unit_of(path: str) -> str:
    """Return the unit of a path, or the path itself if no machine has it."""
    try:
        return component(path).unit
    except ValueError:
        return path


def _number(path: str, digits: str) -> int:
    if not digits.isdecimal():
        raise ValueError(f"'{path}' is no part of a machine: expected a number, got '{digits}'")
    return int(digits)


@dataclass(frozen=True)
class Topology:
    """The parts of a machine. circuits: 1 or 2; planes, ports: of each bank."""

    circuits: int
    lanes: int
    planes: int
    read_ports: int
    write_ports: int
    contexts: int = 1

    @cached_property
    def circuit_names(self) -> tuple[str, ...]:
        """Circuits in order: 'a', or 'a' and 'b'."""
        return ("a", "b")[: self.circuits]

    @cached_property
    def places(self) -> tuple[Place, Place]:
        """The two places of planes: A and B, or with one circuit A and its staging planes."""
        return (Place.A, Place.B) if self.circuits == 2 else (Place.A, Place.STAGING)

    @cached_property
    def directions(self) -> tuple[str, ...]:
        """Paths of the directions of the datapath."""
        one, other = self.places
        pairs = [(one, other), (other, one)]
        if self.circuits == 2:
            pairs += [(one, one), (other, other)]
        return tuple(direction_path(*pair) for pair in pairs)
