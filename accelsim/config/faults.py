"""The `faults:` section of a machine file: what goes wrong while the machine runs, and when.

docs/machine.md section 11 says what each fault does. An event happens once, at a time, or again
and again by chance, with a rate; then times, and the parts that it strikes if none is named, are
drawn from the section's seed.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Annotated, Self

from pydantic import Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from accelsim.documents.constants import (
    Check,
    Constant,
    Duration,
    Range,
    Real,
    Span,
    counted,
    one_of,
    problem,
    real,
)
from accelsim.documents.validation import Strict, says
from accelsim.errors import nearest
from accelsim.topology import PathKind, Topology, component, is_path

LATE_SETTLE, STUCK_PORT, LOST_RELEASE = "late_settle", "stuck_port", "lost_release"
MISSED_REFRESH, POWER_FAILURE = "missed_refresh", "power_failure"
FAULT_KINDS = (LATE_SETTLE, STUCK_PORT, LOST_RELEASE, MISSED_REFRESH, POWER_FAILURE)
STRIKES: dict[str, tuple[str, tuple[PathKind, ...]]] = {
    LATE_SETTLE: ("a plane", (PathKind.PLANE,)),
    STUCK_PORT: ("the ports of a bank", (PathKind.READ_PORTS, PathKind.WRITE_PORTS)),
    LOST_RELEASE: ("a plane or a way of the datapath", (PathKind.PLANE, PathKind.DIRECTION)),
    MISSED_REFRESH: ("a bank", (PathKind.BANK,)),
}
"""What a fault of each kind strikes, in words and as kinds of paths; a power failure: all."""
MOST_LATE, MOST_RATE = 1_000_000, 1e9
_FEW = 16  # lanes and planes among which the nearest right path is looked for
_ANY = ("kind", "at", "rate")
_NEEDED = {LATE_SETTLE: ("cycles",), POWER_FAILURE: ("duration",)}
_MORE = {
    LATE_SETTLE: ("where", "detected", "image", "step"),
    STUCK_PORT: ("where", "number", "duration"),
    LOST_RELEASE: ("where", "image", "step"),
    MISSED_REFRESH: ("where",),
    POWER_FAILURE: (),
}


def _whole(least: int, what: str) -> Check:
    """Return the check of a field that is a whole number, `least` or more."""
    expected = f"{what}, {least} or more"

    def read(raw: object) -> object:
        if isinstance(raw, bool) or not isinstance(raw, int) or raw < least:
            raise problem(f"got {raw!r}; expected {expected}")
        return raw

    return Check(read, expected=expected)


class Fault(Strict):
    """An event: what happens, where, and when."""

    kind: Annotated[str, one_of(lambda: FAULT_KINDS), says("What goes wrong.")]
    where: Annotated[
        str | None, says("Dotted path of what it strikes; without it, drawn, or the whole machine.")
    ] = None
    at: Annotated[Span | None, says("When it happens, once.")] = None
    rate: Annotated[
        Annotated[Real, real("Hz", "10 kHz", Range(most=MOST_RATE))] | None,
        says("How often it happens, by chance."),
    ] = None
    cycles: Annotated[
        Annotated[Constant, counted("cycles", most=MOST_LATE)] | None,
        says("Cycles by which a plane settles late."),
    ] = None
    detected: Annotated[
        StrictBool | None, says("Whether the machine notices it, and waits; without it, it does.")
    ] = None
    image: Annotated[
        Annotated[int, _whole(0, "the number of an image")] | None,
        says("Image whose write it strikes; without it, the next."),
    ] = None
    step: Annotated[
        Annotated[int, _whole(1, "the number of a step")] | None,
        says("Step whose write it strikes; without it, the next."),
    ] = None
    number: Annotated[
        Annotated[int, _whole(0, "the number of a port")] | None,
        says("Number of the port that it strikes, from 0."),
    ] = None
    duration: Annotated[Duration | None, says("How long it lasts; without it, for ever.")] = None

    @model_validator(mode="after")
    def _says_what_its_kind_needs(self) -> Self:
        """Refuse an event without what its kind needs, or with what it does not have."""
        needed = _NEEDED.get(self.kind, ())
        allowed = (*_ANY, *needed, *_MORE[self.kind])
        for key in self.model_fields_set:
            if key not in allowed:
                raise problem(f"a {self.kind} has no such key; it has {', '.join(allowed)}", key)
        if (self.at is None) == (self.rate is None):
            both = "" if self.at is None else "; got both"
            raise problem(
                f"a {self.kind} needs 'at', such as '30 ns', or 'rate', such as '10 kHz'{both}"
            )
        if self.rate is None and "where" in allowed:
            needed = ("where", *needed)
        for key in needed:
            if getattr(self, key) is None:
                raise problem(f"missing key '{key}'; a {self.kind} needs it")
        return self


class FaultsSection(Strict):
    """Events, and the seed of those that happen by chance."""

    seed: Annotated[
        Annotated[Constant, counted("draws", least=0)] | None,
        says("Seed of what happens by chance; without it, 0."),
    ] = None
    events: Annotated[list[Fault], says("Faults, each {kind, at or rate, ...}.")] = Field(
        default_factory=list
    )

    def has(self, *kinds: str) -> bool:
        """Tell whether some event is of some kinds."""
        return any(event.kind in kinds for event in self.events)

    @property
    def hides_late_settles(self) -> bool:
        """Whether a plane may settle late without the machine noticing it."""
        return any(event.kind == LATE_SETTLE and event.detected is False for event in self.events)


def wrong_events(
    section: FaultsSection, topology: Topology, refuse: Callable[[Fault], tuple[str, str] | None]
) -> Iterator[PydanticCustomError]:
    """Give an error for each event that a machine cannot have.

    refuse: says why not, and at which key, if the machine as a whole is the reason.
    """
    for place, fault in enumerate(section.events):
        found = _refused(fault, topology) or refuse(fault)
        if found is not None:
            key, message = found
            yield problem(message, "faults", "events", place, key)


def _refused(fault: Fault, topology: Topology) -> tuple[str, str] | None:
    """Return the key and the reason if a machine has no part that a fault names."""
    if fault.where is None:
        return None
    words, kinds = STRIKES[fault.kind]
    if not _has(topology, fault.where, kinds):
        known = _examples(topology, kinds)
        hint = nearest(fault.where, known)
        return "where", f"got '{fault.where}'; expected {words} such as '{known[0]}'{hint}"
    if fault.kind == STUCK_PORT and fault.number is not None:
        key, ports = "banks.write_ports", topology.write_ports
        if component(fault.where).part is PathKind.READ_PORTS:
            key, ports = "banks.read_ports", topology.read_ports
        if fault.number >= ports:
            expected = f"expected a port from 0 to {ports - 1}, as {key} is {ports}"
            return "number", f"got {fault.number}; {expected}"
    return None


def _has(topology: Topology, path: str, kinds: tuple[PathKind, ...]) -> bool:
    """Tell whether a machine has a part of some kinds with this path."""
    if not is_path(path):
        return False
    part = component(path)
    if part.part not in kinds:
        return False
    if part.part is PathKind.DIRECTION:
        return path in topology.directions
    return (
        part.place in topology.places
        and (part.lane or 0) < topology.lanes
        and (part.plane or 0) < topology.planes
    )


def _examples(topology: Topology, kinds: tuple[PathKind, ...]) -> list[str]:
    """Return paths of some kinds, of the first lanes and planes."""
    few = replace(topology, lanes=min(topology.lanes, _FEW), planes=min(topology.planes, _FEW))
    return [path for path in few.parts() if component(path).part in kinds]
