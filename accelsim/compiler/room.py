"""What a step can read at once: planes for each cell, and planes of each bank."""

from collections.abc import Sequence
from typing import NamedTuple

from accelsim.topology import Place


class Banks(NamedTuple):
    """Banks of a place, of which one plane each is read, by their lanes."""

    place: Place
    lanes: range


class RoomError(Exception):
    """A step reads more than there is room for, and cannot be split further.

    layer: it belongs to. reads: planes. of_bank: whether of one bank, or by one cell.
    """

    def __init__(self, layer: str, reads: int, of_bank: bool) -> None:
        super().__init__(layer)
        self.layer, self.reads, self.of_bank = layer, reads, of_bank


class Room:
    """What is left of fan-in and read ports in a step.

    partial: what a partial sum is read from, which takes one place of the fan-in; None: nothing.
    """

    def __init__(self, fan_in: int, ports: int, partial: Banks | None = None) -> None:
        self._fan_in, self._ports = fan_in, ports
        self._reads: dict[tuple[Place, int], int] = {}
        self._planes = 0
        if partial is not None:
            self.take([partial])

    def takes(self, runs: Sequence[Banks]) -> bool:
        """Tell whether there is room for one plane more a cell, of one bank or of several."""
        return self._planes < self._fan_in and self._most_of_a_bank(runs) <= self._ports

    def take(self, runs: Sequence[Banks]) -> None:
        """Read them."""
        self._planes += 1
        for place, lanes in runs:
            for lane in lanes:
                self._reads[place, lane] = self._reads.get((place, lane), 0) + 1

    def lack(self, runs: Sequence[Banks]) -> tuple[int, bool]:
        """Return how many planes would be read, and whether those are of one bank."""
        if self._planes >= self._fan_in:
            return self._planes + 1, False
        return self._most_of_a_bank(runs), True

    def _most_of_a_bank(self, runs: Sequence[Banks]) -> int:
        asked: dict[tuple[Place, int], int] = {}
        for place, lanes in runs:
            for lane in lanes:
                asked[place, lane] = asked.get((place, lane), 0) + 1
        return max(self._reads.get(bank, 0) + number for bank, number in asked.items())
