"""Integers of every image of a run, in memory that does not grow with the images.

Images come in order, or nearly: those that were lately added to are in memory, older ones on the
disk. What comes for an older one all the same is put beside and counts when they are read.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import NDArray

from accelsim.files import Spill

Column = NDArray[np.int64]
Rule = Literal["least", "most", "sum"]

NEVER = np.iinfo(np.int64).max
"""The least of nothing; the most and the sum of nothing are 0."""
PIECE = 1 << 15
"""Images of a piece, about: twice as many are in memory at most, if they come in order."""


class PerImage:
    """Columns by image; each takes the least, the most or the sum of what is added.

    rules: of the columns.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._first = 0
        self._columns = self._nothing(0)
        self._spill = Spill(len(rules))
        self._begins: list[int] = []
        self._late: dict[int, Column] = {}

    def add(self, images: Column, columns: Column) -> None:
        """Add what is known of images: different ones, (n,), with columns (rules, n)."""
        if not len(images):
            return
        if not self._begins and not self._columns.shape[1]:
            self._first = int(images.min())
        here = images >= self._first
        if not here.all():
            for image, column in zip(images[~here].tolist(), columns[:, ~here].T, strict=True):
                before = self._late.setdefault(image, self._nothing(1)[:, 0])
                self._merge(before[:, None], np.zeros(1, np.intp), column[:, None])
            images, columns = images[here], columns[:, here]
            if not len(images):
                return
        self._grow(int(images.max()) + 1 - self._first)
        self._merge(self._columns, images - self._first, columns)
        while self._columns.shape[1] > 2 * PIECE:
            self._begins.append(self._first)
            self._spill.append(self._columns[:, :PIECE])
            self._first += PIECE
            self._columns = self._columns[:, PIECE:].copy()

    def pieces(self) -> Iterator[tuple[Column, Column]]:
        """Return images, (n,), and their columns, (rules, n), in order of images, piece by piece.

        There may be images between them that nothing was added to.
        """
        late = sorted(self._late)
        begins = [*self._begins, self._first]
        for number, begin in enumerate(begins):
            yield from self._alone([image for image in late if image < begin])
            last = number == len(self._begins)
            columns = self._columns.copy() if last else self._spill.block(number).copy()
            end = begin + columns.shape[1]
            for image in (image for image in late if begin <= image < end):
                self._merge(columns, np.array([image - begin]), self._late[image][:, None])
            late = [image for image in late if image >= end]
            if columns.shape[1]:
                yield np.arange(begin, end), columns

    def _alone(self, images: list[int]) -> Iterator[tuple[Column, Column]]:
        if images:
            yield np.array(images), np.stack([self._late[image] for image in images], axis=1)

    def _nothing(self, images: int) -> Column:
        columns = np.zeros((len(self._rules), images), np.int64)
        columns[[rule == "least" for rule in self._rules]] = NEVER
        return columns

    def _grow(self, images: int) -> None:
        have = self._columns.shape[1]
        if images > have:
            self._columns = np.concatenate([self._columns, self._nothing(images - have)], axis=1)

    def _merge(self, into: Column, places: NDArray[np.integer], columns: Column) -> None:
        for rule, kept, column in zip(self._rules, into, columns, strict=True):
            match rule:
                case "least":
                    kept[places] = np.minimum(kept[places], column)
                case "most":
                    kept[places] = np.maximum(kept[places], column)
                case "sum":
                    kept[places] += column


class ImageColumn(NDArrayOperatorsMixin):
    """One column of `PerImage`, by image number from 0 on: as an array where one is wanted.

    0 for an image that nothing was added to.
    """

    def __init__(self, images: PerImage, row: int = 0) -> None:
        self._images, self._row = images, row

    def __len__(self) -> int:
        return max((int(numbers[-1]) + 1 for numbers, _ in self._images.pieces()), default=0)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Return all of it."""
        found = np.zeros(len(self), np.int64)
        for numbers, columns in self._images.pieces():
            found[numbers] = columns[self._row]
        return found if dtype is None else found.astype(dtype)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *given: Any, **options: Any) -> Any:
        arrays = (np.asarray(each) if isinstance(each, ImageColumn) else each for each in given)
        return getattr(ufunc, method)(*arrays, **options)

    def __getitem__(self, rows: Any) -> Any:
        return np.asarray(self)[rows]

    def sum(self) -> int:
        """Return the sum over all images, whatever its size."""
        return sum(sum(columns[self._row].tolist()) for _, columns in self._images.pieces())

    def copy(self) -> Column:
        """Return all of it as an array."""
        return np.asarray(self)

    def tolist(self) -> list[int]:
        """Return all of it as a list."""
        return [int(value) for value in np.asarray(self)]


def repeated(images: Column, times: int, stride: int) -> Iterator[tuple[Column, Column, Column]]:
    """Give the images of periods, each of which has those of the one before moved up by a stride.

    images: of the first period, in order. Gives, for different images at a time and about a piece
    of them: their numbers, which of `images` each was, and in which period, all (n,).
    """
    # One of a group is no other's of it in another period.
    group = (images - images[:1]) // stride
    groups = [np.flatnonzero(group == each) for each in np.unique(group)]
    most = max(1, PIECE // stride)
    for start in range(0, times, most):
        number = np.arange(start, min(start + most, times))
        for which in groups:
            moved = images[which][:, None] + number * stride
            yield moved.ravel(), which.repeat(len(number)), np.tile(number, len(which))
