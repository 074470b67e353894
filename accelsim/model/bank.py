"""Memory banks of one place: planes of analog cells, with read and write ports, in each lane.

Modelled: ports, held for the read phase of a step; the write phase, in which the
capacitors of a charged plane are isolated and its cells relax to their values, so that
the plane can be neither read nor written; whose values a plane holds; leakage over the
run; the refresh of volatile cells; the supply, and what is lost without one. Lanes work in
lockstep. Left out: the values (accelsim.values). Time in ps.

Refresh: a counter that runs freely makes every plane due once an interval. The planes of a
bank are refreshed one after another, each in all lanes at once: it is read and written
again, which takes a read port and a write port for `refresh_cycles`. It begins at the
first instant at which the plane is idle and both ports are free in all lanes, before the
sequencer decides, and never interrupts a step.

What else may happen to a bank gets a message of its own and a case in `Banks.run`, such as a
fault.
"""

from collections.abc import Iterator

from accelsim.compiler import ContextPlan, Instruction
from accelsim.kernel import (
    Exchanges,
    Line,
    Message,
    Port,
    Process,
    Resource,
    Simulation,
    State,
    first_of,
)
from accelsim.model.bank_plan import BankPlan, BankUse, PortPlan
from accelsim.model.binding import Part, Step
from accelsim.model.design import Design
from accelsim.model.messages import (
    Charged,
    Issued,
    Maintain,
    RefreshDue,
    Refreshed,
    Slept,
    Stored,
    Waking,
)
from accelsim.model.plane import Plane
from accelsim.model.refresh import Refresher
from accelsim.model.standby import Standby
from accelsim.records.recorder import Recorder
from accelsim.topology import Place, PowerState, bank_path, plane_path


class Banks:
    """The banks of one place, one in each lane.

    `stored_line` reaches the banks themselves and the sequencer, and so does
    `refresher.refreshed_line`.
    """

    stored_line: Line[Message]

    def __init__(
        self,
        simulation: Simulation,
        design: Design,
        place: Place,
        recorder: Recorder,
    ) -> None:
        self.inbox: Port[Message] = Port(simulation, f"banks of place {place}")
        self.planes = [Plane() for _ in range(design.planes)]
        self.read_ports = Resource(design.read_ports)
        self.write_ports = Resource(design.write_ports)
        self.place, self.design = place, design
        self.paths = [bank_path(place, lane) for lane in range(design.lanes)]
        self._read_ps, self._write_ps = design.read_ps, design.write_ps
        self._simulation, self._recorder = simulation, recorder
        self._uses: dict[int, BankUse] = {}
        self._ports: dict[int, PortPlan] = {}
        cells = design.rows * design.cols * design.planes
        powered = ("leakage", cells)
        self._standby = Standby(recorder, design.period_ps, self.paths, powered, "off_bank")
        self.refresher = Refresher(simulation, self, recorder)

    def run(self) -> Process:
        """Do everything that can happen to a bank."""
        refresher = self.refresher
        refresher.start(0)
        while True:
            message = yield self.inbox
            what = type(message)
            if what is Issued:
                self._take(message.step)
                continue
            if what is Charged:
                self._isolate(message.step, message.time_ps)
            elif what is Stored:
                self._store(message.step, message.isolated_ps, message.time_ps)
            elif what is RefreshDue:
                refresher.due(message)
            elif what is Refreshed:
                refresher.end(message)
            elif what is Maintain:
                refresher.begin(message.time_ps)
                continue
            else:
                self._change_supply(message)
            if refresher.waiting:
                refresher.look()

    def part(self, number: int, instruction: Instruction, context: ContextPlan) -> Part | None:
        """Return the part in an instruction that reads or writes planes of this place."""
        ports = self._ports.get(id(instruction))
        if ports is None:
            ports = self._ports[id(instruction)] = PortPlan(self, instruction)
        if not ports.claims:
            return None
        plan = BankPlan(self, instruction, ports, context.first[self.place])
        self._uses[number] = plan.use
        return plan.part

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        ports = self.read_ports, self.write_ports
        parts: list[Exchanges] = [*self.planes, *ports, self.refresher, self._standby]
        for each in parts:
            each.exchange(state)

    def unrest(self) -> Iterator[str]:
        """Give a line for each plane that is not at rest in some lane."""
        for index, plane in enumerate(self.planes):
            for what, holds in (("is read by", plane.readers), ("is written by", plane.writers)):
                for holder, lanes in holds:
                    lane = first_of(range(lanes.bit_length()), lanes)
                    yield f"{plane_path(self.paths[lane], index)}: {what} {holder}"
        yield from self.refresher.unrest()

    def close(self, end_ps: int) -> None:
        """Report a refresh that is under way, and the leakage of all cells over the run."""
        self.refresher.close(end_ps)
        self._standby.report(end_ps)

    def _change_supply(self, message: Message) -> None:
        """Lose the supply, with what needs it, or have it again."""
        now = message.time_ps
        if isinstance(message, Slept) and message.state == PowerState.OFF:
            self.refresher.stop(now)
            self._standby.switch_off(now, message.entry)
        elif isinstance(message, Waking) and message.state == PowerState.OFF:
            self._standby.switch_on(now)
            self.refresher.start(now)
            if message.forgets:
                for plane in self.planes:
                    plane.forget()

    def _take(self, step: Step) -> None:
        """Begin the read phase: ports and planes are held."""
        use = self._uses[step.binding.number]
        for lanes in use.reads:
            self.read_ports.take(step, lanes)
        for lanes in use.writes:
            self.write_ports.take(step, lanes)
        for plane, lanes in use.sources:
            plane.read_by(step, lanes)
        for plane, lanes in use.destinations:
            plane.written_by(step, lanes)

    def _isolate(self, step: Step, now: int) -> None:
        """End the read phase: ports and sources are free, the destination relaxes."""
        use = self._uses[step.binding.number]
        for lanes in use.reads:
            self.read_ports.release(step, lanes)
        for lanes in use.writes:
            self.write_ports.release(step, lanes)
        for plane, lanes in use.sources:
            plane.read_no_more(step, lanes)
        if use.destinations:
            self._simulation.send(Stored(step, now), self.stored_line, self._write_ps)
        if self._recorder.keeps:
            since = now - self._read_ps
            for group in use.reading:
                self._recorder.phase((group.template, step.first_id, step.image, since, now))

    def _store(self, step: Step, isolated: int, now: int) -> None:
        """End the write phase: the destination holds the image's values."""
        use = self._uses[step.binding.number]
        for plane, lanes in use.destinations:
            plane.store(step, lanes, step.image)
        if self._recorder.keeps and use.writing is not None:
            template = use.writing.template
            self._recorder.phase((template, step.first_id, step.image, isolated, now))
