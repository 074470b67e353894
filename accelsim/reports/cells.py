"""What the shipped cells give: the computed side of the published figures of the device."""

from typing import cast

import numpy as np

from accelsim.config import Machine
from accelsim.device.cell import IrmenCell
from accelsim.device.charge import ChargeResult
from accelsim.device.noise import read_noise
from accelsim.device.spintronic import IrmenResult
from accelsim.device.sweep import CUBIC_NM, SweepPoint, sweep
from accelsim.device.technologies import characterize
from accelsim.device.technology import Numerics
from accelsim.documents.constants import Real
from accelsim.reports.runs import Ours, Say, rests_on

SIZES_NM3 = (1530.0, 5400.0)
YEAR_S = 365.25 * 86400
MAGNET = ("cell.length", "cell.thickness", "cell.anisotropy", "cell.temperature")
_DYNAMICS = (*MAGNET, "cell.saturation_magnetization", "cell.damping")
_RC = ("cell.ir_resistivity", "cell.readout_capacitance")
# Cells for each noise figure: an error of about 2 %, in seconds.
_SAMPLES = 1024


def cell_figures(irmen: Machine, charge: Machine, say: Say) -> dict[str, Ours]:
    """Return the figures of groups `cell`, `constant` and `expected` that physics gives."""
    say("characterizing the IRMEN cell")
    numerics = Numerics(samples=_SAMPLES)
    result = cast("IrmenResult", characterize(irmen, numerics))
    say("smallest and largest magnet")
    volumes = [size * CUBIC_NM for size in SIZES_NM3]
    ends = sweep(result.device, volumes, irmen.period_ps, numerics)
    rival = cast("ChargeResult", characterize(charge))
    return {
        **_magnet(irmen, result, ends),
        **_noise(irmen, result, ends),
        **_electrical(irmen, result),
        **_charge(charge, rival),
        **_constants(irmen),
    }


def _magnet(machine: Machine, result: IrmenResult, ends: list[SweepPoint]) -> dict[str, Ours]:
    magnet = result.device.magnet
    sized = rests_on(machine, "cell.anisotropy", "cell.temperature")
    rests = f"volume (published), {sized[0]}", sized[1] | {"published"}
    attempt = result.device.cell.attempt_time.value
    kept = magnet.retention(attempt)
    retained = rests_on(machine, *MAGNET, "cell.attempt_time")
    shape = magnet.normal_stiffness - magnet.hard_stiffness
    figures = {
        "stability_smallest": Ours(ends[0].stability, "kT", *rests),
        "stability_largest": Ours(ends[1].stability, "kT", *rests),
        "retention": Ours(None, "years", *retained, f"{kept / YEAR_S:.2g} years"),
        "cell_volume": Ours(
            magnet.volume / CUBIC_NM, "nm^3", *rests_on(machine, "cell.length", "cell.thickness")
        ),
        "anisotropy_field": Ours(
            magnet.hard_stiffness * 1e3,
            "mT",
            *rests_on(machine, "cell.anisotropy", "cell.saturation_magnetization"),
        ),
        "shape_stiffness": Ours(
            shape, "T", *rests_on(machine, "cell.length", "cell.saturation_magnetization")
        ),
    }
    given = rests_on(machine, "cell.attempt_time")  # at a given stability, that alone
    times = {16: (1e3, "ms"), 40: (1 / YEAR_S, "years"), 59: (1 / YEAR_S, "years")}
    for delta, (scale, unit) in times.items():
        square = result.device.with_volume(magnet.volume * delta / magnet.stability)
        time = square.magnet.retention(attempt)
        figures[f"retention_{delta}"] = Ours(time * scale, unit, *given)
    return figures


