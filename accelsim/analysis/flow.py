"""Images that pass two points, in pieces: how many are between them over time.

A `Reader` gives pieces of two columns, (n,) each: when images enter and when they leave, which is
not before. It is read as often as needed. Memory grows with the images between the points, and
with how far images overtake one another, not with all images.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.int64]
Reader = Callable[[], Iterator[tuple[Column, Column]]]

_END = np.iinfo(np.int64).max


def lengths(entered: Column, left: Column) -> tuple[Column, Column]:
    """Return when the number of images between two points changes, and to what: (N,) each.

    Those that pass both at one time are never counted.
    """
    times, places = np.unique(np.concatenate([entered, left]), return_inverse=True)
    change = np.zeros(len(times), np.int64)
    np.add.at(change, places[: len(entered)], 1)
    np.add.at(change, places[len(entered) :], -1)
    return times, np.cumsum(change)


def changes(read: Reader) -> Iterator[tuple[Column, Column]]:
    """Give what `lengths` returns, in order, in parts that are not empty."""
    none, number = np.zeros(0, np.int64), 0
    waiting = none, none
    for piece, bound in zip(read(), _later(read), strict=True):
        both = [np.concatenate(columns) for columns in zip(waiting, piece, strict=True)]
        entered, left = (column[column < bound] for column in both)
        waiting = both[0][both[0] >= bound], both[1][both[1] >= bound]
        times, numbers = lengths(entered, left)
        if len(times):
            yield times, numbers + number
            number += int(numbers[-1])


def area(read: Reader) -> tuple[int, int]:
    """Return images times ps between two points, and the most images at a time."""
    total = most = last = number = 0
    for times, numbers in changes(read):
        total += number * (int(times[0]) - last)
        spans = np.diff(times).tolist()
        total += sum(n * span for n, span in zip(numbers.tolist(), spans, strict=False))
        last, number, most = int(times[-1]), int(numbers[-1]), max(most, int(numbers.max()))
    return total, most


def _later(read: Reader) -> list[int]:
    """Return for each piece when something of a later one enters first."""
    least = [int(entered.min()) if len(entered) else _END for entered, _ in read()]
    after = np.minimum.accumulate([_END, *least[:0:-1]])[::-1] if least else np.zeros(0)
    return [int(time) for time in after]
