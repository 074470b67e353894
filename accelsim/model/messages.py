"""What the blocks say to one another. A message reaches all blocks of a step as one event.

Receivers tell messages apart by their type (``type(message) is Issued``), which costs a
sixth of what a class pattern does: a step has a dozen receptions.
"""

from accelsim.kernel import Message, State
from accelsim.model.binding import Step
from accelsim.records.recorder import Cause


class OfStep(Message):
    """A message about a step."""

    __slots__ = ("step",)

    def __init__(self, step: Step) -> None:
        self.step = step

    def exchange(self, state: State) -> None:
        """Name what it says."""
        state.flights(self, "step")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.step})"


class Issued(OfStep):
    """The read phase of a step begins: take what it holds."""

    __slots__ = ()


class Charged(OfStep):
    """The read phase is over: the destination's capacitors are charged, all else is free."""

    __slots__ = ()


class Stored(OfStep):
    """The write phase, since `isolated_ps`, is over: the destination holds the step's values."""

    __slots__ = ("isolated_ps",)

    def __init__(self, step: Step, isolated_ps: int) -> None:
        self.step, self.isolated_ps = step, isolated_ps

    def exchange(self, state: State) -> None:
        """Name what it says."""
        super().exchange(state)
        state.times(self, "isolated_ps")


class Arrived(Message):
    """Images that are in the host's queue from now on: those of its stream before `end`."""

    __slots__ = ("end",)
    told_again = True

    def __init__(self, end: int) -> None:
        self.end = end


class Admission(Message):
    """The image at the head of the host's queue has a context from now on.

    template, wait, cause: of the record of its time in the queue; wait is None without one.
    """

    __slots__ = ("cause", "template", "wait")

    def __init__(self, template: int, wait: int | None, cause: Cause) -> None:
        self.template, self.wait, self.cause = template, wait, cause


class NoMore(Message):
    """The last image has arrived; so many have in all."""

    __slots__ = ("images",)

    def __init__(self, images: int) -> None:
        self.images = images

    def exchange(self, state: State) -> None:
        """Name what it says."""
        state.values(self, "images")


class Decide(Message):
    """Everything of this instant has ended or arrived."""

    __slots__ = ()


class RefreshDue(Message):
    """The interval of the refresh counter is over: every plane is due."""

    __slots__ = ()


class Maintain(Message):
    """Everything of this instant has ended: a refresh that is due may begin.

    The sequencer looks again, too: what the refresh takes may be in the way of a step.
    """

    __slots__ = ()


class Refreshed(Message):
    """A plane was read and written again; its ports are free."""

    __slots__ = ()


IN_FLIGHT = (Charged, Stored, NoMore, Decide, RefreshDue, Maintain, Refreshed)
"""Messages that may be on their way when a run pauses, but for those that are told again."""
