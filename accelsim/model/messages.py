"""What the blocks say to one another. A message reaches all blocks of a step as one event.

Receivers tell messages apart by their type (``type(message) is Issued``), which costs a
sixth of what a class pattern does: a step has a dozen receptions.
"""

from accelsim.kernel import Exchanges, Message, State
from accelsim.model.binding import Step
from accelsim.model.classifier_job import Job
from accelsim.model.fault_design import FaultEvent, Target
from accelsim.model.hits import Hit
from accelsim.model.stream import Arrival
from accelsim.records.recorder import Cause
from accelsim.topology import PowerState


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
    """An image that is first in a line of the host's queue has a context from now on.

    template, wait, cause: of the record of its time in the queue; wait is None without one.
    """

    __slots__ = ("arrival", "cause", "template", "wait")

    def __init__(self, arrival: Arrival, template: int, wait: int | None, cause: Cause) -> None:
        self.arrival = arrival
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
    """The interval of the refresh counter is over: every plane is due.

    counted_ps: end of the interval; a counter that was stopped and started since counts to another.
    """

    __slots__ = ("counted_ps",)

    def __init__(self, counted_ps: int) -> None:
        self.counted_ps = counted_ps

    def exchange(self, state: State) -> None:
        """Name what it says."""
        state.times(self, "counted_ps")


class Maintain(Message):
    """Everything of this instant has ended: a refresh that is due may begin.

    The sequencer looks again, too: what the refresh takes may be in the way of a step.
    """

    __slots__ = ()


class Refreshed(Message):
    """A plane was read and written again, by this refresh; its ports are free."""

    __slots__ = ("refresh",)

    def __init__(self, refresh: Exchanges) -> None:
        self.refresh = refresh

    def exchange(self, state: State) -> None:
        """Name what it says."""
        state.flights(self, "refresh")


class Rested(Message):
    """No image is in flight any more: the machine may rest."""

    __slots__ = ()


class SleepDue(Message):
    """The time after which a rest becomes a sleep is over. rest_ps: when the rest began."""

    __slots__ = ("rest_ps",)

    def __init__(self, rest_ps: int) -> None:
        self.rest_ps = rest_ps

    def exchange(self, state: State) -> None:
        """Name what it says."""
        state.times(self, "rest_ps")


class Entering(Message):
    """A power state is entered: no image gets a context before `Awake`."""

    __slots__ = ()


class Entered(Message):
    """The entry is over."""

    __slots__ = ()


class Slept(Message):
    """The machine is in a power state from now on. entry: id of the record of its entry."""

    __slots__ = ("entry", "state")

    def __init__(self, state: PowerState, entry: int) -> None:
        self.state, self.entry = state, entry


class WakeDue(Message):
    """It is time to leave the power state."""

    __slots__ = ()


class Waking(Message):
    """A power state is left: there are clock and supply again. forgets: cells lost their values."""

    __slots__ = ("forgets", "state")

    def __init__(self, state: PowerState, *, forgets: bool) -> None:
        self.state, self.forgets = state, forgets


class Restoring(Message):
    """What a block lost is written again in an interval.

    first_id: of the block's records of it. exit: id of the record of the exit before.
    """

    __slots__ = ("exit", "first_id", "interval")

    def __init__(self, first_id: int, interval: tuple[int, int], exit_id: int) -> None:
        self.first_id, self.interval, self.exit = first_id, interval, exit_id


class Awake(Message):
    """The machine is active again. last: id of the record whose end made it so."""

    __slots__ = ("last",)

    def __init__(self, last: int) -> None:
        self.last = last

    def exchange(self, state: State) -> None:
        """Name what it says."""
        state.records(self, "last")


class FaultDue(Message):
    """It is time for events of the machine file to strike."""

    __slots__ = ()
    told_again = True


class Struck(Message):
    """An event strikes: what it hits is this block's. event: its number in the machine file."""

    __slots__ = ("event", "target")

    def __init__(self, event: FaultEvent, target: Target) -> None:
        self.event, self.target = event, target


class HitsDue(Message):
    """Everything of this instant has ended: what faults hit in it is numbered and reported."""

    __slots__ = ()


class Overdue(OfStep):
    """A write phase, since `isolated_ps`, is over, and the destination is not stored.

    late_ps: how long it still takes; None: nobody will say when it is. hit: of the fault.
    """

    __slots__ = ("hit", "isolated_ps", "late_ps")

    def __init__(self, step: Step, isolated_ps: int, hit: Hit, late_ps: int | None) -> None:
        self.step, self.isolated_ps, self.hit, self.late_ps = step, isolated_ps, hit, late_ps

    def exchange(self, state: State) -> None:
        """Name what it says."""
        super().exchange(state)
        state.times(self, "isolated_ps")
        state.values(self, "late_ps")
        state.flights(self, "hit")

    @property
    def cause(self) -> Cause:
        """Why something waits for the destination."""
        return self.hit.cause


class Freed(Message):
    """A port that was stuck is free again. stuck: what held it."""

    __slots__ = ("stuck",)

    def __init__(self, stuck: Exchanges) -> None:
        self.stuck = stuck

    def exchange(self, state: State) -> None:
        """Name what it says."""
        state.flights(self, "stuck")


class SupplyLost(Message):
    """There is no supply any more. strike: id of the record. forgets: what cells hold is lost."""

    __slots__ = ("forgets", "strike")

    def __init__(self, strike: int, *, forgets: bool) -> None:
        self.strike, self.forgets = strike, forgets


class SupplyDue(Message):
    """The supply is back, or all is restored after it, unless it failed again since.

    due_ps: when it is so.
    """

    __slots__ = ("due_ps",)

    def __init__(self, due_ps: int) -> None:
        self.due_ps = due_ps

    def exchange(self, state: State) -> None:
        """Name what it says."""
        state.times(self, "due_ps")


class OfJob(Message):
    """A message about the results of an image behind the handoff."""

    __slots__ = ("job",)

    def __init__(self, job: Job) -> None:
        self.job = job

    def exchange(self, state: State) -> None:
        """Name what it says."""
        state.flights(self, "job")


class HandedOff(OfJob):
    """All results of an image are at the host's boundary."""

    __slots__ = ()


class Converted(OfJob):
    """The results of an image are codes in the SRAM."""

    __slots__ = ()


class Labelled(OfJob):
    """The class of an image is known."""

    __slots__ = ()


class Turn(Message):
    """A unit of the classifier may be able to begin with an image."""

    __slots__ = ()


OF_CLASSIFIER = (Converted, Labelled, Turn)
"""Messages between the units behind the handoff, but for what the host tells them."""
IN_FLIGHT = (
    Charged, Stored, NoMore, Decide, RefreshDue, Maintain, Refreshed,
    Rested, SleepDue, Entered, WakeDue, Awake, HitsDue, Overdue, Freed, SupplyDue,
    *OF_CLASSIFIER,
)  # fmt: skip
"""Messages that may be on their way when a run pauses, but for those that are told again."""
