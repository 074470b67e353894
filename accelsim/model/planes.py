"""Planes of one place, in all lanes: what steps do to them, whatever they are made of.

A step reads some and writes others; what it reads is held for its read phase, what it writes until
it is stored. Banks of analog cells (bank.py) and the SRAM (sram.py) are planes. Time in ps.
"""

from collections.abc import Iterator

from accelsim.compiler import ContextPlan, Instruction
from accelsim.kernel import Line, Message, Port, Resource, Simulation, State, first_of
from accelsim.model.bank_faults import BankFaults
from accelsim.model.bank_plan import Actions, BankPlans, BankUse
from accelsim.model.binding import Part, Step
from accelsim.model.design import Design
from accelsim.model.messages import Stored
from accelsim.model.plane import Plane
from accelsim.records.recorder import Recorder
from accelsim.topology import Place, bank_path, plane_path


class Planes:
    """The planes of one place.

    actions: what reads and writes count. ports: of reads and of writes, None where there are
    always enough. faults: what goes wrong; None: nothing. `stored_line` reaches the planes
    themselves and the sequencer.
    """

    stored_line: Line[Message]

    def __init__(  # noqa: PLR0913 - given by name
        self,
        simulation: Simulation,
        design: Design,
        place: Place,
        recorder: Recorder,
        *,
        planes: int,
        actions: Actions,
        ports: tuple[Resource, Resource] | None = None,
    ) -> None:
        self.inbox: Port[Message] = Port(simulation, f"planes of {place.described}")
        self.planes = [Plane() for _ in range(planes)]
        self.place, self.design, self.actions, self.ports = place, design, actions, ports
        self.paths = [bank_path(place, lane) for lane in range(design.lanes)]
        self._simulation, self._recorder = simulation, recorder
        self._uses: dict[int, BankUse] = {}
        self._plans = BankPlans(self)
        self.faults: BankFaults | None = None

    def part(self, number: int, instruction: Instruction, context: ContextPlan) -> Part | None:
        """Return the part in an instruction that reads or writes planes of this place."""
        plan = self._plans.plan(instruction, context.first[self.place])
        if plan is None:
            return None
        part, self._uses[number] = plan
        return part

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        for plane in self.planes:
            plane.exchange(state)

    def unrest(self) -> Iterator[str]:
        """Give a line for each plane that is not at rest in some lane."""
        for index, plane in enumerate(self.planes):
            for what, holds in (("is read by", plane.readers), ("is written by", plane.writers)):
                for holder, lanes in holds:
                    lane = first_of(range(lanes.bit_length()), lanes)
                    yield f"{plane_path(self.paths[lane], index)}: {what} {holder}"

    def _take(self, step: Step) -> None:
        """Begin the read phase: ports and planes are held."""
        use = self._uses[step.binding.number]
        if self.ports is not None:
            reading, writing = self.ports
            for lanes in use.reads:
                reading.take(step, lanes)
            for lanes in use.writes:
                writing.take(step, lanes)
        for plane, lanes in use.sources:
            plane.read_by(step, lanes)
        for plane, lanes in use.destinations:
            plane.written_by(step, lanes)

    def _isolate(self, step: Step, now: int) -> None:
        """End the read phase: ports and sources are free, the destination relaxes."""
        use = self._uses[step.binding.number]
        if self.ports is not None:
            reading, writing = self.ports
            for lanes in use.reads:
                reading.release(step, lanes)
            for lanes in use.writes:
                writing.release(step, lanes)
        for plane, lanes in use.sources:
            plane.read_no_more(step, lanes)
        faults = self.faults
        if use.destinations and (faults is None or not faults.holds_back(step, use, now)):
            self._simulation.send(Stored(step, now), self.stored_line, step.binding.write_ps)
        if self._recorder.keeps:
            since = now - step.binding.read_ps
            for group in use.reading:
                self._recorder.phase((group.template, step.first_id, step.image, since, now))

    def _store(self, step: Step, isolated: int, now: int) -> None:
        """End the write phase: the destination holds the image's values."""
        for plane, lanes in self._uses[step.binding.number].destinations:
            plane.store(step, lanes, step.image)
        if self._recorder.keeps:
            self._report_write(step, isolated, now)

    def _report_write(self, step: Step, isolated: int, now: int) -> None:
        use = self._uses[step.binding.number]
        if use.writing is not None:
            template = use.writing.template
            self._recorder.phase((template, step.first_id, step.image, isolated, now))
