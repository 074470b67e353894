"""What a read does to the state: the magnet's answer to the field of the read current.

Without thermal field, so that nothing else moves the magnet; and with it, as the shift of the
mean over many cells.
"""

import math
from copy import deepcopy
from dataclasses import dataclass

import numpy as np

from accelsim.device.cell import IrmenDevice
from accelsim.device.ensemble import Drive, Ensemble
from accelsim.device.noise import SAMPLE, equilibrium
from accelsim.device.technology import Numerics, Progress

# Relaxation times after which nothing is left: a longer pulse or pause is as good as that.
_ENOUGH = 20


@dataclass(frozen=True)
class Disturbance:
    """Change of m_y by one read pulse, the largest over levels, in units of m = 1.

    during: its peak, overshoot included. remaining: its peak in the next read of the cell.
    """

    during: float
    remaining: float


def read_disturbance(
    device: IrmenDevice, read_phase: float, write_phase: float, dt: float, levels: int = 13
) -> Disturbance:
    """Read magnets at rest from -swing to +swing for a read phase, then leave them alone.

    The machine reads a cell again a write phase later at the earliest, for as long. All in s.
    """
    swing = device.cell.swing.value
    level = np.linspace(-swing, swing, levels)
    ensemble = Ensemble(device.magnet, levels, dt)
    ensemble.set_level(level * device.full_scale)
    longest = _ENOUGH / device.magnet.relaxation_rate(swing)
    pulse, pause = (max(1, round(min(t, longest) / dt)) for t in (read_phase, write_phase))
    shape = np.zeros(2 * pulse + pause + 1)
    shape[: pulse + 1] = 1.0
    drive = Drive(device.level_field(level), device.read_field, shape)
    moved = np.abs(ensemble.run(drive, every=1)[:, 1] - level * device.full_scale)
    return Disturbance(float(moved.max()), float(moved[pulse + pause :].max()))


@dataclass(frozen=True)
class Reads:
    """Read pulses one after another. Times in s."""

    pulse: float
    interval: float
    number: int


@dataclass(frozen=True)
class MeanShift:
    """Shift of the mean of m_y by reading, over thermal cells, in units of m = 1.

    during: in the pulses. between: in the pauses. Each with its standard error, from the spread
    of the cells' own averages over time. cells: how many.
    """

    level: float
    cells: int
    during: float
    during_error: float
    between: float
    between_error: float


def mean_shift(
    device: IrmenDevice, level: float, reads: Reads, numerics: Numerics, report: Progress | None
) -> MeanShift:
    """Return how far the mean of cells that are held at a level moves as they are read.

    Each of `numerics.samples` cells is run twice with the same thermal field, with and without
    the field of the read current. Cells begin in thermal equilibrium.
    """
    cells, dt = numerics.samples, numerics.dt
    levels = np.full(cells, level)
    quiet = equilibrium(device, levels, dt, numerics.seed)
    read = deepcopy(quiet)
    hold, stride = device.level_field(levels), max(1, round(SAMPLE / dt))
    pulse, interval = round(reads.pulse / dt / stride), round(reads.interval / dt / stride)
    on = np.zeros(interval * stride + 1)
    on[: pulse * stride + 1] = 1.0
    moved = np.zeros((2, cells))
    for done in range(reads.number):
        with_reads = read.run(Drive(hold, device.read_field, on), every=stride)[:, 1]
        without = quiet.run(Drive(hold, 0.0, on), every=stride)[:, 1]
        change = with_reads - without
        moved += change[:pulse].mean(axis=0), change[pulse:].mean(axis=0)
        if report is not None:
            report(done + 1, reads.number)
    moved /= reads.number
    errors = moved.std(axis=1, ddof=1) / math.sqrt(cells)
    during, between = moved.mean(axis=1).tolist()
    return MeanShift(level, cells, during, float(errors[0]), between, float(errors[1]))
