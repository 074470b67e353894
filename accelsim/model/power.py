"""Power control: puts a machine at rest into a power state and wakes it when an image comes.

Modelled: the policy; entry into a state and exit from it, each with a time in which everything
draws what it draws when active; what was lost and is written again before the first image.
The machine rests while no image is in flight and none waits. A transition that has begun is not
broken off. Transitions begin at clock edges and last whole cycles. Left out: states of single
lanes; images in flight, which no policy stops. Time in ps.

It is a block that is always on. It decides after everything of an instant has ended or arrived,
before banks look for a refresh and the sequencer issues, and reports entries, exits and the time
in between; the blocks that change state hear of it one after another and report what is theirs.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from accelsim.kernel import MAINTAIN, Clock, Line, Message, Port, Process, Simulation, State
from accelsim.model.design import Design
from accelsim.model.messages import (
    Arrived,
    Awake,
    Entered,
    Entering,
    Rested,
    SleepDue,
    Slept,
    WakeDue,
)
from accelsim.model.power_design import PowerDesign, Words
from accelsim.model.queue import Queue
from accelsim.model.supply import Return
from accelsim.records.reasons import ARRIVAL, ASLEEP, IDLE
from accelsim.records.recorder import NO_CAUSE, Cause, Recorder
from accelsim.records.templates import Row, RowTemplate
from accelsim.topology import PowerState, power_path
from accelsim.units import render

Oracle = Callable[[int, int], PowerState | None]
"""Says what to do in a rest of so many ps until the next image can be taken, in which so many
rounds of refresh are due; None: stay."""

_AWAKE, _ENTERING, _ASLEEP, _WAKING = "awake", "entering", "asleep", "waking"
_ACTIONS = {
    PowerState.GATED: ("gate_entry", "gated_cycle"),
    PowerState.OFF: ("off_entry", "off_cycle"),
}


class _Templates(NamedTuple):
    """Templates of a state's records."""

    enter: int
    sleep: int


