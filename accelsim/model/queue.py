"""The host's queue: images of a stream that have arrived and have no context yet.

Images of one tenant and priority are a line: they get contexts in order of arrival.
"""

import numpy as np

from accelsim.kernel import State
from accelsim.model.stream import Arrival, Column, Stream


class Queue:
    """Images that wait, without bound.

    end: so many images of the stream have arrived. head: so many have got a context. taken: of
    each line, in the order of their first images; empty where all images are one line.
    """

    __slots__ = ("_line_of", "_places", "end", "head", "stream", "taken")

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.head = self.end = 0
        self._places: list[Column] = []
        self._line_of: dict[tuple[int, int], int] = {}
        if stream.kinds is not None:
            kinds, first, line = np.unique(
                stream.kinds, axis=0, return_index=True, return_inverse=True
            )
            if len(kinds) > 1:
                for number in np.argsort(first).tolist():
                    tenant, priority = kinds[number].tolist()
                    self._line_of[tenant, priority] = len(self._places)
                    self._places.append(np.flatnonzero(line.reshape(-1) == number))
        self.taken = [0] * len(self._places)

    def __len__(self) -> int:
        return self.end - self.head

    @property
    def is_in_order(self) -> bool:
        """Whether images get contexts as they arrive: all of them are one line."""
        return not self._places

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        state.counts(self, "head", "end")
        state.lists_of_values(self, "taken")

    @property
    def next_image(self) -> int:
        """The number of the image that gets a context next, in order, as if there were one."""
        images, head = self.stream.images, self.head
        if head < len(images):
            return int(images[head])
        return int(images[-1]) + 1 if len(images) else 0

    def distance(self) -> int:
        """Return how long after the image that is next the one behind it arrives; -1: none."""
        head, stream = self.head, self.stream
        if head + 1 >= len(stream):
            return -1
        return stream.time_ps(head + 1) - stream.time_ps(head)

    def heads(self) -> list[Arrival]:
        """Return the first image of each line that has one."""
        if not self._places:
            return [self.stream.arrival(self.head)] if self.head < self.end else []
        found = []
        for places, taken in zip(self._places, self.taken, strict=True):
            if taken < len(places) and places[taken] < self.end:
                found.append(self.stream.arrival(int(places[taken])))
        return found

    def take(self, arrival: Arrival) -> None:
        """Take an image that is first in its line."""
        self.head += 1
        if self._places:
            self.taken[self._line_of[arrival.tenant, arrival.priority]] += 1
