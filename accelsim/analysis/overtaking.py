"""How often an image was overtaken: by how many that came later and began before it.

What arbitration costs those who have to wait: without priorities and turns hardly any image is.
"""

import numpy as np
from numpy.typing import NDArray

from accelsim.analysis.times import Times

Column = NDArray[np.int64]


def overtaken(times: Times) -> Column:
    """Return for each image how many later ones were loaded before it, (n,) in order of times."""
    order = np.lexsort((times.image, times.arrived_ps))
    began = times.started_ps[order]
    ranks = np.empty(len(began), np.int64)
    ranks[np.argsort(began, kind="stable")] = np.arange(len(began))
    found = np.empty(len(began), np.int64)
    found[order] = _smaller_behind(ranks)
    return found


def _smaller_behind(ranks: Column) -> Column:
    """Return for each of some distinct ranks how many smaller ones stand behind it.

    Bit by bit from the highest: of those that agree above a bit, the ones without it are
    smaller. Each is found at the one bit in which a pair first differs.
    """
    found = np.zeros(len(ranks), np.int64)
    place = np.arange(len(ranks))  # of what stands in order of the bits above, then as given
    for bit in reversed(range(max(1, int(len(ranks) - 1).bit_length()))):
        of = ranks[place]
        above, low = of >> (bit + 1), (of >> bit & 1) == 0
        starts = np.flatnonzero(np.diff(above, prepend=-1))
        group = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(of))))
        before = np.cumsum(low)
        ends = np.append(starts[1:], len(of)) - 1
        behind = before[ends][group] - before
        found[place[~low]] += behind[~low]
        place = place[np.argsort(of >> bit, kind="stable")]
    return found
