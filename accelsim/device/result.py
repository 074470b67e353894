"""The characterization as a device file: YAML with units and provenance.

What a machine takes over (timing, noise) is in constants with kind and source; `figures`
holds everything else as {value, unit}; `cell` repeats the physics it all follows from.
"""

import io
from pathlib import Path

from ruamel.yaml import YAML

from accelsim.config import Machine
from accelsim.config.machine import tree
from accelsim.device.cell import IrmenDevice
from accelsim.device.characterize import (
    ChargeResult,
    IrmenResult,
    Numerics,
    Timing,
    settling_bits,
)
from accelsim.device.charge import ChargeDevice
from accelsim.device.settling import BITS
from accelsim.files import write_text
from accelsim.version import __version__

Entry = dict[str, object]
Result = IrmenResult | ChargeResult
# Read times in s at which the file lists the noise.
NOISE_TIMES = (0.1e-9, 0.25e-9, 0.5e-9, 1e-9, 2e-9, 3e-9, 5e-9)


def device_yaml(machine: Machine, result: Result) -> str:
    """Return the device file of a characterization, which `device: FILE` reads back."""
    cell = machine.cell
    if cell is None:
        raise ValueError("a characterization without a cell")
    given = {"kind": "assumed", "source": f"of the machine '{machine.name}'"}
    data: Entry = {
        "device": machine.name,
        "technology": machine.technology,
        "origin": _origin(machine, result),
        "clock": {"value": f"{result.timing.period_ps} ps", **given},
        "precision": {"value": result.timing.precision, "unit": "bits", **given},
        "timing": _timing(result),
        "noise": _noise(result),
        "figures": figures_of(result),
        "cell": tree(cell),
    }
    stream = io.StringIO()
    stream.write("# Written by accelsim device characterize; what it means is in docs/device.md.\n")
    yaml = YAML()
    yaml.width = 100
    yaml.dump(data, stream)
    return stream.getvalue()


def write_device_file(machine: Machine, result: Result, path: Path) -> None:
    """Write the device file, whole or not at all; InputError if it cannot be written."""
    write_text(path, device_yaml(machine, result))


def figure(value: float, unit: str) -> Entry:
    """Return a figure of five significant digits with its unit."""
    return {"value": float(f"{value:.5g}"), "unit": unit}


def _origin(machine: Machine, result: Result) -> Entry:
    numerics = result.numerics if isinstance(result, IrmenResult) else Numerics(samples=0)
    return {
        "program": f"accelsim {__version__}",
        "machine": machine.name,
        "seed": numerics.seed,
        "time_step": {
            "value": f"{numerics.dt * 1e12:g} ps",
            "kind": "assumed",
            "source": "numerical; far below the largest stable step",
        },
        "samples": numerics.samples,
    }


def _derived(text: str, source: str) -> Entry:
    return {"value": text, "kind": "derived", "source": source}


def _timing(result: Result) -> Entry:
    timing = result.timing
    if isinstance(result, IrmenResult):
        read = "read-out RC, then charging of the ME capacitor: a full swing to half a step"
        write = "noise-free macrospin after a step of the field: a full swing to half a step"
    else:
        read = "settling factor x R C x ln(2 swing 2^bits): a full swing to half a step"
        write = "sample-and-hold R C x ln(2 swing 2^bits): a full swing to half a step"
    return {
        "read_time": _derived(f"{timing.read_ps} ps", read),
        "write_time": _derived(f"{timing.write_ps} ps", write),
        **{
            key: {
                "value": value,
                "unit": "cycles",
                "kind": "derived",
                "source": f"{time} in cycles of {timing.period_ps} ps, rounded up",
            }
            for key, value, time in (
                ("read_cycles", timing.read_cycles, "read_time"),
                ("write_cycles", timing.write_cycles, "write_time"),
            )
        },
    }


def _noise(result: Result) -> Entry:
    if isinstance(result, ChargeResult):
        charge = result.device
        tau = charge.memory_rc
        read = (0.0, "not modelled: noise of the OTAs beyond kT/C")
        readout = (charge.cell_ktc, "kT/C of the state node")
        write = (charge.memory_ktc, "kT/C of the analog memory")
        settling = "R C of the sample-and-hold"
    else:
        device, phase = result.device, result.timing.read_phase
        tau = 1 / device.magnet.relaxation_rate()
        read = (result.read_noise, f"thermal macrospins after the RC, {phase * 1e9:g} ns, rms")
        readout = (device.readout_ktc, "kT/C of the read-out capacitance")
        write = (device.write_ktc, "kT/C of the ME capacitor")
        settling = "1 / (alpha gamma (B1 + B2) / 2)"
    shares = {"read": read, "readout_ktc": readout, "write": write}
    return {
        **{
            key: _derived(f"{value:.4g} of full scale", source)
            for key, (value, source) in shares.items()
        },
        "settling": _derived(f"{round(tau * 1e12)} ps", f"{settling}, to whole ps"),
    }


def figures_of(result: Result) -> Entry:
    """Return the figures of a cell: name -> {value, unit} or a list of rows."""
    return irmen_figures(result) if isinstance(result, IrmenResult) else charge_figures(result)


