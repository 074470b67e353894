"""The integers of a machine's faults, and what chance draws of them. Times in ps.

An event with a rate is a Poisson process: times between its strikes are exponential. The n-th draw
of an event depends on the seed, the number of the event and n alone, so that neither the order of
events nor where a run was resumed changes it.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from accelsim.config import Machine
from accelsim.config.faults import (
    LATE_SETTLE,
    LOST_RELEASE,
    MISSED_REFRESH,
    POWER_FAILURE,
    Fault,
)
from accelsim.topology import (
    PathKind,
    Place,
    PowerState,
    Topology,
    bank_path,
    component,
    plane_path,
    power_path,
    read_ports_path,
    write_ports_path,
)
from accelsim.units import PS_PER_S


class Target(NamedTuple):
    """What a fault strikes. place: of planes and ports; None for a way, or the whole machine."""

    path: str
    part: PathKind
    place: Place | None = None
    lane: int = 0
    plane: int = 0


class Strike(NamedTuple):
    """A moment at which an event strikes, and what."""

    at_ps: int
    target: Target


@dataclass(frozen=True)
class FaultEvent:
    """An event of the machine file.

    number: its place there. target: None if it is drawn. at_ps: None if it has a rate, in
    strikes a second. late_ps: by which a plane settles late. image, step: whose write is struck;
    None: the next. lasts_ps: None for ever.
    """

    number: int
    kind: str
    target: Target | None
    at_ps: int | None
    rate: float
    late_ps: int
    detected: bool
    image: int | None
    step: int | None
    lasts_ps: int | None

    @classmethod
    def of(cls, number: int, fault: Fault, period_ps: int) -> "FaultEvent":
        """Return the event of a machine file's entry."""
        target = None
        if fault.kind == POWER_FAILURE:
            target = Target(power_path(PowerState.OFF), PathKind.POWER_STATE)
        elif fault.where is not None:
            target = target_of(fault.where)
        return cls(
            number=number,
            kind=fault.kind,
            target=target,
            at_ps=None if fault.at is None else fault.at.value,
            rate=0.0 if fault.rate is None else fault.rate.value,
            late_ps=0 if fault.cycles is None else fault.cycles.value * period_ps,
            detected=fault.detected is not False,
            image=fault.image,
            step=fault.step,
            lasts_ps=None if fault.duration is None else fault.duration.value,
        )

    @property
    def hits_writes(self) -> bool:
        """Whether it strikes the write of a plane."""
        is_way = self.target is not None and self.target.part is PathKind.DIRECTION
        return self.kind == LATE_SETTLE or (self.kind == LOST_RELEASE and not is_way)

    def may_strike(self, place: Place) -> bool:
        """Tell whether planes or ports of a place may be struck."""
        return self.target is None or self.target.place is place


@dataclass(frozen=True)
class FaultDesign:
    """The events of a machine, and what they are drawn from."""

    seed: int
    events: tuple[FaultEvent, ...]
    topology: Topology

    @classmethod
    def of(cls, machine: Machine) -> "FaultDesign | None":
        """Return the faults of a machine file; None for a machine without."""
        section = machine.faults
        if section is None or not section.events:
            return None
        events = (
            FaultEvent.of(number, fault, machine.period_ps)
            for number, fault in enumerate(section.events)
        )
        seed = 0 if section.seed is None else section.seed.value
        return cls(seed, tuple(events), machine.topology)

    def first(self, event: FaultEvent) -> Strike:
        """Return the first strike of an event."""
        if event.at_ps is not None and event.target is not None:
            return Strike(event.at_ps, event.target)
        return self.drawn(event, 0, 0)

    def drawn(self, event: FaultEvent, count: int, after_ps: int) -> Strike:
        """Return strike `count`, from 0, of an event with a rate, after the one before it."""
        chance = random.Random(f"{self.seed} {event.number} {count}")  # noqa: S311 - no secret
        gap = -math.log(1 - chance.random()) / event.rate * PS_PER_S
        target = event.target or self._target(event.kind, chance)
        return Strike(after_ps + max(1, round(gap)), target)

    def paths(self, event: FaultEvent, place: Place) -> Iterator[str]:
        """Give the paths that an event may hit in the banks of a place."""
        if event.target is not None:
            yield event.target.path
            return
        parts = self.topology
        for bank in parts.banks(place):
            if event.kind == MISSED_REFRESH:
                yield bank
            elif event.hits_writes:
                yield from (plane_path(bank, plane) for plane in range(parts.planes))
            else:
                yield from (read_ports_path(bank), write_ports_path(bank))

    def _target(self, kind: str, chance: random.Random) -> Target:
        """Draw what is struck: each part of the machine that may be is as likely."""
        parts = self.topology
        bank = bank_path(chance.choice(parts.places), chance.randrange(parts.lanes))
        if kind == MISSED_REFRESH:
            return target_of(bank)
        if kind in (LATE_SETTLE, LOST_RELEASE):
            return target_of(plane_path(bank, chance.randrange(parts.planes)))
        reads = chance.randrange(parts.read_ports + parts.write_ports) < parts.read_ports
        return target_of(read_ports_path(bank) if reads else write_ports_path(bank))


def target_of(path: str) -> Target:
    """Return a part of a machine as what is struck."""
    part = component(path)
    return Target(path, part.part, part.place, part.lane or 0, part.plane or 0)
