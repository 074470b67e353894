"""The supply: how a machine comes back without it having had one, and a supply that fails.

Modelled: an exit, in which rails are charged, then words that were lost are written again, one
after another. A supply that fails at a time takes with it what is being written; what cells keep
follows from their storage. The images in flight go on when it is back: from the step that was lost,
or from their load where cells lost what they still need (sequencer.py). Phases of steps that have
begun are counted and end as scheduled, without a result. Left out: how the voltage falls and rises;
a failure while a policy has put the machine into a state. Time in ps.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from accelsim.kernel import MAINTAIN, Clock, Line, Message, Port, Process, Simulation, State
from accelsim.model.design import Design
from accelsim.model.fault_design import FaultDesign
from accelsim.model.fault_log import FaultLog
from accelsim.model.hits import Hit
from accelsim.model.messages import Awake, Restoring, Struck, SupplyDue, SupplyLost, Waking
from accelsim.model.power_design import PowerDesign, Words
from accelsim.records.reasons import IDLE
from accelsim.records.recorder import NO_CAUSE, Cause, Recorder
from accelsim.records.templates import Row, RowTemplate
from accelsim.topology import PowerState, power_path
from accelsim.units import render

_EXITS = {PowerState.GATED: "gate_exit", PowerState.OFF: "off_exit"}


class Sleeper(NamedTuple):
    """A block that changes state, the line to it, and what of it is lost without power.

    rows: records that it reports when its words are restored.
    """

    line: Line[Message]
    words: Words = Words()
    rows: int = 0


class Return:
    """How a machine comes back from a state: an exit, and then what was lost is written again.

    sleepers: in the order in which they are told.
    """

    sleepers: Sequence[Sleeper]

    def __init__(
        self, simulation: Simulation, power: PowerDesign, lanes: int, recorder: Recorder
    ) -> None:
        self._simulation, self._recorder, self._power = simulation, recorder, power
        self._templates = {
            state: recorder.template(
                RowTemplate((Row("exit", power_path(state), {_EXITS[state]: lanes}),))
            )
            for state in PowerState
        }

    def begin(self, state: PowerState, now: int, asleep_ps: int, cause: Cause) -> tuple[int, int]:
        """Leave a state after so long: blocks are supplied from now on.

        Return when all is restored, and the record whose end that is.
        """
        power, recorder = self._power, self._recorder
        forgets = power.forgets(state, asleep_ps)
        for sleeper in self.sleepers:
            self._simulation.tell(Waking(state, forgets=forgets), sleeper.line)
        end = now + power.of_state(state).exit_ps
        last = leave = recorder.reserve()
        recorder.report(self._templates[state], leave, (now, end), cause)
        for sleeper in self.sleepers:
            words = power.lost(state, sleeper.words, asleep_ps)
            if words:
                first, begin = recorder.reserve(sleeper.rows), end
                end += words * power.restore_ps
                self._simulation.tell(Restoring(first, (begin, end), leave), sleeper.line)
                last = first + sleeper.rows - 1
        return end, last


_UP, _OUT, _RETURNING = "up", "out", "returning"


class Supply:
    """A supply that fails when an event strikes it.

    own_line: to itself. awake_line: to the sequencer. coming_back: to all that work with it.
    bystanders: lines to blocks that hold nothing, and have to know that it fails.
    """

    own_line: Line[Message]
    awake_line: Line[Message]
    bystanders: Sequence[Line[Message]]

    def __init__(
        self,
        simulation: Simulation,
        design: Design,
        faults: FaultDesign,
        power: PowerDesign,
        recorder: Recorder,
    ) -> None:
        self.inbox: Port[Message] = Port(simulation, "supply")
        self._simulation, self._power = simulation, power
        self._edges = Clock(design.period_ps)
        self.coming_back = Return(simulation, power, design.lanes * design.circuits, recorder)
        parts = faults.topology
        rank = 1 + len(parts.places) + len(parts.directions)
        self.log = FaultLog(simulation, recorder, design.period_ps, rank)
        for event in faults.events:
            self.log.know(event, [power_path(PowerState.OFF)])
        self._stage = _UP
        self._since_ps = self._due_ps = 0
        self._last = NO_CAUSE
        self._hit: Hit | None = None

    def run(self) -> Process:
        """Fail, and come back."""
        while True:
            message = yield self.inbox
            now, what = message.time_ps, type(message)
            if what is Struck:
                self._fail(message, now)
            elif what is SupplyDue and message.due_ps == self._due_ps:
                self._go_on(now)

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        self.log.exchange(state)
        state.values(self, "_stage")
        state.absolutes(self, "_since_ps", "_due_ps", "_last")
        state.flights(self, "_hit")

    def unrest(self) -> Iterator[str]:
        """Give a line for a supply that is not back."""
        if self._stage != _UP:
            yield f"{power_path(PowerState.OFF)}: supply lost at {render(self._since_ps, 'ps')}"

    def _fail(self, message: Struck, now: int) -> None:
        """Take the supply away; one that fails before it is back is longer away.

        One that fails while words are restored finds them lost still.
        """
        event, before = message.event, self._hit
        back = self._edges.edge(now + (event.lasts_ps or 0))
        hit = self.log.hit(event.number, message.target.path, now)
        hit.since_ps = now
        if self._stage == _OUT and before is not None:
            back, hit.since_ps = max(back, self._due_ps), before.since_ps
        elif self._stage == _UP:
            self._since_ps = now
        self._stage, self._hit = _OUT, hit
        forgets = self._power.forgets(PowerState.OFF, back - self._since_ps)
        lost = SupplyLost(hit.id, forgets=forgets)
        for line in (*(each.line for each in self.coming_back.sleepers[::-1]), *self.bystanders):
            self._simulation.tell(lost, line)
        self._send(back)

    def _go_on(self, now: int) -> None:
        """Have a supply again, or be done with what was lost."""
        if self._stage == _RETURNING:
            self._stage = _UP
            self._simulation.tell(Awake(self._last), self.awake_line)
            return
        self._stage = _RETURNING
        cause = Cause(IDLE)
        if self._hit is not None:
            self.log.report_span(self._hit, now)
            cause = self._hit.cause
        asleep = now - self._since_ps
        end, self._last = self.coming_back.begin(PowerState.OFF, now, asleep, cause)
        self._send(end)

    def _send(self, time: int) -> None:
        self._due_ps = time
        delay = time - self._simulation.now_ps
        self._simulation.send(SupplyDue(time), self.own_line, delay, MAINTAIN)
