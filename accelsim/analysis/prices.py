"""Where energy goes: count x price for each action, and how a total moves with each price."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import pyarrow as pa

from accelsim.errors import ReconciliationError
from accelsim.records import ACTIONS, BatchView, Groups

COLUMNS = ("step", "op", "layer", "actions", "energy_aJ")
TENTH = Fraction(1, 10)


@dataclass(frozen=True)
class PricedAction:
    """One action: how often, what one costs, and the two multiplied."""

    action: str
    count: int
    price_aJ: int  # noqa: N815 - aJ is the unit

    @property
    def energy_aJ(self) -> int:  # noqa: N802
        """Count x price."""
        return self.count * self.price_aJ

    def moved_aJ(self, change: Fraction = TENTH) -> Fraction:  # noqa: N802
        """Return by how much a total moves if the price alone rises by a share of itself.

        Exact: energy is linear in every price, so a fall moves it by as much downwards.
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


def spent(batches: Iterable[pa.RecordBatch], prices_aJ: Mapping[str, int]) -> Spent:  # noqa: N803
    """Return the energy of records at some prices. batches: with at least COLUMNS.

    Raises ReconciliationError if count x price is not the energy that the records carry.
    """
    counts = dict.fromkeys(ACTIONS, 0)
    steps: dict[tuple[int, str, str], dict[str, int]] = {}
    total = 0
    for batch in batches:
        total += sum(Groups(batch.num_rows).exact_sums(BatchView(batch).integers("energy_aJ")))
        for key, action, count in _counted(batch):
            counts[action] += count
            row = steps.setdefault(key, {})
            row[action] = row.get(action, 0) + count * prices_aJ[action]
    actions = [
        PricedAction(name, number, prices_aJ[name]) for name, number in counts.items() if number
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


def _counted(batch: pa.RecordBatch) -> Iterable[tuple[tuple[int, str, str], str, int]]:
    view = BatchView(batch)
    steps, ops, layers = view.integers("step"), view.texts("op"), view.texts("layer")
    groups = Groups(len(view), steps, ops.codes, layers.codes)
    rows = groups.first
    names = zip(steps[rows].tolist(), ops.read(rows), layers.read(rows), strict=True)
    keys = [(step, op or "standby", layer or "standby") for step, op, layer in names]
    for action in ACTIONS:
        sums = groups.exact_sums(view.counts(action))
        yield from ((key, action, count) for key, count in zip(keys, sums, strict=True) if count)
