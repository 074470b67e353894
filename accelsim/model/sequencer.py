"""Control sequencer: in order inside an image, the oldest image that can issue goes first.

Modelled: at most one issue a clock cycle; `contexts` images in flight, each with
planes of its own; a step is issued when its sources are stored, its destination is
free, and every unit it holds has a slot, all at once. A context that cannot issue
waits for one named plane or unit. Clock cycles belong to the step issued last, and
to standby while no image is in flight. Left out: fetch and decode. Time in ps.
"""

from collections.abc import Sequence
from typing import NamedTuple

import simpy

from accelsim.kernel import DECIDE, Clock, Link, Process, Simulation, Unit
from accelsim.model.host import Arrival, Host
from accelsim.model.irmen import NO_IMAGE, Plane
from accelsim.model.recorder import Recorder
from accelsim.model.step import NO_CAUSE, Binding, Step


class Waiting(NamedTuple):
    """What a context waits for, and since when; the deadlock report reads it."""

    component: str
    image: int
    binding: Binding
    subject: Plane | Unit
    reason: str
    since_ps: int


class Context:
    """One image in flight: which step is next and what keeps it from being issued."""

    __slots__ = (
        "bindings",
        "blocker",
        "cause",
        "cause_id",
        "freed_by",
        "head_since_ps",
        "image",
        "index",
        "path",
        "previous_id",
        "program_counter",
        "wait_since_ps",
    )

    def __init__(self, index: int, bindings: Sequence[Binding]) -> None:
        self.index = index
        self.path = f"sequencer.context{index}"
        self.bindings = bindings
        self.image = NO_IMAGE
        self.program_counter = 0
        self.head_since_ps = 0
        self.blocker: Plane | Unit | None = None
        self.wait_since_ps = 0
        self.cause = ""
        self.cause_id = NO_CAUSE
        self.previous_id = NO_CAUSE
        self.freed_by = NO_CAUSE


