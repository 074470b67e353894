"""Points of a space: what follows from the space alone, so that their numbers never change."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from math import prod

import numpy as np

from accelsim.config.machine import Override, load_machine
from accelsim.errors import InputError
from accelsim.sweeps.amounts import amount, written
from accelsim.sweeps.constants import constants_in_si
from accelsim.sweeps.formulas import Formula, Value
from accelsim.sweeps.keys import MACHINE, RATE, SEED, WORKLOAD, is_machine_key, unit_of
from accelsim.sweeps.sampling import shares
from accelsim.sweeps.schema import GRID, MOST_POINTS, RANDOM
from accelsim.sweeps.space import DEVICE, Space

_TRIES = 100  # draws for each point that is wanted


@dataclass(frozen=True)
class Point:
    """One point of a space: a machine with changes, a network, a seed.

    number: in the space, from 0. coordinates: of axes and what is derived, by name, as files have
    them. machine, workload: as the space has them. changes: as --set takes them. rate: of a
    stream, "" without one. paths: where the machine, the network and a device file are.
    """

    number: int
    coordinates: Mapping[str, Override]
    machine: str
    workload: str
    seed: int
    changes: Mapping[str, Override]
    rate: str = ""
    paths: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def overrides(self) -> Mapping[str, Override]:
        """The changes, with the device file where it is."""
        if DEVICE not in self.paths:
            return self.changes
        return {**self.changes, DEVICE: self.paths[DEVICE]}


class Pointer:
    """Makes points of a space from values of its axes."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._names = [axis.name for axis in space.axes]

    def point(self, number: int, values: Sequence[Override]) -> Point | None:
        """Return the point at values of the axes, in order; None if a constraint forbids it.

        Raises InputError where a formula cannot be evaluated, or a value is of the wrong kind.
        """
        space = self._space
        found: dict[str, Override] = dict(zip(self._names, values, strict=True))
        machine = str(found.get(MACHINE, space.machine))
        for name, formula in space.derived.items():
            found[name] = self._derived(name, formula, found, machine)
        if not all(
            formula.value(lambda name: self._value(name, found, machine))
            for formula in space.constraints
        ):
            return None
        seed = found.get(SEED, space.seed)
        if not isinstance(seed, int) or not 0 <= seed < 2**63:
            raise InputError(f"{space.name}: seed: got {seed!r}; expected a whole number")
        own = {name: value for name, value in found.items() if is_machine_key(name)}
        changes, stream = {**space.changes, **own}, space.arrivals
        workload = str(found.get(WORKLOAD, space.workload))
        named = {MACHINE: machine, WORKLOAD: workload}
        if DEVICE in changes:
            named[DEVICE] = str(changes[DEVICE])
        return Point(
            number=number,
            coordinates=found,
            machine=machine,
            workload=workload,
            seed=seed,
            changes=changes,
            rate="" if stream is None else str(found.get(RATE, stream.rate)),
            paths={what: space.places[what, name] for what, name in named.items()},
        )

    def _derived(
        self, name: str, formula: Formula, found: Mapping[str, Override], machine: str
    ) -> Override:
        if formula.is_name and formula.text in found:
            return found[formula.text]
        value = formula.value(lambda each: self._value(each, found, machine))
        if isinstance(value, str):
            return value
        return written(float(value), unit_of(name))

    def _value(self, name: str, found: Mapping[str, Override], machine: str) -> Value:
        """Return what a name stands for: of an axis, or a constant of the machine."""
        if name in found:
            number = amount(found[name], name)
            return str(found[name]) if number is None else number.value
        place = self._space.places[MACHINE, machine]
        known = _constants(place, tuple(self._space.overrides.items()))
        if name in known:
            return known[name]
        own: dict[str, Value] = {
            MACHINE: machine, WORKLOAD: self._space.workload, SEED: self._space.seed,
        }  # fmt: skip
        if name in own:
            return own[name]
        raise InputError(f"{self._space.name}: '{name}': machine {machine} has no such key")


@lru_cache(maxsize=64)
def _constants(
    machine: str, changes: tuple[tuple[str, Override], ...]
) -> Mapping[str, float | str]:
    return constants_in_si(load_machine(machine, dict(changes)))


def points_of(space: Space) -> list[Point]:
    """Return the points of a space that is not searched, in order of their numbers.

    Points alike are one. Raises InputError if constraints leave none.
    """
    pointer, found = Pointer(space), list[Point]()
    seen: set[tuple[Override, ...]] = set()
    wanted = MOST_POINTS if space.sample.method == GRID else space.sample.points or 0
    for values in _values(space):
        if values in seen:
            continue
        seen.add(values)
        point = pointer.point(len(found), values)
        if point is not None:
            found.append(point)
        if len(found) >= wanted:
            break
    if not found:
        raise InputError(
            f"{space.constraints[0].place if space.constraints else space.name}: the constraints "
            f"leave none of {len(seen):,} points; expected constraints that some point meets"
        )
    return found


def _values(space: Space) -> Iterator[tuple[Override, ...]]:
    """Give values of the axes, point by point, before constraints."""
    sample = space.sample
    if sample.method == GRID:
        every = [axis.grid() for axis in space.axes]
        number = prod(len(each) for each in every)
        if number > MOST_POINTS:
            raise InputError(
                f"{space.axes[0].place}: axes: {number:,} points; expected {MOST_POINTS:,} at "
                "most: a sample of them, by sample.method"
            )
        yield from product(*every)
        return
    wanted = sample.points or 0
    drawn = wanted * _TRIES if sample.method == RANDOM else wanted
    for row in shares(sample.method, len(space.axes), drawn, sample.seed):
        yield tuple(axis.at(share) for axis, share in zip(space.axes, row, strict=True))


def within(points: Sequence[Point], budget: int | None, seed: int) -> list[Point]:
    """Return at most so many of the points, drawn evenly, in order of their numbers."""
    if budget is None or budget >= len(points):
        return list(points)
    random = np.random.Generator(np.random.PCG64(seed))
    chosen = sorted(random.permutation(len(points))[:budget].tolist())
    return [points[place] for place in chosen]
