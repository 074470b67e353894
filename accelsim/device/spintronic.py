"""From the physics of an IRMEN cell to the figures that the machine needs.

Read phase: long enough that the worst charging of a destination is within half a step.
Write phase: long enough by the criterion that the cell names (`criteria`). What the values
are made of is the cell's response (`response`): the mean of a read, its noise, and what is left
of the old value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from accelsim.device import criteria, inputs
from accelsim.device.cell import IrmenDevice
from accelsim.device.cell_figures import electrical_figures, magnet_figures
from accelsim.device.disturbance import Disturbance, read_disturbance
from accelsim.device.ensemble import Floats
from accelsim.device.equilibrium import boltzmann_deviation
from accelsim.device.irmencell import AS_READ, CRITERIA, ENVELOPE, MAGNETIZATION, IrmenCell
from accelsim.device.melayer import storage_of
from accelsim.device.noise import ReadNoise, read_noise
from accelsim.device.response import respond
from accelsim.device.response_tables import Response
from accelsim.device.settling import Settling, settle
from accelsim.device.storage import Storage
from accelsim.device.storage_tables import storage_figures, storage_listing
from accelsim.device.technology import (
    BITS,
    CellNoise,
    Characterization,
    Derived,
    Entry,
    Listing,
    Numerics,
    Phases,
    Report,
    cycles,
    figure,
)
from accelsim.device.timestep import check_time_step
from accelsim.errors import InputError
from accelsim.units import PS_PER_S, ps_up

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEVELS = 7
_LONGEST_READ = 5e-9
# Read times in s at which the noise is listed.
NOISE_TIMES = (0.1e-9, 0.25e-9, 0.5e-9, 1e-9, 2e-9, 3e-9, 5e-9)


@dataclass(frozen=True)
class IrmenResult(Characterization):
    """Characterization of an IRMEN cell.

    magnetization: settling times in s to 1..8 bits by that criterion; settling: of single steps.
    """

    device: IrmenDevice
    magnetization: tuple[float, ...]
    settling: Settling
    noise: ReadNoise
    seen: Response
    disturbance: Disturbance

    read_inputs = inputs.CHARGING
    response_inputs = inputs.RESPONSE
    read_source = "read-out RC, then charging of the ME capacitor: a full swing to half a step"

    @property
    def write_source(self) -> str:  # type: ignore[override]  # it depends on the cell
        """What the write time follows from."""
        name = self.device.cell.criterion
        return f"by the criterion {name}: {criteria.MEANING[name]}"

    @property
    def write_inputs(self) -> tuple[str, ...]:  # type: ignore[override]  # it depends on the cell
        """Keys of the machine file that the write time follows from."""
        return inputs.WRITE[self.device.cell.criterion]

    @cached_property
    def storage(self) -> Storage:
        """What holds a level."""
        return storage_of(self.device.cell, self.device)

    @property
    def response(self) -> Response:
        """What a read sees of a written value."""
        return self.seen

    def write_cycles_by(self, response: Response | None = None) -> Mapping[str, int | None]:
        """Return the write cycles by each criterion, at the clock of a response."""
        seen = response or self.seen
        bits, swing = self.timing.precision, self.device.cell.swing.value
        times = {
            MAGNETIZATION: self.magnetization[bits - 1],
            ENVELOPE: criteria.envelope(self.device, swing, bits),
        }
        found = {name: cycles(ps_up(time), seen.period_ps) for name, time in times.items()}
        return {**found, AS_READ: criteria.as_read(seen, swing, bits)}

    @property
    def read_noise(self) -> float:
        """Noise of a read-out value after the read phase, rms over levels."""
        return self.noise.rms(self.timing.read_phase)

    def read_noise_after(self, time: float) -> float:
        """Return the noise of a read phase of a length in s, rms over levels."""
        return self.noise.rms(time)

    def cell_noise(self) -> CellNoise:
        """Return kT/C and shot noise."""
        device = self.device
        return CellNoise(
            readout_ktc=Derived(
                device.readout_ktc, "kT/C of the read-out capacitance", inputs.READOUT_KTC
            ),
            shot=Derived(
                device.shot_noise, "spin shot noise of the read current, after the RC", inputs.SHOT
            ),
            write=Derived(
                device.write_noise,
                "kT/C of the ME capacitor, against back-action",
                inputs.WRITE_KTC,
            ),
        )

    def figures(self) -> Entry:
        """Return the figures of magnet, electrical path, settling, noise and transfer."""
        device = self.device
        magnet = device.magnet
        reads = self._charging_ps()
        still = boltzmann_deviation(device, self.noise.levels)
        return {
            **magnet_figures(device),
            **electrical_figures(device, self.timing),
            **storage_figures(self.storage, self.timing.precision),
            "read_disturbance": figure(self.disturbance.during, "of m = 1"),
            "read_disturbance_remaining": figure(self.disturbance.remaining, "of m = 1"),
            "settling": [
                {
                    "bits": bits,
                    "charging": figure(reads[bits] / 1e3, "ns"),
                    "write_full_swing": figure(self.magnetization[bits - 1] * 1e9, "ns"),
                    "write_envelope": figure(self._envelope(bits) * 1e9, "ns"),
                    "write_worst_step": figure(self.settling.worst[bits - 1] * 1e9, "ns"),
                    "worst_step": [round(level, 3) for level in self.settling.worst_step[bits - 1]],
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
                    "instantaneous": figure(before, "of full scale"),
                }
                for row, (level, before) in enumerate(
                    zip(self.noise.levels, still.tolist(), strict=True)
                )
            ],
            "write_cycles_by_criterion": [
                {"criterion": name, "cycles": number}
                for name, number in self.write_cycles_by().items()
            ],
            "largest_stable_time_step": figure(magnet.largest_stable_step() * 1e12, "ps"),
        }

    def listings(self) -> Sequence[Listing]:
        """Return settling by precision and criterion, response, noise, lifetime of a level."""
        return [
            self._settling_listing(),
            self._criteria_listing(),
            self._response_listing(),
            self._noise_listing(),
            storage_listing(self.storage),
        ]

    def figure(self, caption: str, width: float) -> "Figure":
        """Draw transfer function, settling and read-out noise."""
        from accelsim.device.figures import characterization_figure  # noqa: PLC0415 - a cycle

        return characterization_figure(self, caption, width)

    def _charging_ps(self) -> dict[int, int]:
        """Return bits -> the time of the worst charging in ps."""
        device, swing = self.device, self.settling.swing
        return {b: ps_up(device.charging_time(swing, 1 / 2**b)) for b in BITS}

    def _at(self, table: Floats, row: int) -> float:
        times = self.noise.times
        nearest = int(abs(times - self.timing.read_phase).argmin())
        return float(table[row, nearest])

    def _envelope(self, bits: int) -> float:
        return criteria.envelope(self.device, self.device.cell.swing.value, bits)

    def _settling_listing(self) -> Listing:
        charging, settling = self._charging_ps(), self.settling
        rows = []
        for bits in BITS:
            old, new = settling.worst_step[bits - 1]
            rows.append(
                (
                    str(bits),
                    f"{charging[bits] / 1e3:.3f}",
                    f"{self.magnetization[bits - 1] * 1e9:.3f}",
                    f"{self._envelope(bits) * 1e9:.3f}",
                    f"{settling.worst[bits - 1] * 1e9:.3f}",
                    f"{old:+.2f} to {new:+.2f}",
                )
            )
        columns = (
            "bits", "charging (read)", "magnetization (write)", "envelope", "any step", "which",
        )  # fmt: skip
        marked = BITS.index(self.timing.precision)
        return Listing("Settling to half a step, ns", columns, rows, marked)

    def _criteria_listing(self) -> Listing:
        period, read = self.timing.period_ps, self.timing.read_cycles
        rows = []
        for name, write in self.write_cycles_by().items():
            step = "" if write is None else f"{(read + write) * period / 1e3:g}"
            text = str(write) if write is not None else f"more than {len(self.seen.left)}"
            rows.append((name, criteria.MEANING[name], text, step))
        marked = CRITERIA.index(self.device.cell.criterion)
        columns = ("settled by", "what is within half a step", "write cycles", "a step, ns")
        return Listing("Write cycles by criterion", columns, rows, marked)

    def _response_listing(self) -> Listing:
        seen, middle = self.seen, len(self.seen.levels) // 2
        rows = [
            (
                f"{seen.levels[place]:.2f}",
                f"{seen.own[place]:.4f}",
                f"{seen.error[place]:.4f}",
                f"{seen.read_noise[place]:.4f}",
            )
            for place in range(middle, len(seen.levels), 2)
        ]
        return Listing(
            "As it is read, behind both RCs, of full scale",
            ("level driven", "mean", "+-", "noise of the magnet"),
            rows,
        )

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
            "Noise of the magnet behind the RC of the read-out alone, with its standard error",
            ("read time, ns", "signal", *levels, "rms"),
            rows,
        )


def _measured(value: float, error: float) -> str:
    return f"{value:.4f} +-{error:.4f}"


def timing_of(device: IrmenDevice, write: float, period_ps: int) -> Phases:
    """Return what the phases need. write: time in s of the write phase."""
    bits = device.cell.precision.value
    read = device.charging_time(device.cell.swing.value, 1 / 2**bits)
    return Phases(period_ps, bits, ps_up(read), ps_up(write))


def characterize_irmen(
    cell: IrmenCell, period_ps: int, numerics: Numerics, report: Report
) -> IrmenResult:
    """Characterize an IRMEN cell at a clock period in ps.

    Raises InputError for a time step that is too long.
    """
    device = IrmenDevice.of(cell)
    swing, dt, bits = cell.swing.value, numerics.dt, cell.precision.value
    check_time_step(device, dt)
    times = criteria.magnetization(device, swing, dt)
    settling = settle(device, swing, dt, progress=report("settling"))
    timing = timing_of(device, times[bits - 1], period_ps)
    seen = respond(device, period_ps, timing.read_cycles, numerics, report("response"))
    timing = _by_criterion(timing, device, seen)
    longest = max(_LONGEST_READ, timing.read_phase)
    levels = [float(level) for level in np.linspace(0, swing, LEVELS)]
    noise = read_noise(device, levels, longest, numerics, report("read noise"))
    write_phase = timing.write_cycles * period_ps / PS_PER_S
    disturbance = read_disturbance(device, timing.read_phase, write_phase, dt)
    return IrmenResult(timing, numerics, device, times, settling, noise, seen, disturbance)


def _by_criterion(timing: Phases, device: IrmenDevice, seen: Response) -> Phases:
    """Return the timing by the cell's criterion; what was given is by `magnetization`."""
    cell, bits = device.cell, timing.precision
    write = timing.write_ps
    if cell.criterion == ENVELOPE:
        write = ps_up(criteria.envelope(device, cell.swing.value, bits))
    elif cell.criterion == AS_READ:
        number = criteria.as_read(seen, cell.swing.value, bits)
        if number is None:
            raise InputError(
                f"cell.criterion: after {len(seen.left)} write cycles a read still sees more "
                "than half a step of the old value"
            )
        write = number * timing.period_ps
    return Phases(timing.period_ps, bits, timing.read_ps, write)
