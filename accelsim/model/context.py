"""A context of the sequencer: one image in flight, which step is next, what it waits for."""

from collections.abc import Sequence
from typing import NamedTuple

from accelsim.kernel import Line, Message
from accelsim.model.binding import Binding, template_of
from accelsim.model.plane import NO_IMAGE
from accelsim.records.expand import Row
from accelsim.records.recorder import NO_CAUSE, Cause, Recorder
from accelsim.topology import QUEUE, SEQUENCER, context_path


class StepLines(NamedTuple):
    """To the blocks of a binding: for the issue, and (the sequencer too) the end of the read."""

    issued: Line[Message]
    charged: Line[Message]


class Context:
    """One image in flight, with planes of its own.

    place: of the next step in the program. ready_ps: when it may be issued at the earliest.
    waits_for: since wait_since_ps, or None. previous_id: record that the next one follows.
    freed_by, freed_at_ps: the last image's last record, and when it was done.
    issuing, waiting, queued: templates of the rows that a context reports.
    """

    def __init__(
        self,
        index: int,
        bindings: Sequence[Binding],
        lines: Sequence[StepLines],
        recorder: Recorder,
    ) -> None:
        self.index, self.path = index, context_path(index)
        self.bindings, self.lines = bindings, lines
        self.image = NO_IMAGE
        self.place = 0
        self.ready_ps = self.wait_since_ps = 0
        self.waits_for: Cause | None = None
        self.previous_id = self.freed_by = NO_CAUSE
        self.freed_at_ps = 0

        def templates(kind: str, row: Row) -> list[int]:
            return [
                recorder.template(template_of(kind, binding.instruction, [row]))
                for binding in bindings
            ]

        self.issuing = templates("issue", Row(SEQUENCER, {"issue": 1}))
        self.waiting = templates("wait", Row(self.path, {}))
        self.queued = recorder.template(
            template_of("wait", bindings[0].instruction, [Row(QUEUE, {})])
        )

    @property
    def is_done(self) -> bool:
        """Whether every step was issued."""
        return self.place == len(self.bindings)

    def obstacle(self) -> Cause | None:
        """Return what keeps the next step from being issued now."""
        return self.bindings[self.place].obstacle(self.image)

    def next_step(self) -> str:
        """Return the next step as messages name it."""
        return self.bindings[self.place].step_of(self.image)

    def admit(self, image: int, now: int) -> None:
        """Begin with an image."""
        self.image, self.place = image, 0
        self.ready_ps, self.previous_id = now, NO_CAUSE

    def free(self, last_id: int, now: int) -> None:
        """End with an image."""
        self.image = NO_IMAGE
        self.freed_by, self.freed_at_ps = last_id, now
