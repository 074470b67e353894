"""The non-ideal effects of a machine, as the numbers that the values engine applies.

Each effect is switched by `effects.active` of the machine file; one that is off has the
value that changes nothing.
"""

import math
from dataclasses import dataclass

from accelsim.config import Machine
from accelsim.config.effects import EFFECTS
from accelsim.errors import InputError


@dataclass(frozen=True)
class Effects:
    """What a value suffers. Deviations in units of the full scale, times in ps.

    weight_bits: of a convolution's weights; 0: not quantized. synapse_variation: relative
    standard deviation of a synapse's gain, fixed on a die. cell: what it makes of a level and
    how noisy a read of it is. write_noise: of each level driven. retention_ps: time constant of
    decay; infinite: none. stuck_cells: share of cells that are stuck at -1 or 1. seed: of die
    and noise.
    """

    weight_bits: int = 0
    synapse_variation: float = 0.0
    cell: Tables = field(default_factory=linear)
    write_noise: float = 0.0
    retention_ps: float = math.inf
    stuck_cells: float = 0.0
    seed: int = 0

    @classmethod
    def of(cls, machine: Machine, seed: int) -> "Effects | None":
        """Return the effects that are active on a machine, or None for ideal cells.

        Raises InputError for a seed that is none, and if an active effect has no figure in the
        machine file.
        """
        check_seed(seed)
        section, noise = machine.effects, machine.noise
        active = section.names() if section is not None else ()
        if section is None or not active:
            return None
        if noise is None and set(active) & {"read_noise", "write_noise", "settling"}:
            raise InputError(
                f"machine '{machine.name}': effects.active names effects of the cell, but the "
                "machine has no 'noise' section; name a device file with 'device', or choose "
                f"among {', '.join(name for name in EFFECTS if hasattr(section, name))}"
            )
        found: dict[str, float] = {
            "weight_bits": section.weight_bits.value,
            "synapse_variation": section.synapse_variation.value,
            "stuck_cells": section.stuck_cells.value,
            "retention": section.retention.value * 1e12,
        }
        if noise is not None:
            found["read_noise"] = math.hypot(noise.read.value, noise.readout_ktc.value)
            found["write_noise"] = noise.write.value
            found["settling"] = noise.settling.value
        names = {"settling": "settling_ps", "retention": "retention_ps"}
        chosen = {names.get(name, name): found[name] for name in active}
        return cls(**chosen, seed=seed)  # type: ignore[arg-type]  # bits are an int


def check_seed(seed: int) -> None:
    """Raise InputError unless a seed is a number that 63 bits hold."""
    if not 0 <= seed < 2**63:
        raise InputError(f"seed {seed}: expected a whole number from 0 to 2^63 - 1")
