"""Refresh of volatile banks: an activity that takes ports, between the steps of the program.

It runs inside the process of the banks that it refreshes. Time in ps.
"""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Protocol

from accelsim.kernel import (
    Clock,
    Line,
    Message,
    Port,
    Resource,
    Simulation,
    State,
    lanes_of,
    maintain,
)
from accelsim.model.binding import Claim, Slots
from accelsim.model.design import Design
from accelsim.model.messages import Maintain, RefreshDue, Refreshed
from accelsim.model.plane import DestinationClaim, Plane
from accelsim.records.reasons import DUE
from accelsim.records.recorder import LONGEST_PS, Cause, Recorder
from accelsim.records.templates import Row, RowTemplate
from accelsim.topology import Place, plane_path, read_ports_path, write_ports_path
from accelsim.units import render

LEAST_SUMMED = 32
"""A rest with fewer rounds has a record for each refresh."""


class HasBanks(Protocol):
    """What a refresher needs to know of its banks. paths: of the banks, by lane."""

    design: Design
    place: Place
    paths: list[str]
    planes: list[Plane]
    read_ports: Resource
    write_ports: Resource
    inbox: Port[Message]


class _Activity:
    """What the refresh of one plane takes and reports: the same each time."""

    def __init__(self, banks: HasBanks, plane: Plane, index: int, template: int) -> None:
        planes = {lane: plane_path(path, index) for lane, path in enumerate(banks.paths)}
        reading = {lane: read_ports_path(path) for lane, path in enumerate(banks.paths)}
        writing = {lane: write_ports_path(path) for lane, path in enumerate(banks.paths)}
        self.plane, self.template = plane, template
        self.places = {
            path: lane for paths in (planes, reading, writing) for lane, path in paths.items()
        }
        self.claims: tuple[Claim, ...] = (
            DestinationClaim(plane, planes),
            Slots(banks.read_ports, reading),
            Slots(banks.write_ports, writing),
        )


class Refresh:
    """One refresh of a plane in all lanes; `first_id` is the id of its first record."""

    def __init__(self, activity: _Activity, first_id: int, since_ps: int, cause: Cause) -> None:
        self.activity, self.first_id = activity, first_id
        self.since_ps, self.cause = since_ps, cause

    def __str__(self) -> str:
        return f"its refresh since {render(self.since_ps, 'ps')}"

    def exchange(self, state: State) -> None:
        """Name what tells it from other refreshes."""
        state.known(self, "activity")
        state.records(self, "first_id")
        state.times(self, "since_ps")
        state.causes(self, "cause")

    def record(self, path: str) -> int:
        """Return the id of the record in which it holds a plane or port."""
        return self.first_id + self.activity.places[path]


