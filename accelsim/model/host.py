"""Host: the source brings images in when they arrive, the sink takes results out.

Modelled: arrival times, the queue in order of arrival and without bound, the load port
and the handoff boundary (one step at a time in each for its read phase; a place for the
results of each context). Left out: what the host does with a result (ADC and
fully-connected layer are outside the published scope). Time in ps.
"""

from collections import deque
from collections.abc import Iterable, Iterator

from accelsim.compiler import Instruction
from accelsim.kernel import ALL_ONE, Line, Port, Process, Simulation
from accelsim.model.binding import Group, Part, Rank, Stage, Step
from accelsim.model.cenn import compute_actions
from accelsim.model.datapath import Route
from accelsim.model.design import Design
from accelsim.model.messages import (
    Admission,
    Arrival,
    Arrived,
    Charged,
    Issued,
    Message,
    NoMore,
    Stored,
)
from accelsim.records.recorder import Cause, Recorder
from accelsim.topology import BOUNDARY, HANDOFF, LOAD, QUEUE, plane_path
from accelsim.units import render


class Source:
    """Images that arrive, their queue, and the load port.

    arrivals: images in order of arrival, times not falling. `arrivals_line` reaches the
    source itself and the sequencer, `no_more_line` the sink.
    """

    arrivals_line: Line[Message]
    no_more_line: Line[Message]

    def __init__(
        self,
        simulation: Simulation,
        design: Design,
        arrivals: Iterable[Arrival],
        recorder: Recorder,
    ) -> None:
        self.inbox: Port[Message] = Port(simulation, "host source")
        self.queue: deque[Arrival] = deque()
        self._simulation = simulation
        self._arrivals = iter(arrivals)
        self._next: Arrival | None = None
        self._recorder = recorder
        self._read_ps = design.read_ps
        self._load = Route(LOAD)
        self._arrived = 0

    def part(self, number: int, instruction: Instruction, context: int) -> Part | None:  # noqa: ARG002 - one port for all contexts
        """Return the part in a load."""
        return self._load.part(number, instruction)

    def run(self) -> Process:
        """Put each image into the queue at its time; drive the load port."""
        self._announce(next(self._arrivals, None))
        while True:
            message = yield self.inbox
            match message:
                case Arrived(images):
                    self.queue.extend(images)
                    self._arrived += len(images)
                    self._announce(self._next)
                case Admission():
                    self._admit(message)
                case Issued(step):
                    self._load.busy.take(step, ALL_ONE)
                case Charged(step):
                    self._load.busy.release(step, ALL_ONE)
                    template, now = self._load.template(step.binding.number), self._simulation.now_ps
                    self._recorder.phase(
                        template, step.first_id, step.image, now - self._read_ps, now
                    )

    def unrest(self) -> Iterator[str]:
        """Give a line for the images in the queue and for the step that loads one."""
        if self.queue:
            first = self.queue[0]
            yield (
                f"{QUEUE}: {len(self.queue)} images wait, image {first.image} "
                f"since {render(first.time_ps, 'ps')}"
            )
        for holder in self._load.busy.holders():
            yield f"{LOAD}: carries {holder}"

    def _announce(self, first: Arrival | None) -> None:
        """Send the images that arrive next, all those of one time together."""
        if first is None:
            self._simulation.send(NoMore(self._arrived), self.no_more_line)
            return
        together = [first]
        for arrival in self._arrivals:
            if arrival.time_ps > first.time_ps:
                self._next = arrival
                break
            together.append(arrival)
        else:
            self._next = None
        delay = first.time_ps - self._simulation.now_ps
        self._simulation.send(Arrived(tuple(together)), self.arrivals_line, delay)

    def _admit(self, admission: Admission) -> None:
        arrival = self.queue.popleft()
        if admission.wait is not None:
            self._recorder.event(
                admission.template,
                admission.wait,
                arrival.image,
                (arrival.time_ps, self._simulation.now_ps),
                admission.cause,
            )


class Sink:
    """The handoff boundary, and the results that passed it."""

    stored_line: Line[Message]

    def __init__(self, simulation: Simulation, design: Design, recorder: Recorder) -> None:
        self.inbox: Port[Message] = Port(simulation, "host sink")
        self.completed = 0
        self.last_done_ps = 0
        self._simulation = simulation
        self._recorder = recorder
        self._read_cycles = design.read_cycles
        self._read_ps, self._write_ps = design.read_ps, design.write_ps
        self._handoff = Route(HANDOFF)
        self._groups: dict[int, tuple[Group, Group, Group]] = {}
        self._settling: list[Step] = []
        self._expected: int | None = None

    def part(self, number: int, instruction: Instruction, context: int) -> Part | None:
        """Return the part in a handoff: drivers, and a place for the context's results."""
        route = self._handoff.part(number, instruction)
        if route is None:
            return None
        place = plane_path(BOUNDARY, context)
        drive = _times(compute_actions(instruction, self._read_cycles), instruction.maps)
        write = {"cell_write": instruction.rows * instruction.cols * instruction.maps}
        compute = Group("compute", [(BOUNDARY, drive)], [(BOUNDARY,)])
        charge = Group("write", [(place, write)], [()])
        settle = Group("settle", [(place, {})], [(place,)], after=charge)
        self._groups[number] = compute, charge, settle
        stages = (Stage.COMPUTE, Stage.WRITE, Stage.SETTLE)
        groups = [(Rank(stage), group) for stage, group in zip(stages, self._groups[number], strict=True)]
        return Part(route.claims, [*route.groups, *groups])

    def run(self) -> Process:
        """Take the results of each image; the run is over when all are there."""
        while True:
            message = yield self.inbox
            match message:
                case Issued(step):
                    self._handoff.busy.take(step, ALL_ONE)
                case Charged(step):
                    self._charged(step)
                case Stored(step):
                    self._stored(step)
                case NoMore(images):
                    self._expected = images
                    self._finish()

    def unrest(self) -> Iterator[str]:
        """Give a line for the step that is handed off and for results that settle."""
        for holder in self._handoff.busy.holders():
            yield f"{HANDOFF}: carries {holder}"
        for step in self._settling:
            yield f"{BOUNDARY}: settles {step}"

    def _charged(self, step: Step) -> None:
        self._handoff.busy.release(step, ALL_ONE)
        self._settling.append(step)
        number, now = step.binding.number, self._simulation.now_ps
        self._simulation.send(Stored(step), self.stored_line, self._write_ps)
        compute, charge, _ = self._groups[number]
        for template in (self._handoff.template(number), compute.template, charge.template):
            self._recorder.phase(template, step.first_id, step.image, now - self._read_ps, now)

    def _stored(self, step: Step) -> None:
        self._settling.remove(step)
        now = self._simulation.now_ps
        settle = self._groups[step.binding.number][2]
        self._recorder.phase(
            settle.template, step.first_id, step.image, now - self._write_ps, now
        )
        self.completed += 1
        self.last_done_ps = now
        self._finish()

    def _finish(self) -> None:
        if self.completed == self._expected:
            self._simulation.finish()


def _times(actions: dict[str, int], lanes: int) -> dict[str, int]:
    return {action: number * lanes for action, number in actions.items()}
