"""The nanomagnet as a macrospin: its parameters and what follows from them, in SI units.

Axes: x along the length, the easy axis; y along the width, the in-plane hard axis, which
the magnetoelectric field drives and the read-out sees; z along the thickness. With
abs(m) = 1 the energy density, up to a constant, is

    Ms (B_y m_y^2 + B_z m_z^2) / 2 - Ms B m_y

with the stiffnesses B_y = 2 K/Ms + mu0 Ms (N_y - N_x) and
B_z = 2 K/Ms + mu0 Ms (N_z - N_x) - 2 K_i/(Ms t): K is uniaxial, so it holds the moment against
both other axes; the interface anisotropy K_i, per area of the film, pulls it out of the plane
and is spread over the thickness t. Left out: exchange and domains inside the magnet, coupling
between cells.
"""

import cmath
import math
from dataclasses import dataclass, replace
from functools import cached_property

from accelsim.device.geometry import (
    DISC,
    ELLIPSE,
    RECTANGLE,
    Demagnetization,
    disc,
    ellipse,
    footprint,
    prism,
)
from accelsim.device.physics import BOLTZMANN, GYROMAGNETIC, MU_0
from accelsim.errors import InputError
from accelsim.units import render

_UNITS = {
    "length": "m",
    "width": "m",
    "thickness": "m",
    "saturation_magnetization": "A/m",
    "anisotropy": "J/m^3",
    "damping": "",
    "temperature": "K",
}
_INTERFACE = "interface_anisotropy"

_MOST_STABILITY = 500


