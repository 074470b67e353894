"""Which record of the other trace a cause is: ids of one trace say nothing in another.

A cause is looked up in the portions of records around: it is of the image itself, or of one
that was in flight with it. Records without an image, such as refreshes, are looked up always.
"""

from collections import deque
from typing import NamedTuple

import numpy as np

from accelsim.records.columns import Column
from accelsim.trace.diff.rows import NONE, Mask

UNKNOWN, ALONE = -2, -1
_PORTIONS = 3  # the one compared, the one before it, and the one after it


class _Named(NamedTuple):
    """Ids in rising order, and the name of each record."""

    ids: Column
    names: Column


class Names:
    """The names that alignment gave to the records of one trace, by their ids.

    Aligned records have one name in both traces. A record that only one trace has is ALONE.
    Of portions, the last three are remembered; of those, what `pin` tells of for good.
    """

    def __init__(self) -> None:
        nothing = np.zeros(0, np.int64)
        self._pinned = nothing
        self._kept = _sorted(nothing, nothing)
        self._recent: deque[_Named] = deque(maxlen=_PORTIONS)

    def pin(self, ids: Column) -> None:
        """Keep the portion at hand for good, and those records of any other with these ids."""
        self._kept = self._recent.pop()
        self._pinned = np.unique(ids[ids != NONE])

    def add(self, ids: Column, names: Column) -> None:
        """Learn the names of the next portion."""
        self._recent.append(_sorted(ids, names))
        if not len(self._pinned):
            return
        pinned = np.isin(ids, self._pinned)
        kept = self._kept
        self._kept = _sorted(
            np.concatenate([kept.ids, ids[pinned]]), np.concatenate([kept.names, names[pinned]])
        )

    def find(self, ids: Column) -> Column:
        """Return the names of records by their ids, UNKNOWN for one that is not known."""
        names = np.full(len(ids), UNKNOWN, np.int64)
        for portion in (*self._recent, self._kept):
            if not len(portion.ids):
                continue
            # Most ids are of one portion: the others need no look.
            wanted = np.flatnonzero(
                (names == UNKNOWN) & (ids >= portion.ids[0]) & (ids <= portion.ids[-1])
            )
            places = np.searchsorted(portion.ids, ids[wanted])
            found = portion.ids[places] == ids[wanted]
            names[wanted[found]] = portion.names[places[found]]
        return names


def differ(a: Column, b: Column) -> Mask:
    """Tell which causes are not the same record, by their names; what is unknown is not told."""
    told = (a != UNKNOWN) & (b != UNKNOWN)
    return np.asarray(told & ((a != b) | (a == ALONE)))


def _sorted(ids: Column, names: Column) -> _Named:
    if (ids[1:] > ids[:-1]).all():
        return _Named(ids, names)
    order = np.argsort(ids, kind="stable")
    return _Named(ids[order], names[order])
