"""Planes of a bank: R x C cells in each lane, who reads and writes them, whose values they hold.

A plane's state is kept for all lanes of a circuit at once, as sets of lanes. The bank
alone writes it; claims look at it for the sequencer.
"""

from collections.abc import Iterable
from typing import Protocol

from accelsim.kernel import Exchanges, Holder, State, first_of, lanes_of
from accelsim.records.reasons import IN_USE, REFRESHING, UNSETTLED, UNWRITTEN
from accelsim.records.recorder import Cause

NO_IMAGE = -1
Holds = list[tuple[Holder, int]]


class Late(Exchanges, Protocol):
    """A write that should be over."""

    @property
    def cause(self) -> Cause:
        """Why something waits for it."""


class Plane:
    """Planes of one number in all lanes.

    image: whose values the lanes in `valid` hold. unsettled: lanes that are charged or
    settle, for `writers`. reading: lanes that are read, by `readers`. refresh: what refreshes
    the plane in all lanes, or None. overdue: writes that should be over, with their lanes.
    """

    __slots__ = (
        "image",
        "overdue",
        "readers",
        "reading",
        "refresh",
        "unsettled",
        "valid",
        "writers",
    )

    def __init__(self) -> None:
        self.image = NO_IMAGE
        self.valid = self.unsettled = self.reading = 0
        self.writers: Holds = []
        self.readers: Holds = []
        self.refresh: Holder | None = None
        self.overdue: list[tuple[Late, int]] = []

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        state.images(self, "image")
        state.values(self, "valid", "unsettled", "reading")
        state.holds(self, "writers", "readers", "overdue")
        state.flights(self, "refresh")

    def forget(self) -> None:
        """Note that the cells lost what they held."""
        self.image, self.valid = NO_IMAGE, 0

    def spoil(self, holder: Holder, lanes: int) -> None:
        """Note that some lanes are not written any more, and hold nothing of use."""
        self.writers.remove((holder, lanes))
        self.unsettled &= ~lanes
        self.valid &= ~lanes

    def read_by(self, holder: Holder, lanes: int) -> None:
        """Note that some lanes are read from now on."""
        self.readers.append((holder, lanes))
        self.reading |= lanes

    def read_no_more(self, holder: Holder, lanes: int) -> None:
        """Note the end of a read."""
        self.readers.remove((holder, lanes))
        self.reading = 0
        for _, others in self.readers:
            self.reading |= others

    def written_by(self, holder: Holder, lanes: int) -> None:
        """Note that some lanes are charged from now on, and then settle."""
        self.writers.append((holder, lanes))
        self.unsettled |= lanes

    def store(self, holder: Holder, lanes: int, image: int) -> None:
        """Note that some lanes hold the values of an image from now on."""
        self.writers.remove((holder, lanes))
        self.unsettled &= ~lanes
        if self.image != image:
            self.image, self.valid = image, 0
        self.valid |= lanes


class _PlaneClaim:
    """Lanes of a plane that a step reads or writes. paths: in the order of the instruction."""

    __slots__ = ("lanes", "paths", "plane")

    def __init__(self, plane: Plane, paths: dict[int, str]) -> None:
        self.plane, self.paths = plane, paths
        self.lanes = lanes_of(paths)

    def _first(self, blocked: int, otherwise: str, holders: Iterable[tuple[Holder, int]]) -> Cause:
        """Return why the first blocked lane is: refreshed, unsettled, or else held so."""
        plane = self.plane
        lane = first_of(self.paths, blocked)
        path, reason = self.paths[lane], otherwise
        if plane.refresh is not None:
            return Cause(REFRESHING, path, plane.refresh.record(path))
        for late, lanes in plane.overdue:
            if lanes >> lane & 1:
                return late.cause
        if plane.unsettled >> lane & 1:
            reason, holders = UNSETTLED, plane.writers
        for holder, lanes in holders:  # no generator: each step waits for its own planes once
            if lanes >> lane & 1:
                return Cause(reason, path, holder.record(path))
        return Cause(reason, path)


class SourceClaim(_PlaneClaim):
    """Lanes that a step reads: they must hold the values of its image."""

    __slots__ = ()

    def obstacle(self, image: int) -> Cause | None:
        """Return the first lane that is unsettled, unwritten or refreshed."""
        plane, lanes = self.plane, self.lanes
        blocked = lanes & plane.unsettled
        if plane.refresh is not None or plane.image != image:
            blocked = lanes
        blocked |= lanes & ~plane.valid
        return self._first(blocked, UNWRITTEN, ()) if blocked else None

    def holds(self, lane: int, image: int) -> bool:
        """Tell whether a lane holds the values of an image."""
        return self.plane.image == image and bool(self.plane.valid >> lane & 1)


class DestinationClaim(_PlaneClaim):
    """Lanes that a step writes: nobody may write or read them."""

    __slots__ = ()

    def obstacle(self, image: int) -> Cause | None:  # noqa: ARG002 - whoever it is for
        """Return the first lane that is unsettled, read or refreshed."""
        plane = self.plane
        blocked = self.lanes & (plane.unsettled | plane.reading)
        if plane.refresh is not None:
            blocked = self.lanes
        return self._first(blocked, IN_USE, plane.readers) if blocked else None
