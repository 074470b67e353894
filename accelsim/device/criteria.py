"""When a write counts as settled: three criteria, and the cycles that each asks for.

    magnetization   the noise-free magnet after a step of the field at isolation: a full swing
                    stays within half a step. Conservative: it gives the write no credit for
                    what the magnet did while the capacitor charged
    envelope        the same step, by the envelope of the ringing instead of its last crossing
    as_read         what the next step reads, after the machine's own charging: what is left of
                    the old value, ringing averaged by the read-out, is within half a step

A last crossing jumps by half a period of the ringing where a peak just touches half a step, so
settling by it alone is not monotonic in the size of the magnet. By `magnetization` a magnet is
therefore not called faster than any larger one of its kind (same thickness and shape, up to
LARGEST times its volume).
"""

import math
from collections.abc import Mapping

import numpy as np

from accelsim.device.cell import AS_READ, ENVELOPE, MAGNETIZATION, IrmenDevice
from accelsim.device.ensemble import Drive, Ensemble, Floats
from accelsim.device.technology import BITS, Response

MEANING: Mapping[str, str] = {
    MAGNETIZATION: "noise-free macrospin after a step of the field: a full swing to half a step",
    ENVELOPE: "envelope of the ringing after a step of the field: a full swing to half a step",
    AS_READ: "what the next read sees after the machine's own charging: to half a step",
}

LARGEST, _SIZES = 8.0, 97
_LONGEST = 20  # relaxation times


def magnetization(device: IrmenDevice, swing: float, dt: float) -> tuple[float, ...]:
    """Return the settling times in s of a full swing, to 1..8 bits, by `magnetization`."""
    magnet = device.magnet
    sizes = np.geomspace(1, LARGEST, _SIZES)
    magnets = [magnet, *(magnet.with_volume(magnet.volume * size) for size in sizes[1:])]
    ensemble = Ensemble(magnets, len(magnets), dt)
    ensemble.set_level(-swing * device.full_scale)
    fields = np.array([each.hard_stiffness for each in magnets]) * device.full_scale * swing
    steps = math.ceil(_LONGEST / magnet.relaxation_rate(swing) / dt)
    y = ensemble.run(Drive.constant(fields, steps), every=1)[:, 1] / device.full_scale
    return tuple(_last_outside(np.abs(y - swing), 1 / 2**bits) * dt for bits in BITS)


def _last_outside(off: Floats, half_step: float) -> int:
    """Return after how many steps no magnet is outside any more."""
    outside = (off > half_step).any(axis=1)
    return 0 if not outside.any() else int(np.flatnonzero(outside)[-1]) + 2


def envelope(device: IrmenDevice, swing: float, bits: int) -> float:
    """Return the settling time in s of a full swing by `envelope`: ln(2 swing 2^bits) / rate."""
    return math.log(2 * swing * 2**bits) / device.magnet.relaxation_rate(swing)


def as_read(response: Response, swing: float, bits: int) -> int | None:
    """Return the least write cycles by `as_read`; None if the response has not that many."""
    levels = response.old_levels
    # Up to the first level that is not below the swing.
    inside = np.abs(levels) < swing + (levels[1] - levels[0]) - 1e-9
    for cycles, carry in enumerate(response.carry, 1):
        if np.abs(carry[np.ix_(inside, inside)]).max() <= 1 / 2**bits:
            return cycles
    return None