def irmen_figures(result: IrmenResult) -> Entry:
    """Return the figures of an IRMEN cell: name -> {value, unit} or a list of rows."""
    device = result.device
    magnet = device.magnet
    reads = settling_bits(result)
    return {
        **magnet_figures(device),
        **electrical_figures(device, result.timing),
        "read_disturbance": figure(result.disturbance.during, "of m = 1"),
        "read_disturbance_remaining": figure(result.disturbance.remaining, "of m = 1"),
        "settling": [
            {
                "bits": bits,
                "charging": figure(reads[bits - 1][1] / 1e3, "ns"),
                "write_full_swing": figure(result.settling.at(bits) * 1e9, "ns"),
                "write_worst_step": figure(result.settling.worst[bits - 1] * 1e9, "ns"),
                "worst_step": [round(level, 3) for level in result.settling.worst_step[bits - 1]],
                "whole_worst_step": figure(result.sequence.worst[bits - 1] * 1e9, "ns"),
            }
            for bits in BITS
        ],
        "read_noise": [
            {"time": figure(t * 1e9, "ns"), "sigma": figure(result.noise.rms(t), "of full scale")}
            for t in NOISE_TIMES
        ],
        "read_noise_by_level": [
            {
                "level": round(float(level), 4),
                "sigma": figure(_at(result, row), "of full scale"),
                "instantaneous": figure(result.noise.instantaneous[row], "of full scale"),
            }
            for row, level in enumerate(result.noise.levels)
        ],
        "transfer": [
            {"level": round(float(level), 4), "m": figure(mean, "of full scale")}
            for level, mean in zip(result.transfer.levels, result.transfer.mean, strict=True)
        ],
        "largest_stable_time_step": figure(magnet.largest_stable_step() * 1e12, "ps"),
    }


def _at(result: IrmenResult, row: int) -> float:
    times = result.noise.times
    nearest = int(abs(times - result.timing.read_phase).argmin())
    return float(result.noise.sigma[row, nearest])


def magnet_figures(device: IrmenDevice) -> Entry:
    """Return the figures of the magnet alone."""
    magnet = device.magnet
    factors = magnet.demagnetization
    years = magnet.retention(device.cell.attempt_time.value) / (365.25 * 86400)
    return {
        "volume": figure(magnet.volume * 1e27, "nm^3"),
        "demagnetization": [figure(f, "") for f in (factors.x, factors.y, factors.z)],
        "anisotropy_field": figure(magnet.hard_stiffness * 1e3, "mT"),
        "out_of_plane_stiffness": figure(magnet.normal_stiffness, "T"),
        "stability": figure(magnet.stability, "kT"),
        "retention": figure(years, "years"),
        "precession_frequency": figure(magnet.kittel_frequency() / 1e9, "GHz"),
        "relaxation_time": figure(1e9 / magnet.relaxation_rate(), "ns"),
    }


def electrical_figures(device: IrmenDevice, timing: Timing) -> Entry:
    """Return voltages, time constants, kT/C noise and energies of an IRMEN cell."""
    swing = 2 * device.cell.swing.value
    return {
        "saturation_voltage": figure(device.saturation_voltage * 1e3, "mV"),
        "full_scale": figure(device.full_scale, "of m = 1"),
        "readout_voltage": figure(device.read_voltage * 1e3, "mV"),
        "readout_rc": figure(device.readout_rc * 1e9, "ns"),
        "write_rc": figure(device.write_rc * 1e9, "ns"),
        "write_ktc": figure(device.write_ktc * device.full_scale_voltage * 1e3, "mV"),
        "write_energy": figure(device.write_energy() * 1e18, "aJ"),
        "write_energy_full_swing": figure(device.write_energy(swing) * 1e18, "aJ"),
        "read_energy": figure(device.read_energy(timing.read_phase) * 1e18, "aJ"),
        "read_energy_per_cycle": figure(device.read_energy(timing.period_ps / 1e12) * 1e18, "aJ"),
    }


def charge_figures(result: ChargeResult) -> Entry:
    """Return the figures of a charge-based cell: name -> {value, unit} or a list of rows."""
    device: ChargeDevice = result.device
    period = result.timing.period_ps / 1e12
    operation = result.timing.read_ps / 1e12
    return {
        "rc": figure(device.rc * 1e9, "ns"),
        "settling_in_rc": figure(operation / device.rc, "RC"),
        "memory_rc": figure(device.memory_rc * 1e9, "ns"),
        "cell_ktc": figure(device.cell_ktc * device.unit_voltage * 1e3, "mV"),
        "memory_ktc": figure(device.memory_ktc * device.unit_voltage * 1e3, "mV"),
        "ota_power": figure(device.cell.ota_power.value * 1e6, "uW"),
        "synapse_power": figure(device.synapse_power * 1e6, "uW"),
        "static_power": figure(device.static_power * 1e6, "uW"),
        "ota_energy_per_cycle": figure(device.cell.ota_power.value * period * 1e18, "aJ"),
        "amplifier_energy_per_cycle": figure(
            device.cell.amplifier_power.value * period * 1e18, "aJ"
        ),
        "operation_energy": figure(device.static_power * operation * 1e15, "fJ"),
        "sample_energy": figure(device.sample_energy * 1e15, "fJ"),
        "droop": figure(device.droop, "of full scale per s"),
        "hold_time": figure(device.hold_time(result.timing.precision) * 1e3, "ms"),
        "settling": [
            {"bits": bits, "cell": figure(read / 1e3, "ns"), "memory": figure(write / 1e3, "ns")}
            for bits, read, write in settling_bits(result)
        ],
    }
