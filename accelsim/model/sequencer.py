"""Control sequencer: in order inside an image, among images as arbitration says (arbiter.py).

Modelled: at most one issue a clock cycle; `contexts` images in flight, each with
planes of its own; a step is issued when its sources are stored, its destination is
free, and every resource it holds has a slot, all at once. It also drives the read phase:
the blocks of a step hear from it when it begins and when it is over. A context that cannot
issue waits for one named plane or resource. Clock cycles belong to the step issued last,
and to standby while no image is in flight. In a power state it stands still, and without a
supply its instructions are lost. Left out: fetch and decode. Time in ps.
"""

from bisect import insort
from collections.abc import Iterator, Sequence

from accelsim.kernel import (
    DECIDE,
    MAINTAIN,
    Clock,
    Line,
    Message,
    Port,
    Process,
    Simulation,
    State,
)
from accelsim.model.arbiter import Arbiter
from accelsim.model.binding import Binding, Seen, Step
from accelsim.model.clock import ClockTree
from accelsim.model.context import Context, turn_of
from accelsim.model.design import Design
from accelsim.model.messages import (
    Admission,
    Arrived,
    Awake,
    Charged,
    Converted,
    Decide,
    Entering,
    Freed,
    Issued,
    Labelled,
    Maintain,
    Overdue,
    Refreshed,
    Rested,
    Restoring,
    Slept,
    Stored,
    SupplyLost,
    Waking,
)
from accelsim.model.power_design import Words
from accelsim.model.queue import Queue
from accelsim.ops import HANDOFF_STEP
from accelsim.records.reasons import (
    ARRIVAL,
    BUSY,
    CLOCK_EDGE,
    IN_USE,
    LOST,
    NO_CONTEXT,
    ORDER,
    SLOT,
    WAIT,
    WAKING,
)
from accelsim.records.recorder import NO_CAUSE, Cause, Recorder
from accelsim.records.templates import Row, RowTemplate
from accelsim.topology import SEQUENCER

_LOOKS_AGAIN = {Refreshed, Maintain, Overdue, Freed, Converted, Labelled}
_ENDS_WITH_A_RELEASE = {BUSY, IN_USE, SLOT}


