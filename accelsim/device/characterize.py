"""From the physics of a cell to the figures that the machine needs.

Read phase: long enough that the worst charging of a destination is within half a step.
Write phase: long enough that the magnet is, after the field stepped at the moment the
capacitor was isolated. The step is the conservative case: it gives the write no credit for
what the magnet already did during the read phase; the whole sequence is simulated too, and
where it needs longer it decides.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from accelsim.config.cell import ChargeCell, IrmenCell
from accelsim.config.device import cycles
from accelsim.config.schema import Machine
from accelsim.device.cell import IrmenDevice
from accelsim.device.charge import ChargeDevice
from accelsim.device.disturbance import Disturbance, read_disturbance
from accelsim.device.ensemble import Drive, Floats, Progress
from accelsim.device.noise import ReadNoise, equilibrium, read_noise
from accelsim.device.settling import BITS, Settling, settle
from accelsim.errors import InputError
from accelsim.units import PS_PER_S

LEVELS = 7
TRANSFER_LEVELS = 25
_LONGEST_READ = 5e-9


@dataclass(frozen=True)
class Numerics:
    """Choices that are not physics: time step in s, seed, cells for each noise figure."""

    dt: float = 1e-12
    seed: int = 1
    samples: int = 2048


@dataclass(frozen=True)
class Timing:
    """What the phases need, in ps and in cycles of `period_ps`."""

    period_ps: int
    precision: int
    read_ps: int
    write_ps: int

    @property
    def read_cycles(self) -> int:
        """Smallest number of cycles of a read phase."""
        return cycles(self.read_ps, self.period_ps)

    @property
    def write_cycles(self) -> int:
        """Smallest number of cycles of a write phase."""
        return cycles(self.write_ps, self.period_ps)

    @property
    def read_phase(self) -> float:
        """Length of the read phase in s, in whole cycles."""
        return self.read_cycles * self.period_ps / PS_PER_S


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
class IrmenResult:
    """Characterization of an IRMEN cell."""

    device: IrmenDevice
    numerics: Numerics
    timing: Timing
    settling: Settling
    sequence: Settling
    noise: ReadNoise
    transfer: Transfer
    disturbance: Disturbance

    @property
    def read_noise(self) -> float:
        """Noise of a read-out value after the read phase, rms over levels."""
        return self.noise.rms(self.timing.read_phase)


@dataclass(frozen=True)
class ChargeResult:
    """Characterization of a charge-based cell: everything is closed form."""

    device: ChargeDevice
    timing: Timing


Report = Callable[[str], Progress | None]


def _silent(_: str) -> None:
    return None


def characterize(
    machine: Machine, numerics: Numerics | None = None, report: Report = _silent
) -> IrmenResult | ChargeResult:
    """Characterize the cell of a machine at its clock and precision.

    report: called with the name of each part, returns what takes its progress.
    Raises InputError for a machine without a cell, and for a cell that cannot be.
    """
    cell = machine.cell
    if isinstance(cell, IrmenCell):
        return characterize_irmen(cell, machine.period_ps, numerics or Numerics(), report)
    if isinstance(cell, ChargeCell):
        return characterize_charge(cell, machine.period_ps)
    raise InputError(
        f"machine '{machine.name}' has no section 'cell': nothing to characterize; "
        "configs/irmen.yaml shows one"
    )


def timing_of(device: IrmenDevice, settling: Settling, period_ps: int) -> Timing:
    """Return what the phases need, before the whole sequence is looked at."""
    bits = device.cell.precision.value
    read = device.charging_time(device.cell.swing.value, 1 / 2**bits)
    return Timing(period_ps, bits, _ps(read), _ps(settling.at(bits)))


def characterize_irmen(
    cell: IrmenCell, period_ps: int, numerics: Numerics, report: Report = _silent
) -> IrmenResult:
    """Characterize an IRMEN cell at a clock period in ps."""
    device = IrmenDevice.of(cell)
    swing, dt = cell.swing.value, numerics.dt
    settling = settle(device, swing, dt, progress=report("settling"))
    timing = timing_of(device, settling, period_ps)
    sequence = settle(device, swing, dt, timing.read_phase, progress=report("whole write"))
    timing = _with_sequence(timing, sequence)
    longest = max(_LONGEST_READ, timing.read_phase)
    levels = [float(level) for level in np.linspace(0, swing, LEVELS)]
    noise = read_noise(
        device, levels, longest, dt, numerics.seed, numerics.samples, report("read noise")
    )
    transfer = transfer_function(device, numerics, report("transfer function"))
    disturbance = read_disturbance(device, timing.read_phase, dt)
    return IrmenResult(device, numerics, timing, settling, sequence, noise, transfer, disturbance)


def _with_sequence(timing: Timing, sequence: Settling) -> Timing:
    """Return the timing, with a longer write if the simulated whole needs it."""
    whole = sequence.worst[timing.precision - 1] - timing.read_phase
    write = max(timing.write_ps, _ps(whole))
    return Timing(timing.period_ps, timing.precision, timing.read_ps, write)


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


def characterize_charge(cell: ChargeCell, period_ps: int) -> ChargeResult:
    """Characterize a charge-based cell at a clock period in ps."""
    device, bits = ChargeDevice(cell), cell.precision.value
    read, write = device.settling_time(bits), device.sampling_time(bits)
    return ChargeResult(device, Timing(period_ps, bits, _ps(read), _ps(write)))


def settling_bits(result: IrmenResult | ChargeResult) -> list[tuple[int, int, int]]:
    """Return (bits, read phase in ps, write phase in ps) for 1..8 bits."""
    if isinstance(result, ChargeResult):
        charge = result.device
        return [(b, _ps(charge.settling_time(b)), _ps(charge.sampling_time(b))) for b in BITS]
    device, swing = result.device, result.settling.swing
    return [
        (b, _ps(device.charging_time(swing, 1 / 2**b)), _ps(result.settling.at(b))) for b in BITS
    ]


def _ps(time: float) -> int:
    """Return a time in s as whole ps, rounded up; a sample's own rounding is not a ps."""
    return math.ceil(time * PS_PER_S - 1e-6)
