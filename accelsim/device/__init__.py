"""Device physics: from the nanomagnet to the cycles and the noise of the machine.

`magnet` and `geometry` are the macrospin, `llg` with `streams` and `ensemble` its stochastic
dynamics, `cell` the IRMEN cell around it, `charge` its charge-based rival; `settling`,
`noise` and `characterize` derive what the machine needs. Nothing here knows the machine
beyond its `cell:` section, clock and precision.
"""

from accelsim.device.cell import DeviceWarning, IrmenDevice
from accelsim.device.characterize import (
    ChargeResult,
    IrmenResult,
    Numerics,
    Timing,
    characterize,
)
from accelsim.device.charge import ChargeDevice
from accelsim.device.ensemble import Drive, Ensemble
from accelsim.device.magnet import Magnet
from accelsim.device.result import device_yaml, write_device_file

__all__ = [
    "ChargeDevice",
    "ChargeResult",
    "DeviceWarning",
    "Drive",
    "Ensemble",
    "IrmenDevice",
    "IrmenResult",
    "Magnet",
    "Numerics",
    "Timing",
    "characterize",
    "device_yaml",
    "write_device_file",
]
