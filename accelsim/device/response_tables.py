"""The response of a cell as tables: what `response` simulates, and the values are made of."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

OLD_LEVEL = 0.8
OLD_LEVELS = (-OLD_LEVEL, 0.0, OLD_LEVEL)
"""Old levels that a response has the noise of a write for."""


@dataclass(frozen=True, eq=False)
class Response:
    """What a read sees of a value that was written, at a clock period and in so many read cycles.

    A drive has a constant part, its bias, and what comes from sources. Rows of B + 1 are for each
    of `biases`, from 0 on, and for a drive from outside, which is constant altogether; with all
    signs changed, tables are of the opposite bias.

    levels: that were driven, evenly spaced, (N,). mean: what a read gives on average of a cell that
    was at that level before, (B + 1, N), with standard `error`, (N,). read_noise: deviation of a
    read by level, (N,), from the cell's motion. The rest is for every second level, M of them.
    left: share of the old value, less what that level gives by itself, that is seen beside, by
    write cycles (from 1), (W, B + 1, M), known to left_error (rms). write_noise: deviation of the
    level that a write leaves, over OLD_LEVELS, (B + 1, 3, M). All in units of the full scale.
    ktc_passed, shot_passed: shares of the deviations of kT/C and of shot noise, on the read-out's
    node, that the next step's capacitor sees.
    """

    period_ps: int
    read_cycles: int
    levels: Floats
    biases: Floats
    mean: Floats
    error: Floats
    read_noise: Floats
    write_noise: Floats
    left: Floats
    left_error: float
    ktc_passed: float
    shot_passed: float

    @property
    def own(self) -> Floats:
        """What a read gives of each level, driven without a bias."""
        return np.asarray(self.mean[0])
