"""The magnet at rest in the heat, by sums over the sphere: its mean, and what a tilt does to it.

Of exp(-E/kT), E = kT Delta (m_y^2 - 2 b m_y + (B_z/B_y) m_z^2) at a drive b in units of Bk; the
angle around y is integrated in closed form. An easy axis that is tilted by an angle t in the plane
adds -2 kT Delta t m_x m_y, to first order: at rest the magnet lies along the tilted axis, on the
side of x that it came from.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from accelsim.device.cell import IrmenDevice
from accelsim.device.magnet import Magnet
from accelsim.device.technology import Floats

_ANGLES = 1001


def boltzmann_mean(device: IrmenDevice, levels: ArrayLike, stability: float = 1.0) -> Floats:
    """Return the mean m_y at levels in equilibrium, of full scale, at `stability` times Delta."""
    sphere = _Sphere(device.magnet, stability)
    weights = sphere.weights(np.asarray(levels, float) * device.full_scale)
    return np.asarray(weights @ sphere.y / device.full_scale)


def boltzmann_deviation(device: IrmenDevice, levels: ArrayLike) -> Floats:
    """Return the standard deviation of m_y at levels in equilibrium, of full scale."""
    sphere = _Sphere(device.magnet)
    weights = sphere.weights(np.asarray(levels, float) * device.full_scale)
    variance = weights @ sphere.y**2 - (weights @ sphere.y) ** 2
    return np.asarray(np.sqrt(variance) / device.full_scale)


def leaning(device: IrmenDevice, levels: ArrayLike, dwell: float) -> Floats:
    """Return how the mean at levels moves with the tilt of the easy axis, of full scale a rad.

    Of a magnet on the side of +x; of one on the other side it is the negative. Linear response:
    twice Delta times the covariance of m_y and m_x m_y on that side. Near saturation the sides
    meet, and a magnet that changes between them within the dwell (s) has both: a share
    exp(-2 rate dwell) is left.
    """
    magnet, sphere = device.magnet, _Sphere(device.magnet)
    drive = np.asarray(levels, float) * device.full_scale
    weights = sphere.weights(drive)
    joint = weights @ (sphere.y**2 * sphere.x) - (weights @ sphere.y) * (
        weights @ (sphere.y * sphere.x)
    )
    kept = np.exp(-2 * dwell * crossings(magnet, drive))
    return np.asarray(2 * magnet.stability * joint * kept / device.full_scale)


def crossings(magnet: Magnet, drive: ArrayLike) -> Floats:
    """Return how often a magnet at a drive, in units of Bk, changes its side of x, in 1/s.

    Transition-state theory over the lower saddle, Kittel's frequency times exp(-barrier), as of
    `switching`; a barrier of less than kT is none, and counts as one of kT.
    """
    most = 1 - 1 / math.sqrt(magnet.stability)
    at = np.minimum(np.abs(np.asarray(drive, float)), most)
    frequency = magnet.kittel_frequency() * np.sqrt(1 - at * at)
    return np.asarray(frequency * np.exp(-magnet.stability * (1 - at) ** 2))


@dataclass(frozen=True)
class _Sphere:
    """Directions by their angle from the plane x-z. stability: Delta, in units of the magnet's."""

    magnet: Magnet
    stability: float = 1.0

    @cached_property
    def y(self) -> Floats:
        """m_y, (angles,)."""
        return np.asarray(np.sin(self._angle))

    @cached_property
    def x(self) -> Floats:
        """Mean m_x of the directions of an angle that are on the side of +x, (angles,)."""
        root = np.sqrt(self._stiff)
        erf = np.array([math.erf(each) for each in root.tolist()])
        around = math.pi * _bessel(self._stiff / 2)
        return np.asarray(np.cos(self._angle) * math.sqrt(math.pi) * erf / root / around)

    def weights(self, drive: Floats) -> Floats:
        """Return the share of each angle at drives in units of Bk, (..., angles)."""
        exponent = self._delta * (2 * drive[..., None] * self.y - self.y**2)
        weight = np.exp(exponent - exponent.max(axis=-1, keepdims=True))
        weight *= _bessel(self._stiff / 2) * np.cos(self._angle)
        return np.asarray(weight / weight.sum(axis=-1, keepdims=True))

    @property
    def _delta(self) -> float:
        return self.magnet.stability * self.stability

    @cached_property
    def _angle(self) -> Floats:
        return (np.arange(_ANGLES) + 0.5) / _ANGLES * np.pi - np.pi / 2

    @cached_property
    def _stiff(self) -> Floats:
        """Energy of m_z in kT at the end of its circle."""
        ratio = self.magnet.normal_stiffness / self.magnet.hard_stiffness
        return np.asarray(self._delta * ratio * np.cos(self._angle) ** 2)


def _bessel(u: Floats) -> Floats:
    """Return exp(-u) I0(u) for u >= 0: beyond 50 by its asymptotic series."""
    small = np.minimum(u, 50.0)
    large = np.maximum(u, 50.0)
    series = (1 + 1 / (8 * large) + 9 / (128 * large**2)) / np.sqrt(2 * np.pi * large)
    return np.where(u < 50, np.exp(-small) * np.i0(small), series)
