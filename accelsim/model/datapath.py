"""Dual-circuit datapath: carries the read phase of a step from its sources to its destination.

Modelled: two directions between the circuits and a local path in each (with one
circuit: to and from the staging memory), one step at a time in each, held for the
read phase together with the arrays and ports of the step. Left out: skew between
lanes, the wires' own energy (part of the tap price). Time in ps.
"""

from collections.abc import Iterator

from accelsim.compiler import ContextPlan, Instruction
from accelsim.compiler.counts import way_actions
from accelsim.config.faults import LOST_RELEASE
from accelsim.kernel import Message, Port, Process, Simulation, State
from accelsim.model.binding import Act, Acts, Group, Part, Rank, Stage, Step
from accelsim.model.design import Design
from accelsim.model.fault_log import FaultLog
from accelsim.model.hits import Armed, Hit, matches
from accelsim.model.messages import Charged, HitsDue, Issued, Struck, SupplyLost
from accelsim.records.reasons import BUSY
from accelsim.records.recorder import Cause, Recorder
from accelsim.topology import fault_path


class Route:
    """A way that one step at a time takes: what a direction and a port of the host have in common.

    path: of the direction or port, as instructions name it. It is its own claim. kind: of its
    records. held_by: the
    fault for which nobody will hear that its step is over; None: none.
    """

    def __init__(self, path: str, recorder: Recorder, kind: str = "transfer") -> None:
        self.path, self.paths = path, {0: path}
        self._recorder = recorder
        self._step: Step | None = None
        self._groups: dict[int, Group] = {}
        self.held_by: Hit | None = None
        self._kind = kind
        self._acts = self._acts_with({})
        self._parts: dict[int, Part] = {}

    def part(self, number: int, instruction: Instruction) -> Part | None:
        """Return the part in an instruction that takes this way: the same in all contexts."""
        routes = instruction.routes
        if self.path not in routes:
            return None
        part = self._parts.get(id(instruction))
        if part is None:
            rank, group = (
                Rank(Stage.ROUTE, routes.index(self.path)),
                Group(self._acts_of(instruction)),
            )
            part = self._parts[id(instruction)] = Part([(rank, self)], [(rank, group)])
        self._groups[number] = part.groups[0][1]
        return part

    def _acts_of(self, instruction: Instruction) -> Acts:
        """Return the transfer, with what it counts."""
        actions = way_actions(instruction)
        return self._acts_with(actions) if actions else self._acts

    def _acts_with(self, actions: dict[str, int]) -> Acts:
        return Acts([Act(self._kind, self.path, actions, (self.path,))])

    def obstacle(self, image: int) -> Cause | None:  # noqa: ARG002 - whoever it is for
        """Return the step that holds the way, or None."""
        if self._step is None:
            return None
        if self.held_by is not None:
            return self.held_by.cause
        return Cause(BUSY, self.path, self._step.record(self.path))

    def take(self, step: Step) -> None:
        """Carry a step from now on."""
        if self._step is not None:
            raise RuntimeError(f"{self.path} carries a step already")
        self._step = step

    def release(self, step: Step, now: int) -> None:
        """End the read phase of the step that is carried, and report it."""
        if self.held_by is None:
            self._step = None
        if self._recorder.keeps:
            binding = step.binding
            template, since = self._groups[binding.number].template, now - binding.read_ps
            self._recorder.phase((template, step.first_id, step.image, since, now))

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        state.flights(self, "_step", "held_by")

    def carried(self) -> list[Step]:
        """Return the step that is carried, if there is one."""
        return [] if self._step is None else [self._step]

    def free(self) -> None:
        """Carry nothing any more, whatever kept it."""
        self._step = self.held_by = None

    def unrest(self) -> Iterator[str]:
        """Give a line for the step that is carried."""
        if self._step is not None:
            if self.held_by is None:
                yield f"{self.path}: carries {self._step}"
            else:
                by = fault_path(self.held_by.event)
                yield f"{self.path}: not released by {self._step} ({by}, {LOST_RELEASE})"


class Direction:
    """One direction of the datapath. faults: what goes wrong in it; None: nothing."""

    def __init__(
        self, simulation: Simulation, design: Design, path: str, recorder: Recorder
    ) -> None:
        self.inbox: Port[Message] = Port(simulation, path)
        self.path = path
        self._route = Route(path, recorder)
        self.faults: RouteFaults | None = None
        if design.faults is not None:
            self.faults = RouteFaults(simulation, design, self._route, recorder)

    def part(self, number: int, instruction: Instruction, context: ContextPlan) -> Part | None:  # noqa: ARG002 - the datapath serves every context
        """Return the part in an instruction that goes this way."""
        part = self._route.part(number, instruction)
        if part is not None and self.faults is not None:
            self.faults.know_step(number, instruction)
        return part

    def run(self) -> Process:
        """Be held from the issue of a step until its destination is charged."""
        inbox = self.inbox
        while True:
            message = yield inbox
            what = type(message)
            if what is Issued:
                self._route.take(message.step)
            elif what is Charged:
                if self.faults is not None:
                    self.faults.charged(message.step)
                self._route.release(message.step, message.time_ps)
            elif self.faults is not None:
                self.faults.suffer(message)

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        self._route.exchange(state)
        if self.faults is not None:
            self.faults.exchange(state)

    def unrest(self) -> Iterator[str]:
        """Give a line for the step that is carried."""
        yield from self._route.unrest()


class RouteFaults:
    """Releases of a way that are lost, in the process of its direction. log: of what was hit."""

    def __init__(
        self, simulation: Simulation, design: Design, route: Route, recorder: Recorder
    ) -> None:
        parts = design.topology
        rank = 1 + len(parts.places) + parts.directions.index(route.path)
        self.log = FaultLog(simulation, recorder, design.period_ps, rank)
        self._route = route
        events = () if design.faults is None else design.faults.events
        self._events = {
            event.number: event
            for event in events
            if event.target is not None and event.target.path == route.path
        }
        for event in self._events.values():
            self.log.know(event, [route.path])
        self._armed: list[Armed] = []

    def know_step(self, number: int, instruction: Instruction) -> None:
        """Take a step that goes this way, before the run."""
        for event in self._events.values():
            self.log.know_step(event, number, instruction)

    def charged(self, step: Step) -> None:
        """Lose the release of a step whose read phase is over, if an event is armed for it."""
        for each in [each for each in self._armed if matches(self._events[each.event], step)]:
            self._armed.remove(each)
            path = self._route.path
            self._route.held_by = self.log.note_step(each.event, path, step, step.record(path))

    def suffer(self, message: Message) -> None:
        """Take what concerns faults."""
        if isinstance(message, Struck):
            self._armed.append(Armed(message.event.number))
        elif isinstance(message, HitsDue):
            self.log.report(message.time_ps)
        elif isinstance(message, SupplyLost) and self._route.held_by is not None:
            self._route.free()

    def awaited_images(self) -> list[int]:
        """Return the images whose steps armed events wait for."""
        images = (self._events[each.event].image for each in self._armed)
        return [image for image in images if image is not None]

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        self.log.exchange(state)
        state.lists_of_flights(self, "_armed")
