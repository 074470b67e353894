"""What the values of images cost: the energies of each step's synapses and writes, in whole aJ.

Each energy is rounded once, halves up, for each record: those of a step in a lane, or at the
boundary of the host. Energies that values do not change are counted (docs/machine.md section 5);
so are those of converters, which follow no codes yet.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accelsim.compiler import Instruction, Program, count
from accelsim.config import Machine
from accelsim.energy import WHOLE, ActionEnergy, ValueEnergies
from accelsim.files import new_table
from accelsim.network import Weights
from accelsim.records import StepTimes
from accelsim.values.swings import ReadPlanes, SwingPlanes
from accelsim.values.synapses import Floats, Synapses

_MOST_AJ = 2.0**62


@dataclass(frozen=True)
class _Records:
    """Records of a step that cost something. columns: of the action's table, one a record."""

    step: Instruction
    places: list[tuple[int, int]]
    columns: slice

    @property
    def cells(self) -> int:
        """Cells of each record."""
        cells = self.step.rows * self.step.cols
        return cells if self.step.destination else cells * self.step.maps

    def of_maps(self, values: Floats) -> Floats:
        """Return what records have of what maps have, (..., maps): (..., records)."""
        return values if self.step.destination else values.sum(axis=-1, keepdims=True)


class Spending:
    """Energies of the images of a program, as their values come.

    An action that values decide has a table here, with a column for each record that counts it.

    machine: with `energy.by_value`. numbers: of the images. times: of their steps, which say what
    each image finds in its planes. bits: of weights; 0: not rounded.
    """

    def __init__(
        self,
        machine: Machine,
        program: Program,
        weights: Weights,
        numbers: NDArray[np.int64],
        times: StepTimes,
        bits: int = 0,
    ) -> None:
        section, read_cycles = machine.energy.by_value, machine.timing.read_cycles.value
        assert section is not None  # noqa: S101 - for the type checker; the schema looked
        self.times = times
        self._section, self._numbers = section, numbers
        self._write_aJ = machine.prices_aJ["cell_write"]
        self._tap_aJ = machine.prices_aJ["ota_tap_cycle"] * read_cycles
        self._follows_reads = bool(section.signal_share.value)
        self._synapses = Synapses(weights, section, bits)
        steps = [(step, count(step, read_cycles)) for step in program.instructions]
        self._written = _records(step for step, counts in steps if counts.written)
        self._weighed = _records(step for step, counts in steps if counts.tap_cycles)
        self._writes = _table(len(numbers), self._written)
        self._taps = _table(len(numbers) if self._follows_reads else 1, self._weighed)
        for each in self._weighed:
            self._taps.energy_aJ[:, each.columns] = _whole(self._tap_aJ * self._still(each))

    @property
    def planes(self) -> type[SwingPlanes]:
        """Planes that note what is needed."""
        return ReadPlanes if self._follows_reads else SwingPlanes

    def add(self, rows: NDArray[np.int64], noted: SwingPlanes) -> None:
        """Take what images wrote and read. rows: of the images. noted: their planes, afterwards."""
        section = self._section
        fixed, swing = section.write_share.value, section.swing.value
        for each in self._written:
            changed = each.of_maps(noted.squares[each.step.step]) / (swing * swing)
            share = fixed * each.cells + (1 - fixed) * changed
            self._writes.energy_aJ[rows, each.columns] = _whole(self._write_aJ * share)
        for each in self._weighed if self._follows_reads else ():
            if each.step.operands:
                moved = self._synapses.moved(each.step, noted.read_sums[each.step.step])
                taps = self._still(each) + each.of_maps(moved)
                self._taps.energy_aJ[rows, each.columns] = _whole(self._tap_aJ * taps)

    def energies(self) -> ValueEnergies:
        """Return what was added, of all images."""
        actions = {"ota_tap_cycle": self._taps, "cell_write": self._writes}
        return ValueEnergies(self._numbers, actions)

    def _still(self, each: _Records) -> Floats:
        """Return how many times the price of a cycle records cost without what they read."""
        return each.of_maps(self._synapses.share(each.step)) * each.step.rows * each.step.cols


def _records(steps: Iterable[Instruction]) -> list[_Records]:
    found, column = [], 0
    for step in steps:
        lanes = [ref.lane for ref in step.destination] or [WHOLE]
        end = column + len(lanes)
        found.append(_Records(step, [(step.step, lane) for lane in lanes], slice(column, end)))
        column = end
    return found


def _table(rows: int, records: Sequence[_Records]) -> ActionEnergy:
    places = [place for each in records for place in each.places]
    return ActionEnergy(places, new_table(rows, len(places)))


def _whole(energy_aJ: Floats) -> NDArray[np.int64]:  # noqa: N803
    """Return energies to the nearest aJ, halves up; what 64 bits do not hold as the most they do.

    The pricing of records refuses those.
    """
    return np.minimum(np.floor(energy_aJ + 0.5), _MOST_AJ).astype(np.int64)
