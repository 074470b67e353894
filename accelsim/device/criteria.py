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
LARGEST times its volume). At single sizes in between a swing ends on the saddle m_y = 1, where
a noise-free magnet stays as long as one likes. No magnet is of one size so exactly, or without
noise: the time of a size is the median over those within NEAR of it.
"""

import math
from collections.abc import Mapping

import numpy as np

from accelsim.device.cell import IrmenDevice
from accelsim.device.irmencell import AS_READ, ENVELOPE, MAGNETIZATION
from accelsim.device.response_tables import Response
from accelsim.device.settling import settle_sizes

MEANING: Mapping[str, str] = {
    MAGNETIZATION: "noise-free macrospin after a step of the field: a full swing to half a step",
    ENVELOPE: "envelope of the ringing after a step of the field: a full swing to half a step",
    AS_READ: "what the next read sees after the machine's own charging: to half a step",
}

LARGEST, NEAR = 8.0, 0.03
"""Volumes that count: up to so many times a magnet's; and within such a share of each."""

_BESIDE = 6  # sizes on either side of one, within NEAR


def magnetization(device: IrmenDevice, swing: float, dt: float) -> tuple[float, ...]:
    """Return the settling times in s of a full swing, to 1..8 bits, by `magnetization`.

    Raises InputError for a magnet that rings for more than a microsecond.
    """
    step = math.log1p(NEAR) / _BESIDE
    # Sizes on a grid of volumes that all magnets share: else a larger one could be called slower.
    own = math.log(device.magnet.volume)
    first, last = math.floor(own / step), math.ceil((own + math.log(LARGEST)) / step)
    sizes = np.exp(np.arange(first - _BESIDE, last + _BESIDE + 1) * step - own)
    times = settle_sizes(device, sizes.tolist(), swing, dt)
    near = np.lib.stride_tricks.sliding_window_view(times, 2 * _BESIDE + 1, axis=1)
    return tuple(np.median(near, axis=2).max(axis=1).tolist())


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
