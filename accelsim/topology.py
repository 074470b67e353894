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
power.clock_gated                 power control, by the state that it puts the machine in;
                                  also ``power.off``
converters.adc                    ADCs that maps go to the SRAM through; ``converters.dac``
                                  those that they come back through
digital.engine                    digital engine, of maps in the SRAM
digital.sram                      the SRAM as a whole, which leaks
digital.sram.lane0                SRAM of the maps of a lane; ``digital.sram.lane0.plane1``
classifier.adc                    behind the handoff, in the scope classification: its ADC;
                                  ``classifier.queue`` results that wait for it
classifier.engine                 its fully-connected engine; ``classifier.sram`` its memory
faults.fault0                     an event of the machine file that goes wrong, by its number
================================  ===========================================================
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from accelsim.paths import (
    ADC,
    BLOCK_OF,
    BOUNDARY,
    CLASSIFIER_ADC,
    CLASSIFIER_ENGINE,
    CLASSIFIER_PATHS,
    CLASSIFIER_QUEUE,
    CLASSIFIER_SRAM,
    CLOCK,
    DAC,
    ENGINE,
    HANDOFF,
    LOAD,
    QUEUE,
    SEQUENCER,
    SRAM,
    BlockName,
    PathKind,
    Place,
    PowerState,
    array_path,
    bank_path,
    context_path,
    direction_path,
    fault_path,
    plane_path,
    power_path,
    read_ports_path,
    write_ports_path,
)

__all__ = [
    "ADC",
    "BOUNDARY",
    "CLASSIFIER_ADC",
    "CLASSIFIER_ENGINE",
    "CLASSIFIER_PATHS",
    "CLASSIFIER_QUEUE",
    "CLASSIFIER_SRAM",
    "CLOCK",
    "CONVERSIONS",
    "DAC",
    "ENGINE",
    "HANDOFF",
    "LOAD",
    "QUEUE",
    "SEQUENCER",
    "SRAM",
    "BlockName",
    "Component",
    "PathKind",
    "Place",
    "PowerState",
    "Topology",
    "Unit",
    "array_path",
    "bank_path",
    "component",
    "context_path",
    "direction_path",
    "fault_path",
    "is_path",
    "is_within",
    "levels",
    "lineage",
    "plane_path",
    "power_path",
    "read_ports_path",
    "role_of",
    "unit_of",
    "write_ports_path",
]

CONVERSIONS = (ADC, DAC, ENGINE)
"""Ways to the SRAM, from it, and within it."""

_NUMBERED = {PathKind.CONTEXT: "context", PathKind.PLANE: "plane", PathKind.BOUNDARY_PLANE: "plane"}
_INNER = (*_NUMBERED, PathKind.READ_PORTS, PathKind.WRITE_PORTS)


class Component(NamedTuple):
    """A path, taken apart. What it does not have is None, or "" for the circuit.

    place: where a bank, plane or port is. way: source and target of a direction.
    """

    path: str
    part: PathKind
    circuit: str = ""
    lane: int | None = None
    plane: int | None = None
    context: int | None = None
    fault: int | None = None
    place: Place | None = None
    way: tuple[Place, Place] | None = None

    @property
    def block(self) -> BlockName:
        """The block of the machine that it belongs to."""
        return BlockName.SRAM if self.place is Place.SRAM else BLOCK_OF[self.part]

    @property
    def unit(self) -> str:
        """The path of what it belongs to: a plane or port to its bank, a context to the slot."""
        return self.path.rpartition(".")[0] if self.part in _INNER else self.path

    @property
    def role(self) -> str:
        """The path without the number of a plane or context: the same for every image."""
        name = _NUMBERED.get(self.part)
        return f"{self.unit}.{name}" if name else self.path


def _ways() -> Iterator[tuple[Place, Place]]:
    for two in ((Place.A, Place.B), (Place.A, Place.STAGING)):
        yield two
        yield two[::-1]
    yield Place.A, Place.A
    yield Place.B, Place.B


def _first_components() -> Iterator[Component]:
    """Give every sort of part once, with 0 for each number."""
    yield Component(SEQUENCER, PathKind.SEQUENCER)
    yield Component(context_path(0), PathKind.CONTEXT)
    yield Component(CLOCK, PathKind.CLOCK)
    yield Component(QUEUE, PathKind.QUEUE)
    yield Component(LOAD, PathKind.LOAD)
    yield Component(HANDOFF, PathKind.HANDOFF)
    yield Component(BOUNDARY, PathKind.BOUNDARY)
    yield Component(plane_path(BOUNDARY, 0), PathKind.BOUNDARY_PLANE)
    for way in _ways():
        yield Component(direction_path(*way), PathKind.DIRECTION, way=way)
    for path, kind in ((ADC, PathKind.ADC), (DAC, PathKind.DAC), (ENGINE, PathKind.ENGINE)):
        yield Component(path, kind)
    yield Component(SRAM, PathKind.SRAM, place=Place.SRAM)
    yield Component(CLASSIFIER_QUEUE, PathKind.CLASSIFIER_QUEUE)
    yield Component(CLASSIFIER_ADC, PathKind.CLASSIFIER_ADC)
    yield Component(CLASSIFIER_ENGINE, PathKind.CLASSIFIER_ENGINE)
    yield Component(CLASSIFIER_SRAM, PathKind.CLASSIFIER_SRAM)
    for circuit in ("a", "b"):
        yield Component(array_path(circuit, 0), PathKind.ARRAY, circuit)
    for place in Place:
        bank = bank_path(place, 0)
        yield Component(bank, PathKind.BANK, place.circuit, place=place)
        yield Component(plane_path(bank, 0), PathKind.PLANE, place.circuit, place=place)
        yield Component(read_ports_path(bank), PathKind.READ_PORTS, place.circuit, place=place)
        yield Component(write_ports_path(bank), PathKind.WRITE_PORTS, place.circuit, place=place)
    for state in PowerState:
        yield Component(power_path(state), PathKind.POWER_STATE)
    yield Component(fault_path(0), PathKind.FAULT)


