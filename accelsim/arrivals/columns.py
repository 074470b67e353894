"""Arrivals as columns, and the columns that a file of them may have."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.int64]

UNITS = {"s": 12, "ms": 9, "us": 6, "ns": 3, "ps": 0}
"""Units of a time, in the name of its column (`time_ms`): decimals that are whole ps."""

TIME, DEADLINE, IMAGE = "time", "deadline", "image"
NO_DEADLINE = -1
MOST = 10_000_000
"""Arrivals of a run, at most: time and energy are kept for every image."""
LATEST_PS = 2**62
"""53 days: sums and differences of times then stay within 64 bits."""


@dataclass(frozen=True, eq=False)
class Arrivals:
    """Images in order of arrival, n of them.

    time_ps: (n,), from 0, never falling. image: (n,), the place of each in the data set; None:
    the data set in order, and again from its first image after the last. deadline_ps: (n,),
    time from arrival until the results are wanted, NO_DEADLINE without one; None: nobody waits.
    place_of: says where an arrival, counted from 0, stands in its file.
    """

    time_ps: Column
    image: Column | None = None
    deadline_ps: Column | None = None
    place_of: Callable[[int], str] = field(default="arrival {}".format, repr=False)

    def __len__(self) -> int:
        return len(self.time_ps)

    def of(self, part: slice) -> "Arrivals":
        """Return some of them."""
        image, deadline = self.image, self.deadline_ps
        return Arrivals(
            self.time_ps[part],
            None if image is None else image[part],
            None if deadline is None else deadline[part],
        )

    def pieces(self, size: int = 1 << 16) -> Iterator["Arrivals"]:
        """Give them in pieces of a size."""
        for start in range(0, len(self), size):
            yield self.of(slice(start, start + size))


def joined(pieces: Iterable[Arrivals]) -> Arrivals:
    """Return pieces of one stream as a whole; all have the same columns."""
    found = list(pieces)

    def column(name: str) -> Column | None:
        columns = [getattr(piece, name) for piece in found]
        return None if not columns or columns[0] is None else np.concatenate(columns)

    times = [piece.time_ps for piece in found]
    whole = np.concatenate(times) if times else np.zeros(0, np.int64)
    return Arrivals(whole, column("image"), column("deadline_ps"))
