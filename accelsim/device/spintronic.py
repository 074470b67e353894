"""From the physics of an IRMEN cell to the figures that the machine needs.

Read phase: long enough that the worst charging of a destination is within half a step.
Write phase: long enough that the magnet is, after the field stepped at the moment the
capacitor was isolated. The step is the conservative case: it gives the write no credit for
what the magnet already did during the read phase; the whole sequence is simulated too, and
where it needs longer it decides.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from accelsim.device.cell import IrmenCell, IrmenDevice
from accelsim.device.disturbance import Disturbance, read_disturbance
from accelsim.device.ensemble import Drive, Floats
from accelsim.device.noise import ReadNoise, equilibrium, read_noise
from accelsim.device.settling import Settling, settle
from accelsim.device.technology import (
    BITS,
    CellNoise,
    Characterization,
    Derived,
    Entry,
    Listing,
    Numerics,
    Phases,
    Progress,
    Report,
    figure,
)
from accelsim.device.timestep import check_time_step
from accelsim.units import ps_up

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEVELS = 7
TRANSFER_LEVELS = 25
_LONGEST_READ = 5e-9
# Read times in s at which the noise is listed.
NOISE_TIMES = (0.1e-9, 0.25e-9, 0.5e-9, 1e-9, 2e-9, 3e-9, 5e-9)


@dataclass(frozen=True)
class Transfer:
    """m_y in units of the full scale against the level driven.

    ideal: clip of the level. mean: of cells in thermal equilibrium, with standard `error`.
    """

    levels: Floats
    ideal: Floats
    mean: Floats
    error: Floats


@dataclass(frozen=True)
class IrmenResult(Characterization):
    """Characterization of an IRMEN cell."""

    device: IrmenDevice
    settling: Settling
    sequence: Settling
    noise: ReadNoise
    transfer: Transfer
    disturbance: Disturbance

    read_source = "read-out RC, then charging of the ME capacitor: a full swing to half a step"
    write_source = "noise-free macrospin after a step of the field: a full swing to half a step"

    @property
    def read_noise(self) -> float:
        """Noise of a read-out value after the read phase, rms over levels."""
        return self.noise.rms(self.timing.read_phase)

    def read_noise_after(self, time: float) -> float:
        """Return the noise of a read phase of a length in s, rms over levels."""
        return self.noise.rms(time)

    def cell_noise(self) -> CellNoise:
        """Return thermal and kT/C noise, and the damping-limited approach to a new value."""
        device, phase = self.device, self.timing.read_phase
        thermal = f"thermal macrospins after the RC, {phase * 1e9:g} ns, rms"
        relaxation = 1 / device.magnet.relaxation_rate()
        return CellNoise(
            read=Derived(self.read_noise, thermal),
            readout_ktc=Derived(device.readout_ktc, "kT/C of the read-out capacitance"),
            write=Derived(device.write_ktc, "kT/C of the ME capacitor"),
            settling=Derived(relaxation, "1 / (alpha gamma (B1 + B2) / 2)"),
        )

    def figures(self) -> Entry:
        """Return the figures of magnet, electrical path, settling, noise and transfer."""
        device = self.device
        magnet = device.magnet
        reads = self._charging_ps()
        return {
            **magnet_figures(device),
            **electrical_figures(device, self.timing),
            "read_disturbance": figure(self.disturbance.during, "of m = 1"),
            "read_disturbance_remaining": figure(self.disturbance.remaining, "of m = 1"),
            "settling": [
                {
                    "bits": bits,
                    "charging": figure(reads[bits] / 1e3, "ns"),
                    "write_full_swing": figure(self.settling.at(bits) * 1e9, "ns"),
                    "write_worst_step": figure(self.settling.worst[bits - 1] * 1e9, "ns"),
                    "worst_step": [round(level, 3) for level in self.settling.worst_step[bits - 1]],
                    "whole_worst_step": figure(self.sequence.worst[bits - 1] * 1e9, "ns"),
                }
                for bits in BITS
            ],
            "read_noise": [
                {
                    "time": figure(t * 1e9, "ns"),
                    "sigma": figure(self.noise.rms(t), "of full scale"),
                    "error": figure(self.noise.rms_error(t), "of full scale"),
                }
                for t in NOISE_TIMES
            ],
            "read_noise_by_level": [
                {
                    "level": round(float(level), 4),
                    "sigma": figure(self._at(self.noise.sigma, row), "of full scale"),
                    "error": figure(self._at(self.noise.error, row), "of full scale"),
                    "instantaneous": figure(self.noise.instantaneous[row], "of full scale"),
                }
                for row, level in enumerate(self.noise.levels)
            ],
            "transfer": [
                {"level": round(float(level), 4), "m": figure(mean, "of full scale")}
                for level, mean in zip(self.transfer.levels, self.transfer.mean, strict=True)
            ],
            "largest_stable_time_step": figure(magnet.largest_stable_step() * 1e12, "ps"),
        }

    def listings(self) -> Sequence[Listing]:
        """Return settling by precision, and read-out noise by time."""
        return [self._settling_listing(), self._noise_listing()]

    def figure(self) -> "Figure":
        """Draw transfer function, settling and read-out noise."""
        from accelsim.device.figures import characterization_figure  # noqa: PLC0415 - a cycle

        return characterization_figure(self)

    def _charging_ps(self) -> dict[int, int]:
        """Return bits -> the time of the worst charging in ps."""
        device, swing = self.device, self.settling.swing
        return {b: ps_up(device.charging_time(swing, 1 / 2**b)) for b in BITS}

    def _at(self, table: Floats, row: int) -> float:
        times = self.noise.times
        nearest = int(abs(times - self.timing.read_phase).argmin())
        return float(table[row, nearest])

    def _settling_listing(self) -> Listing:
        charging, settling = self._charging_ps(), self.settling
        rows = []
        for bits in BITS:
            old, new = settling.worst_step[bits - 1]
            rows.append(
                (
                    str(bits),
                    f"{charging[bits] / 1e3:.3f}",
                    f"{settling.at(bits) * 1e9:.3f}",
                    f"{settling.worst[bits - 1] * 1e9:.3f}",
                    f"{old:+.2f} to {new:+.2f}",
                    f"{self.sequence.worst[bits - 1] * 1e9:.3f}",
                )
            )
        columns = (
            "bits", "charging (read)", "full swing (write)", "any step", "which",
            "whole, any step",
        )  # fmt: skip
        marked = BITS.index(self.timing.precision)
        return Listing("Settling to half a step, ns", columns, rows, marked)

    def _noise_listing(self) -> Listing:
        noise = self.noise
        chosen = (0, len(noise.levels) // 2, len(noise.levels) - 1)
        rows = []
        for time in NOISE_TIMES:
            index = int(abs(noise.times - time).argmin())
            rows.append(
                (
                    f"{time * 1e9:g}",
                    f"{noise.signal[index]:.3f}",
                    *(_measured(noise.sigma[r, index], noise.error[r, index]) for r in chosen),
                    _measured(noise.rms(time), noise.rms_error(time)),
                )
            )
        levels = (f"level {noise.levels[row]:.2g}" for row in chosen)
        return Listing(
            "Read-out noise after the RC, of full scale, with its standard error",
            ("read time, ns", "signal", *levels, "rms"),
            rows,
        )


def _measured(value: float, error: float) -> str:
    return f"{value:.4f} +-{error:.4f}"


def timing_of(device: IrmenDevice, settling: Settling, period_ps: int) -> Phases:
    """Return what the phases need, before the whole sequence is looked at."""
    bits = device.cell.precision.value
    read = device.charging_time(device.cell.swing.value, 1 / 2**bits)
    return Phases(period_ps, bits, ps_up(read), ps_up(settling.at(bits)))


def characterize_irmen(
    cell: IrmenCell, period_ps: int, numerics: Numerics, report: Report
) -> IrmenResult:
    """Characterize an IRMEN cell at a clock period in ps.

    Raises InputError for a time step that is too long.
    """
    device = IrmenDevice.of(cell)
    swing, dt = cell.swing.value, numerics.dt
    check_time_step(device, dt)
    settling = settle(device, swing, dt, progress=report("settling"))
    timing = timing_of(device, settling, period_ps)
    sequence = settle(device, swing, dt, timing.read_phase, progress=report("whole write"))
    timing = _with_sequence(timing, sequence)
    longest = max(_LONGEST_READ, timing.read_phase)
    levels = [float(level) for level in np.linspace(0, swing, LEVELS)]
    noise = read_noise(device, levels, longest, numerics, report("read noise"))
    transfer = transfer_function(device, numerics, report("transfer function"))
    disturbance = read_disturbance(device, timing.read_phase, dt)
    return IrmenResult(timing, numerics, device, settling, sequence, noise, transfer, disturbance)


def _with_sequence(timing: Phases, sequence: Settling) -> Phases:
    """Return the timing, with a longer write if the simulated whole needs it."""
    whole = sequence.worst[timing.precision - 1] - timing.read_phase
    write = max(timing.write_ps, ps_up(whole))
    return Phases(timing.period_ps, timing.precision, timing.read_ps, write)


def transfer_function(
    device: IrmenDevice, numerics: Numerics, progress: Progress | None = None
) -> Transfer:
    """Return m_y against the level, in thermal equilibrium, from -1.2 to 1.2."""
    levels = np.linspace(-1.2, 1.2, TRANSFER_LEVELS)
    cells = max(2, numerics.samples // 8)
    each = np.repeat(levels, cells)
    ensemble = equilibrium(device, each, numerics.dt, numerics.seed + 1)
    steps = 2 * round(1e-9 / numerics.dt)
    drive = Drive.constant(device.level_field(each), steps)
    moved = ensemble.run(drive, every=max(1, steps // 200), progress=progress)[:, 1]
    averages = moved.mean(axis=0).reshape(len(levels), cells) / device.full_scale
    ideal = np.clip(levels, -1 / device.full_scale, 1 / device.full_scale)
    error = averages.std(axis=1, ddof=1) / math.sqrt(cells)
    return Transfer(levels, ideal, averages.mean(axis=1), error)


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


def electrical_figures(device: IrmenDevice, timing: Phases) -> Entry:
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
