"""Counts of actions by component and step, in columns: exact, however large a sum is."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accelsim.records import ACTIONS, Groups

_FEW = 1 << 17
_MOST = 2**62
Column = NDArray[np.int64]
Codes = NDArray[np.integer]


class StepCounts:
    """Sums of what records count. Grows with components and steps, not with records.

    Sums that 64 bits may not hold, such as what banks leak in days, are Python's integers, apart.
    """

    def __init__(self) -> None:
        self._parts: list[tuple[Codes, Codes, Column]] = []
        self._rows, self._limit = 0, _FEW
        self._large: Counter[tuple[int, int, int]] = Counter()

    def add(self, component: Codes, step: Codes, actions: Mapping[str, Column], times: int) -> None:
        """Add what records count, each of them so many times."""
        counts = {ACTIONS.index(action): column for action, column in actions.items()}
        self._keep(component, step, counts, times)
        if self._rows > self._limit:
            self._merge()
            self._limit = max(_FEW, 2 * self._rows)

    def components(self) -> list[int]:
        """Return the components that count anything, or might."""
        found: set[int] = set()
        for component, _, _ in self._parts:
            found.update(component.tolist())
        return sorted(found)

    def sums(self, unit: Column) -> tuple[Column, Column, NDArray[Any]]:
        """Return units and steps, in order, and what each of these pairs counts.

        unit: number of the unit of each component. The counts are (pairs, actions), of Python's
        integers if 64 bits do not hold one.
        """
        self._merge()
        if not self._parts:
            none = np.zeros(0, np.int64)
            return none, none, np.zeros((0, len(ACTIONS)), np.int64)
        component, step, counts = self._parts[0]
        groups = Groups(len(step), unit.take(component), step)
        first = groups.first
        found = unit.take(component)[first], step[first].astype(np.int64)
        try:
            if not self._large:
                return *found, np.stack([groups.sums(column) for column in counts], 1)
        except OverflowError:
            pass
        exact = [groups.exact_sums(column) for column in counts]
        pairs = zip(component.tolist(), step.tolist(), strict=True)
        place = dict(zip(pairs, groups.of.tolist(), strict=True))
        for (part, number, action), more in self._large.items():
            exact[action][place[part, number]] += more
        return *found, np.array(exact, object).T

    def _keep(
        self, component: Codes, step: Codes, counts: Mapping[int, Column], times: int
    ) -> None:
        groups = Groups(len(step), component, step)
        first = groups.first
        component, step = component[first], step[first]
        kept = np.zeros((len(ACTIONS), len(first)), np.int64)
        for action, column in counts.items():
            if not column.any():
                continue
            try:
                sums = groups.sums(column)
                if int(sums.max()) * times <= _MOST:
                    kept[action] = sums * times
                    continue
            except OverflowError:
                pass
            exact = groups.exact_sums(column)
            for part, number, more in zip(component.tolist(), step.tolist(), exact, strict=True):
                self._large[part, number, action] += more * times
        self._parts.append((component, step, kept))
        self._rows += len(first)

    def _merge(self) -> None:
        if len(self._parts) < 2:
            return
        component, step, counts = (
            np.concatenate(each, -1) for each in zip(*self._parts, strict=True)
        )
        self._parts.clear()
        self._rows = 0
        self._keep(component, step, dict(enumerate(counts)), 1)
