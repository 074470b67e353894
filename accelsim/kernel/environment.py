"""SimPy's environment in integer picoseconds, and what happens within one instant.

One instant has two parts, by event priority:

1. URGENT and NORMAL: everything that ends or arrives. Phases end, units are
   released, planes are stored, images arrive. These events commute: each only
   frees something or adds to a queue that is kept in an order of its own.
2. DECIDE: the control sequencer looks at the state that part 1 left and issues.

So no result depends on the order in which events of one instant were scheduled or
processes were registered. A `Simulation` with a `shuffle` takes events of equal
time and priority in random order; a test holds that it changes nothing.
"""

import random
from collections.abc import Callable, Generator
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeVar

import simpy
from simpy.core import SimTime
from simpy.events import EventPriority

DECIDE = EventPriority(2)
T = TypeVar("T")

Process = Generator[simpy.Event, Any, None]


class Simulation(simpy.Environment):
    """A SimPy environment whose time is integer ps.

    shuffle: takes events of one instant and priority in random order (for tests).
    """

    def __init__(self, shuffle: random.Random | None = None) -> None:
        super().__init__(initial_time=0)
        if shuffle is not None:
            # SimPy breaks ties by a running number; a random part in front replaces it.
            self._eid = (shuffle.getrandbits(32) << 40 | n for n in count())  # type: ignore[assignment]

    @property
    def now_ps(self) -> int:
        """Simulated time; an integer, because every delay is one."""
        return self._now  # type: ignore[return-value]

    def after(self, delay: SimTime, receive: Callable[[T], None], message: T) -> None:
        """Hand a message to a receiver after a delay: one event, at NORMAL priority.

        For a phase of fixed length this is what a process with one timeout does, for a
        third of the events.
        """
        timeout = simpy.Timeout(self, delay, message)
        timeout.callbacks.append(lambda event: receive(event.value))

    def fire(self, event: simpy.Event, priority: EventPriority, time: SimTime) -> None:
        """Trigger an event at a time not before now, at a priority.

        What `Event.succeed` does, which knows neither: one event instead of two.
        """
        event._ok = True
        event._value = None
        self.schedule(event, priority, time - self.now_ps)


@dataclass(frozen=True)
class Clock:
    """Clock edges at every multiple of the period."""

    period_ps: int

    def edge(self, time: int) -> int:
        """Return the first edge at or after a time in ps."""
        return -(-time // self.period_ps) * self.period_ps
