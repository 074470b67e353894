"""The value as the next step reads it: magnets written and read as the machine does.

What is simulated, for cells that go from an old level to a new one: the destination's
capacitor charges during the read phase, through the read-out's RC and its own; it is isolated
at constant charge, so that the magnet works against it from then on (back-action); the magnet
relaxes for the write phase; then the next step reads it through both RCs for a read phase.
The value is what reaches that step's capacitor, in units of a magnet at full scale: the gain
of the OTAs makes up for what a phase of that length loses, alike for all levels.

Old and new start from the same thermal draws, so that what is left of the old value is
known far better than the noise. By symmetry all tables are odd; they are made so. Times in s.

Left out: the motion of the source during the read phase (it counts as noise of its read), and
the field of the read current (docs/device.md gives its size).
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from accelsim.device.cell import IrmenDevice
from accelsim.device.ensemble import Drive, Ensemble, Floats
from accelsim.device.technology import Numerics, Progress, Response
from accelsim.units import PS_PER_S, ps_up

STEP, CARRY_STEP = 0.05, 0.2
"""Between the levels of the mean and the noise, and between those of the carry-over."""

WRITE_CYCLES = 5
"""Write phases, in cycles, that the carry-over is told for; after longer ones as after these."""

_STRIDE = 4  # time steps between samples
_RAMP_STEPS = 10  # in which a charging field is a straight line: a fifth of the shorter RC
_RAMP = np.linspace(0, 1, _RAMP_STEPS + 1)
_FORGOTTEN, _SETTLED = 8, 20  # time constants
_AT_ONCE = 1 << 14  # cells
_CARRY_SHARE = 8  # cells for the carry-over: a part of those for the noise


def respond(
    device: IrmenDevice,
    period_ps: int,
    read_cycles: int,
    numerics: Numerics,
    progress: Progress | None = None,
) -> Response:
    """Simulate the response of a cell at a clock period and number of read cycles.

    numerics.samples: cells at each level, for mean and noise.
    """
    enough_ps = _enough_ps(device)
    cycle_ps = min(period_ps, enough_ps)
    reads = min(read_cycles, -(-enough_ps // cycle_ps))
    phases, limit = _Phases.of(cycle_ps, reads, numerics.dt), device.cell.drive_limit.value
    fine, coarse = _levels(limit, STEP), _levels(limit, CARRY_STEP)
    bench = _Bench(device, phases, numerics.seed)
    parts = np.array_split(fine, -(-len(fine) * numerics.samples // _AT_ONCE))
    total = len(parts) + len(coarse) + 1

    def done(number: int) -> None:
        if progress:
            progress(number, total)

    written = []
    for number, part in enumerate(parts, 1):
        written.append(bench.write(part, numerics.samples))
        done(number)
    seen = np.concatenate([each.values[-1] for each in written])
    frozen = np.concatenate([each.frozen for each in written])
    mean, spread = seen.mean(axis=1), seen.std(axis=1, ddof=1)
    kept = frozen * np.gradient(mean, fine)
    samples = max(2, numerics.samples // _CARRY_SHARE)
    without = bench.write(coarse, samples)
    carry = np.empty((WRITE_CYCLES, len(coarse), len(coarse)))
    errors = []
    for place, old in enumerate(coarse):
        moved = bench.write(coarse, samples, float(old)).values - without.values
        carry[:, place] = moved.mean(axis=2)
        errors.append(moved.std(axis=2, ddof=1) / math.sqrt(samples))
        done(len(parts) + 1 + place)
    done(total)
    return Response(
        period_ps=period_ps,
        read_cycles=read_cycles,
        levels=fine,
        mean=np.maximum.accumulate((mean - mean[::-1]) / 2),
        error=spread / math.sqrt(numerics.samples),
        read_noise=_even(np.sqrt(np.maximum(spread**2 - kept**2, 0))),
        write_noise=float(np.sqrt(np.mean(frozen**2))),
        old_levels=coarse,
        carry=(carry - carry[:, ::-1, ::-1]) / 2,
        carry_error=float(np.sqrt(np.mean(np.square(errors)))),
    )


def _enough_ps(device: IrmenDevice) -> int:
    """Return a time in ps after which nothing moves any more but for thermal motion.

    Longer phases give the same values, and would take for ever to simulate.
    """
    slowest = max(device.readout_rc + device.write_rc, 1 / device.magnet.relaxation_rate(0.9))
    return ps_up(_SETTLED * slowest)


def _even(values: Floats) -> Floats:
    return np.asarray((values + values[::-1]) / 2)


@dataclass(frozen=True)
class _Phases:
    """A schedule in time steps of dt (s): the read phase and a clock cycle."""

    dt: float
    read: int
    cycle: int

    @classmethod
    def of(cls, period_ps: int, read_cycles: int, wanted: float) -> "_Phases":
        """Take a time step near the wanted one of which a cycle has a multiple of the strides."""
        period, stride = period_ps / PS_PER_S, math.lcm(_STRIDE, _RAMP_STEPS)
        cycle = stride * max(1, math.ceil(period / wanted / stride - 1e-9))
        return cls(period / cycle, read_cycles * cycle, cycle)


class _Written(NamedTuple):
    """What reads saw of some levels after 1, 2, ... write cycles: (WRITE_CYCLES, levels, cells).

    frozen: deviation of the charge by the motion of the magnet at isolation, by level.
    """

    values: Floats
    frozen: Floats


class _Bench:
    """Writes levels into cells and reads them, with the same thermal draws every time."""

    def __init__(self, device: IrmenDevice, phases: _Phases, seed: int) -> None:
        self._device, self._phases, self._seed = device, phases, seed

    def write(self, levels: Floats, samples: int, old: float | None = None) -> _Written:
        """Write each level over an old one, or over itself, in so many cells."""
        device, dt = self._device, self._phases.dt
        new = np.repeat(levels, samples)
        before = new if old is None else np.full_like(new, old)
        ensemble = Ensemble(device.magnet, len(new), dt, self._seed)
        ensemble.set_level(np.clip(before * device.full_scale, -1, 1))
        steps = 2 * math.ceil(_FORGOTTEN / device.magnet.relaxation_rate(0.9) / dt / 2)
        ensemble.run(Drive.constant(device.level_field(before), steps))
        held = self._charge(ensemble, before, new)
        moving = ensemble.m[1].reshape(len(levels), samples).std(axis=1, ddof=1)
        action = device.back_action
        values = self._read(ensemble, self._isolate(ensemble, held))
        return _Written(
            values.reshape(WRITE_CYCLES, len(levels), samples),
            np.asarray(action / (1 + action) * moving / device.full_scale),
        )

    def _charge(self, ensemble: Ensemble, before: Floats, new: Floats) -> Floats:
        """Run the read phase; return the levels that the capacitors then hold."""
        device, phases = self._device, self._phases
        times = np.arange(0, phases.read + 1, _RAMP_STEPS) * phases.dt
        decay, follow = device.charging(times, 1.0, 0.0), device.charging(times, 0.0, 1.0)
        follow = follow / follow[-1]  # the gain of the OTAs
        levels = before
        for kept, taken in zip(decay[1:], follow[1:], strict=True):
            following = before * kept + new * taken
            start = device.level_field(levels)
            ensemble.run(Drive(start, device.level_field(following) - start, _RAMP))
            levels = following
        return levels

    def _isolate(self, ensemble: Ensemble, held: Floats) -> Floats:
        """Hold the charge of each capacitor from now on; return the constant part of its field."""
        device = self._device
        added = device.back_action * device.magnet.hard_stiffness
        ensemble.added_stiffness = added
        return np.asarray(device.level_field(held) + added * ensemble.m[1])

    def _read(self, ensemble: Ensemble, field: Floats) -> Floats:
        """Relax, and read in a read phase after each number of write cycles."""
        phases = self._phases
        weights = read_weights(self._device, phases.read * phases.dt, phases.read // _STRIDE)
        values = np.zeros((WRITE_CYCLES, ensemble.count))
        reads, drive = phases.read // phases.cycle, Drive.constant(field, phases.cycle)
        for cycle in range(1, WRITE_CYCLES + reads + 1):
            start = ensemble.m[1]
            moved = ensemble.run(drive, every=_STRIDE)[:, 1]
            y = np.concatenate([start[None], moved]) / self._device.full_scale
            middle = (y[1:] + y[:-1]) / 2
            for write in range(max(1, cycle - reads), min(WRITE_CYCLES, cycle - 1) + 1):
                first = (cycle - write - 1) * len(moved)
                values[write - 1] += weights[first : first + len(moved)] @ middle
        return values


def _levels(limit: float, step: float) -> Floats:
    half = max(1, math.ceil(round(limit / step, 6)))
    return np.linspace(-limit, limit, 2 * half + 1)


def read_weights(device: IrmenDevice, read_phase: float, parts: int) -> Floats:
    """Return the share of each part of a read phase in the value that is read; they sum to 1.

    Of two RCs in a row, the read-out's and the charging's, that both start from 0.
    """
    edges = np.linspace(read_phase, 0, parts + 1)  # time before the end
    followed = device.charging(edges, 0.0, 1.0)
    shares = followed[:-1] - followed[1:]
    return np.asarray(shares / shares.sum())
