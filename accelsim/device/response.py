"""The value as the next step reads it: magnets written and read as the machine does.

What is simulated, for cells that go from an old level to a new one: the destination's
capacitor charges during the read phase. The constant part of a drive, the OTAs' bias, goes
through its own RC alone; what comes from sources goes through the read-out's RC, too. Then it
is isolated at constant charge, so that the magnet works against it from then on (back-action);
the magnet relaxes for the write phase, and the next step reads it through both RCs for a read
phase. The value is what reaches that step's capacitor, in units of a magnet at full scale: the
gain of the OTAs makes up for what a phase of that length loses, alike for all levels.

A bias drives the magnet elsewhere first, for a part of a nanosecond. What is left of that when
the capacitor is isolated, ringing and the spread of its phase, stays in the charge; so mean and
noise of a write depend on the level, on the bias and on the old value. Ways of a drive with
equal old values start from the same thermal draws. All tables are odd when bias, old and new
level change sign together; where that leads back to the same way they are made so. Times in s.

Left out: the motion of the source during the read phase (it counts as noise of its read); the
current that the moving magnet drives through the access resistance while it is connected; and
the field of the read current (docs/device.md gives its size).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np

from accelsim.device.cell import IrmenDevice
from accelsim.device.ensemble import Drive, Ensemble, Floats
from accelsim.device.equilibrium import boltzmann_mean
from accelsim.device.response_tables import OLD_LEVEL, Response
from accelsim.device.technology import Numerics, Progress
from accelsim.units import PS_PER_S, ps_up

STEP = 0.05
"""Between the levels of the mean and the noise of a read; others have every second one."""

BIASES = (0.0, 1.0, 2.0, 3.0)
"""Biases that are simulated. A bias beyond the last one acts as that: the drive is limited."""

WRITE_CYCLES = 5
"""Write phases, in cycles, that `left` is told for; after longer ones as after these."""

_STRIDE = 4  # time steps between samples
_RAMP_STEPS = 10  # in which a charging field is a straight line: a fifth of the shorter RC
_RAMP = np.linspace(0, 1, _RAMP_STEPS + 1)
_FORGOTTEN, _SETTLED = 8, 20  # time constants
_AT_ONCE = 1 << 14  # cells
_LEFT_SHARE = 4  # cells of other old levels: a part of those at 0
_OTHER_DRAWS = 1 << 32  # added to the seed, so that no cell meets the draws of its start again

_Way = float | None
"""The constant part of a drive; None: all of it, as of a driver outside."""


def respond(
    device: IrmenDevice,
    period_ps: int,
    read_cycles: int,
    numerics: Numerics,
    progress: Progress | None = None,
) -> Response:
    """Simulate the response of a cell at a clock period and number of read cycles.

    numerics.samples: cells at each level, for mean and noise of a bias of 1; half for others.
    """
    enough_ps = _enough_ps(device)
    cycle_ps = min(period_ps, enough_ps)
    reads = min(read_cycles, -(-enough_ps // cycle_ps))
    phases = _Phases.of(cycle_ps, reads, numerics.dt)
    levels = _levels(device.cell.drive_limit.value)
    ways: tuple[_Way, ...] = (*BIASES, None)
    total, done = 3 * len(ways), 0

    def report() -> None:
        nonlocal done
        done += 1
        if progress:
            progress(done, total)

    bench = _Bench(device, phases, numerics.seed)
    seen = [_see(bench, way, levels, numerics.samples, report) for way in ways]
    # Old values are settled ones, and so in equilibrium.
    left = np.stack([way.left for way in seen], axis=1) / float(boltzmann_mean(device, OLD_LEVEL))
    kept = np.array([np.interp(levels, levels[::2], row) for row in left[-1]])
    own = np.maximum.accumulate(seen[0].mean / (1 - kept[0]))
    mean = np.stack([way.mean for way in seen]) + kept * own
    mean[0] = own
    motion = np.sqrt(np.mean([way.motion**2 for way in seen], axis=0))
    spread = np.sqrt(np.mean([way.spread**2 for way in seen], axis=0))
    phase = read_cycles * period_ps / PS_PER_S
    return Response(
        period_ps=period_ps,
        read_cycles=read_cycles,
        levels=levels,
        biases=np.array(BIASES),
        mean=mean,
        error=spread / math.sqrt(numerics.samples),
        read_noise=_even(motion),
        write_noise=np.stack([way.frozen for way in seen]),
        left=left,
        left_error=float(np.sqrt(np.mean([way.left_error**2 for way in seen]))),
        ktc_passed=device.rcs.of_kept_noise(phase),
        shot_passed=device.rcs.of_new_noise(phase),
    )


def _enough_ps(device: IrmenDevice) -> int:
    """Return a time in ps after which nothing moves any more but for thermal motion.

    Longer phases give the same values, and would take for ever to simulate.
    """
    slowest = max(device.readout_rc + device.write_rc, 1 / device.magnet.relaxation_rate(0.9))
    return ps_up(_SETTLED * slowest)


def _even(values: Floats) -> Floats:
    return np.asarray((values + values[..., ::-1]) / 2)


def _odd(values: Floats) -> Floats:
    return np.asarray((values - values[..., ::-1]) / 2)


def _levels(limit: float) -> Floats:
    """Return levels from -limit to limit, of which every second one has the ends and 0."""
    half = 2 * max(1, math.ceil(round(limit / STEP / 2, 6)))
    return np.linspace(-limit, limit, 2 * half + 1)


@dataclass(frozen=True)
class _Seen:
    """What one way of a drive gives, at N levels (M of them: every second one).

    mean, spread: of a read over an old level of 0, (N,). motion: the part of the spread that is
    no noise of the write, (N,). frozen: deviation of the level that a write leaves, over each of
    OLD_LEVELS, (3, M). left: half of how much more a read gives over OLD_LEVEL than over its
    opposite, by write cycles, (WRITE_CYCLES, M), with its rms error.
    """

    mean: Floats
    spread: Floats
    motion: Floats
    frozen: Floats
    left: Floats
    left_error: float


def _see(
    bench: "_Bench", way: _Way, levels: Floats, samples: int, report: Callable[[], None]
) -> _Seen:
    """Write levels over three old ones: half of the cells where tables are odd, or matter less."""
    mirrored = not way
    cells = max(2, samples if way == 1 else samples // 2)
    few = max(2, cells // _LEFT_SHARE)
    found = []
    for old in (0.0, -OLD_LEVEL, OLD_LEVEL):
        found.append(bench.write(levels[:: 2 if old else 1], way, old, few if old else cells))
        report()
    middle, below, above = found
    mean, spread = middle.mean[-1], middle.spread[-1]
    motion = np.sqrt(np.maximum(spread**2 - (middle.frozen * np.gradient(mean, levels)) ** 2, 0))
    frozen = np.stack([below.frozen, middle.frozen[::2], above.frozen])
    left = (above.mean - below.mean) / 2
    error = np.hypot(above.spread, below.spread) / 2 / math.sqrt(few)
    if mirrored:
        mean, spread, motion, left = _odd(mean), _even(spread), _even(motion), _even(left)
        frozen, error = (frozen + frozen[::-1, ::-1]) / 2, error / math.sqrt(2)
    return _Seen(mean, spread, motion, frozen, left, float(np.sqrt(np.mean(error**2))))


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
    """What reads saw of N levels after 1, 2, ... write cycles: (WRITE_CYCLES, N).

    frozen: deviation of the level by the motion of the magnet at isolation, (N,).
    """

    mean: Floats
    spread: Floats
    frozen: Floats


class _Bench:
    """Writes levels into cells and reads them, with the same thermal draws every time."""

    def __init__(self, device: IrmenDevice, phases: _Phases, seed: int) -> None:
        self._device, self._phases, self._seed = device, phases, seed
        self._start = cache(self._settled)

    def write(self, levels: Floats, way: _Way, old: float, samples: int) -> _Written:
        """Write each level over an old one, in so many cells."""
        parts = np.array_split(levels, -(-len(levels) * samples // _AT_ONCE))
        found = [self._write(part, way, old, samples) for part in parts]
        mean, spread, frozen = zip(*found, strict=True)
        return _Written(np.hstack(mean), np.hstack(spread), np.hstack(frozen))

    def reads(self, levels: Floats, way: _Way, old: float, samples: int) -> tuple[Floats, Floats]:
        """Return what reads see of single cells, (WRITE_CYCLES, N, samples), and `frozen`."""
        device = self._device
        new = np.repeat(levels, samples)
        ensemble = Ensemble(device.magnet, len(new), self._phases.dt, self._seed)
        ensemble.set_m(np.tile(self._start(old, samples), len(levels)))
        held = self._charge(ensemble, old, new if way is None else np.full_like(new, way), new)
        moving = ensemble.m[1].reshape(len(levels), samples).std(axis=1, ddof=1)
        values = self._read(ensemble, self._isolate(ensemble, held))
        share = device.back_action / (1 + device.back_action)
        frozen = np.asarray(share * moving / device.full_scale)
        return values.reshape(WRITE_CYCLES, len(levels), samples), frozen

    def _write(self, levels: Floats, way: _Way, old: float, samples: int) -> _Written:
        each, frozen = self.reads(levels, way, old, samples)
        return _Written(each.mean(axis=2), each.std(axis=2, ddof=1), frozen)

    def _settled(self, level: float, samples: int) -> Floats:
        """Return magnets in equilibrium at a level, (3, samples)."""
        device, dt = self._device, self._phases.dt
        ensemble = Ensemble(device.magnet, samples, dt, self._seed + _OTHER_DRAWS)
        ensemble.set_level(level * device.full_scale)
        steps = math.ceil(_FORGOTTEN / device.magnet.relaxation_rate(0.9) / dt)
        ensemble.run(Drive.constant(device.level_field(level), steps))
        return ensemble.m

    def _charge(self, ensemble: Ensemble, old: float, bias: Floats, new: Floats) -> Floats:
        """Run the read phase; return the levels that the capacitors then hold."""
        device, phases = self._device, self._phases
        limit = device.cell.drive_limit.value
        times = np.arange(0, phases.read + 1, _RAMP_STEPS) * phases.dt
        kept, signal = device.charging(times, 1.0, 0.0), device.charging(times, 0.0, 1.0)
        constant, signal = (1 - kept) / (1 - kept[-1]), signal / signal[-1]  # gain of the OTAs
        levels = np.full_like(new, old)
        for at in range(1, len(times)):
            driven = old * kept[at] + bias * constant[at] + (new - bias) * signal[at]
            following = np.clip(driven, -limit, limit)
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


def read_weights(device: IrmenDevice, read_phase: float, parts: int) -> Floats:
    """Return the share of each part of a read phase in the value that is read; they sum to 1.

    Of two RCs in a row, the read-out's and the charging's, that both start from 0.
    """
    edges = np.linspace(read_phase, 0, parts + 1)  # time before the end
    followed = device.charging(edges, 0.0, 1.0)
    shares = followed[:-1] - followed[1:]
    return np.asarray(shares / shares.sum())