class Refresher:
    """Refreshes the planes of banks that work in lockstep; nothing without an interval.

    waiting: planes that are due. activities: the refresh of each plane. `begin_line` and
    `refreshed_line` reach the banks and the sequencer, `own_line` the banks alone. resting_until:
    asked after all of an instant has ended, says until when (ps) the machine is at rest with a
    supply; None: it is not, or for ever.
    """

    begin_line: Line[Message]
    refreshed_line: Line[Message]
    own_line: Line[Message]
    resting_until: Callable[[int], int | None]

    def __init__(self, simulation: Simulation, banks: HasBanks, recorder: Recorder) -> None:
        design = banks.design
        self._simulation, self._recorder = simulation, recorder
        self._edges = Clock(design.period_ps)
        self._interval_ps = design.refresh_interval_ps
        self._refresh_ps = design.refresh_cycles * design.period_ps
        self._lanes = lanes_of(range(len(banks.paths)))
        self._ports = banks.read_ports, banks.write_ports
        # After power control, which may take the supply away, and what faults hit.
        parts = design.topology
        before = 1 + len(parts.places) + len(parts.directions)
        self._priority = maintain(before + parts.places.index(banks.place))
        self._counted_ps = 0
        self.waiting: deque[_Activity] = deque()
        self._held_up: Cause | None = None
        self._looking = False
        self._current: Refresh | None = None
        action = {"refresh": design.rows * design.cols}
        whole = {"refresh": design.rows * design.cols * len(banks.planes)}
        resting = tuple(Row("standby", path, whole) for path in banks.paths)
        self._summed = recorder.template(RowTemplate(resting), counted=True)
        self.activities: list[_Activity] = []
        for index, plane in enumerate(banks.planes if self._interval_ps is not None else ()):
            rows = tuple(Row("refresh", plane_path(path, index), action) for path in banks.paths)
            template = recorder.template(RowTemplate(rows))
            self.activities.append(_Activity(banks, plane, index, template))
            for claim in self.activities[-1].claims:
                recorder.know(claim.paths.values())

    def start(self, now: int) -> None:
        """Start the counter: it has counted nothing yet."""
        self._counted_ps = now
        self._run_counter()

    def stop(self, now: int) -> None:
        """Stop the counter, and break off what is under way."""
        self.close(now)
        if self._current is not None:
            self._release(self._current)
        self.waiting.clear()
        self._current = self._held_up = None
        self._counted_ps = now

    def rounds_due(self, until: int) -> int:
        """Return how many rounds are due from now on and before a time, with a supply."""
        if self._interval_ps is None:
            return 0
        return (self._edges.before(until - 1) - self._counted_ps) // self._interval_ps + 1

    def due(self, message: RefreshDue) -> bool:
        """Start the counter again, as its interval is over; tell whether a round is due.

        It rests when nothing else can ever happen: the run is over, or cannot go on.
        """
        self._simulation.arrived_in_background()
        if message.counted_ps != self._counted_ps or self._simulation.quiet:
            return False
        self._run_counter()
        return True

    def demand(self) -> None:
        """Take note that every plane is due."""
        self.waiting.extend(each for each in self.activities if each not in self.waiting)

    def look(self) -> None:
        """Look, after everything of this instant, whether a refresh may begin."""
        if self._current is None and not self._looking:
            self._looking = True
            self._simulation.send(Maintain(), self.begin_line, 0, self._priority)

    def begin(self, now: int) -> None:
        """Begin the refresh that is due, if its plane is idle and ports are free in all lanes.

        Otherwise the end of what holds them up brings the next look.
        """
        self._looking = False
        if self._simulation.is_over or not self.waiting or self._sum_up(now):
            return
        activity = self.waiting[0]
        for claim in activity.claims:
            obstacle = claim.obstacle(-1)
            if obstacle is not None:
                self._held_up = obstacle
                return
        self.waiting.popleft()
        first = self._recorder.reserve(len(activity.places) // 3)
        refresh = Refresh(activity, first, now, self._held_up or Cause(DUE))
        self._held_up, self._current = None, refresh
        activity.plane.refresh = refresh
        for ports in self._ports:
            ports.take(refresh, self._lanes)
        self._simulation.send(Refreshed(refresh), self.refreshed_line, self._refresh_ps)

    def end(self, message: Refreshed) -> None:
        """End a refresh: plane and ports are free. One that was broken off is over already."""
        if self._current is not None and message.refresh is self._current:
            self._release(self._current)
            self._report(self._current, message.time_ps)
            self._current = None

    def _release(self, refresh: Refresh) -> None:
        refresh.activity.plane.refresh = None
        for ports in self._ports:
            ports.release(refresh, self._lanes)

    def _sum_up(self, now: int) -> bool:
        """Report the rounds of a long rest at once, and go on after them; tell whether it did.

        A resting machine has every plane idle and every port free, so that a round takes its
        planes one after another and ends before the next is due.
        """
        resting_until, interval_ps = self.resting_until(now), self._interval_ps
        if resting_until is None or interval_ps is None or list(self.waiting) != self.activities:
            return False
        first = self._counted_ps - interval_ps
        round_ps = len(self.activities) * self._refresh_ps
        more = (self._edges.before(resting_until - round_ps) - first) // interval_ps
        rounds = 1 + min(more, LONGEST_PS // interval_ps - 1)
        if rounds < LEAST_SUMMED or now != self._edges.edge(first):
            return False
        self._counted_ps = first + (rounds - 1) * interval_ps
        final = self._edges.edge(self._counted_ps)
        number = self._recorder.reserve(self._lanes.bit_count())
        interval = (now, final + round_ps)
        self._recorder.report(self._summed, number, interval, Cause(DUE), times=rounds)
        self.waiting.clear()
        self._held_up = None
        self._run_counter()
        return True

    def close(self, end_ps: int) -> None:
        """Report a refresh that is under way at the end of the run, up to there."""
        if self._current is not None:
            self._report(self._current, end_ps)

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        if self._interval_ps is None:
            return
        state.times(self, "_counted_ps")
        state.lists_of_known(self, "waiting")
        state.causes(self, "_held_up")
        state.values(self, "_looking")
        state.flights(self, "_current")

    def unrest(self) -> Iterator[str]:
        """Give lines for the planes that wait for their refresh."""
        for activity in self.waiting:
            path = next(iter(activity.places))
            yield f"{path}: waits for its refresh"

    def _report(self, refresh: Refresh, end_ps: int) -> None:
        interval = (refresh.since_ps, end_ps)
        self._recorder.report(refresh.activity.template, refresh.first_id, interval, refresh.cause)

    def _run_counter(self) -> None:
        """Let the counter run until the next clock edge at the end of an interval."""
        if self._interval_ps is not None:
            self._counted_ps += self._interval_ps
            delay = self._edges.edge(self._counted_ps) - self._simulation.now_ps
            message = RefreshDue(self._counted_ps)
            self._simulation.send_in_background(message, self.own_line, delay)
