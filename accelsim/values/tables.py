"""What a cell makes of the level it is driven to, as tables for the compiled loops.

A value is what a read gives. Its tables are evenly spaced and taken as straight in between:
the mean over the level driven, the noise of a read over the value read, and what is left of
the old value over old and new value, for each length of a write. An ideal or a linear cell
is a table of two points, which is exact.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from accelsim.device.technology import Response
from accelsim.records.columns import Column

Floats = NDArray[np.float32]

_MEAN_STEPS = 8  # points of a table between two levels of a response
_NOISE_POINTS = 129
_CARRY_POINTS = 17
_ENDS = np.array([-1.0, 1.0])


@dataclass(frozen=True, eq=False)
class Tables:
    """A cell. limit: the level beyond which no drive goes.

    mean: (K,), of levels from -limit to limit. noise: standard deviation of a read's noise
    for values from -1 to 1, (N,). carry: called with a length of a write in ps, returns what is
    added for old and new value from -1 to 1, (M, M); None: nothing is.
    """

    limit: float = 1.0
    mean: Floats = field(default_factory=lambda: _ENDS.astype(np.float32), repr=False)
    noise: Floats = field(default_factory=lambda: np.zeros(2, np.float32), repr=False)
    carry: Callable[[int], Floats] | None = field(default=None, repr=False)

    def carries(self, lengths_ps: Column) -> tuple[Floats, Column]:
        """Return a carry table for each length that occurs, and which one each length has."""
        if self.carry is None:
            return np.zeros((1, 2, 2), np.float32), np.zeros(len(lengths_ps), np.int64)
        found, which = np.unique(lengths_ps, return_inverse=True)
        return np.stack([self.carry(int(length)) for length in found]), which


def linear(read_noise: float = 0.0, settling_ps: float = 0.0) -> Tables:
    """Return the tables of a cell that clips, and settles exponentially (0: at once)."""

    def left(length_ps: int) -> Floats:
        share = math.exp(-length_ps / settling_ps)
        return np.array(share * (_ENDS[:, None] - _ENDS), np.float32)

    return Tables(
        noise=np.full(2, read_noise, np.float32), carry=left if settling_ps else None
    )


def of_response(
    response: Response, other_noise: float, limit: float, active: frozenset[str]
) -> Tables:
    """Return the tables of a simulated cell.

    other_noise: of a read, beside the cell's own motion. limit: of the drive, in levels.
    active: of the effects `transfer`, `read_noise`, `settling`, those that are on.
    """
    levels, mean = np.clip(response.levels, -1, 1), response.mean
    if "transfer" not in active:
        levels, mean, limit = response.levels, np.clip(response.levels, -1, 1), 1.0
    else:
        levels = response.levels
    noise = np.zeros(_NOISE_POINTS)
    values = np.linspace(-1, 1, _NOISE_POINTS)
    if "read_noise" in active:
        own = np.interp(values, mean, response.read_noise)
        noise = np.hypot(own, other_noise)
    carry = _carry(response, levels, mean) if "settling" in active else None
    table = _ENDS if "transfer" not in active else _refined(mean)
    return Tables(limit, table.astype(np.float32), noise.astype(np.float32), carry)


def _carry(response: Response, levels: Column, mean: Column) -> Callable[[int], Floats]:
    """Return the carry-over for lengths of whole cycles, over values instead of levels."""
    values = np.linspace(-1, 1, _CARRY_POINTS)
    driven = np.interp(values, mean, levels)
    old = response.old_levels
    tables = []
    for carry in response.carry:
        by_old = np.stack([np.interp(driven, old, row) for row in carry])
        tables.append(np.stack([np.interp(driven, old, column) for column in by_old.T], axis=1))
    found = np.array(tables, np.float32)

    def after(length_ps: int) -> Floats:
        cycles = max(1, round(length_ps / response.period_ps))
        table: Floats = found[min(cycles, len(found)) - 1]
        return table

    return after


def _refined(mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return more points of a smooth curve: cubic between neighbours (Catmull and Rom)."""
    ends = 2 * mean[[0, -1]] - mean[[1, -2]]
    points = np.concatenate([ends[:1], mean, ends[1:]])
    before, left, right, after = (points[n : len(points) - 3 + n] for n in range(4))
    t = np.arange(_MEAN_STEPS)[:, None] / _MEAN_STEPS
    between = left + t / 2 * (
        right - before
        + t * (2 * before - 5 * left + 4 * right - after + t * (3 * (left - right) + after - before))
    )  # fmt: skip
    return np.append(between.T.ravel(), mean[-1])
