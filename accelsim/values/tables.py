"""What a cell makes of the level it is driven to, as tables for the compiled loops.

A value is what a read gives. Tables are evenly spaced. Over the level driven, straight in
between and for each length of a write, they have the mean and the share that is left of the
old value: the magnet's relaxation is nearly linear, and what is not is far below the error of
the simulation (docs/device.md). An ideal cell, or a linear one that settles exponentially, is a
table of two points, which is exact. Over the value read they have the noise of a read.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from accelsim.device.technology import Response
from accelsim.records.columns import Column

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

MATTERS, DEEPEST = 1e-5, 64
"""Share of an image that is left and no longer matters; images back that are looked at, at most."""

_FINER = 8  # points of a table between two levels of a response
_NOISE_POINTS = 1025
_ENDS = np.array([-1.0, 1.0])


def _ideal(length_ps: int) -> Doubles:  # noqa: ARG001 - whatever the length
    return np.stack([_ENDS, np.zeros(2)], axis=1)


@dataclass(frozen=True, eq=False)
class Tables:
    """A cell. limit: the level beyond which no drive goes.

    noise: standard deviation of a read's noise for values from -1 to 1, (N,). stored: called
    with a length of a write in ps, returns mean and share of the old value for levels from
    -limit to limit, (K, 2). left: the largest share of an old value that is left. levels, means:
    the transfer, rising: levels and what each is read as. other: the part of the noise that is not
    of the cell's own motion. softens: the mean saturates as a magnet's does.
    """

    limit: float = 1.0
    noise: Floats = field(default_factory=lambda: np.zeros(2, np.float32), repr=False)
    stored: Callable[[int], Doubles] = field(default=_ideal, repr=False)
    left: float = 0.0
    levels: Doubles = field(default_factory=lambda: _ENDS, repr=False)
    means: Doubles = field(default_factory=lambda: _ENDS, repr=False)
    other: float = 0.0
    softens: bool = False

    def depth(self) -> int:
        """Return how many images back matter for what planes hold: until less than MATTERS."""
        if not self.left:
            return 0
        if self.left >= MATTERS ** (1 / DEEPEST):
            return DEEPEST
        return math.ceil(math.log(MATTERS / 2) / math.log(self.left))

    def lengths(self, lengths_ps: Column) -> tuple[Floats, Column]:
        """Return a table for each length that occurs, and which one each length has.

        (T, K, 4): mean and share of the old value, each followed by its rise to the next level.
        """
        found, which = np.unique(lengths_ps, return_inverse=True)
        tables = np.stack([self.stored(int(length)) for length in found])
        rises = np.diff(tables, axis=1, append=tables[:, -1:])
        packed = np.stack([tables[..., 0], rises[..., 0], tables[..., 1], rises[..., 1]], axis=2)
        return packed.astype(np.float32), which


def linear(
    read_noise: float = 0.0, settling_ps: float = 0.0, shortest_ps: int = 0, other: float = 0.0
) -> Tables:
    """Return the tables of a cell that clips, and settles exponentially (0: at once).

    shortest_ps: length of the shortest write. other: part of the noise that is the read-out's.
    """

    def stored(length_ps: int) -> Doubles:
        share = math.exp(-length_ps / settling_ps)
        return np.stack([(1 - share) * _ENDS, np.full(2, share)], axis=1)

    return Tables(
        noise=np.full(2, read_noise, np.float32),
        stored=stored if settling_ps else _ideal,
        left=math.exp(-shortest_ps / settling_ps) if settling_ps else 0.0,
        other=other,
    )


def of_response(response: Response, other_noise: float, active: frozenset[str]) -> Tables:
    """Return the tables of a simulated cell.

    other_noise: of a read, beside the cell's own motion. active: of the effects `transfer`,
    `read_noise` and `settling`, those that are on.
    """
    levels, mean = response.levels, response.mean
    if "transfer" not in active:
        mean = np.clip(levels, -1, 1)
    noise = np.zeros(_NOISE_POINTS)
    if "read_noise" in active:
        values, increasing = np.linspace(-1, 1, _NOISE_POINTS), np.unique(mean, return_index=True)
        own = np.interp(values, increasing[0], response.read_noise[increasing[1]])
        noise = np.hypot(own, other_noise)
    fine = np.linspace(levels[0], levels[-1], _FINER * (len(levels) - 1) + 1)
    first = _refined(mean) if "transfer" in active else np.clip(fine, -1, 1)
    plain = np.stack([first, np.zeros(len(fine))], axis=1)
    tables = [plain]
    if "settling" in active:
        old = np.interp(response.old_levels, levels, mean)
        tables = [plain + _line(carry, old, response.old_levels, fine) for carry in response.carry]

    def stored(length_ps: int) -> Doubles:
        cycles = max(1, round(length_ps / response.period_ps))
        table: Doubles = tables[min(cycles, len(tables)) - 1]
        return table

    left = max(float(np.abs(table[:, 1]).max()) for table in tables)
    means, places = np.unique(mean, return_index=True)
    return Tables(
        limit=float(levels[-1]),
        noise=noise.astype(np.float32),
        stored=stored,
        left=left,
        levels=levels[places],
        means=means,
        other=other_noise if "read_noise" in active else 0.0,
        softens="transfer" in active,
    )


def _line(carry: Doubles, old: Doubles, new: Doubles, fine: Doubles) -> Doubles:
    """Return the line in the old value that fits a carry-over best, for the fine new levels.

    carry: (old, new). The fit evens out what a finite number of cells leaves of noise.
    """
    fitted = np.linalg.lstsq(np.vander(old, 2, increasing=True), carry, rcond=None)[0]
    return np.stack([np.interp(fine, new, row) for row in fitted], axis=1)


def _refined(mean: Doubles) -> Doubles:
    """Return more points of a smooth curve: cubic between neighbours (Catmull and Rom)."""
    ends = 2 * mean[[0, -1]] - mean[[1, -2]]
    points = np.concatenate([ends[:1], mean, ends[1:]])
    before, left, right, after = (points[n : len(points) - 3 + n] for n in range(4))
    t = np.arange(_FINER)[:, None] / _FINER
    third = 3 * (left - right) + after - before
    second = 2 * before - 5 * left + 4 * right - after
    between = left + t / 2 * (right - before + t * (second + t * third))
    return np.append(between.T.ravel(), mean[-1])
