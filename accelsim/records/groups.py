"""Groups rows by the values of key columns, and sums what they hold: exact in 64 bits."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.int64]
Integers = NDArray[np.integer]

_MOST = 2**62
_BITS = 31
_LOW = 2**_BITS - 1
# Keys of a small range are counted, which is faster than sorting them.
_SMALL, _PER_ROW = 4096, 4


class Groups:
    """The rows that have the same values in all key columns are a group.

    Groups stand in the order of their keys, the first column leading. `of`: the group of each
    row. Without key columns all rows are one group.
    """

    of: Column

    def __init__(self, rows: int, *keys: Integers) -> None:
        """Group `rows` rows."""
        code, size = np.zeros(rows, np.int64), 1
        for key in keys:
            code, size = _appended(code, size, key)
        if size <= max(_SMALL, _PER_ROW * rows):
            present = np.zeros(size, np.bool_)
            present[code] = True
            numbers = np.cumsum(present) - 1
            self.of = numbers.take(code)
            self._number = int(numbers[-1]) + 1 if size else 0
        else:
            self.of = np.unique(code, return_inverse=True)[1]
            self._number = int(self.of.max()) + 1

    def __len__(self) -> int:
        return self._number

    @cached_property
    def first(self) -> Column:
        """The first row of each group."""
        found = np.zeros(len(self), np.int64)
        # Of several values for one place the last is kept.
        found[self.of[::-1]] = np.arange(len(self.of) - 1, -1, -1)
        return found

    @cached_property
    def counts(self) -> Column:
        """Rows of each group."""
        return np.bincount(self.of, minlength=len(self))

    def sums(self, values: Integers) -> Column:
        """Return the sum of the values of each group.

        Raises OverflowError if 64 bits may not hold one.
        """
        self._check_range(values)
        found = np.zeros(len(self), np.int64)
        np.add.at(found, self.of, values)
        return found

    def exact_sums(self, values: Integers) -> list[int]:
        """Return the sum of the values of each group, as large as it may be."""
        try:
            sums: list[int] = self.sums(values).tolist()
        except OverflowError:
            low, high = self.sums(values & _LOW).tolist(), self.sums(values >> _BITS).tolist()
            sums = [(more << _BITS) + less for less, more in zip(low, high, strict=True)]
        return sums

    def most(self, values: Integers) -> Column:
        """Return the greatest value of each group."""
        found = np.full(len(self), np.iinfo(np.int64).min)
        np.maximum.at(found, self.of, values)
        return found

    def least(self, values: Integers) -> Column:
        """Return the least value of each group."""
        found = np.full(len(self), np.iinfo(np.int64).max)
        np.minimum.at(found, self.of, values)
        return found

    def ordinals(self) -> Column:
        """Return for each row how many rows of its group stand before it."""
        order = np.argsort(self.of, kind="stable")
        begins = np.cumsum(self.counts) - self.counts
        found = np.empty(len(order), np.int64)
        found[order] = np.arange(len(order)) - np.repeat(begins, self.counts)
        return found

    def _check_range(self, values: Integers) -> None:
        if not len(values):
            return
        largest = max(int(values.max()), -int(values.min()))
        if largest * len(values) <= _MOST:
            return
        sums = np.bincount(self.of, np.abs(values.astype(np.float64)), len(self))
        if sums.max() > _MOST:
            raise OverflowError("more than 64 bits hold")


def _appended(code: Column, size: int, key: Integers) -> tuple[Column, int]:
    """Return a number below the second for each row: the same for the same code and key."""
    if not len(key):
        return code, size
    least = int(key.min())
    span = int(key.max()) - least + 1
    if size * span > _MOST:
        values, code = np.unique(code, return_inverse=True)
        size = len(values)
        values, key = np.unique(key, return_inverse=True)
        least, span = 0, len(values)
    return code * span + (key.astype(np.int64, copy=False) - least), size * span
