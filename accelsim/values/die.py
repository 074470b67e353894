"""What differs from cell to cell of a die and stays: gains of synapses, stuck and varied cells."""

from functools import lru_cache

import numpy as np

from accelsim.compiler import Instruction, Place, PlaneRef
from accelsim.ops import FETCH_STEP, STEP_OPS, STORE_STEP
from accelsim.values.effects import Effects
from accelsim.values.program import Array

_WITHOUT_SYNAPSES = {
    STORE_STEP, FETCH_STEP, *(name for name, op in STEP_OPS.items() if op.is_digital)
}  # fmt: skip
NEIGHBOURHOOD = 9
"""Synapses that a cell has for one source plane: a 3 x 3 template."""
_KEPT_GAINS = 1 << 23
"""Gains that are kept when they were drawn: 64 MiB of them."""


class Die:
    """A die of some effects and seed.

    shape: lanes, rows and columns that a program uses. fan_in: source planes that an array has
    synapses for.
    """

    def __init__(self, effects: Effects, shape: tuple[int, int, int], fan_in: int) -> None:
        self._effects = effects
        self._shape = shape
        self.seed = effects.seed
        self._bias_synapse = fan_in * NEIGHBOURHOOD
        _, rows, cols = shape
        most = max(1, _KEPT_GAINS // (rows * cols))
        self._gains = lru_cache(most)(self._drawn_gains)  # folds use the same synapses again

    def gain(self, step: Instruction, map_: int, synapse: int | None) -> Array | float:
        """Return the gains of one synapse (None: the bias) of each destination cell of a map.

        1 where no synapse is: codes of the SRAM, and cells that DACs drive.
        """
        if not self._effects.synapse_variation or step.op in _WITHOUT_SYNAPSES:
            return 1.0
        lane = step.destination[map_].lane if step.destination else map_
        array = step.destination[0].place.circuit if step.destination else "host"
        number = self._bias_synapse if synapse is None else synapse
        cells = self._gains(("a", "b", "host").index(array), lane, number)
        return np.asarray(cells[grid_of(step)])

    def _drawn_gains(self, array: int, lane: int, synapse: int) -> Array:
        """Return the gains of one synapse of each cell of a lane, (rows, cols)."""
        normal = self._generator(array, lane, synapse).standard_normal(self._shape[1:])
        gains = np.asarray(1 + self._effects.synapse_variation * normal)
        gains.flags.writeable = False  # of all steps that have this synapse
        return gains

    def stick(self, step: Instruction, window: Array) -> None:
        """Set the stuck cells of a step's destination, in place."""
        if not self._effects.stuck_cells:
            return
        for map_, ref in enumerate(step.destination):
            place = list(Place).index(ref.place)
            generator = self._generator(3 + place, ref.lane, ref.plane)
            stuck = generator.random(self._shape[1:]) < self._effects.stuck_cells
            value = np.where(generator.random(self._shape[1:]) < 0.5, -1, 1)
            cells = stuck[grid_of(step)]
            window[:, map_, cells] = value[grid_of(step)][cells]

    def normal(self, ref: PlaneRef, count: int) -> Array:
        """Return so many standard normal numbers of each cell of a plane, (count, rows, cols)."""
        generator = self._generator(6 + list(Place).index(ref.place), ref.lane, ref.plane)
        return generator.standard_normal((count, *self._shape[1:]))

    def _generator(self, *key: int) -> np.random.Generator:
        return np.random.default_rng(np.random.SeedSequence(self._effects.seed, spawn_key=key))


def grid_of(step: Instruction) -> tuple[slice, slice]:
    """Return where a step's window is in its destination plane."""
    rows, cols = step.grid
    return slice(0, step.rows * rows, rows), slice(0, step.cols * cols, cols)
