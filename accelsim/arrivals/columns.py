"""Arrivals as columns, and the columns that a file of them may have."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from accelsim.files import LongColumn

Column = NDArray[np.int64]

UNITS = {"s": 12, "ms": 9, "us": 6, "ns": 3, "ps": 0}
"""Units of a time, in the name of its column (`time_ms`): decimals that are whole ps."""

TIME, DEADLINE, IMAGE = "time", "deadline", "image"
TENANT, NETWORK, PRIORITY = "tenant", "network", "priority"
NO_DEADLINE = NO_PRIORITY = -1
HIGHEST = 255
"""The highest priority that an image may have; 0 is the lowest."""
MOST = 1_000_000_000
"""Arrivals of a run, at most: the file is longer than many a memory, what is kept of it is not."""
MADE = 10_000_000
"""Arrivals that a generator makes at most, and images of a data set: they are in memory at once."""
LATEST_PS = 2**62
"""53 days: sums and differences of times then stay within 64 bits."""


def _by_number(number: int) -> str:
    """Name an arrival that stands in no file."""
    return f"arrival {number}"


@dataclass(frozen=True, eq=False)
class Arrivals:
    """Images in order of arrival, n of them.

    time_ps: (n,), from 0, never falling. image: (n,), the place of each in the data set; None:
    the data set in order, and again from its first image after the last. deadline_ps: (n,),
    time from arrival until the results are wanted, NO_DEADLINE without one; None: nobody waits.
    tenant: (n,), whose image it is, as its place in `tenants`; None: there is one network.
    priority: (n,), 0 to HIGHEST, NO_PRIORITY for that of its tenant; None: all have that.
    place_of: says where an arrival, counted from 0, stands in its file.
    """

    time_ps: Column
    image: Column | None = None
    deadline_ps: Column | None = None
    tenant: Column | None = None
    tenants: tuple[str, ...] = ()
    priority: Column | None = None
    place_of: Callable[[int], str] = field(default=_by_number, repr=False)

    def __len__(self) -> int:
        return len(self.time_ps)

    def of(self, part: slice | Column) -> "Arrivals":
        """Return some of them."""

        def some(column: Column | None) -> Column | None:
            return None if column is None else column[part]

        return Arrivals(
            self.time_ps[part],
            some(self.image),
            some(self.deadline_ps),
            some(self.tenant),
            self.tenants,
            some(self.priority),
        )

    def of_tenant(self, number: int) -> NDArray[np.bool_]:
        """Return which of them are a tenant's."""
        if self.tenant is None:
            return np.ones(len(self), np.bool_)
        return np.asarray(self.tenant == number)

    def pieces(self, size: int = 1 << 16) -> Iterator["Arrivals"]:
        """Give them in pieces of a size."""
        for start in range(0, len(self), size):
            yield self.of(slice(start, start + size))


_COLUMNS = ("image", "deadline_ps", "tenant", "priority")


def joined(pieces: Iterable[Arrivals]) -> Arrivals:
    """Return pieces of one stream as a whole; all have the same columns.

    A later piece may know more tenants, after those that the earlier ones know. Columns of a long
    stream are on the disk; InputError if there is no room.
    """
    times, columns = LongColumn(), dict[str, LongColumn]()
    tenants: tuple[str, ...] = ()
    for piece in pieces:
        tenants = piece.tenants
        times.append(piece.time_ps)
        for name in _COLUMNS:
            part = getattr(piece, name)
            if part is not None:
                columns.setdefault(name, LongColumn()).append(part)
    image, deadline, tenant, priority = (
        columns[name].whole() if name in columns else None for name in _COLUMNS
    )
    return Arrivals(times.whole(), image, deadline, tenant, tenants, priority)
