"""Gives priced records in even blocks, however they come."""

from dataclasses import fields, replace
from typing import Any

import numpy as np

from accelsim.energy.pricing import Priced, PricedSink
from accelsim.records import ACTIONS, Records, recorder


class EvenBlocks:
    """Passes records on in blocks that end at multiples of `recorder.BLOCK`."""

    def __init__(self, *sinks: PricedSink) -> None:
        self._sinks = sinks
        self._waiting: list[Priced] = []
        self._rows = 0

    def write(self, priced: Priced) -> None:
        """Add one block, and pass on what is whole."""
        if not self._waiting and len(priced.energy_aJ) == recorder.BLOCK:
            self._pass_on(priced)
            return
        self._waiting.append(priced)
        self._rows += len(priced.energy_aJ)
        if self._rows >= recorder.BLOCK:
            whole = _joined(self._waiting)
            for start in range(0, self._rows - recorder.BLOCK + 1, recorder.BLOCK):
                self._pass_on(whole.part(slice(start, start + recorder.BLOCK)))
            rest = self._rows % recorder.BLOCK
            self._waiting = [whole.part(slice(self._rows - rest, None))] if rest else []
            self._rows = rest

    def close(self) -> None:
        """Pass on the rest."""
        if self._waiting:
            self._pass_on(_joined(self._waiting))
        for sink in self._sinks:
            sink.close()

    def _pass_on(self, priced: Priced) -> None:
        for sink in self._sinks:
            sink.write(priced)


def _joined(parts: list[Priced]) -> Priced:
    """Return records that follow one another as one block."""
    first, each = parts[0].records, [part.records for part in parts]
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(records, name) for records in each])
        for name in (field.name for field in fields(Records))
        if name not in {"vocabulary", "actions"}
    }
    actions = {
        action: np.concatenate([records.counts(action) for records in each])
        for action in ACTIONS
        if any(action in records.actions for records in each)
    }
    energy = np.concatenate([part.energy_aJ for part in parts])
    apart = {
        action: np.concatenate([part.apart[action] for part in parts]) for action in parts[0].apart
    }
    return Priced(replace(first, **columns, actions=actions), energy, apart)
