"""From the level of a cell to the value that is read of it, and back: alike, or each its own."""

from dataclasses import dataclass

import numpy as np

from accelsim.values.program import Array
from accelsim.values.tables import Doubles

_ROUNDS = 3  # of an inversion; what is beside the nominal mean is a few per cent of it


@dataclass(frozen=True, eq=False)
class Transfer:
    """The nominal one. levels, means: rising: levels, and what each is read as."""

    levels: Doubles
    means: Doubles

    def value(self, level: Array) -> Array:
        """Return the mean value of cells at levels, (images, planes, rows, cols)."""
        return np.asarray(np.interp(level, self.levels, self.means))

    def level(self, value: Array) -> Array:
        """Return the levels at which cells have mean values."""
        return np.asarray(np.interp(value, self.means, self.levels))


@dataclass(frozen=True, eq=False)
class OwnTransfer(Transfer):
    """Of cells that differ, (planes, rows, cols).

    drive: factor of the level. shift, tilt: of the mean's changes, which `softening` and `leaning`
    are at the levels.
    """

    softening: Doubles
    leaning: Doubles
    drive: Array
    shift: Array
    tilt: Array

    def value(self, level: Array) -> Array:
        """Return the mean value of each cell at its level."""
        own = level * self.drive
        return super().value(own) + self._beside(own)

    def level(self, value: Array) -> Array:
        """Return the level at which each cell has a mean value."""
        own = super().level(value)
        for _ in range(_ROUNDS):
            own = super().level(value - self._beside(own))
        return own / self.drive

    def _beside(self, own: Array) -> Array:
        """Return what means are beside the nominal one, at levels as each magnet sees them."""
        softer = self.shift * np.interp(own, self.levels, self.softening)
        return np.asarray(softer + self.tilt * np.interp(own, self.levels, self.leaning))
