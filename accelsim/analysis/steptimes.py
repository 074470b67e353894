"""When each step of each image was issued, charged and settled, from the records.

The values engine takes retention and settling from these times, not from a copy of the
schedule: what waited longer decays more.
"""

import numpy as np
from numpy.typing import NDArray

from accelsim.energy import Priced, PricedPeriod
from accelsim.records import KINDS, StepTimes

_ISSUE, _SETTLE = KINDS.index("issue"), KINDS.index("settle")


class StepTimesTally:
    """A priced sink that keeps three times a step, and who used an image's planes before.

    first: number of the first image. images, steps: how many there are.
    """

    def __init__(self, first: int, images: int, steps: int) -> None:
        self._first = first
        self._times = np.zeros((3, images, steps), np.int64)
        self._loaded = np.full(images, -1, np.int64)

    def write(self, priced: Priced) -> None:
        """Add one block."""
        self._add(priced, np.zeros((1, 1), np.int64), 0, 0)

    def repeat(self, priced: PricedPeriod) -> None:
        """Add a period as often as it happens."""
        number, stride = np.arange(priced.period.times)[:, None], priced.period.stride
        self._add(priced.one, number, stride.images, stride.time_ps)

    def _add(self, priced: Priced, number: NDArray[np.int64], images: int, time_ps: int) -> None:
        """Add records, each (number, 1) times of so many images later, and so much time."""
        records = priced.records
        image = records.image - self._first + number * images
        issued, charged, settled = self._times
        for kind, column, times in (
            (_ISSUE, records.t_start_ps, issued),
            (_SETTLE, records.t_start_ps, charged),
            (_SETTLE, records.t_end_ps, settled),
        ):
            rows = records.kind == kind
            times[image[:, rows], records.step[rows] - 1] = column[rows] + number * time_ps

        loads = (records.kind == _SETTLE) & (records.step == 1)
        self._loaded[image[:, loads]] = records.component[loads]

    def close(self) -> None:
        """Nothing is left to do."""

    def times(self) -> StepTimes:
        """Return the times of all steps."""
        issued, charged, settled = self._times
        return StepTimes(issued, charged, settled, self._before())

    def _before(self) -> NDArray[np.int64]:
        """Return which image was loaded into the same plane before: it used the same planes."""
        order = np.lexsort((self._times[0, :, 0], self._loaded))
        same = self._loaded[order[1:]] == self._loaded[order[:-1]]
        before = np.full(len(order), -1, np.int64)
        before[order[1:]] = np.where(same, order[:-1], -1)
        return before
