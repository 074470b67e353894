"""Host: the source brings images in when they arrive, the sink takes results out.

Modelled: arrival times, the queue in order of arrival and without bound, the load port
and the handoff boundary (one step at a time in each for its read phase; a place for the
results of each context); maps that are spilled over it, which can be driven back some cycles after
they have settled there (assumed, as is that the host keeps them exactly and the link any number at
once); in the scope of a classification, results stay in their place until they are converted, and
the next ones of the context wait. Left out: what the host does with a result beyond that (ADC and
engine are blocks of their own, classifier_adc.py and classifier_engine.py). Time in ps.
"""

from collections.abc import Callable, Iterator

from accelsim.compiler import ContextPlan, Instruction
from accelsim.compiler.counts import cells_of
from accelsim.kernel import Line, Message, Port, Process, Simulation, State
from accelsim.model.binding import Act, Acts, Claim, Group, Part, Rank, Stage, Step
from accelsim.model.cenn import compute_actions
from accelsim.model.classifier_job import Job
from accelsim.model.datapath import Route
from accelsim.model.design import Design
from accelsim.model.messages import (
    Admission,
    Arrived,
    Charged,
    Converted,
    HandedOff,
    Issued,
    Labelled,
    NoMore,
    Stored,
    SupplyLost,
)
from accelsim.model.queue import Queue
from accelsim.model.stream import Stream
from accelsim.ops import FILL_STEP, HANDOFF_STEP, SPILL_STEP
from accelsim.records.reasons import UNCONVERTED, UNSETTLED
from accelsim.records.recorder import Cause, Recorder
from accelsim.topology import BOUNDARY, HANDOFF, LOAD, QUEUE, plane_path
from accelsim.units import render


class HostSource:
    """Images that arrive, their queue, and the load port.

    stream: images in order of arrival. `arrivals_line` reaches the source itself and the
    sequencer, `no_more_line` the sink. `spilled` is the claim of a fill.
    """

    arrivals_line: Line[Message]
    spilled: Callable[[Instruction, ContextPlan], Claim]
    no_more_line: Line[Message]

    def __init__(
        self,
        simulation: Simulation,
        stream: Stream,
        recorder: Recorder,
    ) -> None:
        self.inbox: Port[Message] = Port(simulation, "host source")
        self.queue = Queue(stream)
        self._simulation = simulation
        self._recorder = recorder
        self._load = Route(LOAD, recorder)

    def next_arrival_ps(self) -> int | None:
        """Return when the next images arrive; None after the last."""
        queue = self.queue
        return queue.stream.time_ps(queue.end) if queue.end < len(queue.stream) else None

    def part(self, number: int, instruction: Instruction, context: ContextPlan) -> Part | None:
        """Return the part in a load, or in a fill, which waits for what was spilled."""
        part = self._load.part(number, instruction)
        if part is None or instruction.op != FILL_STEP:
            return part
        claim = self.spilled(instruction, context)
        return Part([(Rank(Stage.SOURCE), claim), *part.claims], part.groups)

    def run(self) -> Process:
        """Put each image into the queue at its time; drive the load port."""
        self.announce()
        inbox = self.inbox
        while True:
            message = yield inbox
            what = type(message)
            if what is Issued:
                self._load.take(message.step)
            elif what is Charged:
                self._load.release(message.step, message.time_ps)
            elif what is Admission:
                self._admit(message)
            elif what is Arrived:
                self.queue.end = message.end
                self.announce()

    def unrest(self) -> Iterator[str]:
        """Give a line for the images in the queue and for the step that loads one."""
        if self.queue:
            first = min(self.queue.heads(), key=lambda head: (head.time_ps, head.image))
            images = "1 image waits" if len(self.queue) == 1 else f"{len(self.queue)} images wait"
            yield (f"{QUEUE}: {images}, image {first.image} since {render(first.time_ps, 'ps')}")
        yield from self._load.unrest()

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        self.queue.exchange(state)
        self._load.exchange(state)

    def announce(self) -> None:
        """Send the images that arrive next, all those of one time together."""
        stream, first = self.queue.stream, self.queue.end
        if first == len(stream):
            self._simulation.send(NoMore(first), self.no_more_line, 0)
            return
        delay = stream.time_ps(first) - self._simulation.now_ps
        self._simulation.send(Arrived(stream.together(first)), self.arrivals_line, delay)

    def resume(self) -> None:
        """Announce again what arrives next, after a jump."""
        if self.queue.end < len(self.queue.stream):
            self.announce()

    def _admit(self, admission: Admission) -> None:
        arrival = admission.arrival
        self.queue.take(arrival)
        if admission.wait is not None:
            interval = (arrival.time_ps, admission.time_ps)
            self._recorder.report(
                admission.template, admission.wait, interval, admission.cause, image=arrival.image
            )


