"""The lines of a ledger, in columns: a long program has millions of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from accelsim.records import ACTIONS, Groups

_CHUNK = 1 << 14


class Entry(NamedTuple):
    """One line: how often a component did an action in a step, and what one costs.

    Standby (idle clock, leakage, refresh) has step -1 and layer and op 'standby'. tenant: "" for
    standby, and for a network that is alone. apart_aJ: the energy, where it is not count x price.
    """

    component: str
    layer: str
    step: int
    op: str
    action: str
    count: int  # type: ignore[assignment]  # what a line counts, not what a tuple does
    price_aJ: int  # noqa: N815 - aJ is the unit
    tenant: str = ""
    apart_aJ: int | None = None  # noqa: N815

    @property
    def energy_aJ(self) -> int:  # noqa: N802
        """Count x price, or what the values made of it."""
        return self.count * self.price_aJ if self.apart_aJ is None else self.apart_aJ


class EntrySum(NamedTuple):
    """What a component did of an action in all steps."""

    component: str
    action: str
    number: int
    energy_aJ: int  # noqa: N815


@dataclass(frozen=True, eq=False)
class Entries(Sequence[Entry]):
    """Lines, each made when it is looked at.

    units: names that `unit` has the places of. owners: layer and op of each step. action: place in
    ACTIONS. counts: of Python's integers if 64 bits do not hold one. prices_aJ: of each of ACTIONS.
    apart: actions whose energy is not count x price; apart_aJ: the energy of each line of them.
    """

    units: Sequence[str]
    owners: Mapping[int, tuple[str, str]]
    prices_aJ: Sequence[int]  # noqa: N815 - aJ is the unit
    unit: NDArray[np.int64]
    step: NDArray[np.int64]
    action: NDArray[np.int64]
    counts: NDArray[Any]
    apart_aJ: NDArray[Any] | None = None  # noqa: N815
    apart: Collection[str] = ()

    def __len__(self) -> int:
        return len(self.unit)

    @overload
    def __getitem__(self, place: int) -> Entry: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Entry, ...]: ...
    def __getitem__(self, place: int | slice) -> Entry | tuple[Entry, ...]:
        if isinstance(place, slice):
            return tuple(self._made(place))
        place = range(len(self))[place]
        return next(self._made(slice(place, place + 1)))

    def __iter__(self) -> Iterator[Entry]:
        for begin in range(0, len(self), _CHUNK):
            yield from self._made(slice(begin, begin + _CHUNK))

    def sums(self) -> list[EntrySum]:
        """Return the sums over steps, in the order in which lines have them first."""
        groups = Groups(len(self), self.unit, self.action)
        counts = _exact(groups, self.counts)
        apart = counts if self.apart_aJ is None else _exact(groups, self.apart_aJ)
        first = groups.first
        units, actions = self.unit[first].tolist(), self.action[first].tolist()
        return [
            EntrySum(
                self.units[units[group]],
                name := ACTIONS[actions[group]],
                counts[group],
                apart[group]
                if name in self.apart
                else counts[group] * self.prices_aJ[actions[group]],
            )
            for group in np.argsort(first).tolist()
        ]

    def _made(self, some: slice) -> Iterator[Entry]:
        steps, actions = self.step[some].tolist(), self.action[some].tolist()
        owners = [self.owners[step] for step in steps]
        names = [ACTIONS[action] for action in actions]
        apart: Iterable[int | None] = repeat(None)
        if self.apart_aJ is not None:
            energies = zip(names, self.apart_aJ[some].tolist(), strict=True)
            apart = [energy if name in self.apart else None for name, energy in energies]
        return map(
            Entry,
            [self.units[unit] for unit in self.unit[some].tolist()],
            [layer for layer, _ in owners],
            steps,
            [op for _, op in owners],
            names,
            self.counts[some].tolist(),
            [self.prices_aJ[action] for action in actions],
            repeat(""),
            apart,
        )


def _exact(groups: Groups, values: NDArray[Any]) -> list[int]:
    """Return the sum of integers of each group, of 64 bits or Python's."""
    if values.dtype == np.int64:
        return groups.exact_sums(values)
    found = [0] * len(groups)
    for group, number in zip(groups.of.tolist(), values.tolist(), strict=True):
        found[group] += number
    return found


def sums_of(entries: Iterable[Entry]) -> list[EntrySum]:
    """Return the sums of lines over steps, in the order in which lines have them first."""
    if isinstance(entries, Entries):
        return entries.sums()
    sums: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for entry in entries:
        both = sums[entry.component, entry.action]
        both[0] += entry.count
        both[1] += entry.energy_aJ
    return [EntrySum(*key, *both) for key, both in sums.items()]
