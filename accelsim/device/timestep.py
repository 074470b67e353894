"""Whether a time step is short enough: the reported figures, and the same at half of it.

Two figures stand for all that is reported. Without thermal field, how long a full swing takes
to settle, to each precision. With it, the noise of a read, before and after the RC: the field
of a step is the sum of the draws of its two halves, so that both runs see the same thermal
motion, and what differs is the step. At level 0, where precession is fastest and a step has
the most to do; and where both runs keep to one path, which towards saturation they leave
within a nanosecond, so that chance would be compared instead.
"""

import math
from dataclasses import dataclass

import numpy as np

from accelsim.device.cell import IrmenDevice
from accelsim.device.ensemble import Drive, Ensemble, Floats
from accelsim.device.magnet import TimeStepError
from accelsim.device.noise import observe
from accelsim.device.settling import LIMIT, rings_too_long
from accelsim.device.technology import BITS
from accelsim.units import render

TOLERANCE = 0.02
"""What halving the time step may change of a settling time and of a noise, in parts of it."""

_CELLS = 512  # on common draws: an error of a tenth of the tolerance
_SEED = 1
_FORGOTTEN = 2  # relaxation times before a read; both runs start it alike
_LONGEST_READ = 1e-9  # s
_HALVINGS, _MOST_STEPS = 10, 2_000_000
_START, _STARTS = 0.005, 17
_CHUNK = 1000  # time steps of swings that are kept at once


@dataclass(frozen=True)
class Halving:
    """What changes when a time step dt (s) is halved, as a part of each figure."""

    dt: float
    settling: float
    noise: float

    @property
    def passes(self) -> bool:
        """Tell whether nothing changes by more than the tolerance."""
        return max(self.settling, self.noise) <= TOLERANCE

    @property
    def worst(self) -> str:
        """Say what changes most."""
        if self.settling > self.noise:
            return f"the settling time of a full swing changes by {100 * self.settling:.2g} %"
        return f"the noise of a read changes by {100 * self.noise:.2g} %"


def check_time_step(device: IrmenDevice, dt: float) -> None:
    """Raise TimeStepError unless a time step (s) is short enough for a cell.

    The message names what changes at half the step, by how much, and a step that passes.
    """
    found = halve(device, dt)
    if found.passes:
        return
    raise TimeStepError(
        f"{render(dt, 's')} is too long for this cell: at half of it {found.worst}, "
        f"more than {100 * TOLERANCE:g} %; {_passing(device, dt)}"
    )


def halve(device: IrmenDevice, dt: float) -> Halving:
    """Return what changes at half of a time step.

    Raises InputError for one that is unstable, and for a magnet that never comes to rest.
    """
    device.magnet.check_step(dt)
    if _swing_time(device) > 2 * LIMIT:
        raise rings_too_long(device.magnet)
    return Halving(dt, _settling(device, dt), _noise(device, dt))


def _passing(device: IrmenDevice, dt: float) -> str:
    for power in range(1, _HALVINGS + 1):
        step = dt / 2**power
        if _swing_time(device) / step > _MOST_STEPS:
            return "none that is long enough to simulate with passes"
        if halve(device, step).passes:
            return f"{render(step, 's')} passes"
    return f"nothing down to {render(step, 's')} passes"


def _settling(device: IrmenDevice, dt: float) -> float:
    """Return the largest change of the settling time of a full swing, over precisions.

    Some times are sensitive with any step. Where a peak of the ringing just touches half a
    step, the last crossing jumps by half a period; and for some sizes the swing comes to rest
    at saturation, for a moment that depends on every detail. So the step is asked for what is
    true of a swing close by: the time has to be among those for half steps larger or smaller
    by the tolerance, and swings that start as much as _START away.
    """
    (coarse,) = _swings(device, dt, 1, np.ones(1))
    fine = _swings(device, dt, 2, np.linspace(1 - _START, 1 + _START, _STARTS))
    worst = 0.0
    for bits in BITS:
        half_step = device.full_scale / 2.0**bits
        found = _last_outside(coarse, half_step) * dt
        early, late = (
            [_last_outside(off, half_step * (1 + sign * TOLERANCE)) * dt / 2 for off in fine]
            for sign in (1, -1)
        )
        worst = max(worst, (min(early) - found) / max(late), (found - max(late)) / max(late))
    return worst


def _swing_time(device: IrmenDevice) -> float:
    """Return a time in s after which a full swing has settled to all precisions."""
    swing = device.cell.swing.value
    slowest = min(-rate.real for rate in device.magnet.eigenvalues(swing))
    return math.log(8 * swing * 2 ** BITS[-1]) / slowest


def _swings(device: IrmenDevice, dt: float, parts: int, starts: Floats) -> Floats:
    """Return abs(m_y - target) after each step of dt/parts of full swings that settle.

    starts: of each swing, in units of the level it starts from. Shape (swings, steps).
    """
    magnet, swing = device.magnet, device.cell.swing.value
    left = parts * math.ceil(_swing_time(device) / dt)
    ensemble = Ensemble(magnet, len(starts), dt / parts, threads=1)
    ensemble.set_level(-swing * device.full_scale * starts)
    moved = []
    while left > 0:
        drive = Drive.constant(device.level_field(swing), min(left, _CHUNK))
        moved.append(ensemble.run(drive, every=1)[:, 1].copy())
        left -= drive.steps
    return np.abs(np.concatenate(moved).T - swing * device.full_scale)


def _last_outside(off: Floats, limit: float) -> float:
    """Return when off, of steps 1, 2, ..., last falls below a limit, between two steps."""
    outside = np.flatnonzero(off > limit)
    if not len(outside):
        return 1.0
    last = int(outside[-1])
    if last + 1 == len(off):
        return float(len(off))
    return last + 1 + float((off[last] - limit) / (off[last] - off[last + 1]))


def _noise(device: IrmenDevice, dt: float) -> float:
    """Return the largest change of the noise of a read, before and after the RC."""
    coarse, fine = (_read(device, dt, parts) for parts in (1, 2))
    return float(np.abs(coarse / fine - 1).max())


def _read(device: IrmenDevice, dt: float, parts: int) -> Floats:
    """Return noise before and after the RC of cells at level 0, in steps of dt/parts."""
    ensemble = Ensemble(device.magnet, _CELLS, dt / parts, _SEED, draws=3 - parts)
    steps = math.ceil(_FORGOTTEN / device.magnet.relaxation_rate() / dt)
    ensemble.run(Drive.constant(0.0, parts * steps))
    noise = observe(device, ensemble, [0.0], _LONGEST_READ)
    return np.array([noise.instantaneous[0], noise.rms(_LONGEST_READ)])
