"""What the blocks say to one another. A message reaches all blocks of a step as one event."""

from typing import NamedTuple, TypeAlias

from accelsim.model.binding import Step
from accelsim.records.recorder import Cause


class Issued(NamedTuple):
    """The read phase of a step begins: take what it holds."""

    step: Step


class Charged(NamedTuple):
    """The read phase is over: the destination's capacitors are charged, all else is free."""

    step: Step


class Stored(NamedTuple):
    """The write phase is over: the destination holds the step's values."""

    step: Step


class Arrival(NamedTuple):
    """An image that arrives at the host, and when (ps)."""

    image: int
    time_ps: int


class Arrived(NamedTuple):
    """Images are in the host's queue."""

    images: tuple[Arrival, ...]


class Admission(NamedTuple):
    """The image at the head of the host's queue has a context from now on.

    template, wait, cause: of the record of its time in the queue; wait is None without one.
    """

    template: int
    wait: int | None
    cause: Cause


class NoMore(NamedTuple):
    """The last image has arrived; so many have in all."""

    images: int


class Decide(NamedTuple):
    """Everything of this instant has ended or arrived."""


class RefreshDue(NamedTuple):
    """The interval of the refresh counter is over: every plane is due."""


class Maintain(NamedTuple):
    """Everything of this instant has ended: a refresh that is due may begin."""


class Refreshed(NamedTuple):
    """A plane was read and written again; its ports are free."""

    plane: int


Message: TypeAlias = (
    Issued
    | Charged
    | Stored
    | Arrived
    | Admission
    | NoMore
    | Decide
    | RefreshDue
    | Maintain
    | Refreshed
)
