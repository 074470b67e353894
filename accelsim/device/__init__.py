"""Device physics: from the nanomagnet to the cycles and the noise of the machine.

`technologies` lists the cell technologies, each a class as `technology` describes it: `irmen`,
and its charge-based rival `charge`. `cell` is the IRMEN cell around its nanomagnet (`magnet`,
`geometry`); `llg` with `streams` and `ensemble` is the stochastic dynamics of magnets;
`settling`, `noise` and `spintronic` derive from it what the machine needs; `timestep` refuses
time steps that change it, and `switching` is the theory of jumps of the easy direction.
`variation` is how cells of a die differ, on what `equilibrium` has of a magnet in the heat;
`conversion` what length a read needs. `storage` is what holds a level, `melayer` which of it an
IRMEN cell has. Nothing here knows the machine beyond its `cell:` section, clock and precision.
"""

from typing import TYPE_CHECKING

from accelsim.lazy import lazy_names

if TYPE_CHECKING:
    from accelsim.device.cell import DeviceWarning, IrmenDevice
    from accelsim.device.charge import ChargeDevice, ChargeResult
    from accelsim.device.ensemble import Drive, Ensemble
    from accelsim.device.magnet import Magnet
    from accelsim.device.result import device_yaml, write_device_file
    from accelsim.device.spintronic import IrmenResult
    from accelsim.device.technologies import TECHNOLOGIES, characterize, magnet_cell
    from accelsim.device.technology import Characterization, Numerics, Phases, Technology
    from accelsim.device.timestep import check_time_step

__all__ = [
    "TECHNOLOGIES",
    "Characterization",
    "ChargeDevice",
    "ChargeResult",
    "DeviceWarning",
    "Drive",
    "Ensemble",
    "IrmenDevice",
    "IrmenResult",
    "Magnet",
    "Numerics",
    "Phases",
    "Technology",
    "characterize",
    "check_time_step",
    "device_yaml",
    "magnet_cell",
    "write_device_file",
]

# Loaded when first used: a machine file needs the schema of its cell, and not numba.
_LAZY = {
    "TECHNOLOGIES": "technologies",
    "Characterization": "technology",
    "ChargeDevice": "charge",
    "ChargeResult": "charge",
    "DeviceWarning": "cell",
    "Drive": "ensemble",
    "Ensemble": "ensemble",
    "IrmenDevice": "cell",
    "IrmenResult": "spintronic",
    "Magnet": "magnet",
    "Numerics": "technology",
    "Phases": "technology",
    "Technology": "technology",
    "characterize": "technologies",
    "check_time_step": "timestep",
    "device_yaml": "result",
    "magnet_cell": "technologies",
    "write_device_file": "result",
}

__getattr__, __dir__ = lazy_names(globals(), _LAZY)