_FIRST = {each.path: each for each in _first_components()}
_NUMBER = re.compile(r"\b(lane|plane|context|fault)(0|[1-9][0-9]{0,6})\b")


@lru_cache(maxsize=4096)
def component(path: str) -> Component:
    """Take a path apart.

    Raises ValueError for a path that no machine has.
    """
    first = _FIRST.get(_NUMBER.sub(r"\g<1>0", path))
    if first is None:
        raise ValueError(f"'{path}' is no part of a machine; expected {_expected(path)}")
    found: dict[str, Any] = {name: int(digits) for name, digits in _NUMBER.findall(path)}
    return first._replace(path=path, **found)


def _expected(path: str) -> str:
    """Return the known path most like a wrong one."""
    near = get_close_matches(_NUMBER.sub(r"\g<1>0", path), _FIRST, n=1, cutoff=0.0)
    return f"a path such as '{near[0]}'"


def is_path(path: str) -> bool:
    """Tell whether some machine has a part of this path."""
    return _NUMBER.sub(r"\g<1>0", path) in _FIRST


def role_of(path: str) -> str:
    """Return the role of a path; "" has none. Raises ValueError as `component` does."""
    return component(path).role if path else ""


def unit_of(path: str) -> str:
    """Return the unit of a path. Raises ValueError as `component` does."""
    return component(path).unit


def levels(path: str) -> tuple[str, ...]:
    """Return the names from the top down to a part: 'circuit_a', 'lane0', 'bank', 'plane1'."""
    return tuple(path.split("."))


def lineage(path: str) -> tuple[str, ...]:
    """Return a path and all above it, from the top: 'host', 'host.queue'."""
    names = levels(path)
    return tuple(".".join(names[: depth + 1]) for depth in range(len(names)))


def is_within(path: str, outer: Collection[str]) -> bool:
    """Tell whether a path, or one above it, is among some."""
    return any(each in outer for each in lineage(path))


class Unit(NamedTuple):
    """Something of a machine that serves `slots` steps at once, and is busy or idle."""

    component: Component
    slots: int


@dataclass(frozen=True)
class Topology:
    """The parts of a machine. circuits: 1 or 2; planes, ports: of each bank.

    sram_planes: maps of a lane that the SRAM holds; 0: it has none, and no converters.
    """

    circuits: int
    lanes: int
    planes: int
    read_ports: int
    write_ports: int
    contexts: int = 1
    sram_planes: int = 0

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

    def arrays(self, circuit: str) -> list[str]:
        """Return the paths of a circuit's arrays, by lane."""
        return [array_path(circuit, lane) for lane in range(self.lanes)]

    def banks(self, place: Place) -> list[str]:
        """Return the paths of the banks of a place, by lane."""
        return [bank_path(place, lane) for lane in range(self.lanes)]

    @property
    def srams(self) -> list[str]:
        """Paths of what the SRAM holds of each lane."""
        return self.banks(Place.SRAM) if self.sram_planes else []

    def parts(self) -> Iterator[str]:
        """Give the path of everything that the machine has."""
        yield from (SEQUENCER, CLOCK, QUEUE, LOAD, HANDOFF, BOUNDARY)
        for index in range(self.contexts):
            yield context_path(index)
            yield plane_path(BOUNDARY, index)
        yield from self.directions
        for circuit in self.circuit_names:
            yield from self.arrays(circuit)
        for bank in (bank for place in self.places for bank in self.banks(place)):
            yield from (bank, read_ports_path(bank), write_ports_path(bank))
            yield from (plane_path(bank, index) for index in range(self.planes))
        if self.sram_planes:
            yield from (*CONVERSIONS, SRAM)
        for bank in self.srams:
            yield bank
            yield from (plane_path(bank, index) for index in range(self.sram_planes))
        yield from map(power_path, PowerState)

    def units(self) -> Iterator[Unit]:
        """Give everything that steps use and wait for; a bank serves with all its planes."""
        paths = [(SEQUENCER, 1), *((path, 1) for path in self.directions)]
        for circuit in self.circuit_names:
            paths += [(path, 1) for path in self.arrays(circuit)]
        for place in self.places:
            banks = self.banks(place)
            paths += [(read_ports_path(bank), self.read_ports) for bank in banks]
            paths += [(write_ports_path(bank), self.write_ports) for bank in banks]
            paths += [(bank, self.planes) for bank in banks]
        if self.sram_planes:
            paths += [(path, 1) for path in CONVERSIONS]
            paths += [(bank, self.sram_planes) for bank in self.srams]
        paths += [(LOAD, 1), (HANDOFF, 1)]
        return (Unit(component(path), slots) for path, slots in paths)
