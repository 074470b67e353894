"""What a stored value has become by the time it is read: the storage of the cell, over its age.

A plane holds what a read gives on average of the level that a cell was left at. What is left of
that level follows from the storage (`accelsim.device.storage`); the value follows the level
through the cell's transfer, so that a saturated magnet hides the first part of a decay, and a
tilted one comes to rest at its own value of level 0. The storage itself is the nominal cell's.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from accelsim.device.storage import Storage
from accelsim.records.steptimes import Lapse
from accelsim.units import PS_PER_S
from accelsim.values.program import Array
from accelsim.values.transfer import Transfer

Limit: TypeAlias = float | NDArray[np.float64]
"""Age in ps that none exceeds: of all, or of each image, (images, 1)."""

_NOTHING = 1e-7  # of the full scale: what float32 hardly holds


@dataclass(frozen=True, eq=False)
class Ageing:
    """How values age.

    storage: None: none, or `time_constant`. time_constant: in ps, of a value that decays to 0
    exponentially; infinite: it does not. longest: age in ps that none exceeds, for a refresh
    then brings it back.
    """

    storage: Storage | None = None
    time_constant: float = math.inf
    longest: float = math.inf

    def limit(self, read_ps: NDArray[np.int64], place: str, lapses: Sequence[Lapse]) -> Limit:
        """Return the age in ps that none exceeds at times of a read, (images,), in a place.

        In a lapse of the refresh values are older than usual.
        """
        if not lapses or math.isinf(self.longest):
            return self.longest
        found = np.full((len(read_ps), 1), self.longest)
        for lapse in lapses:
            if lapse.place == place:
                inside = (read_ps >= lapse.since_ps) & (read_ps < lapse.until_ps)
                found[inside, 0] = read_ps[inside] - lapse.last_ps
        return found

    def read(
        self,
        values: Array,
        age_ps: NDArray[np.int64],
        transfer: Transfer,
        limit: Limit | None = None,
    ) -> Array:
        """Return what is left of values, (images, planes, ...), of an age each (images, planes).

        transfer: of the cells that hold them. limit: see there. Maybe the values themselves.
        """
        age = np.minimum(age_ps, self.longest if limit is None else limit)
        if self.storage is None:
            decay = np.exp(-age / self.time_constant).astype(np.float32)
            return values * _over(values, decay) if (decay < 1).any() else values
        seconds = age / PS_PER_S
        # Image by image, so that none depends on how old others of its batch are.
        moved = (1 - self.storage.left(1.0, seconds) >= _NOTHING).astype(float)
        if not moved.any():
            return values
        driven = transfer.level(values)
        kept = self.storage.left(driven, _over(values, seconds))
        change = transfer.value(kept) - transfer.value(driven)
        return (values + change * _over(values, moved)).astype(values.dtype)


def _over(values: Array, each: Array) -> Array:
    """Return a number for each image and plane, to be broadcast over their cells."""
    return each.reshape(*each.shape, *[1] * (values.ndim - each.ndim))
