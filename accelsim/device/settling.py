"""How long a write takes: the noise-free magnet after a step of the ME field.

A write is settled at b bits when m_y stays within half a step, 1/2^b of the full scale.
Every step between two levels is simulated, all side by side: the read phase if it is asked
for (`_charge`), then the relaxation to what the capacitor holds (`_relax`), while `_Watch`
looks at each sample. Times in s, levels in [-1, 1].
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accelsim.device.cell import IrmenDevice
from accelsim.device.ensemble import Drive, Ensemble
from accelsim.device.magnet import Magnet
from accelsim.device.technology import BITS, Progress
from accelsim.errors import InputError
from accelsim.units import render

Floats = NDArray[np.float64]
_CHUNK = 1000  # time steps between two looks at whether all is settled
LIMIT = 1e-6
"""A magnet that rings longer than this, in s, is no memory."""

_RAMP = np.array([0.0, 1.0])


@dataclass(frozen=True)
class Settling:
    """Settling times in s to 1..8 bits.

    full_swing: of the step from -swing to +swing, the definition of "settled". worst: the
    longest of steps between any two of the levels, and worst_step: which one.
    """

    swing: float
    full_swing: tuple[float, ...]
    worst: tuple[float, ...]
    worst_step: tuple[tuple[float, float], ...]

    def at(self, bits: int) -> float:
        """Return the settling time of the full swing."""
        return self.full_swing[bits - 1]


def settle(
    device: IrmenDevice,
    swing: float,
    dt: float,
    read_phase: float | None = None,
    levels: int = 13,
    progress: Progress | None = None,
) -> Settling:
    """Simulate every step between `levels` evenly spaced levels in [-swing, swing].

    read_phase: without it, the field steps at time 0, as if the magnet had not moved before
    the capacitor was isolated. With it (s), the whole sequence: the capacitor charges
    during the read phase, the magnet follows, then it is isolated; times count from the
    start and are settled on what the capacitor holds.

    Raises InputError for a magnet that rings for more than a microsecond.
    """
    old, new = _steps_between(np.linspace(-swing, swing, levels))
    ensemble = Ensemble(device.magnet, len(old), dt)
    ensemble.set_level(old * device.full_scale)
    if read_phase is None:
        watch = _Watch(device, new, dt)
    else:
        charging = _Charging.of(device, old, new, read_phase, dt)
        watch = _Watch(device, charging.held, dt)
        _charge(device, ensemble, charging, watch)
    _relax([device.magnet], device.full_scale, ensemble, watch, progress)
    return _summary(swing, old, new, watch.settled)


def settle_sizes(device: IrmenDevice, sizes: Sequence[float], swing: float, dt: float) -> Floats:
    """Return when magnets of some sizes, in volumes of the device's, are settled.

    After a step of the field from -swing to +swing; in s, to 1..8 bits: (8, sizes). Raises
    InputError as `settle` does.
    """
    magnets = [device.magnet.with_volume(device.magnet.volume * size) for size in sizes]
    ensemble = Ensemble(magnets, len(magnets), dt)
    ensemble.set_level(-swing * device.full_scale)
    watch = _Watch(device, np.full(len(magnets), swing), dt)
    _relax(magnets, device.full_scale, ensemble, watch, None)
    return watch.settled


def _steps_between(levels: Floats) -> tuple[Floats, Floats]:
    """Return the old and the new level of every step between two different levels."""
    old, new = (pairs.ravel() for pairs in np.meshgrid(levels, levels, indexing="ij"))
    moves = old != new
    return old[moves], new[moves]


def _summary(swing: float, old: Floats, new: Floats, settled: Floats) -> Settling:
    """Return the result for the times (precisions, steps) that each step settled at."""
    full = int(np.flatnonzero((old == old.min()) & (new == new.max()))[0])
    longest = settled.argmax(axis=1)
    return Settling(
        swing=swing,
        full_swing=tuple(settled[:, full].tolist()),
        worst=tuple(settled.max(axis=1).tolist()),
        worst_step=tuple((float(old[i]), float(new[i])) for i in longest),
    )


class _Watch:
    """Looks at m_y after every time step, and keeps when it was last outside half a step.

    held: the level on each capacitor, on which its magnet settles. steps: time steps seen.
    settled: for each precision and magnet, the first time (s) from which on it was inside.
    """

    def __init__(self, device: IrmenDevice, held: Floats, dt: float) -> None:
        self.held, self.dt, self.steps = held, dt, 0
        self.target = held * device.full_scale
        self.settled = np.zeros((len(BITS), len(held)))
        self._half_steps = [device.full_scale / float(2**bits) for bits in BITS]

    @property
    def finest(self) -> float:
        """The smallest half step, of m_y."""
        return self._half_steps[-1]

    def see(self, y: Floats) -> None:
        """Take m_y, shape (samples, magnets), of the time steps that follow those seen."""
        off = np.abs(y - self.target)
        for settled, half_step in zip(self.settled, self._half_steps, strict=True):
            outside = off > half_step
            ever = outside.any(axis=0)
            last = self.steps + len(y) - np.argmax(outside[::-1], axis=0)
            settled[ever] = (last[ever] + 1) * self.dt
        self.steps += len(y)


@dataclass(frozen=True)
class _Charging:
    """Levels on the capacitors during a read phase, in two linear parts.

    decay, follow: shares of the old and of the new level after each number of time steps.
    """

    old: Floats
    new: Floats
    decay: Floats
    follow: Floats

    @classmethod
    def of(
        cls, device: IrmenDevice, old: Floats, new: Floats, read_phase: float, dt: float
    ) -> "_Charging":
        """Return the charging in a read phase (s), of one time step at least."""
        times = np.arange(max(1, round(read_phase / dt)) + 1.0) * dt
        return cls(old, new, device.charging(times, 1.0, 0.0), device.charging(times, 0.0, 1.0))

    @property
    def steps(self) -> int:
        """Number of time steps."""
        return len(self.decay) - 1

    @property
    def held(self) -> Floats:
        """What the capacitors hold when they are isolated."""
        return self.level(self.steps)

    def level(self, step: int) -> Floats:
        """Return the levels after a number of time steps."""
        return np.asarray(self.old * self.decay[step] + self.new * self.follow[step])


def _charge(device: IrmenDevice, ensemble: Ensemble, charging: _Charging, watch: _Watch) -> None:
    """Run the read phase: the field follows the capacitors, a ramp in each time step."""
    field = device.level_field(charging.level(0))
    for step in range(1, charging.steps + 1):
        following = device.level_field(charging.level(step))
        drive = Drive(field, following - field, _RAMP)
        watch.see(ensemble.run(drive, every=1)[:, 1])
        field = following


def _relax(
    magnets: Sequence[Magnet],
    full_scale: float,
    ensemble: Ensemble,
    watch: _Watch,
    progress: Progress | None,
) -> None:
    """Run with the field held until no magnet can leave the smallest half step any more.

    magnets: of each member of the ensemble, or one for all.
    """
    rate, dt = min(magnet.relaxation_rate(0.9) for magnet in magnets), watch.dt
    expected = watch.steps + int(np.log(2 / watch.finest) / rate / dt)
    hard = np.array([magnet.hard_stiffness for magnet in magnets])
    normal = np.array([magnet.normal_stiffness for magnet in magnets])
    drive = Drive.constant(watch.held * full_scale * hard, _CHUNK)
    while True:
        watch.see(ensemble.run(drive, every=1)[:, 1])
        if progress:
            progress(min(watch.steps, expected), expected)
        if _at_rest(hard, normal, ensemble, watch):
            return
        if watch.steps * dt > LIMIT:
            raise rings_too_long(magnets[0])


def rings_too_long(magnet: Magnet) -> InputError:
    """Return the error of a magnet that rings for more than LIMIT."""
    own = render(1 / magnet.relaxation_rate(), "s")
    return InputError(
        f"damping: a write does not settle within {render(LIMIT, 's')}; "
        f"the magnet's own time constant is {own}"
    )


def _at_rest(hard: Floats, normal: Floats, ensemble: Ensemble, watch: _Watch) -> bool:
    """Tell whether every magnet stays within the smallest half step for good.

    Exact: with the drive constant, the energy Bk (m_y - m_target)^2 / 2 + Bz m_z^2 / 2 only
    falls, so it bounds what is to come.
    """
    _, y, z = ensemble.m
    energy = hard * (y - watch.target) ** 2 + normal * z * z
    return bool((energy < hard * watch.finest**2).all())
