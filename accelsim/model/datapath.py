"""Dual-circuit datapath: carries the read phase of a step from its sources to its destination.

Modelled: two directions between the circuits and a local path in each (with one
circuit: to and from the staging memory), one step at a time in each, held for the
read phase together with the arrays and ports of the step. Left out: skew between
lanes, the wires' own energy (part of the tap price). Time in ps.
"""

from collections.abc import Iterator

from accelsim.compiler import Instruction
from accelsim.kernel import ALL_ONE, Port, Process, Resource, Simulation
from accelsim.model.binding import Group, Part, Rank, Slots, Stage
from accelsim.model.design import Design
from accelsim.model.messages import Charged, Issued, Message
from accelsim.records.recorder import Recorder


class Route:
    """A way that one step at a time takes: what a direction and a port of the host have in common.

    path: of the direction or port, as instructions name it.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.busy = Resource()
        self._groups: dict[int, Group] = {}

    def part(self, number: int, instruction: Instruction) -> Part | None:
        """Return the part in an instruction that takes this way."""
        routes = instruction.routes
        if self.path not in routes:
            return None
        group = Group("transfer", [(self.path, {})], [(self.path,)])
        self._groups[number] = group
        rank = Rank(Stage.ROUTE, routes.index(self.path))
        return Part([(rank, Slots(self.busy, {0: self.path}))], [(rank, group)])

    def template(self, number: int) -> int:
        """Return the template of the transfer of a binding."""
        return self._groups[number].template


class Direction:
    """One direction of the datapath."""

    def __init__(
        self, simulation: Simulation, design: Design, path: str, recorder: Recorder
    ) -> None:
        self.inbox: Port[Message] = Port(simulation, path)
        self.route = Route(path)
        self._simulation = simulation
        self._recorder = recorder
        self._read_ps = design.read_ps

    def part(self, number: int, instruction: Instruction, context: int) -> Part | None:  # noqa: ARG002 - the datapath serves every context
        """Return the part in an instruction that goes this way."""
        return self.route.part(number, instruction)

    def run(self) -> Process:
        """Be held from the issue of a step until its destination is charged."""
        busy = self.route.busy
        while True:
            message = yield self.inbox
            match message:
                case Issued(step):
                    busy.take(step, ALL_ONE)
                case Charged(step):
                    busy.release(step, ALL_ONE)
                    template, now = self.route.template(step.binding.number), self._simulation.now_ps
                    self._recorder.phase(
                        template, step.first_id, step.image, now - self._read_ps, now
                    )

    def unrest(self) -> Iterator[str]:
        """Give a line for the step that is carried."""
        for holder in self.route.busy.holders():
            yield f"{self.route.path}: carries {holder}"
