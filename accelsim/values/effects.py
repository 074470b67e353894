"""The non-ideal effects of a machine, as the numbers that the values engine applies.

Each effect is switched by `effects.active` of the machine file; one that is off has the
value that changes nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from accelsim.config import Machine, response_of
from accelsim.config.effects import EFFECTS
from accelsim.device.storage import Storage
from accelsim.device.technologies import TECHNOLOGIES, magnet_cell, storage_of
from accelsim.device.variation import IrmenVariation, Spread
from accelsim.errors import InputError
from accelsim.units import PS_PER_S
from accelsim.values.ageing import Ageing
from accelsim.values.tables import Tables, linear, of_response
from accelsim.wording import given

OF_CELL = frozenset({"transfer", "read_noise", "write_noise", "settling"})
"""Effects that a cell's `noise:` and `response:` tell."""


@dataclass(frozen=True)
class Effects:
    """What a value suffers. Deviations in units of the full scale, times in ps.

    weight_bits: of a convolution's weights; 0: not quantized. synapse_variation: relative
    standard deviation of a synapse's gain, fixed on a die. cell: what it makes of a level and
    how noisy a read of it is. write_noise: of each level driven. storage: what a level becomes;
    None: it decays with retention_ps, a time constant; infinite: not at all. refresh_ps: the
    interval in which all levels are brought back. stuck_cells: share of cells that are stuck at
    -1 or 1. seed: of die and noise. spread: how cells differ; None: all alike. adc_bits,
    dac_bits: of codes in the SRAM; 0: not rounded.
    """

    weight_bits: int = 0
    synapse_variation: float = 0.0
    cell: Tables = field(default_factory=linear)
    write_noise: float = 0.0
    retention_ps: float = math.inf
    storage: Storage | None = None
    refresh_ps: float = math.inf
    stuck_cells: float = 0.0
    seed: int = 0
    spread: Spread | None = None
    adc_bits: int = 0
    dac_bits: int = 0

    @classmethod
    def of(
        cls, machine: Machine, seed: int, names: Sequence[str] | None = None
    ) -> "Effects | None":
        """Return the effects that are active on a machine, or None for ideal cells.

        names: of those that are; None: as the machine file says.

        Raises InputError for a seed that is none, and if an active effect has no figure in the
        machine file.
        """
        check_seed(seed)
        section = machine.effects
        if names is None:
            names = section.names() if section is not None else ()
        active = frozenset(names)
        if not active:
            return None
        if machine.noise is None and active & OF_CELL:
            raise InputError(
                f"machine '{machine.name}': effects.active names effects of the cell, but the "
                "machine has no 'noise' section; name a device file with 'device', or choose "
                f"among {', '.join(name for name in EFFECTS if name not in OF_CELL)}"
            )
        found: dict[str, float] = {}
        if section is not None:
            found = {
                "weight_bits": section.weight_bits.value,
                "synapse_variation": section.synapse_variation.value,
                "stuck_cells": section.stuck_cells.value,
            }
        chosen = {key: value for key, value in found.items() if key in active}
        cell, write_noise = cell_of(machine, active)
        effects = cls(
            **chosen,  # type: ignore[arg-type]  # bits are an int
            cell=cell,
            write_noise=write_noise,
            seed=seed,
            spread=spread_of(machine),
            **_converter_bits(machine, active),  # type: ignore[arg-type]  # by name
        )
        return _with_retention(effects, machine) if "retention" in active else effects

    @property
    def ageing(self) -> Ageing:
        """What a stored value becomes with its age."""
        return Ageing(self.storage, self.retention_ps, self.refresh_ps)


def _with_retention(effects: Effects, machine: Machine) -> Effects:
    """Return effects with what holds the levels of a machine: its time constant, or its cell."""
    section, interval = machine.effects, machine.banks.refresh_interval
    refresh = math.inf if interval is None else float(interval.value)
    if section is not None and section.retention is not None:
        constant = section.retention.value * PS_PER_S
        return replace(effects, retention_ps=constant, refresh_ps=refresh)
    storage = storage_of(machine)
    if storage is None:
        raise InputError(
            f"machine '{machine.name}': effects.active names 'retention', but the machine has "
            "neither a time constant 'effects.retention' nor a section 'cell' that says what "
            "holds its levels"
        )
    return replace(effects, storage=storage, refresh_ps=refresh)


def cell_of(machine: Machine, active: frozenset[str]) -> tuple[Tables, float]:
    """Return what a machine's cell makes of a level, and the noise of the level, under effects."""
    noise = machine.noise
    if noise is None or not active & OF_CELL:
        return linear(), 0.0
    response, share = response_of(machine), _voltage_share(machine)
    write = share * noise.write.value if "write_noise" in active else 0.0
    ktc, shot = noise.readout_ktc.value, noise.shot.value if noise.shot is not None else 0.0
    if response is not None:
        other = math.hypot(ktc * response.ktc_passed, shot * response.shot_passed)
        return of_response(response, other, active, share * share), write
    reads = ktc, shot
    own, settling = noise.read, noise.settling
    assert own is not None and settling is not None  # noqa: S101, PT018 - the schema looked
    read = math.hypot(own.value, *reads) if "read_noise" in active else 0.0
    other = math.hypot(*reads) if "read_noise" in active else 0.0
    if "settling" not in active:
        return linear(read, other=other), write
    shortest = machine.timing.write_cycles.value * machine.period_ps
    return linear(read, settling.value, shortest, other), write


def _voltage_share(machine: Machine) -> float:
    """Return which share of a level the isolated capacitor holds; kT/C of a write acts in it."""
    storage = storage_of(machine)
    return 1.0 if storage is None else storage.voltage_share


def spread_of(machine: Machine) -> Spread | None:
    """Return how the cells of a machine differ; None if they do not, or the effect is off.

    Raises InputError if the effect is named, and the machine does not say how much.
    """
    effects, name = machine.effects, "device_variation"
    if effects is None or name not in effects.names():
        return None
    schema = TECHNOLOGIES[machine.technology].variation
    device = magnet_cell(machine)
    if isinstance(machine.variation, IrmenVariation) and device is not None:
        timing, period = machine.timing, machine.period_ps / PS_PER_S
        phases = (timing.read_cycles.value * period, timing.write_cycles.value * period)
        return Spread.of(device, machine.variation.deviations, phases)
    if schema is not None and effects.active != "all":
        missing = "cell" if device is None else "variation"
        raise InputError(
            f"machine '{machine.name}': effects.active names {name}, but the machine has no "
            f"'{missing}' section; configs/{machine.technology}.yaml shows one"
        )
    return None


def _converter_bits(machine: Machine, active: frozenset[str]) -> dict[str, int]:
    """Return the bits of codes in the SRAM; none if they are exact, or maps never are there."""
    converters = machine.converters
    if "converter_bits" not in active or converters is None or converters.dac is None:
        return {}
    if not machine.keeps_maps_in_sram:
        return {}
    return {"adc_bits": converters.adc.bits.value, "dac_bits": converters.dac.bits.value}


def check_seed(seed: int) -> None:
    """Raise InputError unless a seed is a number that 63 bits hold."""
    if not 0 <= seed < 2**63:
        raise InputError(f"{given('seed', seed)}: expected a whole number from 0 to 2^63 - 1")