class HostSink:
    """The handoff boundary, and the results that passed it.

    handed_off_line: to what classifies them; None where a run ends with the handoff.
    """

    stored_line: Line[Message]

    def __init__(self, simulation: Simulation, design: Design, recorder: Recorder) -> None:
        self.inbox: Port[Message] = Port(simulation, "host sink")
        self.completed = 0
        self.last_done_ps = 0
        self._simulation = simulation
        self._recorder = recorder
        self._read_cycles = design.read_cycles
        self._phases = design.phases
        self._handoff = Route(HANDOFF, recorder)
        self._spill_ps = design.spill_cycles * design.period_ps
        self._groups: dict[int, Group] = {}
        self._places: dict[tuple[int, int], str] = {}
        self._contexts, self._handed_off = design.contexts, 0
        self._settling: list[Step] = []
        self._lost: list[Step] = []
        self._expected: int | None = None
        self.handed_off_line: Line[Message] | None = None
        self._classifies = design.classifier is not None
        self.unconverted: list[Job] = []

    def part(self, number: int, instruction: Instruction, context: ContextPlan) -> Part | None:
        """Return the part in a handoff: drivers, and a place for the context's results.

        Handoffs of one program have places of their own: the first contexts are those of the first.
        """
        route = self._handoff.part(number, instruction)
        if route is None:
            return None
        place = plane_path(BOUNDARY, context.index + self._contexts * self._handed_off)
        is_last = instruction.op == HANDOFF_STEP
        self._handed_off = 0 if is_last else self._handed_off + 1
        if instruction.op == SPILL_STEP:
            self._places[context.index, instruction.first_map] = place
        read_ps = self._phases.read_ps(instruction)
        drive, write = dict[str, int](), dict[str, int]()  # words are taken as they are
        if not instruction.touches_sram:
            drive = _times(compute_actions(instruction, self._read_cycles), instruction.maps)
            write = {"cell_write": cells_of(instruction)}
        group = self._groups[number] = Group(
            Acts(
                [
                    Act("compute", BOUNDARY, drive, (BOUNDARY,), read_ps),
                    Act("write", place, write, (), read_ps),
                    Act("settle", place, {}, (place,), after=1),
                ]
            )
        )
        claims = route.claims
        if self._classifies and instruction.op != SPILL_STEP:
            claims = [(Rank(Stage.DESTINATION), _Free(self, context.index, place)), *claims]
        return Part(claims, [*route.groups, (Rank(Stage.COMPUTE), group)])

    def spilled(self, instruction: Instruction, context: ContextPlan) -> Claim:
        """Return the claim of a fill: what a spill before it took has to be at the host."""
        path = self._places[context.index, instruction.first_map]
        return _AtHost(self, instruction.first_map, path)

    def on_their_way(self) -> Iterator[Step]:
        """Give the steps whose maps are not at the host yet."""
        yield from self._handoff.carried()
        yield from self._settling

    def run(self) -> Process:
        """Take the results of each image; the run is over when all are there."""
        inbox = self.inbox
        while True:
            message = yield inbox
            what = type(message)
            if what is Issued:
                self._handoff.take(message.step)
            elif what is Charged:
                self._charged(message.step, message.time_ps)
            elif what is Stored:
                self._stored(message.step, message.isolated_ps, message.time_ps)
            elif what is NoMore:
                self._expected = message.images
                self._finish()
            elif what is Converted or what is Labelled:
                self.unconverted.remove(message.job)
            elif what is SupplyLost:
                self._lost = [*self._settling, *self._handoff.carried()]

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        self._handoff.exchange(state)
        state.lists_of_flights(self, "_settling", "_lost", "unconverted")
        state.counts(self, "completed")
        state.times(self, "last_done_ps")
        state.values(self, "_expected")

    def unrest(self) -> Iterator[str]:
        """Give a line for the step that is handed off and for results that settle."""
        yield from self._handoff.unrest()
        for step in self._settling:
            yield f"{BOUNDARY}: settles {step}"

    def _charged(self, step: Step, now: int) -> None:
        self._settling.append(step)
        spills = step.binding.instruction.op == SPILL_STEP
        settled = step.binding.write_ps + (self._spill_ps if spills else 0)
        self._simulation.send(Stored(step, now), self.stored_line, settled)
        self._handoff.release(step, now)

    def _stored(self, step: Step, isolated: int, now: int) -> None:
        self._settling.remove(step)
        if self._recorder.keeps:
            template = self._groups[step.binding.number].template
            self._recorder.phase((template, step.first_id, step.image, isolated, now))
        if self._lost and step in self._lost:
            self._lost.remove(step)
            return
        if step.binding.instruction.op != HANDOFF_STEP:
            return  # more maps of the image follow
        if self.handed_off_line is not None:
            job = Job(step.image, step.binding.context, now, step.last_id)
            self.unconverted.append(job)
            self._simulation.tell(HandedOff(job), self.handed_off_line)
        self.completed += 1
        self.last_done_ps = now
        self._finish()
        self._simulation.pause()

    def _finish(self) -> None:
        if self.completed == self._expected:
            self._simulation.finish()


class _AtHost:
    """The claim of maps at the host. where: in its memory for the image. path: of their spill."""

    def __init__(self, sink: HostSink, where: int, path: str) -> None:
        self.paths = {0: path}
        self._sink, self._where = sink, where

    def obstacle(self, image: int) -> Cause | None:
        """Return the spill that is still on its way, or None."""
        for step in self._sink.on_their_way():
            spill = step.binding.instruction
            if (step.image, spill.op, spill.first_map) == (image, SPILL_STEP, self._where):
                return Cause(UNSETTLED, self.paths[0], step.record(self.paths[0]))
        return None


class _Free:
    """The claim of a place at the boundary: results of the context's image before are converted."""

    def __init__(self, sink: HostSink, context: int, path: str) -> None:
        self.paths = {0: path}
        self._sink, self._context = sink, context

    def obstacle(self, image: int) -> Cause | None:  # noqa: ARG002 - a context has one at a time
        """Return what keeps results in the place, or None."""
        for job in self._sink.unconverted:
            if job.context == self._context:
                return Cause(UNCONVERTED, self.paths[0], job.holder_id)
        return None


def _times(actions: dict[str, int], lanes: int) -> dict[str, int]:
    return {action: number * lanes for action, number in actions.items()}
