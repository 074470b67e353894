"""ADC behind the handoff: the results of an image become codes in the SRAM.

Modelled: `count` converters that work side by side, one image at a time in the order of handoffs;
the results of a context stay in their place at the boundary until all of them are converted; the
SRAM has room for the codes of two images, of which the engine has one. Left out: what drives the
converters' inputs, and leakage of theirs. Time in ps.
"""

from collections.abc import Sequence

from accelsim.compiler import CODE_BUFFERS, Stage
from accelsim.kernel import Line, Message, Process, Simulation, State
from accelsim.model.classifier_job import Job
from accelsim.model.classifier_unit import Unit
from accelsim.model.messages import Converted, HandedOff, Labelled
from accelsim.records.reasons import BUSY
from accelsim.records.recorder import Cause, Recorder
from accelsim.topology import CLASSIFIER_ADC, CLASSIFIER_QUEUE, CLASSIFIER_SRAM


class ClassifierAdc(Unit):
    """Converts images. `converted_line` reaches itself, the engine, the host and the sequencer."""

    converted_line: Line[Message]

    def __init__(
        self, simulation: Simulation, recorder: Recorder, stages: Sequence[Stage], after: int
    ) -> None:
        super().__init__(
            simulation,
            recorder,
            path=CLASSIFIER_ADC,
            queue=CLASSIFIER_QUEUE,
            stages=stages,
            after=after,
        )
        recorder.know([CLASSIFIER_SRAM])
        self._in_sram: list[Job] = []

    def run(self) -> Process:
        """Convert one image after another."""
        inbox = self.inbox
        while True:
            message = yield inbox
            if isinstance(message, HandedOff):
                self.enqueue(message.job)
            elif isinstance(message, Converted):
                self.finish(message.time_ps)
            elif isinstance(message, Labelled):
                self._in_sram.remove(message.job)
                self.look()
            else:
                self._begin(message.time_ps)

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        super().exchange(state)
        state.lists_of_flights(self, "_in_sram")

    def _begin(self, now: int) -> None:
        job = self.begin(now)
        if job is not None:
            self._simulation.send(Converted(job), self.converted_line, self.time_ps)

    def begin(self, now: int) -> Job | None:
        """Begin with the next image, if the SRAM has room for its codes."""
        job = super().begin(now)
        if job is not None:
            self._in_sram.append(job)
        return job

    def _obstacle(self) -> Cause | None:
        if self._job is None and len(self._in_sram) >= CODE_BUFFERS:
            return Cause(BUSY, CLASSIFIER_SRAM, self._in_sram[0].last_id)
        return super()._obstacle()
