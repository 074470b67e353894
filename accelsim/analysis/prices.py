"""Where energy goes: count x price of each action, or by value; how totals move with prices."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import pyarrow as pa

from accelsim.errors import ReconciliationError
from accelsim.records import ACTIONS, BatchView, Groups
from accelsim.records.view import Column

COLUMNS = ("step", "op", "layer", "actions", "energy_aJ")
TENTH = Fraction(1, 10)


@dataclass(frozen=True)
class PricedAction:
    """One action: how often, what one costs, and the two multiplied.

    apart_aJ: the energy, where values make it another than count x price.
    """

    action: str
    count: int
    price_aJ: int  # noqa: N815 - aJ is the unit
    apart_aJ: int | None = None  # noqa: N815

    @property
    def energy_aJ(self) -> int:  # noqa: N802
        """Count x price, or what the values made of it."""
        return self.count * self.price_aJ if self.apart_aJ is None else self.apart_aJ

    def moved_aJ(self, change: Fraction = TENTH) -> Fraction:  # noqa: N802
        """Return by how much a total moves if the price alone rises by a share of itself.

        Exact: energy is linear in every price, so a fall moves it by as much downwards. What
        follows values is so but for the rounding of each record.
        """
        return self.energy_aJ * change


@dataclass(frozen=True)
class Spent:
    """Energy of some records.

    actions: every action that was counted, dearest first. steps: (step, op, layer) -> energy
    in aJ of each action; step -1, "standby": what belongs to no step.
    """

    total_aJ: int  # noqa: N815
    actions: tuple[PricedAction, ...]
    steps: dict[tuple[int, str, str], dict[str, int]] = field(repr=False)


def spent(
    batches: Iterable[pa.RecordBatch],
    prices_aJ: Mapping[str, int],  # noqa: N803
    by_value: Collection[str] = (),
) -> Spent:
    """Return the energy of records at some prices. batches: with at least COLUMNS.

    by_value: actions whose energy follows values; a record counts one of them at most.

    Raises ReconciliationError if count x price is not the energy that the records carry, beside
    what follows values.
    """
    counts, apart = dict.fromkeys(ACTIONS, 0), dict.fromkeys(by_value, 0)
    steps: dict[tuple[int, str, str], dict[str, int]] = {}
    total = 0
    for batch in batches:
        total += sum(Groups(batch.num_rows).exact_sums(BatchView(batch).integers("energy_aJ")))
        for key, action, count, energy in _counted(batch, prices_aJ, by_value):
            counts[action] += count
            if action in apart:
                apart[action] += energy
            row = steps.setdefault(key, {})
            row[action] = row.get(action, 0) + energy
    actions = [
        PricedAction(name, number, prices_aJ[name], apart.get(name))
        for name, number in counts.items()
        if number
    ]
    found = sum(action.energy_aJ for action in actions)
    if found != total:
        raise ReconciliationError(
            f"the records carry {total} aJ, and their counts times the prices are {found} aJ"
        )
    dearest = sorted(actions, key=lambda action: (-action.energy_aJ, action.action))
    return Spent(
        total_aJ=total,
        actions=tuple(dearest),
        steps=dict(sorted(steps.items(), key=lambda item: item[0][0] % 2**31)),
    )


def _counted(
    batch: pa.RecordBatch,
    prices_aJ: Mapping[str, int],  # noqa: N803
    by_value: Collection[str],
) -> Iterable[tuple[tuple[int, str, str], str, int, int]]:
    """Give step, action, count and energy of what the records of each step count."""
    view = BatchView(batch)
    steps, ops, layers = view.integers("step"), view.texts("op"), view.texts("layer")
    groups = Groups(len(view), steps, ops.codes, layers.codes)
    rows = groups.first
    names = zip(steps[rows].tolist(), ops.read(rows), layers.read(rows), strict=True)
    keys = [(step, op or "standby", layer or "standby") for step, op, layer in names]
    left = _left(view, prices_aJ, by_value) if by_value else None
    for action in ACTIONS:
        column = view.counts(action)
        sums = groups.exact_sums(column)
        energies = [count * prices_aJ.get(action, 0) for count in sums]
        if left is not None and action in by_value:
            energies = groups.exact_sums(np.where(column > 0, left, 0))
        for key, count, energy in zip(keys, sums, energies, strict=True):
            if count:
                yield key, action, count, energy


def _left(view: BatchView, prices_aJ: Mapping[str, int], by_value: Collection[str]) -> Column:  # noqa: N803
    """Return what counts x prices leave of the energy of each record: what follows values."""
    left = view.integers("energy_aJ").copy()
    for action, price in prices_aJ.items():
        if action not in by_value and price:
            left -= view.counts(action) * price
    return left