class TimeStepError(InputError):
    """A time step that a cell cannot be simulated with. reason: as what follows its name."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"time step: {reason}")
        self.reason = reason


@dataclass(frozen=True)
class Magnet:
    """A nanomagnet of a shape.

    length, width, thickness: extent along x, y, z in m. saturation_magnetization: A/m.
    anisotropy: K of the easy axis x, J/m^3. damping: Gilbert's, no unit. temperature: K, of the
    thermal field alone: saturation magnetization and anisotropy are taken at it, and stay.
    shape: of SHAPES; a disc has one diameter, its length and width; of an ellipse they are
    the axes. interface_anisotropy: K_i in J/m^2, of both interfaces together; positive is
    perpendicular.
    Raises InputError for a value that is not positive, for a disc that is not round, and for
    a shape whose easy axis is not its length.
    """

    length: float
    width: float
    thickness: float
    saturation_magnetization: float
    anisotropy: float
    damping: float
    temperature: float
    shape: str = RECTANGLE
    interface_anisotropy: float = 0.0

    def __post_init__(self) -> None:
        for name, unit in _UNITS.items():
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                shown = f"{value:g} {unit}".strip()
                raise InputError(f"{name}: got {shown}; expected a positive number")
        if not 0 <= self.interface_anisotropy < math.inf:
            raise InputError(
                f"{_INTERFACE}: got {self.interface_anisotropy:g} J/m^2; expected 0 or more"
            )
        if self.shape == DISC and self.length != self.width:
            raise InputError(
                f"width: got {render(self.width, 'm')} and a length of "
                f"{render(self.length, 'm')}; expected the same for a disc, its diameter; "
                "a shape 'ellipse' has two"
            )
        for axis, edge, stiffness in (
            ("the width", self.width, self.hard_stiffness),
            ("the thickness", self.thickness, self.normal_stiffness),
        ):
            if stiffness <= 0:
                raise self._not_easy(axis, edge, stiffness)

    def _not_easy(self, axis: str, edge: float, stiffness: float) -> InputError:
        """Return the error of a magnet whose easy axis is not its length."""
        advice = f"make it longer, or {axis} smaller"
        film = self.interface_anisotropy
        if film and self.normal_stiffness <= 0 < self.normal_stiffness + self._interface:
            advice = f"{_INTERFACE} {render(film, 'J/m^2')} takes {self._interface:.4g} T of it"
        return InputError(
            f"impossible geometry: length {render(self.length, 'm')} with "
            f"{axis} {render(edge, 'm')}: shape and anisotropy together make {axis} "
            f"the easy axis (stiffness {stiffness:.4g} T); the easy axis has to be "
            f"the length: {advice}"
        )

    @property
    def volume(self) -> float:
        """Volume in m^3."""
        return self.area * self.thickness

    @property
    def area(self) -> float:
        """Area of the footprint in m^2."""
        return footprint(self.shape) * self.length * self.width

    def with_volume(self, volume: float) -> "Magnet":
        """Return the magnet at another volume (m^3): as thick, a disc or a square in the plane."""
        edge = math.sqrt(volume / (footprint(self.shape) * self.thickness))
        return replace(self, length=edge, width=edge)

    @cached_property
    def demagnetization(self) -> Demagnetization:
        """Demagnetization factors."""
        if self.shape == DISC:
            return disc(self.length, self.thickness)
        if self.shape == ELLIPSE:
            return ellipse(self.length, self.width, self.thickness)
        return prism(self.length, self.width, self.thickness)

    @cached_property
    def hard_stiffness(self) -> float:
        """B_y in T: the field along y that saturates the magnet, the anisotropy field Bk."""
        factors = self.demagnetization
        return self._crystalline + MU_0 * self.saturation_magnetization * (factors.y - factors.x)

    @cached_property
    def normal_stiffness(self) -> float:
        """B_z in T: what holds the moment in the plane."""
        factors = self.demagnetization
        shape = MU_0 * self.saturation_magnetization * (factors.z - factors.x)
        return self._crystalline + shape - self._interface

    @property
    def _crystalline(self) -> float:
        return 2 * self.anisotropy / self.saturation_magnetization

    @property
    def _interface(self) -> float:
        """2 K_i/(Ms t) in T."""
        return 2 * self.interface_anisotropy / (self.saturation_magnetization * self.thickness)

    @property
    def moment(self) -> float:
        """Magnetic moment Ms V in A m^2."""
        return self.saturation_magnetization * self.volume

    @property
    def stability(self) -> float:
        """Delta: the barrier between the two easy directions in kT, shape included."""
        return self.moment * self.hard_stiffness / (2 * BOLTZMANN * self.temperature)

    def stiffness_at(self, level: float) -> float:
        """Return B_1 in T, the in-plane stiffness where a drive holds m_y at a level.

        B_1 = B_y (1 - level^2); out of the plane it is B_z at every level.
        """
        return self.hard_stiffness * (1 - level * level)

    def eigenvalues(self, level: float = 0.0) -> tuple[complex, complex]:
        """Return the two eigenvalues, in 1/s, of small motion about a level; real parts <= 0.

        Of the linearized LLG equation, gamma/(1 + alpha^2) times
        -alpha (B1 + Bz)/2 +- sqrt(alpha^2 (B1 - Bz)^2/4 - B1 Bz): a damped precession, or
        two decays for strong damping.
        """
        one, two, alpha = self.stiffness_at(level), self.normal_stiffness, self.damping
        root = cmath.sqrt((alpha * (one - two)) ** 2 / 4 - one * two)
        mean = -alpha * (one + two) / 2
        return self.gilbert_rate * (mean + root), self.gilbert_rate * (mean - root)

    @property
    def gilbert_rate(self) -> float:
        """gamma/(1 + alpha^2) in rad/(s T): the prefactor of the explicit equation."""
        return GYROMAGNETIC / (1 + self.damping**2)

    def kittel_frequency(self, level: float = 0.0) -> float:
        """Return the precession frequency gamma sqrt(B1 Bz)/(2 pi) in Hz, without damping.

        C. Kittel, "On the theory of ferromagnetic resonance absorption", Phys. Rev. 73,
        155 (1948), with the stiffnesses of this magnet.
        """
        one = self.stiffness_at(level)
        return GYROMAGNETIC * math.sqrt(one * self.normal_stiffness) / (2 * math.pi)

    def relaxation_rate(self, level: float = 0.0) -> float:
        """Return alpha gamma (B1 + Bz)/2/(1 + alpha^2) in 1/s, of the amplitude."""
        total = self.stiffness_at(level) + self.normal_stiffness
        return self.gilbert_rate * self.damping * total / 2

    def thermal_field(self, dt: float) -> float:
        """Return the standard deviation in T of the thermal field on each axis for a step.

        sigma^2 = 2 alpha kT / (gamma Ms V dt): W. F. Brown, "Thermal fluctuations of a
        single-domain particle", Phys. Rev. 130, 1677 (1963). In Gilbert's equation, gamma
        is the bare one; see docs/device.md for where 1 + alpha^2 goes.
        """
        energy = BOLTZMANN * self.temperature
        return math.sqrt(2 * self.damping * energy / (GYROMAGNETIC * self.moment * dt))

    def flip_time(self, attempt_time: float) -> float:
        """Return the mean time in s until the easy direction flips, tau_0 exp(Delta).

        A flip of m_x: a level m_y that a field holds is the same on both sides, and one that
        nothing holds is gone long before (`storage`). Neel-Arrhenius; attempt_time: tau_0 in s.
        `switching` has the macrospin's own. Beyond a stability of 500 it is that of 500, 1e217
        attempts: longer times are no numbers any more.
        """
        return attempt_time * math.exp(min(self.stability, _MOST_STABILITY))

    def largest_stable_step(self) -> float:
        """Return the largest time step in s for which Heun's method does not blow up.

        Where abs(1 + z + z^2/2) = 1 for z = eigenvalue x step; the stiffest motion is
        about level 0 for weak damping and about saturation for strong.
        """
        rates = {rate for level in (0.0, 1.0) for rate in self.eigenvalues(level) if rate}
        return min(_stable_step(rate) for rate in rates)

    def check_step(self, dt: float) -> None:
        """Raise InputError if a time step (s) is not positive or not stable."""
        if not (math.isfinite(dt) and dt > 0):
            raise TimeStepError(f"got {dt:g} s; expected a positive time such as '1 ps'")
        largest = self.largest_stable_step()
        if dt > largest:
            raise TimeStepError(
                f"{render(dt, 's')} is unstable for this magnet; "
                f"the largest that is stable is {render(largest, 's')}"
            )


def _stable_step(rate: complex) -> float:
    low, high = 0.0, 4 / abs(rate)
    for _ in range(60):
        step = (low + high) / 2
        grows = abs(1 + rate * step + (rate * step) ** 2 / 2) > 1
        low, high = (low, step) if grows else (step, high)
    return low
