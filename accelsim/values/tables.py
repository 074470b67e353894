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
from numpy.polynomial.polynomial import polyfit
from numpy.typing import NDArray

from accelsim.device.response_tables import OLD_LEVEL, Response

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

MATTERS, DEEPEST = 5e-5, 64
"""Share of an image that is left and no longer matters; images back that are looked at, at most."""

_FINER = 8  # points of a table between two levels of a response
_NOISE_POINTS = 1025
_ENDS = np.array([-1.0, 1.0])

_DEGREE = 6  # of the polynomial for the noise of a write: 4e-6 of variance off, near its error


def _ideal(length_ps: int, bias: float | None) -> Doubles:  # noqa: ARG001 - whatever they are
    return np.stack([_ENDS, np.zeros(2)], axis=1)


def _quiet(bias: float | None) -> Doubles:  # noqa: ARG001 - whatever it is
    return np.zeros((3, _DEGREE + 1))


@dataclass(frozen=True, eq=False)
class Tables:
    """A cell. limit: the level beyond which no drive goes.

    noise: standard deviation of a read's noise for values from -1 to 1, (N,). stored: called
    with a length of a write in ps and the bias in the drive (None: it is constant altogether),
    returns mean and share of the old value for levels from -limit to limit, (K, 2). motion: called
    with the bias, returns the variance that the cell's motion leaves in a level, as coefficients
    of 1, the level, its square and so on, (3, 7), which again are those of 1, the old value and its
    square. left: the largest share of an old value that is left. levels, means: the transfer,
    rising: levels and what each is read as. other: the part of the noise that is not of the cell's
    own motion. softens: the mean saturates as a magnet's does.
    """

    limit: float = 1.0
    noise: Floats = field(default_factory=lambda: np.zeros(2, np.float32), repr=False)
    stored: Callable[[int, float | None], Doubles] = field(default=_ideal, repr=False)
    motion: Callable[[float | None], Doubles] = field(default=_quiet, repr=False)
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


def linear(
    read_noise: float = 0.0, settling_ps: float = 0.0, shortest_ps: int = 0, other: float = 0.0
) -> Tables:
    """Return the tables of a cell that clips, and settles exponentially (0: at once).

    shortest_ps: length of the shortest write. other: part of the noise that is the read-out's.
    """

    def stored(length_ps: int, bias: float | None) -> Doubles:  # noqa: ARG001 - whatever it is
        share = math.exp(-length_ps / settling_ps)
        return np.stack([(1 - share) * _ENDS, np.full(2, share)], axis=1)

    return Tables(
        noise=np.full(2, read_noise, np.float32),
        stored=stored if settling_ps else _ideal,
        left=math.exp(-shortest_ps / settling_ps) if settling_ps else 0.0,
        other=other,
    )


def of_response(
    response: Response, other_noise: float, active: frozenset[str], motion: float = 1.0
) -> Tables:
    """Return the tables of a simulated cell.

    other_noise: of a read, beside the cell's own motion. active: of the effects `transfer`,
    `read_noise`, `write_noise` and `settling`, those that are on. motion: factor of the noise that
    the magnet's motion leaves in a write.
    """
    levels, mean = response.levels, response.own
    if "transfer" not in active:
        mean = np.clip(levels, -1, 1)
    noise, other = np.zeros(_NOISE_POINTS), 0.0
    if "read_noise" in active:
        values, increasing = np.linspace(-1, 1, _NOISE_POINTS), np.unique(mean, return_index=True)
        own = np.interp(values, increasing[0], response.read_noise[increasing[1]])
        other = other_noise
        noise = np.hypot(own, other)
    means, places = np.unique(mean, return_index=True)
    drives = _Drives(response, active, motion)
    return Tables(
        limit=float(levels[-1]),
        noise=noise.astype(np.float32),
        stored=drives.stored,
        motion=drives.motion,
        left=float(np.abs(response.left).max()) if "settling" in active else 0.0,
        levels=levels[places],
        means=means,
        other=other,
        softens="transfer" in active,
    )


class _Drives:
    """What a simulated cell stores, by length of a write and bias; arguments as `of_response`."""

    def __init__(self, response: Response, active: frozenset[str], factor: float) -> None:
        self._response = response
        levels, finest = response.levels, _FINER * (len(response.levels) - 1) + 1
        self._fine = np.linspace(levels[0], levels[-1], finest)
        if "transfer" in active:
            self._mean = np.stack([_refined(row) for row in response.mean])
        else:
            self._mean = np.tile(np.clip(self._fine, -1, 1), (len(response.mean), 1))
        self._left = response.left if "settling" in active else 0 * response.left
        self._motion = np.zeros((len(response.mean), 3, _DEGREE + 1))
        if "write_noise" in active:
            self._motion = self._by_old_value(factor, "settling" in active)

    def stored(self, length_ps: int, bias: float | None) -> Doubles:
        """Return mean and share of the old value for the fine levels, (K, 2)."""
        cycles = max(1, round(length_ps / self._response.period_ps))
        biases, levels = self._response.biases, self._response.levels
        left = _driven(self._left[min(cycles, len(self._left)) - 1], biases, bias, 1)
        share = np.interp(self._fine, levels[::2], left)
        mean = _driven(self._mean, biases, bias, -1) - share * self._mean[0]
        return np.stack([mean, share], axis=1)

    def motion(self, bias: float | None) -> Doubles:
        """Return the variance of a write as `Tables` has it."""
        biases, signs = self._response.biases, (-1.0) ** np.arange(_DEGREE + 1)
        if bias is None or bias >= 0:
            return _driven(self._motion, biases, bias, 1)
        return _driven(self._motion, biases, -bias, 1) * signs * [[1], [-1], [1]]

    def _by_old_value(self, factor: float, remembers: bool) -> Doubles:
        """Return polynomials for deviations over three old values: (B + 1, 3, 7).

        factor: of the deviations. remembers: if not, the old value is that of the level itself.
        """
        response, levels = self._response, self._response.levels[::2]
        value = np.interp(levels, response.levels, response.own)
        old = np.interp(OLD_LEVEL, response.levels, response.own)
        below, middle, above = np.moveaxis(np.square(factor * response.write_noise), 1, 0)
        bent, risen = (above + below - 2 * middle) / (2 * old**2), (above - below) / (2 * old)
        if not remembers:
            middle = middle + value * (risen + value * bent)
            bent, risen = 0 * bent, 0 * risen
        terms = np.stack([middle, risen, bent], axis=1)
        rows = terms.reshape(-1, len(levels)).T
        return polyfit(levels, rows, _DEGREE).T.reshape(*terms.shape[:2], -1)


def _driven(rows: Doubles, biases: Doubles, bias: float | None, sign: int) -> Doubles:
    """Return the row for a bias, straight between those that are known: rows (B + 1, ..., K).

    sign: of the row, if all signs of bias and levels change.
    """
    if bias is None:
        return np.asarray(rows[-1])
    place = float(np.interp(abs(bias), biases, np.arange(len(biases))))
    low = min(int(place), len(biases) - 2)
    row = rows[low] + (place - low) * (rows[low + 1] - rows[low])
    return np.asarray(row if bias >= 0 else sign * row[..., ::-1])


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
