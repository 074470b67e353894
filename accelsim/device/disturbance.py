"""What a read does to the state: the magnet's answer to the field of the read current.

Without thermal field, so that nothing else moves the magnet.
"""

from dataclasses import dataclass

import numpy as np

from accelsim.device.cell import IrmenDevice
from accelsim.device.ensemble import Drive, Ensemble

# Relaxation times after the pulse at which what is left is noted.
_AFTER = 5


@dataclass(frozen=True)
class Disturbance:
    """Change of m_y by one read pulse, the largest over levels, in units of m = 1.

    during: its peak, overshoot included. remaining: five relaxation times after the pulse.
    """

    during: float
    remaining: float


def read_disturbance(
    device: IrmenDevice, read_phase: float, dt: float, levels: int = 13
) -> Disturbance:
    """Apply one read pulse of `read_phase` seconds to magnets at rest from -swing to +swing."""
    swing = device.cell.swing.value
    level = np.linspace(-swing, swing, levels)
    ensemble = Ensemble(device.magnet, levels, dt)
    ensemble.set_level(level * device.full_scale)
    pulse = round(read_phase / dt)
    rest = round(_AFTER / device.magnet.relaxation_rate(swing) / dt)
    shape = np.concatenate([np.ones(pulse + 1), np.zeros(rest)])
    drive = Drive(device.level_field(level), device.read_field, shape)
    moved = np.abs(ensemble.run(drive, every=1)[:, 1] - level * device.full_scale)
    return Disturbance(during=float(moved.max()), remaining=float(moved[-1].max()))
