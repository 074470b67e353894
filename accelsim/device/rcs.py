"""Two RCs in a row, the read-out's and then the write's: what they let through of signal and noise.

Both outputs start from 0 when a read phase begins. Times in s; a pair of time constants comes as
`Pair`.
"""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
# Formulas divide by the difference of the two; so close together, the limit is as good.
_ALIKE = 1e-4


@dataclass(frozen=True)
class Pair:
    """Time constants in s of the first RC and the second, which differ."""

    first: float
    second: float

    @classmethod
    def of(cls, first: float, second: float) -> Self:
        """Return the pair of two time constants that may be the same."""
        alike = abs(first - second) < _ALIKE * first
        return cls(first, first * (1 - _ALIKE) if alike else second)

    def followed(self, time: ArrayLike) -> Floats:
        """Return how far the second output follows a constant input, after times."""
        t = np.asarray(time, float)
        slow, fast = np.exp(-t / self.first), np.exp(-t / self.second)
        between = self.first - self.second
        return np.asarray(1 - (self.first * slow - self.second * fast) / between)

    def of_kept_noise(self, time: float) -> float:
        """Return the share in the second output of noise that the first one has all along.

        Of deviations, over `followed`. Johnson noise (kT/C) of the first RC is there before the
        read begins, with the time constant as its correlation time; the second averages it.
        """
        rate, apart = 1 / self.first + 1 / self.second, 1 / self.first - 1 / self.second
        late = (1 - math.exp(-2 * time / self.second)) * self.second / 2
        early = math.exp(-rate * time) * math.expm1(apart * time) / apart
        variance = 2 / (self.second**2 * rate) * max(late - early, 0.0)
        return math.sqrt(variance) / float(self.followed(time))

    def of_new_noise(self, time: float) -> float:
        """Return the share of noise whose source begins with the read, white, such as shot noise.

        Of deviations, over `followed`; of what the first RC would have of it after a long time.
        """
        rate = 1 / self.first + 1 / self.second
        terms = ((1, 2 / self.first), (1, 2 / self.second), (-2, rate))
        square = sum(weight * -math.expm1(-decay * time) / decay for weight, decay in terms)
        share = math.sqrt(2 * self.first * max(square, 0.0)) / abs(self.first - self.second)
        return share / float(self.followed(time))
