"""What a step can read at once: planes for each cell, and planes of each bank."""

from collections import Counter
from collections.abc import Sequence

from accelsim.compiler.draft import MapRef
from accelsim.topology import Place

_Banks = Counter[tuple[Place, int]]
"""Planes that are read of each bank, by place and lane."""


class RoomError(Exception):
    """A step reads more than there is room for, and cannot be split further.

    layer: it belongs to. reads: planes. of_bank: whether of one bank, or by one cell.
    """

    def __init__(self, layer: str, reads: int, of_bank: bool) -> None:
        super().__init__(layer)
        self.layer, self.reads, self.of_bank = layer, reads, of_bank


class Room:
    """What is left of fan-in and read ports in a step.

    partial: the banks that a partial sum is read from, which takes one place of the fan-in.
    """

    def __init__(self, fan_in: int, ports: int, partial: _Banks | None = None) -> None:
        self._fan_in, self._ports = fan_in, ports
        self._reads = Counter(partial or ())
        self._planes = 1 if partial else 0

    def takes(self, refs: Sequence[MapRef]) -> bool:
        """Tell whether there is room for one plane more a cell, of one bank or of several."""
        return self._planes < self._fan_in and self._most_of_a_bank(refs) <= self._ports

    def take(self, refs: Sequence[MapRef]) -> None:
        """Read them."""
        self._planes += 1
        self._reads.update((ref.fold.value.place, ref.lane) for ref in refs)

    def lack(self, refs: Sequence[MapRef]) -> tuple[int, bool]:
        """Return how many planes would be read, and whether those are of one bank."""
        if self._planes >= self._fan_in:
            return self._planes + 1, False
        return self._most_of_a_bank(refs), True

    def _most_of_a_bank(self, refs: Sequence[MapRef]) -> int:
        asked = Counter((ref.fold.value.place, ref.lane) for ref in refs)
        return max(self._reads[bank] + number for bank, number in asked.items())
