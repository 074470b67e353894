"""Gives every record its energy: the one place where counts meet prices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from accelsim.errors import AccelsimError
from accelsim.records import Records

_MOST = 2.0**62


@dataclass(frozen=True)
class Priced:
    """A block of records with the energy of each in attojoules."""

    records: Records
    energy_aJ: NDArray[np.int64]  # noqa: N815 - aJ is the unit


class PricedSink(Protocol):
    """Takes priced records, block by block, in order."""

    def write(self, priced: Priced) -> None:
        """Take one block."""

    def close(self) -> None:
        """No block follows."""


class Pricing:
    """A sink of records that prices them and passes them on.

    prices_aJ: price of each action in attojoules, an integer.
    """

    def __init__(self, prices_aJ: Mapping[str, int], sinks: Sequence[PricedSink]) -> None:  # noqa: N803
        self._prices = {action: price for action, price in prices_aJ.items() if price}
        self._sinks = sinks

    def write(self, records: Records) -> None:
        """Price one block; AccelsimError if 64 bits cannot hold the energy of a record."""
        bound = sum(
            price * float(records.actions[action].max(initial=0))
            for action, price in self._prices.items()
        )
        if not bound < _MOST:
            raise AccelsimError(
                f"a record costs {bound:.3g} aJ, more than 64 bits hold: "
                "the prices or counts of the machine are beyond reason"
            )
        energy = np.zeros(len(records), np.int64)
        for action, price in self._prices.items():
            energy += records.actions[action] * price
        priced = Priced(records, energy)
        for sink in self._sinks:
            sink.write(priced)

    def close(self) -> None:
        """Pass on that no block follows."""
        for sink in self._sinks:
            sink.close()
