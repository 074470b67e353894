"""When each step of each image was issued, charged and settled."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class StepTimes:
    """Times in ps, (images, steps): issued (the read begins), charged, settled.

    before: (images,) which image, by its place among those of the run, used the same planes
    before; -1: none.
    """

    issued_ps: NDArray[np.int64] = field(repr=False)
    charged_ps: NDArray[np.int64] = field(repr=False)
    settled_ps: NDArray[np.int64] = field(repr=False)
    before: NDArray[np.int64] = field(repr=False)

    def of(self, images: "slice | NDArray[np.int64]") -> "StepTimes":
        """Return the times of some of the images."""
        return StepTimes(
            self.issued_ps[images],
            self.charged_ps[images],
            self.settled_ps[images],
            self.before[images],
        )
