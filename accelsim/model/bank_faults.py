"""Faults of the banks of one place, inside the process of the banks. Time in ps.

A write that is hit is known when its plane is isolated, as that is when it begins to settle late;
what was hit is reported after everything of the instant (`FaultLog`).
"""

from collections.abc import Iterator
from typing import Protocol

from accelsim.compiler import Instruction
from accelsim.config.faults import LATE_SETTLE, MISSED_REFRESH, STUCK_PORT
from accelsim.kernel import Line, Message, Port, Resource, Simulation, State, lanes_of
from accelsim.model.bank_plan import BankUse
from accelsim.model.binding import Step
from accelsim.model.design import Design
from accelsim.model.fault_design import FaultDesign
from accelsim.model.fault_log import FaultLog
from accelsim.model.hits import Armed, Hit, matches
from accelsim.model.messages import Freed, HitsDue, Overdue, Struck
from accelsim.model.plane import Plane
from accelsim.records.recorder import NO_CAUSE, Recorder
from accelsim.topology import (
    PathKind,
    Place,
    bank_path,
    fault_path,
    plane_path,
    read_ports_path,
    write_ports_path,
)
from accelsim.units import render


class HasBanks(Protocol):
    """What faults need to know of their banks."""

    design: Design
    place: Place
    planes: list[Plane]
    read_ports: Resource
    write_ports: Resource
    inbox: Port[Message]


class Stuck:
    """A port that is stuck, or will be when it is free. hit: None until it is.

    lasts_ps: None for ever; waits then name no record, which would be ever longer ago.
    """

    __slots__ = ("event", "hit", "lane", "lasts_ps", "reads")

    def __init__(self, event: int, lane: int, lasts_ps: int | None, *, reads: bool) -> None:
        self.event, self.lane, self.lasts_ps, self.reads = event, lane, lasts_ps, reads
        self.hit: Hit | None = None

    def exchange(self, state: State) -> None:
        """Name what tells it from others."""
        state.values(self, "event", "lane", "lasts_ps", "reads")
        state.flights(self, "hit")

    def record(self, path: str) -> int:  # noqa: ARG002 - it holds one port
        """Return the id of its record; none if it lasts for ever."""
        return NO_CAUSE if self.hit is None or self.lasts_ps is None else self.hit.id


