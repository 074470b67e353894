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

Faults, of machines that have any, are in bank_faults.py. What else may happen to a bank gets a
message of its own and a case in `Banks.run`.
"""

from collections.abc import Iterator

from accelsim.compiler import ContextPlan, Instruction
from accelsim.kernel import (
    Exchanges,
    Message,
    Process,
    Resource,
    Simulation,
    State,
)
from accelsim.model.bank_faults import BankFaults
from accelsim.model.bank_plan import CellActions
from accelsim.model.binding import Part, Step
from accelsim.model.design import Design
from accelsim.model.messages import (
    Charged,
    Issued,
    Maintain,
    Overdue,
    RefreshDue,
    Refreshed,
    Slept,
    Stored,
    SupplyLost,
    Waking,
)
from accelsim.model.planes import Planes
from accelsim.model.refresh import Refresher
from accelsim.model.standby import Standby
from accelsim.records.recorder import Recorder
from accelsim.topology import Place, PowerState


class Banks(Planes):
    """The banks of one place, one in each lane.

    `stored_line` reaches the banks themselves and the sequencer, and so does
    `refresher.refreshed_line`.
    """

    def __init__(
        self,
        simulation: Simulation,
        design: Design,
        place: Place,
        recorder: Recorder,
    ) -> None:
        self.read_ports = Resource(design.read_ports)
        self.write_ports = Resource(design.write_ports)
        super().__init__(
            simulation,
            design,
            place,
            recorder,
            planes=design.planes,
            actions=CellActions(design.read_cycles),
            ports=(self.read_ports, self.write_ports),
        )
        cells = design.rows * design.cols * design.planes
        powered = ("leakage", cells)
        self._standby = Standby(recorder, design.period_ps, self.paths, powered, "off_bank")
        self.refresher = Refresher(simulation, self, recorder)
        if design.faults is not None:
            self.faults = BankFaults(simulation, self, design.faults, recorder)
        self._lost: list[Step] = []

    def run(self) -> Process:
        """Do everything that can happen to a bank."""
        refresher, faults = self.refresher, self.faults
        refresher.start(0)
        inbox = self.inbox
        while True:
            message = yield inbox
            what = type(message)
            if what is Issued:
                self._take(message.step)
                continue
            if what is Charged:
                self._isolate(message.step, message.time_ps)
            elif what is Stored:
                self._store(message.step, message.isolated_ps, message.time_ps)
            elif what is RefreshDue:
                self._due(message)
            elif what is Refreshed:
                refresher.end(message)
            elif what is Maintain:
                refresher.begin(message.time_ps)
                continue
            else:
                self._suffer(message)
            if faults is not None:
                faults.jam(message.time_ps)
            if refresher.waiting:
                refresher.look()

    def part(self, number: int, instruction: Instruction, context: ContextPlan) -> Part | None:
        """Return the part in an instruction that reads or writes planes of this place."""
        part = super().part(number, instruction, context)
        if part is not None and self.faults is not None and self._uses[number].destinations:
            self.faults.know_step(number, instruction)
        return part

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        ports = self.read_ports, self.write_ports
        super().exchange(state)
        parts: list[Exchanges] = [*ports, self.refresher, self._standby]
        if self.faults is not None:
            parts.append(self.faults)
        state.lists_of_flights(self, "_lost")
        for each in parts:
            each.exchange(state)

    def unrest(self) -> Iterator[str]:
        """Give a line for each plane that is not at rest in some lane."""
        yield from super().unrest()
        yield from self.refresher.unrest()
        if self.faults is not None:
            yield from self.faults.unrest()

    def close(self, end_ps: int) -> None:
        """Report a refresh and faults that last until the end, and the leakage of all cells."""
        self.refresher.close(end_ps)
        if self.faults is not None:
            self.faults.close(end_ps)
        self._standby.report(end_ps)

    def _due(self, message: RefreshDue) -> None:
        """Let every plane be due, unless the round is missed."""
        if self.refresher.due(message) and (self.faults is None or not self.faults.misses()):
            self.refresher.demand()

    def _suffer(self, message: Message) -> None:
        """Take what concerns supply and faults."""
        if isinstance(message, SupplyLost):
            self._fail(message)
        elif isinstance(message, Slept | Waking):
            self._change_supply(message)
        elif isinstance(message, Overdue):
            self._overdue(message)
        elif self.faults is not None:
            self.faults.suffer(message)

    def _overdue(self, message: Overdue) -> None:
        """Take note that a write should be stored and is not; it is later, or never."""
        step, use = message.step, self._uses[message.step.binding.number]
        if self.faults is not None:
            self.faults.overdue(message, use)
        if message.late_ps is not None:
            stored = Stored(step, message.isolated_ps)
            self._simulation.send(stored, self.stored_line, message.late_ps)
        elif step in self._lost:
            self._store(step, message.isolated_ps, message.time_ps)
        elif self._recorder.keeps:
            self._report_write(step, message.isolated_ps, message.time_ps)

    def _fail(self, message: SupplyLost) -> None:
        """Lose the supply in the midst of work: what is being written will hold nothing.

        Phases that have begun end when they would have; a step whose end nobody would hear of is
        over at once.
        """
        now = message.time_ps
        self.refresher.stop(now)
        self._standby.cut(now)
        holds = [holder for plane in self.planes for holder, _ in plane.writers]
        self._lost = list(dict.fromkeys(each for each in holds if isinstance(each, Step)))
        for plane in self.planes:
            plane.valid &= ~plane.unsettled
            if message.forgets:
                plane.forget()
        if self.faults is not None:
            for step in self.faults.lost():
                self.faults.stored(step)
                self._spoil(step)

    def _change_supply(self, message: Slept | Waking) -> None:
        """Be without supply, with what needs it, or have it again."""
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

    def _store(self, step: Step, isolated: int, now: int) -> None:
        """End the write phase: the destination holds the image's values, unless they are lost."""
        if self.faults is not None:
            self.faults.stored(step)
        use = self._uses[step.binding.number]
        if self._lost and step in self._lost:
            self._spoil(step)
        else:
            for plane, lanes in use.destinations:
                plane.store(step, lanes, step.image)
        if self._recorder.keeps:
            self._report_write(step, isolated, now)

    def _spoil(self, step: Step) -> None:
        """End the write phase of a step that was lost."""
        self._lost.remove(step)
        for plane, lanes in self._uses[step.binding.number].destinations:
            plane.spoil(step, lanes)
