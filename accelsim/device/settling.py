"""How long a write takes: the noise-free magnet after a step of the ME field.

A write is settled at b bits when m_y stays within half a step, 1/2^b of the full scale.
"Stays" is exact: with the drive constant, the energy
Bk (m_y - m_target)^2 / 2 + Bz m_z^2 / 2 only falls, and bounds what is to come.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from accelsim.device.cell import IrmenDevice
from accelsim.device.ensemble import Drive, Ensemble, Progress
from accelsim.errors import InputError
from accelsim.units import render

Floats = NDArray[np.float64]
BITS = tuple(range(1, 9))
_CHUNK = 1000
_LIMIT = 1e-6  # s; a magnet that rings longer is no memory


@dataclass(frozen=True)
class Settling:
    """Settling times in s to 1..8 bits.

    full_swing: of the step from -swing to +swing, the definition of "settled". worst: the
    longest of steps between any two of `levels`, and worst_step: which one.
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
    """Simulate every step between evenly spaced levels in [-swing, swing].

    read_phase: without it, the field steps at time 0, as if the magnet had not moved before
    the capacitor was isolated. With it (s), the whole sequence: the capacitor charges
    during the read phase, the magnet follows, then it is isolated; times count from the
    start and are settled on what the capacitor holds.
    """
    grid = np.linspace(-swing, swing, levels)
    old, new = (pairs.ravel() for pairs in np.meshgrid(grid, grid, indexing="ij"))
    old, new = old[old != new], new[old != new]
    writes = _Writes(device, old, new, dt)
    if read_phase is not None:
        writes.charge(read_phase)
    writes.relax(progress)
    full = int(np.flatnonzero((old == grid[0]) & (new == grid[-1]))[0])
    last = writes.last
    return Settling(
        swing=swing,
        full_swing=tuple(last[:, full].tolist()),
        worst=tuple(last.max(axis=1).tolist()),
        worst_step=tuple((float(old[i]), float(new[i])) for i in last.argmax(axis=1)),
    )


class _Writes:
    """Magnets that are written from one level to another at once, one for each write.

    old, new: levels before and after. dt: s. last: when each magnet was outside half a step the
    last time, in s, shape (precisions, magnets).
    """

    def __init__(self, device: IrmenDevice, old: Floats, new: Floats, dt: float) -> None:
        self._device = device
        self._old, self._new = old, new
        self._held = new  # by the capacitor, once it is isolated
        self._ensemble = Ensemble(device.magnet, len(old), dt)
        self._ensemble.set_level(old * device.full_scale)
        self._done = 0  # steps of time so far
        self.last = np.zeros((len(BITS), len(old)))

    def charge(self, read_phase: float) -> None:
        """Run the read phase: level = old x shape + new x (the rest), in two linear parts."""
        dt, charging = self._ensemble.dt, self._device.charging
        steps = max(1, round(read_phase / dt))
        times = np.arange(steps + 1.0) * dt
        decay, follow = charging(times, 1.0, 0.0), charging(times, 0.0, 1.0)
        self._held = self._old * decay[-1] + self._new * follow[-1]
        fields = [
            self._device.level_field(self._old * share + self._new * rest)
            for share, rest in zip(decay, follow, strict=True)
        ]
        for first, second in pairwise(fields):
            self._advance(Drive(first, second - first, np.array([0.0, 1.0])))

    def relax(self, progress: Progress | None) -> None:
        """Run with the field held until no magnet can leave the smallest half step any more."""
        rate, dt = self._device.magnet.relaxation_rate, self._ensemble.dt
        drive = Drive.constant(self._device.level_field(self._held), _CHUNK)
        expected = self._done + int(np.log(2 / self._tolerance) / rate(0.9) / dt)
        while True:
            self._advance(drive)
            if progress:
                progress(min(self._done, expected), expected)
            if self._is_settled():
                return
            if self._done * dt > _LIMIT:
                raise InputError(
                    f"damping: a write does not settle within {render(_LIMIT, 's')}; "
                    f"the magnet's own time constant is {render(1 / rate(), 's')}"
                )

    @property
    def _target(self) -> Floats:
        return self._held * self._device.full_scale

    @property
    def _tolerance(self) -> float:
        return self._device.full_scale / float(2 ** max(BITS))

    def _is_settled(self) -> bool:
        """Tell whether the energy, which only falls, keeps every magnet inside for good."""
        magnet = self._device.magnet
        _, y, z = self._ensemble.m
        energy = magnet.hard_stiffness * (y - self._target) ** 2 + magnet.normal_stiffness * z * z
        return bool(energy.max() < magnet.hard_stiffness * self._tolerance**2)

    def _advance(self, drive: Drive) -> None:
        """Run on, and note when each magnet was outside half a step of each precision.

        The end of the step counts: settled is the first sample that is inside for good.
        """
        off = np.abs(self._ensemble.run(drive, every=1)[:, 1] - self._target)
        for row, bits in enumerate(BITS):
            outside = off > self._device.full_scale / 2**bits
            seen = outside.any(axis=0)
            latest = len(off) - np.argmax(outside[::-1], axis=0)
            self.last[row, seen] = (self._done + latest[seen] + 1) * self._ensemble.dt
        self._done += len(off)
