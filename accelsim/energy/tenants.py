"""Energy by tenant: records are dealt out by their images, and the ledgers put together again."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from accelsim.energy.ledger import Ledger
from accelsim.energy.pricing import Priced, PricedSink
from accelsim.errors import ReconciliationError

K = TypeVar("K")

STANDBY = "standby"
"""What is no image's, and so no tenant's."""


class Deal:
    """A priced sink that deals records out to the sinks of whoever they belong to.

    first: number of the first image. owner: of each image from there on, as the place of its
    sinks. The last of the sinks get what is no image's.
    """

    def __init__(
        self, first: int, owner: NDArray[np.integer], sinks: Sequence[Sequence[PricedSink]]
    ) -> None:
        self._first = first
        self._owner = np.append(owner, len(sinks) - 1)
        self._sinks = sinks

    def write(self, priced: Priced) -> None:
        """Deal out one block."""
        image = priced.records.image
        owner = self._owner[np.where(image < 0, -1, image - self._first)]
        for number in np.unique(owner).tolist():
            part = priced.part(np.flatnonzero(owner == number))
            for sink in self._sinks[number]:
                sink.write(part)

    def close(self) -> None:
        """Pass on that no block follows."""
        for each in self._sinks:
            for sink in each:
                sink.close()


def ledger_of(total: Ledger, parts: Mapping[str, Ledger]) -> Ledger:
    """Return the ledger of a run with lines by tenant.

    total: of all records; its views stay, its lines are replaced. parts: of each tenant, and of
    STANDBY. Raises ReconciliationError if a part, or their sum, does not reconcile.
    """
    for name, part in parts.items():
        try:
            part.reconcile()
        except ReconciliationError as error:
            raise ReconciliationError(f"tenant '{name}': {error}") from None
        if name != STANDBY and part.no_image_aJ:
            raise ReconciliationError(f"tenant '{name}': {part.no_image_aJ} aJ of no image")
    for view in ("component_aJ", "layer_aJ", "step_aJ"):
        _check_view(view, getattr(total, view), [getattr(part, view) for part in parts.values()])
    entries = [
        entry._replace(tenant="" if name == STANDBY else name)
        for name, part in parts.items()
        for entry in part.entries
    ]
    tenants = {name: part.total_aJ for name, part in parts.items()}
    return replace(total, entries=tuple(entries), tenant_aJ=tenants)


def _check_view(view: str, whole: Mapping[K, int], parts: Sequence[Mapping[K, int]]) -> None:
    for key in dict.fromkeys([*whole, *(key for part in parts for key in part)]):
        found = sum(part.get(key, 0) for part in parts)
        if found != whole.get(key, 0):
            raise ReconciliationError(
                f"{view} of '{key}': the tenants and standby sum to {found} aJ, the records to "
                f"{whole.get(key, 0)} aJ"
            )
