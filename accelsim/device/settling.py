"""How long a write takes: the noise-free magnet after a step of the ME field.

A write is settled at b bits when m_y stays within half a step, 1/2^b of the full scale.
"Stays" is exact: with the drive constant, the energy
Bk (m_y - m_target)^2 / 2 + Bz m_z^2 / 2 only falls, and bounds what is to come.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accelsim.device.cell import IrmenDevice
from accelsim.device.ensemble import Drive, Ensemble
from accelsim.device.technology import BITS, Progress
from accelsim.errors import InputError
from accelsim.units import render

Floats = NDArray[np.float64]
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
    bits: Sequence[int] = BITS,
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
    ensemble = Ensemble(device.magnet, len(old), dt)
    ensemble.set_level(old * device.full_scale)
    last = np.zeros((len(bits), len(old)))
    held, elapsed = new, 0.0
    if read_phase is not None:
        held, elapsed = _charge(device, ensemble, old, new, read_phase, last, bits)
    _relax(device, ensemble, held, elapsed, last, bits, progress)
    full = int(np.flatnonzero((old == grid[0]) & (new == grid[-1]))[0])
    worst = last.argmax(axis=1)
    return Settling(
        swing=swing,
        full_swing=tuple(last[:, full].tolist()),
        worst=tuple(last.max(axis=1).tolist()),
        worst_step=tuple((float(old[i]), float(new[i])) for i in worst),
    )


def _charge(
    device: IrmenDevice,
    ensemble: Ensemble,
    old: Floats,
    new: Floats,
    read_phase: float,
    last: Floats,
    bits: Sequence[int],
) -> tuple[Floats, float]:
    """Run the read phase: level = old x shape + new x (the rest), in two linear parts."""
    steps = max(1, round(read_phase / ensemble.dt))
    times = np.arange(steps + 1.0) * ensemble.dt
    decay = device.charging(times, 1.0, 0.0)
    follow = device.charging(times, 0.0, 1.0)
    held = old * decay[-1] + new * follow[-1]
    for k in range(steps):
        ends = [old * decay[i] + new * follow[i] for i in (k, k + 1)]
        first, second = (device.level_field(level) for level in ends)
        moved = ensemble.run(Drive(first, second - first, np.array([0.0, 1.0])), every=1)
        _note(last, moved[:, 1], held * device.full_scale, (k, ensemble.dt), bits, device)
    return held, steps * ensemble.dt


def _relax(
    device: IrmenDevice,
    ensemble: Ensemble,
    held: Floats,
    elapsed: float,
    last: Floats,
    bits: Sequence[int],
    progress: Progress | None,
) -> None:
    """Run with the field held until no magnet can leave the smallest half step any more."""
    magnet, target = device.magnet, held * device.full_scale
    tolerance = device.full_scale / 2 ** max(bits)
    drive = Drive.constant(device.level_field(held), _CHUNK)
    start = done = round(elapsed / ensemble.dt)
    expected = start + int(np.log(2 / tolerance) / magnet.relaxation_rate(0.9) / ensemble.dt)
    while True:
        moved = ensemble.run(drive, every=1)
        _note(last, moved[:, 1], target, (done, ensemble.dt), bits, device)
        done += _CHUNK
        if progress:
            progress(min(done, expected), expected)
        _, y, z = ensemble.m
        energy = magnet.hard_stiffness * (y - target) ** 2 + magnet.normal_stiffness * z * z
        if energy.max() < magnet.hard_stiffness * tolerance**2:
            return
        if done * ensemble.dt > _LIMIT:
            raise InputError(
                f"damping: a write does not settle within {render(_LIMIT, 's')}; "
                f"the magnet's own time constant is {render(1 / magnet.relaxation_rate(), 's')}"
            )


def _note(
    last: Floats,
    y: Floats,
    target: Floats,
    start: tuple[int, float],
    bits: Sequence[int],
    device: IrmenDevice,
) -> None:
    """Note for each precision when each magnet was outside half a step, the last time.

    y: shape (samples, magnets), every step after step `start[0]`, of length start[1].
    The end of that step counts: settled is the first sample that is inside for good.
    """
    off = np.abs(y - target)
    first, dt = start
    for row, b in enumerate(bits):
        outside = off > device.full_scale / 2**b
        seen = outside.any(axis=0)
        latest = len(y) - np.argmax(outside[::-1], axis=0)
        last[row, seen] = (first + latest[seen] + 1) * dt
