"""Which images two traces have: those of both are compared, those of one are a difference."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from accelsim.errors import InputError
from accelsim.records.columns import Column
from accelsim.resources import display
from accelsim.trace.reader import TraceFile, Window

_MOST_IMAGES = 2**62

Spans = tuple[tuple[int, int], ...]
"""Images as (first, last) of each unbroken row of them."""


@dataclass(frozen=True)
class SharedImages:
    """The images of two traces, a and b, sorted; common: those of both."""

    a: Column
    b: Column
    common: Column

    @classmethod
    def of(cls, a: TraceFile, b: TraceFile) -> "SharedImages":
        """Return the images of two traces.

        Raises InputError if they have none in common, and for a number that no image can have.
        """
        of_a, of_b = _images(a), _images(b)
        common = np.intersect1d(of_a, of_b)
        if not len(common) and (len(of_a) or len(of_b)):
            raise InputError(
                f"{display(a.path)} and {display(b.path)} cannot be aligned: no image in common: "
                f"{_listed(of_a)} in the one, {_listed(of_b)} in the other"
            )
        return cls(of_a, of_b, common)

    @property
    def number(self) -> int:
        """How many images either trace has."""
        return len(np.union1d(self.a, self.b))

    @cached_property
    def only(self) -> tuple[Spans, Spans]:
        """The images that a alone has, and those that b alone has."""
        return _spans(np.setdiff1d(self.a, self.common)), _spans(np.setdiff1d(self.b, self.common))

    def windows(self, number: int) -> Iterator[Window]:
        """Cut the images of either trace into portions of at most so many."""
        images = np.union1d(self.a, self.b)
        for begin in range(0, len(images), number):
            portion = images[begin : begin + number]
            yield Window(images=(int(portion[0]), int(portion[-1]) + 1))


def _images(trace: TraceFile) -> Column:
    found = [
        np.unique(batch["image"].drop_null().to_numpy(zero_copy_only=False))
        for batch in trace.batches(columns=["image"])
    ]
    images = np.unique(np.concatenate([np.zeros(0, np.int64), *found]))
    if len(images) and not 0 <= images[0] <= images[-1] < _MOST_IMAGES:
        wrong = images[-1] if images[0] >= 0 else images[0]
        raise InputError(f"{display(trace.path)}: image {wrong} is out of range")
    return images


def _spans(images: Column) -> Spans:
    if not len(images):
        return ()
    breaks = np.flatnonzero(np.diff(images) > 1) + 1
    return tuple((int(part[0]), int(part[-1])) for part in np.split(images, breaks))


def _listed(images: Column) -> str:
    if not len(images):
        return "none"
    return f"images {images[0]} to {images[-1]}" if len(images) > 1 else f"image {images[0]}"