class PowerControl:
    """Decides when the machine goes into which state. `queue` is the host's, and only read here.

    next_arrival: says when (ps) the next image arrives, None after the last. coming_back: how it
    leaves a state, with all that change theirs. rounds_due: says how many rounds of refresh are due
    before a time if the supply stays. own_line, awake_line: to itself; to itself and the sequencer.
    sequencer_line: to the sequencer.
    """

    own_line: Line[Message]
    awake_line: Line[Message]
    sequencer_line: Line[Message]
    next_arrival: Callable[[], int | None]
    rounds_due: Callable[[int], int]

    def __init__(
        self,
        simulation: Simulation,
        design: Design,
        power: PowerDesign,
        queue: Queue,
        recorder: Recorder,
    ) -> None:
        self.inbox: Port[Message] = Port(simulation, "power control")
        self.oracle: Oracle | None = None
        self._simulation, self._recorder = simulation, recorder
        self._power, self._queue = power, queue
        self._period_ps, self._edges = design.period_ps, Clock(design.period_ps)
        self._state, self._target = _AWAKE, PowerState.OFF
        self._since: int | None = None
        self._rest_ps: int | None = None
        self._acts_ps: int | None = None
        self._wakes_ps: int | None = None
        self._entered = NO_CAUSE
        lanes = design.lanes * design.circuits
        self._templates = {state: self._register(state, lanes) for state in PowerState}
        self.coming_back = Return(simulation, power, lanes, recorder)

    def _register(self, state: PowerState, lanes: int) -> _Templates:
        path, register = power_path(state), self._recorder.template
        enter, sleep = _ACTIONS[state]
        return _Templates(
            register(RowTemplate((Row("enter", path, {enter: lanes}),))),
            register(RowTemplate((Row("sleep", path, {sleep: 1}),)), counted=True),
        )

    def run(self) -> Process:
        """Follow the machine's rests."""
        self._simulation.send(Rested(), self.own_line, 0, MAINTAIN)
        while True:
            message = yield self.inbox
            now, what = message.time_ps, type(message)
            if what is Arrived:
                self._arrived(now)
            elif what is Rested:
                self._rested(now)
            elif what is SleepDue:
                if message.rest_ps == self._rest_ps:
                    self._enter(now)
            elif what is Entered:
                self._sleep(now)
            elif what is WakeDue:
                self._wake(now)
            elif what is Awake:
                self._state, self._since = _AWAKE, None

    def unrest(self) -> Iterator[str]:
        """Give a line for a transition that is under way."""
        if self._since is not None:
            yield f"{power_path(self._target)}: {self._state} since {render(self._since, 'ps')}"

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        state.values(self, "_state", "_target")
        state.times(self, "_since", "_rest_ps", "_acts_ps", "_wakes_ps")
        state.records(self, "_entered")

    @property
    def _words(self) -> Words:
        """All that the machine holds between images."""
        every = [sleeper.words for sleeper in self.coming_back.sleepers]
        return Words(sum(each.logic for each in every), sum(each.cells for each in every))

    def _arrived(self, now: int) -> None:
        """Take note that the rest is over; ask to be woken."""
        self._rest_ps = None
        if self._state == _AWAKE:
            self._acts_ps = None
        elif self._state == _ASLEEP:
            self._send_wake(self._edges.edge(now))

    def next_ps(self, now: int) -> int | None:
        """Return when it does something next by itself; None: only when an image comes."""
        times = (self._acts_ps, self._wakes_ps)
        return min((time for time in times if time is not None and time > now), default=None)

    def _rested(self, now: int) -> None:
        """Begin a rest, unless images wait: choose a state and when to go into it."""
        if self._queue or self._simulation.is_over:
            return
        power, self._rest_ps = self._power, now
        if power.policy_state is not None:
            self._target = power.policy_state
            self._send(SleepDue(now), self._edges.edge(now + power.after_ps))
            return
        arrival = self.next_arrival()
        if arrival is None or self.oracle is None:
            return
        wanted = self._edges.edge(arrival)
        choice = self.oracle(wanted - now, self.rounds_due(wanted))
        if choice is not None:
            self._target = choice
            left = wanted - now - power.of_state(choice).entry_ps
            self._enter(now)
            self._send_wake(wanted - power.waking_ps(choice, self._words, left))

    def _enter(self, now: int) -> None:
        self._state, self._since = _ENTERING, now
        self._simulation.tell(Entering(), self.sequencer_line)
        end = now + self._power.of_state(self._target).entry_ps
        self._entered = self._report(self._templates[self._target].enter, now, end, Cause(IDLE))
        self._send(Entered(), end)

    def _sleep(self, now: int) -> None:
        """Be in the state from now on; an image that came meanwhile wakes the machine at once."""
        self._state, self._since = _ASLEEP, now
        for sleeper in self.coming_back.sleepers:
            self._simulation.tell(Slept(self._target, self._entered), sleeper.line)
        if self._queue:
            self._wake(now)

    def _wake(self, now: int) -> None:
        """Leave the state: blocks are supplied from now on, and usable when all is restored."""
        if self._state != _ASLEEP:
            return
        target, templates = self._target, self._templates[self._target]
        since = now if self._since is None else self._since
        asleep = now - since
        if asleep:
            cause = Cause(ASLEEP, "", self._entered)
            self._recorder.report_cycles(templates.sleep, 1, (since, now), cause, self._period_ps)
        self._state, self._since, self._entered = _WAKING, now, NO_CAUSE
        self._acts_ps = self._wakes_ps = None
        cause = Cause(ARRIVAL if self._queue else IDLE)
        end, last = self.coming_back.begin(target, now, asleep, cause)
        self._simulation.send(Awake(last), self.awake_line, end - now)

    def _report(self, template: int, since: int, until: int, cause: Cause) -> int:
        """Report an entry or an exit; return its id."""
        number = self._recorder.reserve()
        self._recorder.report(template, number, (since, until), cause)
        return number

    def _send(self, message: Message, time: int) -> None:
        self._acts_ps = time
        self._simulation.send(message, self.own_line, time - self._simulation.now_ps, MAINTAIN)

    def _send_wake(self, time: int) -> None:
        self._wakes_ps = time
        self._simulation.send(WakeDue(), self.own_line, time - self._simulation.now_ps, MAINTAIN)
