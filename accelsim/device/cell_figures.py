"""Figures of an IRMEN cell that are closed form: its magnet, and its electrical path."""

from accelsim.device.cell import IrmenDevice
from accelsim.device.readstack import stack_figures
from accelsim.device.technology import Entry, Phases, figure


def magnet_figures(device: IrmenDevice) -> Entry:
    """Return the figures of the magnet alone."""
    magnet = device.magnet
    factors = magnet.demagnetization
    years = magnet.flip_time(device.cell.attempt_time.value) / (365.25 * 86400)
    return {
        "volume": figure(magnet.volume * 1e27, "nm^3"),
        "demagnetization": [figure(f, "") for f in (factors.x, factors.y, factors.z)],
        "anisotropy_field": figure(magnet.hard_stiffness * 1e3, "mT"),
        "out_of_plane_stiffness": figure(magnet.normal_stiffness, "T"),
        "stability": figure(magnet.stability, "kT"),
        "easy_direction_flips_after": figure(years, "years"),
        "precession_frequency": figure(magnet.kittel_frequency() / 1e9, "GHz"),
        "relaxation_time": figure(1e9 / magnet.relaxation_rate(), "ns"),
    }


def electrical_figures(device: IrmenDevice, timing: Phases) -> Entry:
    """Return voltages, time constants, kT/C noise and energies of an IRMEN cell."""
    swing = 2 * device.cell.swing.value
    return {
        "saturation_voltage": figure(device.saturation_voltage * 1e3, "mV"),
        "full_scale": figure(device.full_scale, "of m = 1"),
        **stack_figures(device),
        "back_action": figure(device.back_action, "of the anisotropy field"),
        "readout_rc": figure(device.readout_rc * 1e9, "ns"),
        "write_rc": figure(device.write_rc * 1e9, "ns"),
        "write_ktc": figure(device.write_ktc * device.full_scale_voltage * 1e3, "mV"),
        "write_energy": figure(device.write_energy() * 1e18, "aJ"),
        "write_energy_full_swing": figure(device.write_energy(swing) * 1e18, "aJ"),
        "read_energy": figure(device.read_energy(timing.read_phase) * 1e18, "aJ"),
        "read_energy_per_cycle": figure(device.read_energy(timing.period_ps / 1e12) * 1e18, "aJ"),
    }
