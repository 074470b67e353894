"""Figures of a long column of integers that is read in pieces, as often as needed.

What comes out is what NumPy's functions give for the whole column at once: sums are exact, and
sums of floats are made in the same order.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from accelsim.files import Spill

Column = NDArray[np.int64]
Reader = Callable[[], Iterator[Column]]

_BITS = 16
_DIGITS = range(48, -1, -_BITS)
GROUP = 5
"""Values of a group of MSER-5."""


def ranked(read: Reader, ranks: Sequence[int]) -> list[int]:
    """Return the values of some ranks, 0 for the least; values are not negative.

    Digit by digit from the highest: each reading counts the next digit of those values that
    agree with a rank's in all digits before.
    """
    above, left = [0] * len(ranks), list(ranks)
    for shift in _DIGITS:
        counts = [np.zeros(1 << _BITS, np.int64) for _ in ranks]
        for values in read():
            high = values >> shift
            for place, prefix in enumerate(above):
                digits = high[high >> _BITS == prefix] & ((1 << _BITS) - 1)
                counts[place] += np.bincount(digits, minlength=1 << _BITS)
        for place, count in enumerate(counts):
            until = np.cumsum(count)
            digit = int(np.searchsorted(until, left[place], side="right"))
            left[place] -= int(until[digit] - count[digit])
            above[place] = above[place] << _BITS | digit
    return above


def sums_between(read: Reader, edges: Sequence[int]) -> list[int]:
    """Return the sums of the values from each edge, a place in the column, to the next."""
    sums, begin = [0] * (len(edges) - 1), 0
    for values in read():
        here = np.clip(np.array(edges) - begin, 0, len(values)).tolist()
        for place, (first, last) in enumerate(pairwise(here)):
            sums[place] += int(values[first:last].sum())
        begin += len(values)
    return sums


def warm_up(read: Reader) -> int:
    """Return how many values to leave out at the begin, at most half of them, by MSER-5.

    Its sums are those of what is left from a group on: the groups are gone over from the end.
    """
    groups, number = _groups(read)
    if number < 2:
        return 0
    best, chosen = np.inf, 0
    total, squares, rest = 0.0, 0.0, 0
    for block in reversed(range(len(groups))):
        values = groups.block(block)[0].view(np.float64)[::-1]
        totals = np.cumsum(np.concatenate([[total], values]))[1:]
        of_squares = np.cumsum(np.concatenate([[squares], values**2]))[1:]
        rests = np.arange(rest + 1, rest + 1 + len(values))
        spread = np.maximum(of_squares - totals**2 / rests, 0) / rests**2
        spread = spread[number - rests <= number // 2][::-1]
        if len(spread) and spread.min() <= best:
            best, place = spread.min(), int(spread.argmin())
            chosen = number - rest - len(values) + place
        total, squares, rest = float(totals[-1]), float(of_squares[-1]), rest + len(values)
    return chosen * GROUP


def _groups(read: Reader) -> tuple[Spill, int]:
    """Return means of groups of values, in blocks, and how many there are."""
    found, number, over = Spill(1), 0, np.zeros(0, np.int64)
    for values in read():
        joined = np.concatenate([over, values])
        whole = len(joined) // GROUP * GROUP
        over = joined[whole:]
        if whole:
            means = joined[:whole].reshape(-1, GROUP).mean(axis=1)
            found.append(means.view(np.int64)[None])
            number += len(means)
    return found, number
