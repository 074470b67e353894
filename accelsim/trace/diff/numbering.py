"""One number for what several columns say together, so that records are sorted and found by it."""

from collections.abc import Iterable

import numpy as np

from accelsim.records.columns import Column

_MOST = 2**62


def numbered(columns: Iterable[Column]) -> Column:
    """Return one number for each row of some columns: equal for equal rows, and in their order.

    The first column leads. Numbers are from 0 upwards; columns are of one length.
    """
    numbers, size = np.zeros(0, np.int64), 1
    for place, column in enumerate(columns):
        if place == 0:
            numbers, size = _narrow(column)
            continue
        more, width = _narrow(column)
        if width == 1:
            continue
        if size > _MOST // width:
            numbers, size = _ranked(numbers)
        numbers, size = numbers * width + more, size * width
    return numbers


def ordinals(groups: Column, order: Column) -> Column:
    """Return for each record its place, from 0, in its group: by `order`, then by row."""
    ranked = np.lexsort((order, groups))
    starts, lengths = runs(groups[ranked])
    found = np.empty(len(groups), np.int64)
    found[ranked] = np.arange(len(groups)) - np.repeat(starts, lengths)
    return found


def runs(ordered: Column) -> tuple[Column, Column]:
    """Return where each run of equal values begins, and how long it is."""
    starts = np.flatnonzero(np.diff(ordered, prepend=ordered[:1] - 1))
    return starts, np.diff(starts, append=len(ordered))


def _narrow(column: Column) -> tuple[Column, int]:
    """Return small numbers in the order of the values, and one more than the largest may be."""
    if not len(column):
        return column, 1
    least, most = int(column.min()), int(column.max())
    if most - least > 4 * len(column):  # far apart: by rank, lest the numbers run out
        return _ranked(column)
    return column - least, most - least + 1


def _ranked(column: Column) -> tuple[Column, int]:
    values, ranks = np.unique(column, return_inverse=True)
    return ranks.astype(np.int64), len(values)