class BankFaults:
    """What goes wrong in banks that work in lockstep.

    sequencer_line: to the banks and the sequencer. log: of what was hit.
    """

    sequencer_line: Line[Message]

    def __init__(
        self, simulation: Simulation, banks: HasBanks, design: FaultDesign, recorder: Recorder
    ) -> None:
        self._simulation, self._banks = simulation, banks
        rank = 1 + design.topology.places.index(banks.place)
        self.log = FaultLog(simulation, recorder, banks.design.period_ps, rank)
        self._events = {
            event.number: event for event in design.events if event.may_strike(banks.place)
        }
        for event in self._events.values():
            self.log.know(event, design.paths(event, banks.place))
        self._armed: list[Armed] = []
        self._missing: list[Armed] = []
        self._stuck: list[Stuck] = []
        self._jammed: list[Stuck] = []
        self._overdue: list[Overdue] = []

    def know_step(self, number: int, instruction: Instruction) -> None:
        """Take a step that writes these banks, before the run."""
        for event in self._events.values():
            if event.hits_writes:
                self.log.know_step(event, number, instruction)

    def suffer(self, message: Message) -> None:
        """Take what concerns faults alone."""
        if isinstance(message, Struck):
            self.strike(message)
        elif isinstance(message, HitsDue):
            self.log.report(message.time_ps)
        elif isinstance(message, Freed):
            self.free(message)

    def strike(self, message: Struck) -> None:
        """Be struck by an event."""
        event, target = message.event, message.target
        if event.kind == STUCK_PORT:
            reads = target.part is PathKind.READ_PORTS
            self._jammed.append(Stuck(event.number, target.lane, event.lasts_ps, reads=reads))
        elif event.kind == MISSED_REFRESH:
            self._missing.append(Armed(event.number, target.lane))
        else:
            self._armed.append(Armed(event.number, target.lane, target.plane))

    def jam(self, now: int) -> None:
        """Let ports that are free be stuck; those in use are when they become free."""
        for stuck in list(self._jammed):
            ports, lanes = self._ports(stuck), lanes_of([stuck.lane])
            if ports.full(lanes):
                continue
            self._jammed.remove(stuck)
            self._stuck.append(stuck)
            ports.block(stuck, lanes)
            stuck.hit = self.log.note(stuck.event, self._path(stuck))
            stuck.hit.since_ps = now
            if stuck.lasts_ps is not None:
                self._simulation.send(Freed(stuck), self.sequencer_line, stuck.lasts_ps)

    def free(self, message: Freed) -> None:
        """Let a port be free again."""
        for stuck in [each for each in self._stuck if each is message.stuck]:
            self._ports(stuck).unblock(stuck, lanes_of([stuck.lane]))
            self._stuck.remove(stuck)
            if stuck.hit is not None:
                self.log.end(stuck.hit)

    def misses(self) -> bool:
        """Tell whether the round of refresh that is due now is missed."""
        if not self._missing:
            return False
        for each in self._missing:
            self.log.note(each.event, bank_path(self._banks.place, each.lane))
        self._missing.clear()
        return True

    def holds_back(self, step: Step, use: BankUse, now: int) -> bool:
        """Tell whether a write that is isolated now is hit so that it is not stored in time.

        If so, `Overdue` comes when it should be.
        """
        found = [each for each in self._armed if self._is_hit(each, step, use)]
        held: Hit | None = None
        late_ps: int | None = 0
        for each in found:
            self._armed.remove(each)
            event = self._events[each.event]
            path = plane_path(bank_path(self._banks.place, each.lane), each.plane)
            hit = self.log.note_step(each.event, path, step, step.record(path))
            if event.kind != LATE_SETTLE:
                held, late_ps = hit, None
            elif event.detected and late_ps is not None and event.late_ps > late_ps:
                held, late_ps = hit, event.late_ps
        if held is None:
            return False
        write_ps = step.binding.write_ps
        held.since_ps = now + write_ps
        message = Overdue(step, now, held, late_ps)
        self._simulation.send(message, self.sequencer_line, write_ps)
        return True

    def overdue(self, message: Overdue, use: BankUse) -> None:
        """Take note that a write is late, or that nobody says that it is over."""
        for plane, lanes in use.destinations:
            plane.overdue.append((message, lanes))
        self._overdue.append(message)

    def stored(self, step: Step) -> None:
        """Take note that a write is stored, late or not."""
        for message in [each for each in self._overdue if each.step is step]:
            self._overdue.remove(message)
            for plane in self._banks.planes:
                plane.overdue = [each for each in plane.overdue if each[0] is not message]
            self.log.end(message.hit)

    def lost(self) -> list[Step]:
        """Return the steps whose release was lost, for which no message will come."""
        return [message.step for message in self._overdue if message.late_ps is None]

    def close(self, end_ps: int) -> None:
        """Report the ports that are stuck until the end of the run."""
        for stuck in self._stuck:
            if stuck.hit is not None:
                self.log.report_span(stuck.hit, end_ps)

    def awaited_images(self) -> list[int]:
        """Return the images whose writes armed events wait for."""
        images = (self._events[each.event].image for each in self._armed)
        return [image for image in images if image is not None]

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        self.log.exchange(state)
        state.lists_of_flights(self, "_armed", "_missing", "_stuck", "_jammed", "_overdue")

    def unrest(self) -> Iterator[str]:
        """Give a line for each port that is stuck, and each release that was lost."""
        for stuck in self._stuck:
            since = 0 if stuck.hit is None else stuck.hit.since_ps
            yield (
                f"{self._path(stuck)}: stuck since {render(since, 'ps')} "
                f"({fault_path(stuck.event)}, {self._events[stuck.event].kind})"
            )
        for message in self._overdue:
            event = self._events[message.hit.event]
            yield (
                f"{message.hit.path}: not released by {message.step} since "
                f"{render(message.hit.since_ps, 'ps')} ({fault_path(event.number)}, {event.kind})"
            )

    def _is_hit(self, armed: Armed, step: Step, use: BankUse) -> bool:
        plane = self._banks.planes[armed.plane]
        return matches(self._events[armed.event], step) and any(
            destination is plane and lanes >> armed.lane & 1
            for destination, lanes in use.destinations
        )

    def _ports(self, stuck: Stuck) -> Resource:
        return self._banks.read_ports if stuck.reads else self._banks.write_ports

    def _path(self, stuck: Stuck) -> str:
        bank = bank_path(self._banks.place, stuck.lane)
        return read_ports_path(bank) if stuck.reads else write_ports_path(bank)
