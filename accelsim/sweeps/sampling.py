"""Samples of a unit cube: where the points of a space are drawn."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from accelsim.errors import InputError
from accelsim.sweeps.schema import LATIN, RANDOM

_AT_ONCE = 4096


def shares(method: str, axes: int, points: int, seed: int) -> Iterator[list[float]]:
    """Give points of the unit cube, a share of each axis, in order.

    Latin hypercubes and Sobol sequences are those of SciPy, the latter scrambled. Raises InputError
    without SciPy.
    """
    if method == RANDOM:
        random = np.random.Generator(np.random.PCG64(seed))
        for start in range(0, points, _AT_ONCE):
            yield from random.random((min(_AT_ONCE, points - start), axes)).tolist()
        return
    yield from _quasi_random(method, axes, points, seed)[:points].tolist()


def _quasi_random(method: str, axes: int, points: int, seed: int) -> NDArray[np.float64]:
    try:
        from scipy.stats import qmc  # noqa: PLC0415 - of the extra
    except ImportError:
        raise InputError(
            f"sample.method {method} needs SciPy: pip install 'accelsim[sweep]'"
        ) from None
    random = np.random.Generator(np.random.PCG64(seed))
    drawn: NDArray[np.float64]
    if method == LATIN:
        drawn = qmc.LatinHypercube(axes, rng=random).random(points)
    else:
        drawn = qmc.Sobol(axes, rng=random).random_base2(max(0, (points - 1).bit_length()))
    return drawn
