"""What a fault has hit, and events that are about to hit what comes next."""

from accelsim.kernel import State
from accelsim.model.binding import Step
from accelsim.model.fault_design import FaultEvent
from accelsim.records.reasons import FAULTY
from accelsim.records.recorder import NO_CAUSE, Cause

_NO_IMAGE = -1


class Hit:
    """Something that a fault hit. event: its number. path: of what was hit. id: of its record.

    template: of the record. image: whose write it was. follows: record of that write. since_ps:
    from when on something did not go on as it should.
    """

    __slots__ = ("event", "follows", "id", "image", "path", "since_ps", "template")

    def __init__(
        self,
        event: int,
        path: str,
        template: int,
        image: int = _NO_IMAGE,
        follows: int = NO_CAUSE,
    ) -> None:
        self.event, self.path, self.template = event, path, template
        self.image, self.follows = image, follows
        self.id, self.since_ps = NO_CAUSE, 0

    def exchange(self, state: State) -> None:
        """Name what tells it from other hits."""
        state.values(self, "event", "path", "template")
        state.absolutes(self, "image", "follows", "id", "since_ps")

    @property
    def cause(self) -> Cause:
        """Why something waits for what was hit."""
        return Cause(FAULTY, self.path, self.id)


class Armed:
    """An event that has struck a part and hits what it does next."""

    __slots__ = ("event", "lane", "plane")

    def __init__(self, event: int, lane: int = 0, plane: int = 0) -> None:
        self.event, self.lane, self.plane = event, lane, plane

    def exchange(self, state: State) -> None:
        """Name what tells it from others."""
        state.values(self, "event", "lane", "plane")


def matches(event: FaultEvent, step: Step) -> bool:
    """Tell whether an event is meant for a step."""
    if event.image is not None and event.image != step.image:
        return False
    return event.step is None or event.step == step.binding.instruction.step
