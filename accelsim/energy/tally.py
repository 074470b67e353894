"""Sums priced records while they stream by; memory grows with neither records nor images."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accelsim.energy.counts import StepCounts
from accelsim.energy.entries import Entries
from accelsim.energy.images import ImageColumn, PerImage, repeated
from accelsim.energy.ledger import Ledger
from accelsim.energy.pricing import Priced, PricedBatch, PricedPeriod
from accelsim.records import ACTIONS, NONE, Groups, Records, Vocabulary
from accelsim.records.columns import KINDS
from accelsim.topology import unit_of

_WAIT = KINDS.index("wait")


class Tally:
    """A priced sink that keeps the sums the ledger is made of.

    Each view is summed from the records on its own, so that `Ledger.reconcile` compares
    sums that were made independently.
    """

    def __init__(self, prices_aJ: dict[str, int]) -> None:  # noqa: N803 - aJ is the unit
        self._prices = prices_aJ
        self._counts = StepCounts()
        self._apart, self._named = StepCounts(), set[str]()
        self._steps: dict[int, tuple[str, str]] = {}
        self._components: Counter[int] = Counter()
        self._layers: Counter[int] = Counter()
        self._by_step: Counter[int] = Counter()
        self._images = PerImage(["sum"])
        self._no_image = 0
        self._total = 0
        self._rows = 0
        self._vocabulary: Vocabulary | None = None

    def write(self, priced: Priced) -> None:
        """Add one block."""
        self._add(priced, 1, 0)

    def repeat(self, priced: PricedPeriod) -> None:
        """Add a period as often as it happens."""
        self._add(priced.one, priced.period.times, priced.period.stride.images)

    def add_batch(self, priced: PricedBatch) -> None:
        """Add what a batch has, by how often each of its rows happened."""
        batch = priced.batch
        if not priced.fits:
            self.write(priced.priced(np.arange(len(batch.lines.first))))
            return
        rows, times = batch.rows, batch.times.take(batch.row_owner)
        energy = priced.energy_aJ * times
        self._vocabulary = rows.vocabulary
        self._rows += len(batch)
        self._total += int(energy.sum())
        _add(self._components, rows.component, energy, 1)
        _add(self._layers, rows.layer, energy, 1)
        _add(self._by_step, rows.step, energy, 1)
        each = np.zeros(len(batch.templates), np.int64)
        np.add.at(each, batch.row_owner, priced.energy_aJ)
        lines = batch.lines
        self._add_images(lines.image, each.take(batch.owner) * lines.times, 1, 0)
        actions = {action: column * times for action, column in rows.actions.items()}
        self._add_counts(replace(rows, actions=actions), 1)

    def _add(self, priced: Priced, times: int, images: int) -> None:
        """Add records that happen so many times, each time of so many images later."""
        records, energy = priced.records, priced.energy_aJ
        self._vocabulary = records.vocabulary
        self._rows += len(records) * times
        self._total += Groups(len(energy)).exact_sums(energy)[0] * times
        _add(self._components, records.component, energy, times)
        _add(self._layers, records.layer, energy, times)
        _add(self._by_step, records.step, energy, times)
        self._add_images(records.image, energy, times, images)
        self._add_counts(records, times)
        if priced.apart:
            self._add_apart(priced, times)

    def close(self) -> None:
        """Nothing is left to do: every block is in the sums."""

    def ledger(self) -> Ledger:
        """Return the ledger of what was written."""
        texts = self._vocabulary.texts if self._vocabulary else []
        components: Counter[str] = Counter()
        for code, energy in self._components.items():
            components[unit_of(texts[code])] += energy
        layers = {texts[code] or "standby": energy for code, energy in sorted(self._layers.items())}
        return Ledger(
            entries=self._entries(texts),
            total_aJ=self._total,
            component_aJ=dict(sorted(components.items())),
            layer_aJ=layers,
            step_aJ=dict(
                sorted(self._by_step.items(), key=lambda item: (item[0] == NONE, item[0]))
            ),
            image_aJ=ImageColumn(self._images),
            no_image_aJ=self._no_image,
            records=self._rows,
        )

    def _add_apart(self, priced: Priced, times: int) -> None:
        """Add the energies that are not count x price, of the few records that have some."""
        self._named.update(priced.apart)
        rows = np.flatnonzero(np.any(list(priced.apart.values()), axis=0))
        if len(rows):
            some = priced.part(rows)
            self._apart.add(some.records.component, some.records.step, some.apart, times)

    def _entries(self, texts: Sequence[str]) -> Entries:
        """Return the lines, by unit, step and action."""
        names = {code: unit_of(texts[code]) for code in self._counts.components()}
        units = sorted(set(names.values()))
        number = {name: place for place, name in enumerate(units)}
        of_code = np.zeros(len(texts), np.int64)
        for code, name in names.items():
            of_code[code] = number[name]
        unit, step, counts = self._counts.sums(of_code)
        pair, action = np.nonzero(counts)
        apart = None
        if self._named:
            apart = self._energies_apart(of_code, unit, step)[pair, action]
        return Entries(
            units=units,
            owners=self._steps,
            prices_aJ=[self._prices.get(each, 0) for each in ACTIONS],
            unit=unit[pair],
            step=step[pair],
            action=action,
            counts=counts[pair, action],
            apart_aJ=apart,
            apart=frozenset(self._named),
        )

    def _energies_apart(
        self, of_code: NDArray[np.int64], unit: NDArray[np.int64], step: NDArray[np.int64]
    ) -> NDArray[Any]:
        """Return the energies that are not count x price, (pairs, actions), of units and steps."""
        units, steps, energies = self._apart.sums(of_code)
        span = int(step.max(initial=0)) + 2
        found = np.zeros((len(unit), len(ACTIONS)), energies.dtype)
        found[np.searchsorted(unit * span + step, units * span + steps)] = energies
        return found

    def _add_images(
        self, image: NDArray[np.int64], energy: NDArray[np.int64], times: int, stride: int
    ) -> None:
        groups = Groups(len(image), image)
        images, sums = image[groups.first], groups.exact_sums(energy)
        none = int(images[0] < 0)
        self._no_image += sum(sums[:none]) * times
        if times == 1:
            self._images.add(images[none:], np.array([sums[none:]], np.int64))
            return
        once = np.array([sums[none:]], np.int64)
        for moved, which, _ in repeated(images[none:], times, stride):
            self._images.add(moved, once[:, which])

    def _add_counts(self, records: Records, times: int) -> None:
        busy = records.kind != _WAIT
        # Waits count nothing, and of many contexts most records are waits.
        if 2 * np.count_nonzero(busy) < len(busy):
            records = records.part(np.flatnonzero(busy))
        if not len(records):
            return
        self._counts.add(records.component, records.step, records.actions, times)
        texts = records.vocabulary.texts
        first = Groups(len(records), records.step).first
        for row, step in zip(first.tolist(), records.step.take(first).tolist(), strict=True):
            if step not in self._steps:
                layer, op = texts[records.layer[row]], texts[records.op[row]]
                self._steps[step] = (layer or "standby", op or "standby")


def _add(
    sums: "Counter[int]", key: NDArray[np.integer], energy: NDArray[np.int64], times: int
) -> None:
    groups = Groups(len(key), key)
    for value, total in zip(key[groups.first].tolist(), groups.exact_sums(energy), strict=True):
        sums[value] += total * times
