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
from accelsim.device.response_tables import Response
from accelsim.device.settling import settle_sizes

MEANING: Mapping[str, str] = {
    MAGNETIZATION: "noise-free macrospin after a step of the field: a full swing to half a step",
    ENVELOPE: "envelope of the ringing after a step of the field: a full swing to half a step",
    AS_READ: "what the next read sees after the machine's own charging: to half a step",
}

LARGEST, _SIZES = 8.0, 97


def magnetization(device: IrmenDevice, swing: float, dt: float) -> tuple[float, ...]:
    """Return the settling times in s of a full swing, to 1..8 bits, by `magnetization`.

    Raises InputError for a magnet that rings for more than a microsecond.
    """
    return settle_sizes(device, np.geomspace(1, LARGEST, _SIZES).tolist(), swing, dt)


def envelope(device: IrmenDevice, swing: float, bits: int) -> float:
    """Return the settling time in s of a full swing by `envelope`: ln(2 swing 2^bits) / rate."""
    return math.log(2 * swing * 2**bits) / device.magnet.relaxation_rate(swing)


def as_read(response: Response, swing: float, bits: int) -> int | None:
    """Return the least write cycles by `as_read`; None if the response has not that many."""
    levels = response.levels[::2]
    # Up to the first level that is not below the swing.
    inside = np.abs(levels) < swing + (levels[1] - levels[0]) - 1e-9
    own = np.interp(levels[inside], response.levels, response.own)
    apart = np.abs(own) + own.max()
    for cycles, left in enumerate(response.left, 1):
        if np.abs(left[:, inside] * apart).max() <= 1 / 2**bits:
            return cycles
    return None
