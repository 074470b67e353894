"""Clock tree: its cycles belong to the step issued last, and to standby while all is idle."""

from accelsim.kernel import State
from accelsim.model.binding import Step
from accelsim.records.reasons import IDLE, ISSUE
from accelsim.records.recorder import Cause, Recorder
from accelsim.records.templates import Row, RowTemplate
from accelsim.topology import CLOCK


class ClockTree:
    """Part of the sequencer that counts clock cycles. last: the step issued last."""

    def __init__(self, period_ps: int, recorder: Recorder) -> None:
        self.last: Step | None = None
        self._period_ps = period_ps
        self._recorder = recorder
        self._issue_code, self._no_code = recorder.codes[ISSUE], recorder.codes[""]
        row = Row("standby", CLOCK, {"clock_cycle": 1})
        self._standby = recorder.template(RowTemplate((row,)), counted=True)
        self._since_ps = 0
        self._idle_since_ps: int | None = 0
        self._is_stopped = False

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        state.flights(self, "last")
        state.times(self, "_since_ps", "_idle_since_ps")
        state.values(self, "_is_stopped")

    def rest(self, now: int) -> None:
        """Note that no image is in flight from now on."""
        self._idle_since_ps = now

    def stop(self, now: int) -> None:
        """Count no cycles from now on."""
        if not self._is_stopped:
            self.report(now)
        self._is_stopped = True

    def start(self, now: int) -> None:
        """Count them again; until the next issue they are no step's."""
        self._is_stopped = False
        self._since_ps = self._idle_since_ps = now

    def report(self, now: int) -> None:
        """Report the cycles since the last report; the next ones are of a step again."""
        recorder = self._recorder
        if recorder.keeps:
            busy_until = now if self._idle_since_ps is None else self._idle_since_ps
            step, since = self.last, self._since_ps
            if step is not None and busy_until > since:
                cycles = (busy_until - since) // self._period_ps
                why = (self._issue_code, self._no_code, step.first_id, cycles)
                template, number = step.binding.common.cycles, recorder.reserve()
                recorder.event((template, number, step.image, since, busy_until, *why))
            if now > busy_until:
                interval = (busy_until, now)
                recorder.report_cycles(self._standby, 1, interval, Cause(IDLE), self._period_ps)
        self._since_ps, self._idle_since_ps = now, None
