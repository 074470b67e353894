"""Which steps wait for which, and the longest paths that follow: a graph of steps by number."""

from collections.abc import Sequence
from typing import NamedTuple

from accelsim.compiler.use import Pace, Part, Use

Edges = list[list[tuple[int, int]]]
"""For each step those before it, with the cycles that have to lie between the two issues."""


class _Store(NamedTuple):
    """Who wrote the lanes of a store last, and who has read that: (step, lanes)."""

    writers: list[tuple[int, int]]
    readers: list[tuple[int, int]]


def dependencies(uses: Sequence[Use], pace: Pace, *, hazards: bool = True) -> Edges:
    """Return what each step waits for, given an order that is right.

    A step reads what is stored. hazards: it writes what nobody reads or writes any more; without
    these, what remains holds in whatever planes values are.
    """
    stores: dict[int, _Store] = {}
    spilled: dict[int, int] = {}
    edges: Edges = []
    for step, use in enumerate(uses):
        before: dict[int, int] = {}
        if use.spills >= 0:
            spilled[use.spills] = step
        elif use.fills >= 0:
            spill = spilled[use.fills]
            before[spill] = uses[spill].phase_at(pace).step + pace.spill
        for part in use.reads:
            found = stores.setdefault(part.store, _Store([], []))
            for writer, lanes in found.writers:
                if lanes & part.lanes:
                    before[writer] = uses[writer].phase_at(pace).step
            if hazards:
                found.readers.append((step, part.lanes))
        if use.writes is not None:
            found = stores.setdefault(use.writes.store, _Store([], []))
            if hazards:
                _overwrite(found, use.writes, before, uses, pace)
            _write(found, step, use.writes)
        before.pop(step, None)
        edges.append(list(before.items()))
    return edges


def _overwrite(
    store: _Store, part: Part, before: dict[int, int], uses: Sequence[Use], pace: Pace
) -> None:
    """Note who has to be done with lanes before they are written."""
    for reader, lanes in store.readers:
        if lanes & part.lanes:
            before.setdefault(reader, uses[reader].phase_at(pace).read)
    for writer, lanes in store.writers:
        if lanes & part.lanes:
            before[writer] = uses[writer].phase_at(pace).step


def _write(store: _Store, step: int, part: Part) -> None:
    """Note that lanes are written: who wrote or read them before is of no more concern."""
    for steps in store:
        if steps:
            kept = [(each, lanes & ~part.lanes) for each, lanes in steps if lanes & ~part.lanes]
            steps[:] = kept
    store.writers.append((step, part.lanes))


def heads(edges: Edges) -> list[int]:
    """Return the first cycle in which each step could be issued if no resource were scarce."""
    found: list[int] = []
    for before in edges:
        found.append(max((found[step] + cycles for step, cycles in before), default=0))
    return found


def tails(edges: Edges, uses: Sequence[Use], pace: Pace) -> list[int]:
    """Return the cycles from the issue of each step to the end of the last, at least."""
    found = [use.phase_at(pace).step for use in uses]
    for step in range(len(edges) - 1, -1, -1):
        tail = found[step]
        for before, cycles in edges[step]:
            found[before] = max(found[before], tail + cycles)
    return found
