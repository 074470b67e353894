"""When the sequencer issues the steps of an image that is alone, in a given order.

The rules are those of docs/machine.md section 6, as the model has them; a test compares both.
Left out: other images, refresh, faults, power states.
"""

from bisect import insort
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

from accelsim.compiler.phases import Phase
from accelsim.compiler.use import Pace, Part, Use, banks_read, lanes_in
from accelsim.topology import Place


class _Held(NamedTuple):
    """What a step holds until a cycle."""

    until: int
    ways: tuple[str, ...]
    arrays: tuple[str, int] | None
    banks: dict[tuple[Place, int], int]
    charged: tuple[Place, int] | None


class Resources:
    """Ways, arrays and ports that steps in their read phase hold.

    A write port is held as long as the array of its lane, and is never what is missing, unless
    steps charge planes without an array, from the SRAM.
    """

    def __init__(self, pace: Pace, places: Sequence[Place]) -> None:
        self._pace, self._ports, self._places = pace, pace.read_ports, places
        self._held: list[_Held] = []

    def free_at(self, use: Use, cycle: int) -> int:
        """Return the first cycle from one on in which a step gets all that it takes.

        Cycles that are asked for never fall.
        """
        if not self._pace.outlasts:  # all is free again in the next cycle
            return cycle
        self._forget(cycle)
        while self._held and self._is_short(use):
            cycle = self._held[0].until
            self._forget(cycle)
        return cycle

    def is_free(self, use: Use, cycle: int) -> bool:
        """Tell whether a step gets all that it takes; cycles never fall."""
        if not self._pace.outlasts:
            return True
        self._forget(cycle)
        return not self._is_short(use)

    def take(self, use: Use, cycle: int) -> None:
        """Hold what a step takes for its read phase."""
        if self._pace.outlasts:
            banks, until = banks_read(use, self._places), cycle + use.phase_at(self._pace).read
            held = _Held(until, use.ways, use.arrays, banks, self._charged(use))
            insort(self._held, held, key=_until)

    def next_release(self) -> int | None:
        """Return when something is free again; None if nothing is held."""
        return self._held[0].until if self._held else None

    def _forget(self, cycle: int) -> None:
        held = self._held
        while held and held[0].until <= cycle:
            del held[0]

    def _charged(self, use: Use) -> tuple[Place, int] | None:
        """Return the lanes in which a step takes a write port."""
        if use.writes is None or not self._pace.varies:
            return None
        return self._places[use.writes.store], use.writes.lanes

    def _is_short(self, use: Use) -> bool:
        if any(_collide(held, use) for held in self._held) or self._is_short_of_charging(use):
            return True
        return any(
            number + sum(held.banks.get(bank, 0) for held in self._held) > self._ports
            for bank, number in banks_read(use, self._places).items()
        )

    def _is_short_of_charging(self, use: Use) -> bool:
        charged = self._charged(use)
        if charged is None or charged[0] is Place.SRAM:
            return False
        others = [held.charged for held in self._held if held.charged is not None]
        return any(
            sum(place is charged[0] and bool(lanes >> lane & 1) for place, lanes in others)
            >= self._pace.write_ports
            for lane in lanes_in(charged[1])
        )


_until = attrgetter("until")


def _collide(held: _Held, use: Use) -> bool:
    """Tell whether two steps want a way or an array at once."""
    if any(way in held.ways for way in use.ways):
        return True
    one, other = held.arrays, use.arrays
    return one is not None and other is not None and one[0] == other[0] and bool(one[1] & other[1])


class _Planes:
    """Until when lanes of planes settle, and are read."""

    def __init__(self) -> None:
        self._settling: dict[int, list[tuple[int, int]]] = {}
        self._reading: dict[int, list[tuple[int, int]]] = {}

    def free_at(self, reads: Sequence[Part], writes: Part | None, cycle: int) -> int:
        """Return when sources are stored, and nobody reads or writes the destination."""
        for part in reads:
            cycle = _end(self._settling, part, cycle)
        if writes is not None:
            cycle = _end(self._settling, writes, cycle)
            cycle = _end(self._reading, writes, cycle)
        return cycle

    def take(self, reads: Sequence[Part], writes: Part | None, cycle: int, phase: Phase) -> None:
        """Note what a step of such phases reads and writes."""
        if phase.read > 1:  # a read of one cycle is over when the next step is issued
            for part in reads:
                _note(self._reading, part, cycle, cycle + phase.read)
        if writes is not None:
            _note(self._settling, writes, cycle, cycle + phase.step)


def _end(held: dict[int, list[tuple[int, int]]], part: Part, cycle: int) -> int:
    for lanes, until in held.get(part.store, ()):
        if until > cycle and lanes & part.lanes:
            cycle = until
    return cycle


def _note(held: dict[int, list[tuple[int, int]]], part: Part, now: int, until: int) -> None:
    before = held.get(part.store)
    if before:
        held[part.store] = [each for each in before if each[1] > now] + [(part.lanes, until)]
    else:
        held[part.store] = [(part.lanes, until)]


def length_of(uses: Sequence[Use], issued: Sequence[int], pace: Pace) -> int:
    """Return how long steps take that are issued in such cycles: until all is stored."""
    if not pace.varies:
        return issued[-1] + pace.usual.step
    return max(cycle + use.phase_at(pace).step for use, cycle in zip(uses, issued, strict=True))


def issue_cycles(
    uses: Iterable[Use], places: Sequence[Place], pace: Pace, planes: Sequence[int] | None = None
) -> list[int]:
    """Return the cycle in which each step is issued, the first in cycle 0.

    planes: that each store is in, numbered over all places; None: each in its own.
    """
    resources, kept = Resources(pace, places), _Planes()
    at_host: dict[int, int] = {}
    found: list[int] = []
    cycle = -1
    for use in uses:
        reads, writes = use.reads, use.writes
        if planes is not None:
            reads = tuple(Part(planes[part.store], part.lanes) for part in reads)
            writes = writes and Part(planes[writes.store], writes.lanes)
        cycle = max(cycle + 1, at_host.get(use.fills, 0))
        cycle, phase = (
            resources.free_at(use, kept.free_at(reads, writes, cycle)),
            use.phase_at(pace),
        )
        if use.spills >= 0:
            at_host[use.spills] = cycle + phase.step + pace.spill
        resources.take(use, cycle)
        kept.take(reads, writes, cycle, phase)
        found.append(cycle)
    return found
