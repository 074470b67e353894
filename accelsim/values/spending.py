"""What the values of images cost: the energies of each step's synapses and writes, in whole aJ.

Each energy is rounded once, halves up, for each record: those of a step in a lane, or at the
boundary of the host. Energies that values do not change are counted (docs/machine.md section 5).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accelsim.compiler import Instruction, Program
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
    """Records of a step that cost something. columns: of the table, one a record."""

    step: Instruction
    places: list[tuple[int, int]]
    columns: slice

    @property
    def cells(self) -> int:
        """Cells of each record."""
        cells = self.step.rows * self.step.cols
        return cells if self.step.destination else cells * self.step.maps

    def of_maps(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what records have of what maps have, (..., maps): (..., records)."""
        return values if self.step.destination else values.sum(axis=-1, keepdims=True)


class Spending:
    """Energies of the images of a program, as their values come.

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
        section = machine.energy.by_value
        assert section is not None  # noqa: S101 - for the type checker; the schema looked
        self.times = times
        self._section, self._numbers = section, numbers
        self._write_aJ = machine.prices_aJ["cell_write"]
        self._follows_reads = bool(section.signal_share.value)
        self._tap_aJ = machine.prices_aJ["ota_tap_cycle"] * machine.timing.read_cycles.value
        self._synapses = Synapses(weights, section, bits)
        self._records = list(_records(program))
        places = [place for each in self._records for place in each.places]
        images = len(numbers)
        self._writes = new_table(images, len(places))
        self._taps = new_table(images if self._follows_reads else 1, len(places))
        for each in self._records:
            self._taps[:, each.columns] = _whole(self._tap_aJ * self._still(each))
        self._actions = {
            "ota_tap_cycle": ActionEnergy(places, self._taps),
            "cell_write": ActionEnergy(places, self._writes),
        }

    @property
    def planes(self) -> type[SwingPlanes]:
        """Planes that note what is needed."""
        return ReadPlanes if self._follows_reads else SwingPlanes

    def add(self, rows: NDArray[np.int64], noted: SwingPlanes) -> None:
        """Take what images wrote and read. rows: of the images. noted: their planes, afterwards."""
        section = self._section
        fixed, swing = section.write_share.value, section.swing.value
        for each in self._records:
            step = each.step
            changed = each.of_maps(noted.squares[step.step]) / (swing * swing)
            share = fixed * each.cells + (1 - fixed) * changed
            self._writes[rows, each.columns] = _whole(self._write_aJ * share)
            if self._follows_reads and step.operands:
                moved = self._synapses.moved(step, noted.read_sums[step.step])
                taps = self._still(each) + each.of_maps(moved)
                self._taps[rows, each.columns] = _whole(self._tap_aJ * taps)

    def _still(self, each: _Records) -> Floats:
        """Return how many times the price of a cycle records cost without what they read."""
        return each.of_maps(self._synapses.share(each.step)) * each.step.rows * each.step.cols

    def energies(self) -> ValueEnergies:
        """Return what was added, of all images."""
        return ValueEnergies(self._numbers, self._actions)


def _records(program: Program) -> Iterator[_Records]:
    column = 0
    for step in program.instructions:
        lanes = [ref.lane for ref in step.destination] or [WHOLE]
        end = column + len(lanes)
        yield _Records(step, [(step.step, lane) for lane in lanes], slice(column, end))
        column = end


def _whole(energy_aJ: NDArray[np.float64]) -> NDArray[np.int64]:  # noqa: N803
    """Return energies to the nearest aJ, halves up; what 64 bits do not hold as the most they do.

    The pricing of records refuses those.
    """
    return np.minimum(np.floor(energy_aJ + 0.5), _MOST_AJ).astype(np.int64)
