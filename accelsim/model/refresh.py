"""Refresh of volatile banks: an activity that takes ports, between the steps of the program.

It runs inside the process of the banks that it refreshes. Time in ps.
"""

from collections import deque
from collections.abc import Iterator
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
from accelsim.records.expand import Row, RowTemplate
from accelsim.records.reasons import DUE
from accelsim.records.recorder import Cause, Recorder
from accelsim.topology import Place, plane_path, read_ports_path, write_ports_path
from accelsim.units import render


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
    `refreshed_line` reach the banks and the sequencer, `own_line` the banks alone.
    """

    begin_line: Line[Message]
    refreshed_line: Line[Message]
    own_line: Line[Message]

    def __init__(self, simulation: Simulation, banks: HasBanks, recorder: Recorder) -> None:
        design = banks.design
        self._simulation, self._recorder = simulation, recorder
        self._edges = Clock(design.period_ps)
        self._interval_ps = design.refresh_interval_ps
        self._refresh_ps = design.refresh_cycles * design.period_ps
        self._lanes = lanes_of(range(len(banks.paths)))
        self._ports = banks.read_ports, banks.write_ports
        self._priority = maintain(design.topology.places.index(banks.place))
        self._counted_ps = 0
        self.waiting: deque[_Activity] = deque()
        self._held_up: Cause | None = None
        self._looking = False
        self._current: Refresh | None = None
        action = {"refresh": design.rows * design.cols}
        self.activities: list[_Activity] = []
        for index, plane in enumerate(banks.planes if self._interval_ps is not None else ()):
            rows = tuple(Row("refresh", plane_path(path, index), action) for path in banks.paths)
            template = recorder.template(RowTemplate(rows))
            self.activities.append(_Activity(banks, plane, index, template))
            for claim in self.activities[-1].claims:
                recorder.know(claim.paths.values())

    def start(self) -> None:
        """Start the counter."""
        if self._interval_ps is not None:
            self._count(self._interval_ps)

    def due(self) -> None:
        """Take note that every plane is due, and start the counter again.

        It rests when nothing else can ever happen: the run is over, or cannot go on.
        """
        self._simulation.arrived_in_background()
        if self._interval_ps is None or self._simulation.quiet:
            return
        self._count(self._interval_ps)
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
        if self._simulation.is_over:
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
        self._simulation.send(Refreshed(), self.refreshed_line, self._refresh_ps)

    def end(self, now: int) -> None:
        """End a refresh: plane and ports are free."""
        if self._current is not None:
            activity = self._current.activity
            activity.plane.refresh = None
            for ports in self._ports:
                ports.release(self._current, self._lanes)
            self._report(self._current, now)
            self._current = None

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

    def _count(self, interval_ps: int) -> None:
        """Let the counter run until the next clock edge at the end of an interval."""
        self._counted_ps += interval_ps
        due = self._edges.edge(self._counted_ps)
        self._simulation.send_in_background(
            RefreshDue(), self.own_line, due - self._simulation.now_ps
        )
