"""What the shipped cells give: the computed side of the published figures of the device."""

from collections.abc import Mapping
from typing import cast

import numpy as np

from accelsim.config import Machine
from accelsim.device import inputs as keys
from accelsim.device.charge import ChargeResult
from accelsim.device.equilibrium import boltzmann_deviation
from accelsim.device.irmencell import MAGNETIZATION, IrmenCell
from accelsim.device.spintronic import IrmenResult
from accelsim.device.sweep import CUBIC_NM, SweepPoint, sweep
from accelsim.device.technologies import characterize
from accelsim.device.technology import Numerics
from accelsim.documents.constants import Real
from accelsim.reports.runs import Ours, Say

SIZES_NM3 = (1530.0, 5400.0)
YEAR_S = 365.25 * 86400
# Cells for each noise figure: an error of about 2 %, in seconds.
_SAMPLES = 1024


def _of(machine: str, *keys: str) -> tuple[str, ...]:
    return tuple(f"{machine}:{key}" for key in keys)


_SIZED = ("published:volume", *_of("irmen", "cell.anisotropy", "cell.temperature"))
_MOTION = (
    *_SIZED,
    *_of("irmen", "cell.thickness", "cell.shape", "cell.saturation_magnetization", "cell.damping"),
)
_CHARGE_RC = _of(
    "charge", "cell.cell_resistance", "cell.cell_capacitance", "cell.settling_factor",
    "cell.swing", "cell.precision",
)  # fmt: skip
_CHARGE_POWER = _of("charge", "cell.synapses", "cell.ota_power", "cell.amplifier_power")

TAKEN: Mapping[str, tuple[float, str]] = {
    "saturation_magnetization": (1e-6, "MA/m"),
    "damping": (1.0, ""),
    "me_capacitance": (1e15, "fF"),
    "me_coefficient": (1.0, "s/m"),
    "spin_injection_efficiency": (1.0, ""),
    "ir_length": (1e9, "nm"),
    "ir_resistivity": (1e6, "uOhm m"),
}
"""Constants of the cell that are taken over, in the units that they were published in."""

INPUTS: Mapping[str, tuple[str, ...]] = {
    "cell_volume": _of("irmen", *keys.GEOMETRY),
    "stability": ("cell_volume", *_of("irmen", "cell.anisotropy", "cell.temperature")),
    "stability_smallest": _SIZED,
    "stability_largest": _SIZED,
    "storage": _of("irmen", "cell.storage"),
    "anisotropy_field": _of("irmen", "cell.anisotropy", "cell.saturation_magnetization"),
    "shape_stiffness": _of("irmen", *keys.GEOMETRY, "cell.saturation_magnetization"),
    # At a given stability.
    "flip_16": _of("irmen", "cell.attempt_time"),
    "flip_40": _of("irmen", "cell.attempt_time"),
    "flip_59": _of("irmen", "cell.attempt_time"),
    "noise_smallest": _MOTION,
    "noise_largest": _MOTION,
    "noise_smoothing": (*_MOTION, *_of("irmen", *keys.RC, "cell.write_voltage")),
    "transfer_error": _of("irmen", *keys.RESPONSE),
    "read_disturbance": _of("irmen", "cell.read_current", *keys.DYNAMICS),
    "write_ktc": _of("irmen", "cell.me_capacitance", "cell.temperature"),
    "write_energy": _of("irmen", "cell.me_capacitance", "cell.write_voltage"),
    "settling": _of("irmen", *keys.WRITE[MAGNETIZATION]),
    "read_cycles": _of("irmen", *keys.CHARGING, "clock"),
    "write_cycles": ("settling", *_of("irmen", "clock")),
    "charge_settling_rc": _of("charge", "cell.settling_factor", "cell.swing", "cell.precision"),
    "charge_operation_time": _CHARGE_RC,
    "charge_operation_energy": (*_CHARGE_POWER, "charge_operation_time"),
    "charge_synapse_power": _CHARGE_POWER[:2],
    "charge_synapses": _CHARGE_POWER[:1],
    "charge_full_scale": _of("charge", "cell.full_scale"),
    "charge_tap_price": _of("charge", "energy.ota_tap_cycle"),
    "charge_read_cycles": ("charge_operation_time", *_of("charge", "clock")),
    "charge_write_cycles": _of(
        "charge",
        "cell.switch_resistance",
        "cell.memory_capacitance",
        "cell.swing",
        "cell.precision",
        "clock",
    ),
    **{f"cell.{name}": _of("irmen", f"cell.{name}") for name in TAKEN},
}
"""What each figure below follows from: constants of the machines, and other figures."""


_NUMERICS = Numerics(samples=_SAMPLES)


def characterize_irmen(machine: Machine, say: Say) -> IrmenResult:
    """Characterize the IRMEN cell."""
    say("characterizing the IRMEN cell")
    return cast("IrmenResult", characterize(machine, _NUMERICS))


