"""The kernel's equation in plain NumPy: what the compiled code is tested and timed against.

One array operation at a time, no blocks, no random numbers of its own. Fields in T.
"""

import numpy as np
from numpy.typing import NDArray

from accelsim.device.magnet import Magnet

Floats = NDArray[np.float64]


def heun_step(
    magnet: Magnet, dt: float, m: Floats, drive: tuple[float, float], b: Floats
) -> Floats:
    """Return m one step later.

    m: unit vectors, shape (3, n). dt: s. drive: field along y in T at the start and the
    end of the step. b: thermal field in T, shape (3, n), the same at both ends (Stratonovich).
    """
    start = slope(magnet, m, _total(magnet, m, drive[0], b))
    guess = m + dt * start
    end = slope(magnet, guess, _total(magnet, guess, drive[1], b))
    moved = m + dt * (start + end) / 2
    return np.asarray(moved / np.sqrt((moved * moved).sum(axis=0)))


def slope(magnet: Magnet, m: Floats, field: Floats) -> Floats:
    """Return dm/dt in 1/s for a total field in T; both of shape (3, n)."""
    precession = np.cross(m, field, axis=0)
    damping = np.cross(m, precession, axis=0)
    return np.asarray(-magnet.gilbert_rate * (precession + magnet.damping * damping))


def energy(magnet: Magnet, m: Floats, drive: float) -> Floats:
    """Return the energy in J of each magnet, shape (n,), in a field (T) along y."""
    _, y, z = m
    stiff = (magnet.hard_stiffness * y * y + magnet.normal_stiffness * z * z) / 2
    return np.asarray(magnet.moment * (stiff - drive * y))


def _total(magnet: Magnet, m: Floats, drive: float, b: Floats) -> Floats:
    total = b.copy()
    total[1] += drive - magnet.hard_stiffness * m[1]
    total[2] -= magnet.normal_stiffness * m[2]
    return total
