"""The results of an image on their way to a class label."""

from accelsim.kernel import State
from accelsim.records.recorder import NO_CAUSE


class Job:
    """The results of an image behind the handoff; its blocks pass it on.

    image, context: whose they are. ready_ps, ready_id: since when, and since which record, the next
    unit may begin with them. holder_id: the record of the unit that has them, or that keeps them
    waiting. last_id: the last record of the engine's work on them, once it has begun.
    """

    __slots__ = ("context", "holder_id", "image", "last_id", "ready_id", "ready_ps")

    def __init__(self, image: int, context: int, ready_ps: int, ready_id: int) -> None:
        self.image, self.context = image, context
        self.ready_ps, self.ready_id = ready_ps, ready_id
        self.holder_id, self.last_id = ready_id, NO_CAUSE

    def exchange(self, state: State) -> None:
        """Name what tells it from others."""
        state.images(self, "image")
        state.values(self, "context")
        state.times(self, "ready_ps")
        state.records(self, "ready_id", "holder_id", "last_id")
