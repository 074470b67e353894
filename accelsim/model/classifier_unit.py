"""What the units behind the handoff have in common: one image at a time, in order of handoffs.

A unit begins with an image after all of an instant has ended or arrived, so that its records are
numbered in a fixed order. Time in ps.
"""

from collections.abc import Iterator, Sequence

from accelsim.compiler import Stage
from accelsim.kernel import Line, Message, Port, Simulation, State, maintain
from accelsim.model.classifier_job import Job
from accelsim.model.messages import Turn
from accelsim.records.reasons import BUSY, READY, WAIT
from accelsim.records.recorder import NO_CAUSE, Cause, Recorder
from accelsim.records.templates import Owner, Row, RowTemplate
from accelsim.units import render


class Unit:
    """Does some stages for each image. path: of it. queue: path at which images wait for it.

    turn_line: to itself. after: how many blocks decide what concerns them alone before it does.
    """

    turn_line: Line[Message]

    def __init__(
        self,
        simulation: Simulation,
        recorder: Recorder,
        *,
        path: str,
        queue: str,
        stages: Sequence[Stage],
        after: int,
    ) -> None:
        self.inbox: Port[Message] = Port(simulation, path)
        self.path, self._queue_path = path, queue
        self._simulation, self._recorder = simulation, recorder
        self._priority = maintain(after)
        self._stages = [(stage.time_ps, len(list(stage.acts))) for stage in stages]
        self._templates = [_template(recorder, stage) for stage in stages]
        owner = Owner(stages[0].op, stages[0].layer, stages[0].step)
        self._wait = recorder.template(RowTemplate((Row("wait", queue, {}),), owner))
        recorder.know([path])
        self.time_ps = sum(stage.time_ps for stage in stages)
        self._waiting: list[Job] = []
        self._job: Job | None = None
        self._since_ps: int | None = None
        self._first_id = NO_CAUSE
        self._cause: Cause | None = None
        self._held_up: Cause | None = None
        self._looking = False

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        state.lists_of_flights(self, "_waiting")
        state.flights(self, "_job")
        state.values(self, "_looking")
        state.causes(self, "_held_up")
        state.times(self, "_since_ps")
        state.records(self, "_first_id")
        state.causes(self, "_cause")

    def unrest(self) -> Iterator[str]:
        """Give a line for the image that it works on, and for those that wait."""
        if self._job is not None:
            yield f"{self.path}: works on image {self._job.image}"
        for job in self._waiting:
            yield f"{self._queue_path}: image {job.image} waits since {render(job.ready_ps, 'ps')}"

    def enqueue(self, job: Job) -> None:
        """Take an image into the queue."""
        self._waiting.append(job)
        self.look()

    def look(self) -> None:
        """Look, after everything of this instant, whether to begin with an image."""
        if self._waiting and not self._looking:
            self._looking = True
            self._simulation.send(Turn(), self.turn_line, 0, self._priority)

    def begin(self, now: int) -> Job | None:
        """Begin with the next image, if nothing is in the way; return it."""
        self._looking = False
        begun = None
        if self._obstacle() is None:
            begun = self._job = self._waiting.pop(0)
            self._cause = self._waited(begun, now)
            self._since_ps = now
            self._first_id = self._recorder.reserve(sum(rows for _, rows in self._stages))
            begun.holder_id = self._first_id
        self._held_up = self._obstacle() if self._waiting else None
        if self._held_up is not None:
            for job in self._waiting:
                job.holder_id = self._held_up.record
        return begun

    def finish(self, now: int) -> None:
        """Report what was done for the image, which is over now."""
        job, cause, since, number = self._job, self._cause, self._since_ps, self._first_id
        assert job is not None  # noqa: S101 - for the type checker: it has begun
        assert cause is not None  # noqa: S101
        assert since is not None  # noqa: S101
        for template, (time, rows) in zip(self._templates, self._stages, strict=True):
            interval = (since, since + time)
            self._recorder.report(template, number, interval, cause, image=job.image)
            cause = Cause(READY, "", number)
            since, number = since + time, number + rows
        job.ready_ps, job.ready_id = now, cause.record
        self._job = self._cause = self._since_ps = None
        self._first_id = NO_CAUSE
        self.look()

    def _obstacle(self) -> Cause | None:
        """Return what keeps the next image from being begun with, or None."""
        return None if self._job is None else Cause(BUSY, self.path, self._last_begin)

    @property
    def _last_begin(self) -> int:
        """Id of the record of the last stage."""
        return self._first_id + sum(rows for _, rows in self._stages[:-1])

    def _waited(self, job: Job, now: int) -> Cause:
        """Report that an image waited, if it did; return why the work on it begins now."""
        if self._held_up is None or now == job.ready_ps:
            return Cause(READY, "", job.ready_id)
        number = self._recorder.reserve()
        interval = (job.ready_ps, now)
        self._recorder.report(self._wait, number, interval, self._held_up, image=job.image)
        return Cause(WAIT, "", number)


def _template(recorder: Recorder, stage: Stage) -> int:
    rows = tuple(Row(kind, path, actions) for kind, path, actions in stage.acts)
    return recorder.template(RowTemplate(rows, Owner(stage.op, stage.layer, stage.step)))
