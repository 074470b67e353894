"""Gives every record its energy: the one place where counts meet prices."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from accelsim.errors import AccelsimError
from accelsim.records import Batch, Period, Records
from accelsim.records.batch import Chosen

_MOST = 2.0**62


@dataclass(frozen=True)
class Priced:
    """A block of records with the energy of each in attojoules.

    apart: what of it is of an action whose energy is not count x price, by action.
    """

    records: Records
    energy_aJ: NDArray[np.int64]  # noqa: N815 - aJ is the unit
    apart: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)

    def part(self, some: "slice | NDArray[np.intp]") -> "Priced":
        """Return some of the records; of a slice as views."""
        apart = {action: column[some] for action, column in self.apart.items()}
        return Priced(self.records.part(some), self.energy_aJ[some], apart)


@dataclass(frozen=True)
class PricedPeriod:
    """Records that happen again and again, with the energy of each."""

    period: Period
    energy_aJ: NDArray[np.int64]  # noqa: N815 - aJ is the unit

    @property
    def one(self) -> Priced:
        """The records of the first time."""
        return Priced(self.period.records, self.energy_aJ)

    def of(self, number: int) -> Priced:
        """Return those of one time, the first of which is number 0."""
        return Priced(self.period.of(number), self.energy_aJ)

    def blocks(self) -> Iterator[Priced]:
        """Give all records, in order, in blocks."""
        energy = self.energy_aJ
        for records in self.period.blocks():
            if len(records) != len(energy):
                energy = np.tile(self.energy_aJ, len(records) // len(self.period))
            yield Priced(records, energy)


class PricedSink(Protocol):
    """Takes priced records, block by block, in order."""

    def write(self, priced: Priced) -> None:
        """Take one block."""

    def close(self) -> None:
        """No block follows."""


@runtime_checkable
class TakesPricedPeriods(Protocol):
    """A sink that need not be given each record of what happens again and again."""

    def repeat(self, priced: PricedPeriod) -> None:
        """Take a period as often as it happens."""


def energy_of(records: Records, prices_aJ: Mapping[str, int]) -> NDArray[np.int64]:  # noqa: N803
    """Return the energy of each record in aJ; AccelsimError if 64 bits cannot hold one."""
    counted = [
        (column, prices_aJ[action])
        for action, column in records.actions.items()
        if action in prices_aJ
    ]
    bound = sum(price * float(column.max(initial=0)) for column, price in counted)
    check_record(bound)
    energy = np.zeros(len(records), np.int64)
    for column, price in counted:
        energy += column * price
    return energy


def check_record(bound_aJ: float) -> None:  # noqa: N803
    """Raise AccelsimError if 64 bits may not hold what a record costs at most."""
    if not bound_aJ < _MOST:
        raise AccelsimError(
            f"a record costs {bound_aJ:.3g} aJ, more than 64 bits hold: "
            "the prices or counts of the machine are beyond reason"
        )


class PricedBatch:
    """A batch with the energy of each of its rows in aJ, (rows,), as if it happened once.

    Raises AccelsimError if 64 bits cannot hold the energy of a record.
    """

    def __init__(self, batch: Batch, prices_aJ: Mapping[str, int]) -> None:  # noqa: N803
        self.batch, self._prices = batch, prices_aJ
        self.energy_aJ = energy_of(batch.rows, prices_aJ)
        most = batch.most.take(batch.row_owner).astype(np.float64)
        check_record(float((self.energy_aJ * most).max(initial=0)))

    @property
    def fits(self) -> bool:
        """Whether 64 bits hold any sum of energy or counts over the whole batch."""
        columns = self.energy_aJ, *self.batch.rows.actions.values()
        most = max(float(each.sum()) for each in columns)
        return most * float(self.batch.lines.times.sum()) < _MOST

    def priced(self, which: Chosen) -> Priced:
        """Return the records of some of the lines, with the energy of each."""
        records = self.batch.records(which)
        return Priced(records, energy_of(records, self._prices))


@runtime_checkable
class TakesPricedBatches(Protocol):
    """A sink of priced records that need not see each of them."""

    def add_batch(self, priced: PricedBatch) -> None:
        """Take a batch."""


class Pricing:
    """A sink of records that prices them and passes them on.

    prices_aJ: price of each action in attojoules, an integer.
    """

    def __init__(self, prices_aJ: Mapping[str, int], sinks: Sequence[PricedSink]) -> None:  # noqa: N803
        self._prices = {action: price for action, price in prices_aJ.items() if price}
        self._sinks = self._writing = sinks
        self._summing: Sequence[TakesPricedBatches] = ()

    def write(self, records: Records) -> None:
        """Price one block; AccelsimError if 64 bits cannot hold the energy of a record."""
        priced = Priced(records, energy_of(records, self._prices))
        for sink in self._writing:
            sink.write(priced)

    def give_batches(self) -> bool:
        """Pass batches on to sinks that take them, and records to the others from now on."""
        self._summing = [each for each in self._sinks if isinstance(each, TakesPricedBatches)]
        self._writing = [each for each in self._sinks if not isinstance(each, TakesPricedBatches)]
        return bool(self._writing)

    def add_batch(self, batch: Batch) -> None:
        """Price what a batch has of rows, and pass it on."""
        if self._summing:
            priced = PricedBatch(batch, self._prices)
            for sink in self._summing:
                sink.add_batch(priced)

    def repeat(self, period: Period) -> None:
        """Price a period once, and pass it on as often as it happens."""
        priced = PricedPeriod(period, energy_of(period.records, self._prices))
        for sink in self._sinks:
            if isinstance(sink, TakesPricedPeriods):
                sink.repeat(priced)
                continue
            for block in priced.blocks():
                sink.write(block)

    def close(self) -> None:
        """Pass on that no block follows."""
        for sink in self._sinks:
            sink.close()
