"""Efficiency of the read-out: the cell over a range of conversion lengths of its IR layer.

The magnet does not know of it, so settling and cycles stay. The output voltage is proportional to
the length, and the OTAs make up for the signal; kT/C of the read-out is a fixed voltage, and so a
larger part of the full scale. A larger capacitance brings it down again, and takes time: told is
what the noise of the nominal cell would need.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from accelsim.device.cell import IrmenDevice
from accelsim.device.criteria import magnetization
from accelsim.device.noise import read_noise
from accelsim.device.spintronic import timing_of
from accelsim.device.sweep import LEVEL
from accelsim.device.technology import Numerics, Phases, cycles
from accelsim.device.timestep import check_time_step
from accelsim.device.variation import scaled, varied
from accelsim.units import ps_up

NM = 1e-9


@dataclass(frozen=True)
class ConversionPoint:
    """One conversion length (m). Noise in units of the full scale, voltage in V.

    gain: of write voltage over output, which the OTAs make up for. motion: noise of a read from
    the magnet at level 0.5, with its standard error. noise: all of a read. equal_capacitance (F)
    and equal_cycles: of a read-out with the kT/C of the nominal cell.
    """

    length: float
    voltage: float
    gain: float
    readout_ktc: float
    shot: float
    motion: float
    motion_error: float
    timing: Phases
    equal_capacitance: float
    equal_cycles: int

    @property
    def noise(self) -> float:
        """Noise of a read, of everything."""
        return float((self.readout_ktc**2 + self.shot**2 + self.motion**2) ** 0.5)

    @property
    def noise_error(self) -> float:
        """Standard error of it, which is the magnet's."""
        return self.motion / self.noise * self.motion_error


COLUMNS: tuple[tuple[str, Callable[[ConversionPoint], float]], ...] = (
    ("ir_length_nm", lambda p: p.length / NM),
    ("output_mV", lambda p: p.voltage * 1e3),
    ("gain", lambda p: p.gain),
    ("readout_ktc", lambda p: p.readout_ktc),
    ("shot", lambda p: p.shot),
    ("sigma_read", lambda p: p.noise),
    ("sigma_read_error", lambda p: p.noise_error),
    ("read_cycles", lambda p: p.timing.read_cycles),
    ("write_cycles", lambda p: p.timing.write_cycles),
    ("equal_noise_fF", lambda p: p.equal_capacitance * 1e15),
    ("equal_noise_read_cycles", lambda p: p.equal_cycles),
)


def sweep_conversion(
    device: IrmenDevice, lengths: list[float], period_ps: int, numerics: Numerics
) -> list[ConversionPoint]:
    """Characterize the cell at each conversion length (m).

    Raises InputError for a time step that is too long.
    """
    check_time_step(device, numerics.dt)
    cell = device.cell
    times = magnetization(device, cell.swing.value, numerics.dt)
    timing = timing_of(device, times[cell.precision.value - 1], period_ps)
    motion = read_noise(device, [LEVEL], timing.read_phase, numerics)
    found = []
    for length in lengths:
        factor = length / cell.ir_length.value
        other = varied(device, {"ir_length": factor})
        slow = with_capacitance(device, 1 / factor**2)
        needed = slow.charging_time(cell.swing.value, 1 / 2**cell.precision.value)
        found.append(
            ConversionPoint(
                length=length,
                voltage=other.read_voltage,
                gain=device.full_scale_voltage / (other.read_voltage * device.full_scale),
                readout_ktc=other.readout_ktc,
                shot=other.shot_noise,
                motion=motion.rms(timing.read_phase),
                motion_error=motion.rms_error(timing.read_phase),
                timing=timing,
                equal_capacitance=slow.cell.readout_capacitance.value,
                equal_cycles=cycles(ps_up(needed), period_ps),
            )
        )
    return found


def with_capacitance(device: IrmenDevice, factor: float) -> IrmenDevice:
    """Return a cell whose read-out capacitance is so many times as large."""
    constant = scaled(device.cell.readout_capacitance, factor)
    cell = device.cell.model_copy(update={"readout_capacitance": constant})
    return replace(device, cell=cell)
