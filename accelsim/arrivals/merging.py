"""One stream of the streams of several tenants."""

from collections.abc import Callable, Mapping

import numpy as np

from accelsim.arrivals.columns import MOST, NO_DEADLINE, NO_PRIORITY, Arrivals, Column
from accelsim.errors import InputError


def merged(streams: Mapping[str, Arrivals]) -> Arrivals:
    """Return the streams of tenants as one, in order of time; at one time in their order here.

    Raises InputError if some but not all of them say which images come.
    """
    parts = list(streams.values())
    without = [name for name, part in streams.items() if part.image is None]
    if 0 < len(without) < len(parts):
        raise InputError(f"tenant '{without[0]}': its arrivals have no column 'image', others have")
    times = np.concatenate([part.time_ps for part in parts])
    if len(times) > MOST:
        raise InputError(f"{len(times):,} arrivals: expected up to {MOST:,}")
    order = np.argsort(times, kind="stable")

    def column(of: Callable[[Arrivals], Column | None], none: int) -> Column | None:
        found = [of(part) for part in parts]
        if all(each is None for each in found):
            return None
        filled = [
            np.full(len(part), none) if each is None else each
            for part, each in zip(parts, found, strict=True)
        ]
        return np.concatenate(filled)[order]

    whose = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    return Arrivals(
        times[order],
        column(lambda part: part.image, -1),
        column(lambda part: part.deadline_ps, NO_DEADLINE),
        whose[order],
        tuple(streams),
        column(lambda part: part.priority, NO_PRIORITY),
    )