class Sequencer:
    """Issues steps to the blocks. `queue` is the host's, and only read here.

    admission_line: to the host's source. own_line: to the sequencer itself. rested_line: to power
    control; None without one. slack_ps: how long images at least had been there when the context
    that they got became free, since somebody set it; 0 once a context found none.
    """

    admission_line: Line[Message]
    own_line: Line[Message]

    def __init__(
        self,
        simulation: Simulation,
        design: Design,
        queue: Queue,
        arbiter: Arbiter,
        recorder: Recorder,
    ) -> None:
        self.inbox: Port[Message] = Port(simulation, SEQUENCER)
        self._simulation = simulation
        self._edges = Clock(design.period_ps)
        self._period_ps = design.period_ps
        self._holds_on = design.phases.vary or design.phases.usual.read > 1
        self._contexts: list[Context] = []
        self._queue, self._arbiter, self._in_turn = queue, arbiter, arbiter.in_turn
        self._recorder, self._codes = recorder, recorder.codes
        self._wait_code, self._order_code = recorder.codes[WAIT], recorder.codes[ORDER]
        self._arrival_code, self._no_code = recorder.codes[ARRIVAL], recorder.codes[""]
        self._clock = ClockTree(design.period_ps, recorder)
        self._idle: list[Context] = []
        self._active: list[Context] = []
        self._decides_at: int | None = None
        self._release_awaited = False
        self.rested_line: Line[Message] | None = None
        self.slack_ps = 0
        self._is_awake, self._woken_by = True, NO_CAUSE
        self._awake_ps: int | None = None
        self._restoring: int | None = None

    @property
    def is_resting(self) -> bool:
        """Whether no image is in flight and none waits."""
        return not self._active and not self._queue

    def hold_instructions(self, number: int) -> Words:
        """Take note, before the run, of how many instructions the sequencer holds."""
        row = Row("restore", SEQUENCER, {"restore_instruction": number})
        self._restoring = self._recorder.template(RowTemplate((row,)))
        return Words(logic=number)

    def add(self, context: Context) -> None:
        """Take a context into service, before the run."""
        self._contexts.append(context)
        insort(self._idle, context, key=turn_of)

    def run(self) -> Process:  # noqa: C901 - a list of messages; a call more for each costs 1 %
        """Take note of what ends or arrives, and decide when all of an instant has."""
        inbox = self.inbox
        while True:
            message = yield inbox
            now, what = message.time_ps, type(message)
            if what is Decide:
                self._decides_at = None
                if self._is_awake:
                    self._decide(now)
            elif what is Stored:
                if message.step.binding.instruction.op == HANDOFF_STEP:
                    self._finish(message.step, now)
                self._decide_at(now, now)
            elif what is Charged:
                if self._release_awaited:
                    self._decide_at(now, now)
            elif what is Arrived:
                if self._idle:
                    self._decide_at(now, now)
            elif what in _LOOKS_AGAIN:
                self._decide_at(now, now)
            else:
                self._follow(message, now)

    def _follow(self, message: Message, now: int) -> None:
        """Stand still without a supply or in a power state, and go on after it."""
        what = type(message)
        if isinstance(message, SupplyLost):
            self._lose_supply(message, now)
        elif what is Entering:
            self._is_awake = False
        elif what is Slept:
            self._clock.stop(now)
        elif what is Waking:
            self._clock.start(now)
        elif isinstance(message, Restoring) and self._restoring is not None:
            cause = Cause(LOST, "", message.exit)
            self._recorder.report(self._restoring, message.first_id, message.interval, cause)
        elif isinstance(message, Awake):
            self._is_awake, self._awake_ps, self._woken_by = True, now, message.last
            self._decide_at(now, now)

    def _lose_supply(self, message: SupplyLost, now: int) -> None:
        """Stand still; images in flight go back to where they can go on, and wait."""
        self._is_awake = False
        self._clock.stop(now)
        for context in self._active:
            self._end_wait(context, now)
            context.roll_back(now, self._recorder.next_id)
            self._wait(context, Cause(WAKING, "", message.strike), now)

    @property
    def contexts(self) -> Sequence[Context]:
        """All contexts, in the order of their numbers."""
        return self._contexts

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        for context in self._contexts:
            context.exchange(state)
        self._clock.exchange(state)
        self._arbiter.exchange(state)
        state.lists_of_known(self, "_idle", "_active")
        state.times(self, "_decides_at")
        state.values(self, "_release_awaited", "_is_awake")
        state.times(self, "_awake_ps")
        state.records(self, "_woken_by")

    def unrest(self) -> Iterator[str]:
        """Give a line for each context that waits, in the order of their ranks."""
        for context in self._active:
            yield from context.unrest()

    def close(self, end_ps: int) -> None:
        """Report the clock cycles up to the end of the run."""
        self._clock.report(end_ps)

    def _decide_at(self, time: int, now: int) -> None:
        """Decide at the next clock edge; a decision that is pending is never later than that."""
        if self._decides_at is None:
            edge = -(-time // self._period_ps) * self._period_ps  # as Clock.edge, without a call
            if edge == now and self._simulation.is_last_of_instant:
                if self._is_awake:
                    self._decide(now)
                return
            self._decides_at = edge
            self._simulation.send(Decide(), self.own_line, edge - now, DECIDE)

    def _finish(self, step: Step, now: int) -> None:
        """Free the context of a step whose image is done."""
        context = self._contexts[step.binding.context]
        if step.binding is not context.bindings[-1] or step.first_id < context.lost_before:
            return
        self._active.remove(context)
        context.free(step.last_id, now)
        insort(self._idle, context, key=turn_of)
        if not self._active:
            self._clock.rest(now)
            if self.rested_line is not None:
                self._simulation.send(Rested(), self.rested_line, 0, MAINTAIN)

    def _admit(self, now: int) -> None:
        """Give images in the queue a context each, while idle ones may run them."""
        arbiter = self._arbiter
        while self._idle:
            able = {tenant for idle in self._idle for tenant in idle.programs}
            heads = [head for head in self._queue.heads() if head.tenant in able]
            if not heads:
                break
            arrival = heads[0] if len(heads) == 1 else arbiter.next_of(heads)
            context = next(idle for idle in self._idle if idle.runs(arrival.tenant))
            self._idle.remove(context)
            context.admit(arrival, now)
            insort(self._active, context, key=arbiter.rank)
            if self._in_turn:
                arbiter.admitted(arrival)
            wait, cause = None, Cause(CLOCK_EDGE)
            if now > arrival.time_ps:
                if context.freed_at_ps > arrival.time_ps:
                    cause = Cause(NO_CONTEXT, "", context.freed_by)
                elif self._was_asleep(arrival.time_ps):
                    cause = Cause(WAKING, "", self._woken_by)
                wait = context.previous_id = self._recorder.reserve()
            admission = Admission(arrival, context.queued, wait, cause)
            self._simulation.tell(admission, self.admission_line)
            self.slack_ps = min(self.slack_ps, context.freed_at_ps - arrival.time_ps)
        if self._idle:
            self.slack_ps = 0
        if not self._queue:
            self._awake_ps, self._woken_by = None, NO_CAUSE

    def _was_asleep(self, arrived_ps: int) -> bool:
        """Tell whether the machine was woken for an image, after it could have been taken."""
        return self._awake_ps is not None and self._awake_ps > self._edges.edge(arrived_ps)

    def _decide(self, now: int) -> None:
        """Admit images, issue at most one step; other contexts learn what they wait for.

        A context whose next step is blocked is looked at again when something is released or
        stored, or a refresh may have begun. One that could issue asks for the next cycle. So does
        one that waits for a release while an image that comes after it issues: what that takes,
        and still holds then, may come before what the one before it waits for.
        """
        if self._idle:
            self._admit(now)
        issued: Step | None = None
        self._release_awaited = again = False
        active = self._active
        seen = Seen() if len(active) > 1 else None
        for context in self._arbiter.order(active) if self._in_turn else active:
            binding = context.next
            if binding is None:
                continue  # its handoff is settling
            obstacle = binding.obstacle(context.image, seen)
            if obstacle is None and issued is None and context.ready_ps <= now:
                issued = self._issue(context, binding, now)
                if seen is not None:
                    seen.clear()
                again = again or (self._release_awaited and self._holds_on)
                binding = context.next
                if binding is None:
                    continue
                obstacle = binding.obstacle(context.image, seen)
            if obstacle is not None:
                self._wait(context, obstacle, now)
            else:
                again = True
                if context.ready_ps <= now and issued is not None:
                    self._wait(context, Cause(SLOT, "", issued.first_id), now)
        if again:
            self._decide_at(now + self._period_ps, now)

    def _wait(self, context: Context, obstacle: Cause, now: int) -> None:
        if obstacle.reason in _ENDS_WITH_A_RELEASE:
            self._release_awaited = True
        if obstacle != context.waits_for:
            if context.waits_for is not None:
                self._end_wait(context, now)
            context.waits_for = obstacle
            context.wait_since_ps = max(now, context.ready_ps)

    def _end_wait(self, context: Context, now: int) -> None:
        cause, since = context.waits_for, context.wait_since_ps
        context.waits_for = None
        if cause is not None and context.next is not None and now > since:
            number = context.previous_id = self._recorder.reserve()
            if self._recorder.keeps:
                reason, resource, record = cause
                why = (self._codes[reason], self._codes[resource], record, 1)
                self._recorder.event(
                    (context.next.waiting, number, context.image, since, now, *why)
                )

    def _issue(self, context: Context, binding: Binding, now: int) -> Step:
        """Issue the next step of a context: all blocks of it hear of it in this instant."""
        before = context.previous_id
        if context.waits_for is not None:
            self._end_wait(context, now)
        self._clock.report(now)
        step = Step(binding, context.image, self._recorder.begin(binding.rows))
        if self._recorder.keeps:
            if context.previous_id != before:
                reason = self._wait_code
            else:
                begins = binding is context.bindings[0]
                reason = self._arrival_code if begins else self._order_code
            why = (reason, self._no_code, context.previous_id, 1)
            end = now + self._period_ps
            self._recorder.event(
                (binding.common.issuing, step.first_id, step.image, now, end, *why)
            )
        self._clock.last = step
        if self._in_turn:
            self._arbiter.issued(context)
        context.previous_id = step.first_id
        context.advance(now + self._period_ps)
        self._simulation.tell(Issued(step), binding.common.issued)
        self._simulation.send(Charged(step), binding.common.charged, binding.read_ps)
        return step
