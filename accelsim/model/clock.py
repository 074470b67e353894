"""Clock tree: its cycles belong to the step issued last, and to standby while all is idle."""

from accelsim.model.binding import Binding, Step, template_of
from accelsim.records.expand import Row, Template
from accelsim.records.reasons import IDLE, ISSUE
from accelsim.records.recorder import Cause, Recorder
from accelsim.topology import CLOCK

_ROW = Row(CLOCK, {"clock_cycle": 1})


class ClockTree:
    """Part of the sequencer that counts clock cycles."""

    def __init__(self, period_ps: int, recorder: Recorder) -> None:
        self._period_ps = period_ps
        self._recorder = recorder
        self._templates: dict[Binding, int] = {}
        self._standby = recorder.template(Template("standby", (_ROW,)), counted=True)
        self._last: Step | None = None
        self._since_ps = 0
        self._idle_since_ps: int | None = 0

    def know(self, binding: Binding) -> None:
        """Register the cycles of a binding, before the run."""
        template = template_of("clock", binding.instruction, [_ROW])
        self._templates[binding] = self._recorder.template(template, counted=True)

    def issued(self, step: Step) -> None:
        """Note which step the cycles from now on belong to."""
        self._last = step

    def rest(self, now: int) -> None:
        """Note that no image is in flight from now on."""
        self._idle_since_ps = now

    def report(self, now: int) -> None:
        """Report the cycles since the last report; the next ones are of a step again."""
        busy_until = now if self._idle_since_ps is None else self._idle_since_ps
        step = self._last
        if step is not None and busy_until > self._since_ps:
            self._count(
                self._templates[step.binding],
                step.image,
                (self._since_ps, busy_until),
                Cause(ISSUE, "", step.first_id),
            )
        if now > busy_until:
            self._count(self._standby, -1, (busy_until, now), Cause(IDLE))
        self._since_ps, self._idle_since_ps = now, None

    def _count(self, template: int, image: int, interval: tuple[int, int], cause: Cause) -> None:
        cycles = (interval[1] - interval[0]) // self._period_ps
        self._recorder.event(template, self._recorder.reserve(), image, interval, cause, cycles)
