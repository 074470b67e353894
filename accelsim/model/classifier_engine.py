"""Fully-connected engine and its SRAM: from codes to a class label, one image at a time.

Modelled: the layers behind the handoff, one after another, with their products, operations and
words of the SRAM; leakage of engine and SRAM over the run. Left out: the SRAM as a limit of time;
its codes of an image are free for others when the label is known. Time in ps.
"""

from collections.abc import Sequence

from accelsim.compiler import Stage
from accelsim.kernel import Clock, Line, Message, Process, Simulation, State
from accelsim.model.classifier_unit import Unit
from accelsim.model.messages import Converted, HandedOff, Labelled
from accelsim.records.reasons import POWERED
from accelsim.records.recorder import Cause, Recorder
from accelsim.records.templates import Row, RowTemplate
from accelsim.topology import CLASSIFIER_ENGINE, CLASSIFIER_SRAM


class ClassifierEngine(Unit):
    """Classifies images. `labelled_line` reaches itself, what gave the image, and the sequencer.

    last_done_ps: when the last label was known. leaks_from_ps: from when on the leakage of engine
    and SRAM is this scope's.
    """

    labelled_line: Line[Message]

    def __init__(
        self, simulation: Simulation, recorder: Recorder, stages: Sequence[Stage], after: int
    ) -> None:
        super().__init__(
            simulation,
            recorder,
            path=CLASSIFIER_ENGINE,
            queue=CLASSIFIER_SRAM,
            stages=stages,
            after=after,
        )
        self.last_done_ps = 0
        leaks = {CLASSIFIER_ENGINE: "engine_leakage", CLASSIFIER_SRAM: "sram_leakage"}
        rows = tuple(Row("standby", path, {action: 1}) for path, action in leaks.items())
        self._leakage = recorder.template(RowTemplate(rows), counted=True)

    def run(self) -> Process:
        """Classify one image after another."""
        inbox = self.inbox
        while True:
            message = yield inbox
            if isinstance(message, Converted | HandedOff):
                self.enqueue(message.job)
            elif isinstance(message, Labelled):
                self.last_done_ps = message.time_ps
                self.finish(message.time_ps)
            else:
                self._begin(message.time_ps)

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        super().exchange(state)
        state.times(self, "last_done_ps")

    def close(self, since_ps: int, period_ps: int) -> None:
        """Report leakage from a time until the last label; a cycle that has begun counts."""
        until = Clock(period_ps).edge(self.last_done_ps)
        interval = (since_ps, until)
        self._recorder.report_cycles(self._leakage, 2, interval, Cause(POWERED), period_ps)

    def _begin(self, now: int) -> None:
        job = self.begin(now)
        if job is not None:
            job.last_id = self._last_begin
            self._simulation.send(Labelled(job), self.labelled_line, self.time_ps)
