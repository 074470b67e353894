"""SimPy's environment in integer picoseconds, and what happens within one instant.

One instant has four parts, by event priority:

1. NORMAL: everything that ends or arrives. Phases end, planes are stored, images arrive.
   Each block changes only its own state; messages of this part commute inside a block.
2. STRIKE: faults of the machine file strike, in the order of their numbers.
3. MAINTAIN: blocks decide what concerns themselves alone, such as a refresh that is due; one
   after another (`maintain` gives each a priority), so that what begins is numbered in a fixed
   order.
4. DECIDE: the control sequencer looks at the state that all blocks are in, and issues. An
   issue reaches the blocks that take part at once: `Simulation.tell` is a message without
   delay, and nothing comes between it and what the sequencer looks at next.

So no result depends on the order in which events of one instant were scheduled or
processes were registered. A `Simulation` with a `shuffle` takes events of equal time
and priority, and the receivers of a message, in random order; a test holds that it
changes nothing.
"""

import random
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from enum import Enum, auto
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Any, TypeVar

import simpy
from simpy.core import StopSimulation
from simpy.events import NORMAL, EventPriority

from accelsim.kernel.port import Line, Message
from accelsim.kernel.state import State

STRIKE = EventPriority(2)
MAINTAIN = EventPriority(3)
DECIDE = EventPriority(1000)
_LAST = EventPriority(1001)
M = TypeVar("M", bound=Message)

Process = Generator[simpy.Event, Any, None]


def maintain(rank: int) -> EventPriority:
    """Return the priority at which the block of a rank decides what concerns it alone."""
    return EventPriority(MAINTAIN + rank)


class Stop(Enum):
    """Why a simulation does not go on: it paused, is over, or nothing can happen any more."""

    PAUSED = auto()
    OVER = auto()
    STUCK = auto()


class Scheduled:
    """A message that is on its way, as state."""

    def __init__(self, time_ps: int, priority: int, line: Line[Any], message: Message) -> None:
        self.time_ps, self.priority, self.line, self.message = time_ps, priority, line, message

    def exchange(self, state: State) -> None:
        """Name what tells it from others."""
        state.times(self, "time_ps")
        state.values(self, "priority")
        state.known(self, "line")
        state.flights(self, "message")


class Simulation(simpy.Environment):
    """A SimPy environment whose time is integer ps.

    shuffle: takes events of one instant and priority in random order (for tests).
    """

    def __init__(self, shuffle: random.Random | None = None) -> None:
        super().__init__(initial_time=0)
        self._shuffle = shuffle
        self._background = 0
        self._pausing = False
        self._lines: dict[int, Line[Any]] = {}
        self._scheduled: list[Scheduled] = []
        self._finished = simpy.Event(self)
        self._finished.callbacks = [StopSimulation.callback]
        if shuffle is not None:
            # SimPy breaks ties by a running number; a random part in front replaces it.
            self._eid = (shuffle.getrandbits(32) << 40 | n for n in count())  # type: ignore[assignment]

    @property
    def now_ps(self) -> int:
        """Simulated time; an integer, because every delay is one."""
        return self._now  # type: ignore[return-value]

    @property
    def quiet(self) -> bool:
        """Whether nothing is scheduled but background messages."""
        return len(self._queue) == self._background

    def send(
        self, message: M, line: Line[M], delay_ps: int, priority: EventPriority = NORMAL
    ) -> None:
        """Send a message along a line: one SimPy event, whoever receives it."""
        if self._shuffle is not None:
            line = line.shuffled(self._shuffle)
        message.callbacks = line.receivers
        message.time_ps = time = self._now + delay_ps  # type: ignore[assignment]
        # What Environment.schedule does, once more for each phase of each step.
        heappush(self._queue, (time, priority, next(self._eid), message))  # type: ignore[misc]

    def tell(self, message: M, line: Line[M]) -> None:
        """Send a message along a line without delay: the receivers have it when this returns."""
        if self._shuffle is not None:
            line = line.shuffled(self._shuffle)
        message.time_ps = self._now  # type: ignore[assignment]
        for receive in line.receivers:
            receive(message)

    def send_in_background(
        self, message: M, line: Line[M], delay_ps: int, priority: EventPriority = NORMAL
    ) -> None:
        """Send what keeps no run going: timers that start anew for as long as there is work."""
        self._background += 1
        self.send(message, line, delay_ps, priority)

    def arrived_in_background(self) -> None:
        """Take note that such a message has arrived; its receiver says so."""
        self._background -= 1

    @property
    def is_last_of_instant(self) -> bool:
        """Whether nothing more ends or arrives now: the moment of decision has come.

        Never with a `shuffle`, where decisions take the long way, by an event of their own.
        """
        queue = self._queue
        return self._shuffle is None and (not queue or queue[0][0] > self._now)

    @property
    def is_over(self) -> bool:
        """Whether the run ends with this instant."""
        return self._finished.triggered

    def finish(self) -> None:
        """End the run after everything of this instant."""
        self._finished._ok = True
        self._finished._value = None
        self.schedule(self._finished, _LAST)

    def start(self, processes: Iterable[Process], lines: Iterable[Line[Any]]) -> None:
        """Start processes, each of which then waits at its port, and the lines between them."""
        for process in processes:
            self.process(process)
            # SimPy starts a process by an event, which comes before all others of now.
            self.step()
        if self._shuffle is None:
            for line in lines:
                line.go_straight()
                self._lines[id(line.receivers)] = line

    def pause(self) -> None:
        """Let `go_on` return after the event that is being processed."""
        self._pausing = True

    def go_on(self) -> Stop:
        """Run until `pause` or `finish`, or until nothing can happen any more."""
        self._pausing, queue = False, self._queue
        try:
            while not self._pausing:
                if not queue:
                    return Stop.STUCK
                # What Environment.step does, twice for each step of a program. No event fails
                # here: a process that raises does so in the callback.
                self._now, _, _, event = heappop(queue)
                for callback in event.callbacks:
                    callback(event)
        except StopSimulation:
            return Stop.OVER
        return Stop.PAUSED

    def drain(self, kinds: tuple[type[Message], ...]) -> None:
        """Go on, after the end, with messages of some kinds alone and what follows from them."""
        queue = self._queue
        queue[:] = [each for each in queue if isinstance(each[-1], kinds)]
        heapify(queue)
        while queue:
            self.step()

    def exchange(self, state: State) -> None:
        """Name what is on its way; not while it is over, or takes events in random order.

        What its sender tells again (`Message.told_again`) is left out.
        """
        self._scheduled = [
            Scheduled(time, priority, self._lines[id(message.callbacks)], message)  # type: ignore[arg-type]
            for time, priority, _, message in sorted(self._queue)
            if not message.told_again  # type: ignore[attr-defined]
        ]
        state.times(self, "_now")
        state.values(self, "_background")
        state.lists_of_flights(self, "_scheduled")
        if state.changes:
            self._queue.clear()
            for each in self._scheduled:
                message = each.message
                message.callbacks, message.time_ps = each.line.receivers, each.time_ps
                priority = EventPriority(each.priority)
                heappush(self._queue, (each.time_ps, priority, next(self._eid), message))  # type: ignore[misc]
        self._scheduled.clear()


@dataclass(frozen=True)
class Clock:
    """Clock edges at every multiple of the period."""

    period_ps: int

    def edge(self, time: int) -> int:
        """Return the first edge at or after a time in ps."""
        return -(-time // self.period_ps) * self.period_ps

    def before(self, time: int) -> int:
        """Return the last edge at or before a time in ps."""
        return time // self.period_ps * self.period_ps
