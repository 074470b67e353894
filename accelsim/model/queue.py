"""The host's queue: images in order of arrival, in a line for each tenant and priority.

The host alone writes it; the sequencer looks at the heads of the lines when it decides.
"""

from collections import deque
from collections.abc import Iterable, Iterator

from accelsim.model.messages import Arrival

Kind = tuple[int, int]


class Queue:
    """Images that wait for a context, without bound."""

    def __init__(self) -> None:
        self._lines: dict[Kind, deque[Arrival]] = {}
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def heads(self) -> Iterator[Arrival]:
        """Give the first image of each line that has one."""
        return (line[0] for line in self._lines.values() if line)

    def extend(self, images: Iterable[Arrival]) -> None:
        """Put images at the ends of their lines."""
        for arrival in images:
            kind = arrival.tenant, arrival.priority
            line = self._lines.get(kind)
            if line is None:
                line = self._lines[kind] = deque()
            line.append(arrival)
            self._length += 1

    def take(self, arrival: Arrival) -> None:
        """Remove an image that is first in its line."""
        found = self._lines[arrival.tenant, arrival.priority].popleft()
        if found is not arrival:
            raise RuntimeError(f"image {arrival.image} is not first in its line")
        self._length -= 1
