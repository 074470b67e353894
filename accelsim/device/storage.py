"""What holds a level between write and read, and what is left of it after a time. SI units.

A level is the ME field on a magnet in units of what the write voltage makes; m_y follows it, and
every model decays toward 0. `held` is what is published, without a mechanism. `charge`: the ME
layer is a capacitor that leaks. `remanent`: most of the field is that of ferroelectric grains,
which thermal activation flips back; the rest leaks as charge does. `droop`: an analog memory
that loses its voltage at a constant rate. docs/device.md derives the formulas.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accelsim.units import readable_time

Floats = NDArray[np.float64]

HELD, CHARGE, REMANENT = "held", "charge", "remanent"
STORAGES = (HELD, CHARGE, REMANENT)
"""What may hold the level of an IRMEN cell."""

MOST = 10 * 365.25 * 86400
"""Seconds of ten years: nobody has watched a cell for longer."""

# Between these times in s the moment is looked for at which a level is gone.
_SHORTEST, _LONGEST = 1e-15, 1e30
_HALVINGS = 100
# Mean and variance of the logarithm of an exponential waiting time (Gumbel).
_EULER, _GUMBEL = 0.5772156649015329, math.pi**2 / 6


@dataclass(frozen=True)
class Storage(ABC):
    """What a level becomes without power and without refresh.

    swing: the level that the lifetimes are of. title: what holds it, in words. decays: whether a
    decay is modelled; without one, lifetimes are infinite, which claims nothing. unpowered: whether
    it goes on holding without a supply.
    """

    swing: float

    name: ClassVar[str]
    title: ClassVar[str]
    decays: ClassVar[bool] = True
    unpowered: ClassVar[bool] = True

    @abstractmethod
    def left(self, level: ArrayLike, time: ArrayLike) -> Floats:
        """Return what is left of levels after times in s; the two are broadcast together."""

    @property
    def spread(self) -> float:
        """Standard deviation of a level 0 among cells that were written alike."""
        return 0.0

    @property
    def voltage_share(self) -> float:
        """Share of a level that is voltage on the isolated capacitor: kT/C is in this share of it.

        Back-action has its square: the magnet binds charge in this share, and is turned in it.
        """
        return 1.0

    def share_left(self, time: float) -> float:
        """Return the share of a level of the swing that is left after a time in s."""
        return float(self.left(self.swing, time)) / self.swing

    def usable_for(self, bits: int) -> float:
        """Return the time in s in which a level of the swing moves by half a step, 1/2^bits.

        0 where the spread among cells is more than that from the beginning.
        """
        half_step = 1 / 2**bits
        return 0.0 if self.spread > half_step else self._until(self.swing - half_step)

    @property
    def lifetime(self) -> float:
        """Time in s after which 1/e of a level of the swing is left."""
        return self._until(self.swing / math.e)

    def _until(self, level: float) -> float:
        """Return the time in s after which the swing has come down to a level."""
        if not self.decays:
            return math.inf
        low, high = math.log(_SHORTEST), math.log(_LONGEST)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            above = float(self.left(self.swing, math.exp(middle))) > level
            low, high = (middle, high) if above else (low, middle)
        return math.exp(high)


@dataclass(frozen=True)
class Held(Storage):
    """The level stays: as published (S1, S2), mechanism open. No decay is modelled."""

    name = HELD
    title = "nonvolatile as published, mechanism open"
    decays = False

    def left(self, level: ArrayLike, time: ArrayLike) -> Floats:
        """Return the levels."""
        found: Floats = np.asarray(level, float) + np.zeros(np.shape(time))
        return found


@dataclass(frozen=True)
class Charge(Storage):
    """Charge on the ME capacitor, which leaks.

    time_constant: R C in s. back_action: charge that the magnet binds, relative to the
    capacitor's own (`IrmenDevice.back_action`). saturation: the level at which the magnet
    saturates, beyond which it binds no more.

    With the charge q = v + back_action m, dq/dt = -v / R C, and a magnet that follows the level,
    m = v up to saturation: below it the level decays with (1 + back_action) R C.
    """

    time_constant: float
    back_action: float
    saturation: float = 1.0

    name = CHARGE
    title = "volatile, its charge leaks"

    @property
    def slowed(self) -> float:
        """Time constant in s of a level below saturation."""
        return (1 + self.back_action) * self.time_constant

    def left(self, level: ArrayLike, time: ArrayLike) -> Floats:
        """Return what is left of levels."""
        size, t = np.abs(level), np.asarray(time, float)
        above = self.time_constant * np.log(np.maximum(size / self.saturation, 1))
        fast, slow = np.minimum(t, above), np.maximum(t - above, 0)
        kept = np.exp(-fast / self.time_constant - slow / self.slowed)
        return np.asarray(level * kept)


@dataclass(frozen=True)
class Remanent(Storage):
    """Grains of a ferroelectric ME layer, some of them along the level, the others at random.

    share: of a level that is the grains'; the rest is voltage, which leaks (`leak`). grains: in a
    cell. barrier: mean of what a grain has to cross, in kT. relative_spread: standard deviation of
    the switching field of grains, and so of their barriers, over the mean. attempt_time: s.

    The weakest grains are those that a write turns first, and that flip back first. After a time
    t those are gone whose waiting time, attempt_time exp(barrier) x (an exponential number), is
    over: a share of all grains that is the same for every level.
    """

    share: float
    grains: int
    barrier: float
    relative_spread: float
    attempt_time: float
    leak: Charge

    name = REMANENT
    title = "remanent, its grains drift"

    def lost(self, time: ArrayLike) -> Floats:
        """Return the share of all grains that have flipped back after times in s."""
        mean = self.barrier + math.log(self.attempt_time) - _EULER
        deviation = math.hypot(self.barrier * self.relative_spread, math.sqrt(_GUMBEL))
        with np.errstate(divide="ignore"):
            z = (np.log(np.asarray(time, float)) - mean) / deviation
        return np.asarray(_normal(z))

    def left(self, level: ArrayLike, time: ArrayLike) -> Floats:
        """Return what is left of levels."""
        size = np.abs(level)
        aligned = self.share * np.minimum(size, 1)
        kept = np.maximum(aligned - self.share * self.lost(time), 0)
        return np.asarray(np.sign(level) * (kept + self.leak.left(size - aligned, time)))

    @property
    def spread(self) -> float:
        """Deviation of a level 0: all grains at random."""
        return self.share / math.sqrt(self.grains)

    @property
    def voltage_share(self) -> float:
        """Share of a level that the grains leave to the voltage."""
        return 1 - self.share

    def drift(self, time: float) -> float:
        """Return how far a level moves in a decade of time about a time in s."""
        root = math.sqrt(10)
        lost = self.lost([time / root, time * root])
        return self.share * float(lost[1] - lost[0])


@dataclass(frozen=True)
class Droop(Storage):
    """An analog memory that a constant current discharges. rate: levels a second."""

    rate: float

    name = "droop"
    title = "volatile, its memory droops"
    unpowered = False  # the switch that isolates the capacitor needs its supply to stay open

    def left(self, level: ArrayLike, time: ArrayLike) -> Floats:
        """Return what is left of levels."""
        kept = np.maximum(np.abs(level) - self.rate * np.asarray(time, float), 0)
        return np.asarray(np.sign(level) * kept)


def lasting(seconds: float) -> str:
    """Return a time as text in a unit that suits its size, up to ten years."""
    return "more than 10 years" if seconds > MOST else readable_time(seconds)


_normal = np.vectorize(lambda z: math.erfc(-z / math.sqrt(2)) / 2, otypes=[float])
