"""Host: brings images in when they arrive, takes results out, and queues without bound.

Modelled: arrival times, the queue in order of arrival, the load port and the handoff
boundary (one step at a time in each for its read phase). Left out: what the host does
with a result (ADC and fully-connected layer are outside the published scope). Time in ps.
"""

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from accelsim.kernel import Link, Process, Simulation, Unit


class Arrival(NamedTuple):
    """An image that waits in the host's queue, and since when (ps)."""

    image: int
    time_ps: int


class Host:
    """Source and sink of images.

    arrivals: images in order of arrival, times not falling.
    """

    def __init__(self, simulation: Simulation, arrivals: Iterable[Arrival]) -> None:
        self._simulation = simulation
        self._arrivals = arrivals
        self.queue: deque[Arrival] = deque()
        self.load = Unit("host.load")
        self.handoff = Unit("host.handoff")
        self.boundary = "host.boundary"
        self.arrived: Link[Arrival] = Link("host.arrived")
        self.admitted = 0
        self.completed = 0
        self.last_done_ps = 0

    def run(self) -> Process:
        """Put each image into the queue at its time."""
        for arrival in self._arrivals:
            if arrival.time_ps > self._simulation.now_ps:
                yield self._simulation.timeout(arrival.time_ps - self._simulation.now_ps)
            self.queue.append(arrival)
            self.admitted += 1
            self.arrived.send(arrival)

    def take(self, _image: int) -> None:
        """Receive the result of an image."""
        self.completed += 1
        self.last_done_ps = self._simulation.now_ps