def _noise(machine: Machine, result: IrmenResult, ends: list[SweepPoint]) -> dict[str, Ours]:
    rests = rests_on(machine, *_DYNAMICS)
    damped = rests_on(machine, *_DYNAMICS, *_RC)
    seen = result.seen
    still = [_fluctuation(result, point.volume) for point in ends]
    worst = float(np.abs(seen.mean - np.clip(seen.levels, -1, 1)).max())
    after, before = ends[1].sigma, ends[1].instantaneous
    return {
        "noise_smallest": Ours(still[0], "of 1", *rests),
        "noise_largest": Ours(still[1], "of 1", *rests),
        "noise_smoothing": Ours(None, "of 1", *damped, f"{before:.3f} to {after:.3f}"),
        "transfer_error": Ours(None, "of 1", *rests, f"{worst:.3f} of 1"),
        "read_disturbance": Ours(
            None,
            "of 1",
            *rests_on(machine, "cell.read_current", "cell.spin_injection_efficiency"),
            f"{result.disturbance.remaining:.1g} of 1",
        ),
    }


def _fluctuation(result: IrmenResult, volume: float) -> float:
    """Return the deviation of m_y about 0 in thermal equilibrium, of a square magnet."""
    device = result.device.with_volume(volume)
    noise = read_noise(device, [0.0], 1e-9, result.numerics)
    return float(noise.instantaneous[0])


def _electrical(machine: Machine, result: IrmenResult) -> dict[str, Ours]:
    device, timing = result.device, result.timing
    volts = rests_on(machine, "cell.me_capacitance", "cell.write_voltage")
    heat = rests_on(machine, "cell.me_capacitance", "cell.temperature")
    read = rests_on(machine, *_RC, "clock", "cell.precision")
    write = rests_on(machine, *_DYNAMICS, "clock", "cell.precision")
    ktc = device.write_ktc * device.full_scale_voltage
    return {
        "write_ktc": Ours(ktc * 1e3, "mV", *heat),
        "write_energy": Ours(device.write_energy() * 1e18, "aJ", *volts),
        "settling": Ours(timing.write_ps / 1e3, "ns", *rests_on(machine, *_DYNAMICS)),
        "read_cycles": Ours(timing.read_cycles, "cycles", *read),
        "write_cycles": Ours(timing.write_cycles, "cycles", *write),
    }


def _charge(machine: Machine, result: ChargeResult) -> dict[str, Ours]:
    device, timing = result.device, result.timing
    rc = ("cell.cell_resistance", "cell.cell_capacitance", "cell.settling_factor")
    power = ("cell.synapses", "cell.ota_power", "cell.amplifier_power")
    time = device.settling_time(timing.precision)
    memory = ("cell.switch_resistance", "cell.memory_capacitance")
    return {
        "charge_settling_rc": Ours(
            time / device.rc, "RC", *rests_on(machine, "cell.settling_factor")
        ),
        "charge_operation_time": Ours(time * 1e9, "ns", *rests_on(machine, *rc)),
        "charge_operation_energy": Ours(
            device.static_power * time * 1e15, "fJ", *rests_on(machine, *power, *rc)
        ),
        "charge_synapse_power": Ours(
            device.synapse_power * 1e6, "uW", *rests_on(machine, *power[:2])
        ),
        "charge_read_cycles": Ours(timing.read_cycles, "cycles", *rests_on(machine, *rc)),
        "charge_write_cycles": Ours(timing.write_cycles, "cycles", *rests_on(machine, *memory)),
    }


def _constants(machine: Machine) -> dict[str, Ours]:
    """Return the cell's constants in the units that the published file has them in."""
    units = {
        "saturation_magnetization": (1e-6, "MA/m"),
        "damping": (1.0, ""),
        "me_capacitance": (1e15, "fF"),
        "me_coefficient": (1.0, "s/m"),
        "spin_injection_efficiency": (1.0, ""),
        "ir_length": (1e9, "nm"),
        "ir_resistivity": (1e6, "uOhm m"),
    }
    cell = cast("IrmenCell", machine.cell)
    figures = {}
    for name, (scale, unit) in units.items():
        constant: Real = getattr(cell, name)
        rests = rests_on(machine, f"cell.{name}")
        figures[f"cell.{name}"] = Ours(constant.value * scale, unit, *rests)
    return figures
