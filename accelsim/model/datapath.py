"""Dual-circuit datapath: carries the read phase of a step from its sources to its destination.

Modelled: two directions between the circuits and a local path in each (with one
circuit: to and from the staging memory), one step at a time in each, held for the
read phase together with the arrays and ports of the step. Left out: skew between
lanes, the wires' own energy (part of the tap price). Time in ps.
"""

from collections.abc import Iterator

from accelsim.compiler import ContextPlan, Instruction
from accelsim.kernel import Message, Port, Process, Simulation, State
from accelsim.model.binding import Act, Group, Part, Rank, Stage, Step
from accelsim.model.design import Design
from accelsim.model.messages import Issued
from accelsim.records.reasons import BUSY
from accelsim.records.recorder import Cause, Recorder


class Route:
    """A way that one step at a time takes: what a direction and a port of the host have in common.

    path: of the direction or port, as instructions name it. It is its own claim.
    """

    def __init__(self, path: str, recorder: Recorder, read_ps: int) -> None:
        self.path, self.paths = path, {0: path}
        self._recorder, self._read_ps = recorder, read_ps
        self._step: Step | None = None
        self._groups: dict[int, Group] = {}
        self._parts: dict[int, Part] = {}

    def part(self, number: int, instruction: Instruction) -> Part | None:
        """Return the part in an instruction that takes this way: the same in all contexts."""
        routes = instruction.routes
        if self.path not in routes:
            return None
        part = self._parts.get(id(instruction))
        if part is None:
            act = Act("transfer", self.path, {}, (self.path,))
            rank = Rank(Stage.ROUTE, routes.index(self.path))
            part = self._parts[id(instruction)] = Part([(rank, self)], [(rank, Group([act]))])
        self._groups[number] = part.groups[0][1]
        return part

    def obstacle(self, image: int) -> Cause | None:  # noqa: ARG002 - whoever it is for
        """Return the step that holds the way, or None."""
        if self._step is None:
            return None
        return Cause(BUSY, self.path, self._step.record(self.path))

    def take(self, step: Step) -> None:
        """Carry a step from now on."""
        if self._step is not None:
            raise RuntimeError(f"{self.path} carries a step already")
        self._step = step

    def release(self, step: Step, now: int) -> None:
        """End the read phase of the step that is carried, and report it."""
        self._step = None
        if self._recorder.keeps:
            template, since = self._groups[step.binding.number].template, now - self._read_ps
            self._recorder.phase((template, step.first_id, step.image, since, now))

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        state.flights(self, "_step")

    def unrest(self) -> Iterator[str]:
        """Give a line for the step that is carried."""
        if self._step is not None:
            yield f"{self.path}: carries {self._step}"


class Direction:
    """One direction of the datapath."""

    def __init__(
        self, simulation: Simulation, design: Design, path: str, recorder: Recorder
    ) -> None:
        self.inbox: Port[Message] = Port(simulation, path)
        self._route = Route(path, recorder, design.read_ps)

    def part(self, number: int, instruction: Instruction, context: ContextPlan) -> Part | None:  # noqa: ARG002 - the datapath serves every context
        """Return the part in an instruction that goes this way."""
        return self._route.part(number, instruction)

    def run(self) -> Process:
        """Be held from the issue of a step until its destination is charged."""
        while True:
            message = yield self.inbox
            if type(message) is Issued:
                self._route.take(message.step)
            else:
                self._route.release(message.step, message.time_ps)

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        self._route.exchange(state)

    def unrest(self) -> Iterator[str]:
        """Give a line for the step that is carried."""
        yield from self._route.unrest()
