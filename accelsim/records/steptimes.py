"""When each step of each image was issued, charged and settled, and what went wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray


class LateWrite(NamedTuple):
    """A plane that began to settle so many ps later than the step that wrote it says.

    row: of the image among those of the run. place: of the step, from 0. lane: of the plane.
    """

    row: int
    place: int
    lane: int
    late_ps: int


class Lapse(NamedTuple):
    """A time in which planes of a place were not refreshed as they should be.

    Until `until_ps` what was stored before `since_ps` may not have been refreshed since `last_ps`.
    """

    place: str
    since_ps: int
    until_ps: int
    last_ps: int


@dataclass(frozen=True, eq=False)
class StepTimes:
    """Times in ps, (images, steps): issued (the read begins), charged, settled.

    before: (images,) which image, by its place among those of the run, used the same planes
    before; -1: none. late: writes that nobody noticed to be late. lapses: in order of time.
    """

    issued_ps: NDArray[np.int64] = field(repr=False)
    charged_ps: NDArray[np.int64] = field(repr=False)
    settled_ps: NDArray[np.int64] = field(repr=False)
    before: NDArray[np.int64] = field(repr=False)
    late: tuple[LateWrite, ...] = ()
    lapses: tuple[Lapse, ...] = ()

    def of(self, images: "slice | NDArray[np.int64]") -> "StepTimes":
        """Return the times of some of the images."""
        return StepTimes(
            self.issued_ps[images],
            self.charged_ps[images],
            self.settled_ps[images],
            self.before[images],
            self._late_of(images) if self.late else (),
            self.lapses,
        )

    def struck(self, late: Sequence[LateWrite], noticed: bool) -> Self:
        """Return the times with writes that were late.

        noticed: the machine waited for them, so that they settled for as long as they should.
        """
        if not noticed:
            return replace(self, late=(*self.late, *late))
        charged = self.charged_ps.copy()
        for write in late:
            charged[write.row, write.place] += write.late_ps
        return replace(self, charged_ps=charged)

    def _late_of(self, images: "slice | NDArray[np.int64]") -> tuple[LateWrite, ...]:
        chosen = np.arange(len(self.before))[images]
        order = np.argsort(chosen, kind="stable")
        rows = np.array([write.row for write in self.late])
        first, last = (np.searchsorted(chosen[order], rows, side) for side in ("left", "right"))
        return tuple(
            write._replace(row=int(row))
            for write, begin, end in zip(self.late, first, last, strict=True)
            for row in order[begin:end]
        )
