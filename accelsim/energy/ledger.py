"""The ledger of a run: count x price for each component, step and action, and its views."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from accelsim.energy.entries import Entry, EntrySum, sums_of
from accelsim.energy.images import ImageColumn
from accelsim.errors import ReconciliationError
from accelsim.records import ACTION_UNITS, NONE
from accelsim.topology import CLASSIFIER_PATHS, component

PUBLISHED, BEHIND = "published", "behind the handoff"
"""Scopes of a line."""


@dataclass(frozen=True)
class Ledger:
    """Energy of a run in integer attojoules.

    entries are summed over images; the views (`component_aJ`, ...) were summed from the
    records on their own. image_aJ[i] is the energy of image i; no_image_aJ that of
    records without one (standby). tenant_aJ: of each tenant, and 'standby'; empty for a network
    that is alone.
    """

    entries: Sequence[Entry] = field(repr=False)
    total_aJ: int  # noqa: N815
    component_aJ: dict[str, int]  # noqa: N815
    layer_aJ: dict[str, int]  # noqa: N815
    step_aJ: dict[int, int]  # noqa: N815
    image_aJ: NDArray[np.int64] | ImageColumn = field(repr=False)  # noqa: N815
    no_image_aJ: int  # noqa: N815
    records: int
    tenant_aJ: dict[str, int] = field(default_factory=dict)  # noqa: N815

    @property
    def action_aJ(self) -> dict[str, int]:  # noqa: N802
        """Energy by action."""
        return _sum_by(self._sums, lambda sums: (sums.action, sums.energy_aJ))

    @property
    def block_aJ(self) -> dict[str, int]:  # noqa: N802
        """Energy by block of the machine."""
        block = cache(lambda path: component(path).block.value)
        return _sum_by(self._sums, lambda sums: (block(sums.component), sums.energy_aJ))

    @property
    def counts(self) -> dict[str, int]:
        """Count of each action that happened."""
        counts = _sum_by(self._sums, lambda sums: (sums.action, sums.number))
        return {action: counts[action] for action in ACTION_UNITS if action in counts}

    def reconcile(self) -> None:
        """Check that every view sums to the total; ReconciliationError if one does not."""
        by_line = _sum_by(self._sums, lambda sums: (sums.component, sums.energy_aJ))
        views = {
            "components": sum(self.component_aJ.values()),
            "layers": sum(self.layer_aJ.values()),
            "steps": sum(self.step_aJ.values()),
            "actions": sum(self.action_aJ.values()),
            "images": int(self.image_aJ.sum()) + self.no_image_aJ,
            "ledger lines by component": sum(by_line.values()),
        }
        if self.tenant_aJ:
            views["tenants"] = sum(self.tenant_aJ.values())
        wrong = {name: total for name, total in views.items() if total != self.total_aJ}
        for path, energy in self.component_aJ.items():
            if by_line.get(path, 0) != energy:
                wrong[f"component {path}"] = energy
        if wrong:
            listed = ", ".join(f"{name} {total} aJ" for name, total in wrong.items())
            raise ReconciliationError(
                f"the ledger does not reconcile: the records sum to {self.total_aJ} aJ, "
                f"but by {listed}"
            )

    def csv(self, quoted: Mapping[str, str]) -> str:
        """Return the entries as CSV, units in the header; the last line is the total.

        quoted: the price of each action as the machine file has it, '500 aJ per 1 ns'.

        Columns
            tenant      whose images; only with tenants, as the first column
            scope       published, or behind the handoff; only of a run that goes on to the class
                        label, as the first column
            block       kind of component: CeNN arrays, memory banks, control sequencer
            component   dotted path: circuit_a.lane0.array
            layer       layer of the step, or standby
            step        step of the program, from 1; empty for standby
            op          op of the step; empty for standby
            action      what was counted, a key of the price table
            count       how often, summed over all images
            count_unit  unit of the count
            quoted      price as the machine file has it
            price_aJ    what one count costs at the clock of the machine; empty where the energy
                        follows the values (energy.model by_value)
            energy_aJ   count x price, or what the values make of it; in the last line the total
        """
        cell, block = cache(_cell), cache(lambda path: component(path).block.value)
        first, whose_of = self._first_column(cell)
        lines = [",".join([*first, *_COLUMNS])]
        for entry in self.entries:
            whose = whose_of(entry)
            step = "" if entry.step == NONE else entry.step
            price = entry.price_aJ if entry.apart_aJ is None else ""
            lines.append(
                f"{whose}{block(entry.component)},{cell(entry.component)},{cell(entry.layer)},"
                f"{step},{cell(entry.op)},{entry.action},{entry.count},"
                f"{ACTION_UNITS[entry.action]},{cell(quoted[entry.action])},{price},"
                f"{entry.energy_aJ}"
            )
        lines.append(f"total{',' * (len(_COLUMNS) - 1 + len(first))}{self.total_aJ}\n")
        return "\n".join(lines)

    def _first_column(self, cell: Callable[[str], str]) -> tuple[list[str], Callable[[Entry], str]]:
        """Return the name of a column before all others, if there is one, and what a line has."""
        if self.tenant_aJ:
            return ["tenant"], lambda entry: f"{cell(entry.tenant)},"
        if any(path in self.component_aJ for path in CLASSIFIER_PATHS):
            return [
                "scope"
            ], lambda entry: f"{BEHIND if entry.component in CLASSIFIER_PATHS else PUBLISHED},"
        return [], lambda _: ""

    @cached_property
    def _sums(self) -> list[EntrySum]:
        return sums_of(self.entries)


_COLUMNS = (
    "block", "component", "layer", "step", "op", "action", "count", "count_unit", "quoted",
    "price_aJ", "energy_aJ",
)  # fmt: skip


def _cell(text: str) -> str:
    """Return a text as a cell of CSV: in quotation marks where it has to be."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="").writerow([text, ""])
    return stream.getvalue()[:-1]


def _sum_by(sums: Iterable[EntrySum], of: Callable[[EntrySum], tuple[str, int]]) -> dict[str, int]:
    """Return sums by a key. of: gives the key, and what is summed."""
    found: Counter[str] = Counter()
    for key, number in map(of, sums):
        found[key] += number
    return dict(found)