class Sequencer:
    """Issues steps to the datapath and results to the host."""

    def __init__(
        self,
        simulation: Simulation,
        clock: Clock,
        contexts: list[Context],
        host: Host,
        recorder: Recorder,
    ) -> None:
        self.issued: Link[Step] = Link("sequencer.issued")
        self.finished: Link[int] = Link("sequencer.finished")
        self.slot = Unit("sequencer")
        self._simulation = simulation
        self._clock = clock
        self._host = host
        self._recorder = recorder
        self._idle = contexts
        self._active: list[Context] = []
        self._signal = simpy.Event(simulation)
        self._wakes_at: int | None = None
        self._release_awaited = False
        self._last: Step | None = None
        self._clock_since_ps = 0
        self._idle_since_ps: int | None = 0

    def run(self) -> Process:
        """Decide whenever something may have changed."""
        while True:
            yield self._signal
            self._signal = simpy.Event(self._simulation)
            self._wakes_at = None
            self._decide(self._simulation.now_ps)

    def on_arrival(self, _arrival: Arrival) -> None:
        """Receive the news that an image is in the host's queue."""
        if self._idle:
            self._wake(self._simulation.now_ps)

    def on_release(self, _step: Step) -> None:
        """Receive a step whose read phase is over."""
        if self._release_awaited:
            self._wake(self._simulation.now_ps)

    def on_stored(self, step: Step) -> None:
        """Receive a step whose destination is stored."""
        self._recorder.complete(step)
        self._wake(self._simulation.now_ps)
        for context in self._active:
            if context.image == step.image and context.bindings[-1] is step.binding:
                self._finish(context, step)
                return

    def waiting(self) -> list[Waiting]:
        """Return the contexts that wait, oldest image first."""
        return [
            Waiting(
                context.path,
                context.image,
                context.bindings[context.program_counter],
                context.blocker,
                context.cause,
                context.wait_since_ps,
            )
            for context in self._active
            if context.blocker is not None
        ]

    def close(self, end_ps: int) -> None:
        """Report the clock cycles up to the end of the run."""
        self._report_clock(end_ps)

    def _wake(self, time: int) -> None:
        """Decide at the next clock edge; a wake that is pending is never later than that."""
        if self._wakes_at is None:
            self._wakes_at = self._clock.edge(time)
            self._simulation.fire(self._signal, DECIDE, self._wakes_at)

    def _finish(self, context: Context, step: Step) -> None:
        self._active.remove(context)
        context.image = NO_IMAGE
        context.freed_by = step.last_id
        self._idle.append(context)
        if not self._active:
            self._idle_since_ps = self._simulation.now_ps
        self.finished.send(step.image)

    def _admit(self, now: int) -> None:
        while self._idle and self._host.queue:
            image, arrived = self._host.queue.popleft()
            # The context freed first; ties are broken by its number, not by event order.
            context = min(self._idle, key=lambda idle: (idle.freed_by, idle.index))
            self._idle.remove(context)
            self._active.append(context)
            context.image = image
            context.program_counter = 0
            context.head_since_ps = now
            context.previous_id = NO_CAUSE
            if now > arrived:
                cause = "no free context" if context.freed_by != NO_CAUSE else "clock edge"
                context.previous_id = self._recorder.wait(
                    "host.queue",
                    context.bindings[0],
                    image,
                    (arrived, now),
                    (cause, context.freed_by),
                )

    def _decide(self, now: int) -> None:
        """Issue at most one step; every other context learns what it waits for.

        A context whose next step is blocked is looked at again when something is
        released or stored. Only one that could issue asks for the next cycle.
        """
        self._admit(now)
        issued: Step | None = None
        self._release_awaited = again = False
        for context in self._active:
            if context.program_counter == len(context.bindings):
                continue  # its handoff is settling
            blocker = context.bindings[context.program_counter].blocker(context.image)
            if blocker is None and issued is None and context.head_since_ps <= now:
                issued = self._issue(context, now)
                if context.program_counter == len(context.bindings):
                    continue
                blocker = context.bindings[context.program_counter].blocker(context.image)
            if blocker is not None:
                self._wait(context, blocker, issued, now)
            else:
                again = True
                if context.head_since_ps <= now:
                    self._wait(context, self.slot, issued, now)
        if again:
            self._wake(now + self._clock.period_ps)

    def _wait(self, context: Context, blocker: Plane | Unit, issued: Step | None, now: int) -> None:
        if isinstance(blocker, Unit) or blocker.readers:
            self._release_awaited = True
        holder_id = _holder_id(blocker, issued)
        if blocker is context.blocker and holder_id == context.cause_id:
            return
        self._end_wait(context, now)
        context.blocker = blocker
        context.wait_since_ps = max(now, context.head_since_ps)
        context.cause, context.cause_id = _cause(blocker), holder_id

    def _end_wait(self, context: Context, now: int) -> None:
        if context.blocker is not None and now > context.wait_since_ps:
            context.previous_id = self._recorder.wait(
                context.path,
                context.bindings[context.program_counter],
                context.image,
                (context.wait_since_ps, now),
                (context.cause, context.cause_id),
            )
        context.blocker = None

    def _issue(self, context: Context, now: int) -> Step:
        before = context.previous_id
        self._end_wait(context, now)
        self._report_clock(now)
        cause = "wait" if context.previous_id != before else "order"
        if context.program_counter == 0 and cause == "order":
            cause = "arrival"
        binding = context.bindings[context.program_counter]
        step = self._recorder.issue(binding, context.image, now, cause, context.previous_id)
        self._last = step
        context.previous_id = step.first_id
        context.head_since_ps = now + self._clock.period_ps
        context.program_counter += 1
        self.issued.send(step)
        return step

    def _report_clock(self, now: int) -> None:
        """Report clock cycles since the last issue; idle ones are standby."""
        busy_until = now if self._idle_since_ps is None else self._idle_since_ps
        self._recorder.clock(self._last, self._clock_since_ps, busy_until)
        self._recorder.idle_clock(busy_until, now)
        self._clock_since_ps = now
        self._idle_since_ps = None


def _holder_id(blocker: Plane | Unit, issued: Step | None) -> int:
    """Return the record that keeps a plane or unit: of its writer, reader or oldest holder."""
    if isinstance(blocker, Unit):
        if blocker.holders:
            return blocker.holders[0].row_id(blocker)
        return issued.first_id if issued else NO_CAUSE
    if blocker.writer is not None:
        return blocker.writer.row_id(blocker)
    return blocker.readers[0].row_id(blocker) if blocker.readers else NO_CAUSE


def _cause(blocker: Plane | Unit) -> str:
    """Return why a context waits for a plane or unit."""
    if isinstance(blocker, Unit):
        return f"busy {blocker.path}" if blocker.holders else "issue slot taken"
    if blocker.writer is not None:
        return f"unsettled {blocker.path}"
    return f"in use {blocker.path}" if blocker.readers else f"unwritten {blocker.path}"
