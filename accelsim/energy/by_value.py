"""Energies that follow values: of a record by its image, step and lane, not by count x price.

They are made before the records are, rounded to whole attojoules for each record; here they only
meet the records, so that every sum over records is exact.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accelsim.energy.ledger import Ledger
from accelsim.energy.pricing import Priced, PricedSink, check_record, energy_of
from accelsim.errors import ReconciliationError
from accelsim.records import Groups, Records, Vocabulary
from accelsim.topology import component

Column = NDArray[np.int64]

WHOLE = -1
"""In place of a lane: a record of all lanes of a step, such as a handoff's."""
_UNKNOWN = -2


@dataclass(frozen=True, eq=False)
class ActionEnergy:
    """What each record of an action costs, in aJ.

    places: step and lane of each column. energy_aJ: (images, columns), or (1, columns) if no image
    changes it.
    """

    places: Sequence[tuple[int, int]]
    energy_aJ: NDArray[np.int64]  # noqa: N815 - aJ is the unit

    def total_aJ(self, images: int) -> int:  # noqa: N802 - aJ is the unit
        """Return the energy of so many images together, as large as it may be."""
        one = Groups(len(self.energy_aJ))
        total = sum(one.exact_sums(column)[0] for column in self.energy_aJ.T)
        return total if len(self.energy_aJ) == images else total * images

    def of_images(self, images: int) -> Column:
        """Return the energy of each of so many images, (images,)."""
        return np.broadcast_to(self.energy_aJ.sum(axis=1), images)


@dataclass(frozen=True, eq=False)
class ValueEnergies:
    """Energies of the images of one program. numbers: of the images, in order, (images,)."""

    numbers: Column
    actions: Mapping[str, ActionEnergy]

    def reconcile(self, ledger: Ledger) -> None:
        """Hold the actions of a ledger of these images against what was made of their values.

        Raises ReconciliationError.
        """
        for action, each in self.actions.items():
            made, found = each.total_aJ(len(self.numbers)), ledger.action_aJ.get(action, 0)
            if made != found:
                raise ReconciliationError(
                    f"the records have {found} aJ of {action}, the values of "
                    f"{len(self.numbers)} images {made} aJ"
                )


class ValuePricing:
    """A sink of records that prices them by count, but for the actions that follow values.

    prices_aJ: price of each action. energies: of each program; an image is one program's.
    """

    def __init__(
        self,
        prices_aJ: Mapping[str, int],  # noqa: N803 - aJ is the unit
        energies: Sequence[ValueEnergies],
        sinks: Sequence[PricedSink],
    ) -> None:
        names = {action for each in energies for action in each.actions}
        self._prices = {
            action: price for action, price in prices_aJ.items() if price and action not in names
        }
        self._names = sorted(names)
        self._tables = [_Tables(each) for each in energies]
        self._sinks = sinks

    def write(self, records: Records) -> None:
        """Price one block; AccelsimError if 64 bits cannot hold the energy of a record."""
        apart = {name: self._of(records, name) for name in self._names}
        energy = energy_of(records, self._prices)
        bound = float(energy.max(initial=0))
        check_record(bound + sum(float(each.max(initial=0)) for each in apart.values()))
        for column in apart.values():
            energy += column
        priced = Priced(records, energy, apart)
        for sink in self._sinks:
            sink.write(priced)

    def close(self) -> None:
        """Pass on that no block follows."""
        for sink in self._sinks:
            sink.close()

    def _of(self, records: Records, action: str) -> Column:
        """Return what each record costs of an action."""
        found = np.zeros(len(records), np.int64)
        rows = np.flatnonzero(records.counts(action))
        known = 0
        for tables in self._tables:
            mine = rows[tables.has(records.image[rows])]
            found[mine] = tables.energy(records, mine, action)
            known += len(mine)
        if known != len(rows):
            raise ReconciliationError(f"a record counts {action} for an image without values")
        return found


class _Tables:
    """The energies of one program, found by image, step and component."""

    def __init__(self, energies: ValueEnergies) -> None:
        self._energies = energies
        self._lanes = _Lanes()
        self._columns: dict[str, NDArray[np.int64]] = {}
        for action, each in energies.actions.items():
            steps, lanes = (np.array(column, np.int64) for column in zip(*each.places, strict=True))
            columns = np.full((steps.max() + 1, lanes.max() + 2), -1)
            columns[steps, lanes + 1] = np.arange(len(steps))
            self._columns[action] = columns

    def has(self, images: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Tell which images are the program's."""
        numbers = self._energies.numbers
        places = np.searchsorted(numbers, images).clip(max=len(numbers) - 1)
        return np.asarray(numbers[places] == images)

    def energy(self, records: Records, rows: NDArray[np.intp], action: str) -> Column:
        """Return the energy of records that are the program's and count an action."""
        table = self._energies.actions[action].energy_aJ
        image = np.searchsorted(self._energies.numbers, records.image[rows])
        lane = self._lanes.of(records.component[rows], records.vocabulary)
        column = self._columns[action][records.step[rows], lane + 1]
        found: Column = table[image if len(table) > 1 else 0, column]
        return found


class _Lanes:
    """The lane of each component, by its code."""

    def __init__(self) -> None:
        self._known = np.zeros(0, np.int64)

    def of(self, codes: NDArray[np.integer], vocabulary: Vocabulary) -> Column:
        """Return the lanes of components."""
        more = len(vocabulary.texts) - len(self._known)
        if more > 0:
            self._known = np.pad(self._known, (0, more), constant_values=_UNKNOWN)
        for code in np.unique(codes[self._known[codes] == _UNKNOWN]).tolist():
            lane = component(vocabulary.texts[code]).lane
            self._known[code] = WHOLE if lane is None else lane
        found: Column = self._known[codes]
        return found
