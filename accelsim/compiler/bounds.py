"""Lower bounds of the cycles of an image that is alone, whatever the order of its steps.

* Critical path: what a step reads has to be stored, read + write cycles after its issue.
* A resource: all that holds it does so one after another. Before the first of them the shortest
  path to any of them has to pass, after the last the shortest from any to the end.

Planes bound nothing here: with enough of them each value has its own.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import gcd
from typing import NamedTuple

from accelsim.compiler.dependencies import Edges, dependencies, heads, tails
from accelsim.compiler.use import Pace, Use, Work, banks_read, lanes_in
from accelsim.topology import (
    SEQUENCER,
    PathKind,
    Place,
    array_path,
    bank_path,
    component,
    read_ports_path,
)


class Bound(NamedTuple):
    """What no order is faster than. what: the path of a resource, or "" for the critical path."""

    what: str
    cycles: int


class _Path(NamedTuple):
    """Of steps that hold a resource: cycles before the first, all they hold, after the last.

    unit: cycles that each of them holds it a whole number of times.
    """

    head: int
    held: int
    tail: int
    unit: int


def quick_bound(edges: Edges, uses: Sequence[Use], pace: Pace) -> int:
    """Return the larger of the bounds by critical path and issue slot, which are soon known."""
    return max(*tails(edges, uses, pace), len(edges) - 1 + uses[-1].phase_at(pace).step)


def bounds(work: Work, pace: Pace) -> list[Bound]:
    """Return the bounds: the critical path, then those of resources by their paths.

    Of all lanes of a circuit, and of the ports of all banks of a place, the largest alone.
    """
    edges = dependencies(work.uses, pace, hazards=False)
    before, after = heads(edges), tails(edges, work.uses, pace)
    paths: dict[str, _Path] = {}
    for step, use in enumerate(work.uses):
        read = use.phase_at(pace).read
        for what, slots in _held(use, work).items():
            hold = 1 if what == SEQUENCER else read
            left = after[step] - hold
            found = paths.get(what, _Path(before[step], 0, left, hold))
            paths[what] = _Path(
                min(found.head, before[step]), found.held + slots * hold,
                min(found.tail, left), gcd(found.unit, hold),
            )  # fmt: skip
    largest = {"": Bound("", max(after))}
    for what, path in sorted(paths.items()):
        part = component(what)
        key = str((part.part, part.circuit, part.place, part.way))
        bound = Bound(what, _cycles(path, part.part, pace))
        largest[key] = max(largest.get(key, bound), bound, key=lambda each: each.cycles)
    return list(largest.values())


def _cycles(path: _Path, part: PathKind, pace: Pace) -> int:
    """Return how long it takes at least until all of a path is done."""
    ports = pace.read_ports if part is PathKind.READ_PORTS else 1
    return path.head + -(-path.held // path.unit // ports) * path.unit + path.tail


def _held(use: Use, work: Work) -> Mapping[str, int]:
    """Return what a step holds, by path, and how many slots of each."""
    banks = tuple(banks_read(use, work.places).items())
    return _paths(use.ways, use.arrays, banks)


@lru_cache(maxsize=4096)
def _paths(
    ways: tuple[str, ...],
    arrays: tuple[str, int] | None,
    banks: tuple[tuple[tuple[Place, int], int], ...],
) -> Mapping[str, int]:
    found = dict.fromkeys((SEQUENCER, *ways), 1)
    if arrays is not None:
        circuit, lanes = arrays
        found |= {array_path(circuit, lane): 1 for lane in lanes_in(lanes)}
    return found | {read_ports_path(bank_path(*bank)): number for bank, number in banks}