def cell_figures(result: IrmenResult, irmen: Machine, charge: Machine, say: Say) -> dict[str, Ours]:
    """Return the figures of groups `cell`, `constant` and `expected` that physics gives."""
    say("smallest and largest magnet")
    volumes = [size * CUBIC_NM for size in SIZES_NM3]
    ends = sweep(result.device, volumes, irmen.period_ps, _NUMERICS)
    rival = cast("ChargeResult", characterize(charge))
    return {
        **_magnet(result, ends),
        **_noise(result, ends),
        **_electrical(result),
        **_charge(rival, charge),
        **_constants(irmen),
    }


def _magnet(result: IrmenResult, ends: list[SweepPoint]) -> dict[str, Ours]:
    magnet = result.device.magnet
    attempt = result.device.cell.attempt_time.value
    shape = magnet.normal_stiffness - magnet.hard_stiffness
    figures = {
        "stability_smallest": Ours(ends[0].stability, "kT"),
        "stability_largest": Ours(ends[1].stability, "kT"),
        "storage": Ours(None, "", _held(result)),
        "cell_volume": Ours(magnet.volume / CUBIC_NM, "nm^3"),
        "anisotropy_field": Ours(magnet.hard_stiffness * 1e3, "mT"),
        "shape_stiffness": Ours(shape, "T"),
    }
    times = {16: (1e3, "ms"), 40: (1 / YEAR_S, "years"), 59: (1 / YEAR_S, "years")}
    for delta, (scale, unit) in times.items():
        sized = result.device.with_volume(magnet.volume * delta / magnet.stability)
        figures[f"flip_{delta}"] = Ours(sized.magnet.flip_time(attempt) * scale, unit)
    return figures


def _held(result: IrmenResult) -> str:
    """Say what is modelled of the storage."""
    storage = result.storage
    if not storage.decays:
        return f"{storage.name}, by assumption"
    hours = storage.usable_for(result.timing.precision) / 3600
    return f"{storage.name}: {hours:.3g} h"


def _noise(result: IrmenResult, ends: list[SweepPoint]) -> dict[str, Ours]:
    seen = result.seen
    still = [_fluctuation(result, point.volume) for point in ends]
    worst = float(np.abs(seen.own - np.clip(seen.levels, -1, 1)).max())
    after, before = ends[1].sigma, ends[1].instantaneous
    left = result.disturbance.remaining
    return {
        "noise_smallest": Ours(still[0], "of 1"),
        "noise_largest": Ours(still[1], "of 1"),
        "noise_smoothing": Ours(None, "of 1", f"{before:.3f} to {after:.3f}"),
        "transfer_error": Ours(None, "of 1", f"{worst:.3f} of 1"),
        "read_disturbance": Ours(None, "of 1", f"{left:.1g} of 1"),
    }


def _fluctuation(result: IrmenResult, volume: float) -> float:
    """Return the deviation of m_y about 0 in thermal equilibrium, of a magnet of a volume."""
    return float(boltzmann_deviation(result.device.with_volume(volume), 0.0).item())


def _electrical(result: IrmenResult) -> dict[str, Ours]:
    device, timing = result.device, result.timing
    ktc = device.write_ktc * device.full_scale_voltage
    return {
        "write_ktc": Ours(ktc * 1e3, "mV"),
        "write_energy": Ours(device.write_energy() * 1e18, "aJ"),
        "settling": Ours(timing.write_ps / 1e3, "ns"),
        "read_cycles": Ours(timing.read_cycles, "cycles"),
        "write_cycles": Ours(timing.write_cycles, "cycles"),
    }


def _charge(result: ChargeResult, machine: Machine) -> dict[str, Ours]:
    device, timing = result.device, result.timing
    time = device.settling_time(timing.precision)
    return {
        "charge_settling_rc": Ours(time / device.rc, "RC"),
        "charge_operation_time": Ours(time * 1e9, "ns"),
        "charge_operation_energy": Ours(device.static_power * time * 1e15, "fJ"),
        "charge_synapse_power": Ours(device.synapse_power * 1e6, "uW"),
        "charge_synapses": Ours(device.cell.synapses.value, "synapses"),
        "charge_full_scale": Ours(device.cell.full_scale.value, "V"),
        "charge_tap_price": Ours(machine.energy.ota_tap_cycle.value, "aJ"),
        "charge_read_cycles": Ours(timing.read_cycles, "cycles"),
        "charge_write_cycles": Ours(timing.write_cycles, "cycles"),
    }


def _constants(machine: Machine) -> dict[str, Ours]:
    """Return the cell's constants in the units that the published file has them in."""
    cell = cast("IrmenCell", machine.cell)
    figures = {}
    for name, (scale, unit) in TAKEN.items():
        constant: Real = getattr(cell, name)
        figures[f"cell.{name}"] = Ours(constant.value * scale, unit)
    return figures
