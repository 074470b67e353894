"""How noisy a read is: thermal magnets at a level, seen through the read-out's RC.

The read-out starts from 0 when the supply pulse begins, so at time T it has seen the
magnet with the weight exp(-(T - t)/RC)/RC: `signal` of the level is there, 1 - exp(-T/RC),
and noise is the standard deviation among cells divided by that.

Its standard error follows from the kurtosis of the cells: towards saturation and for small
magnets the distribution has long tails, and what holds for normal numbers, 1/sqrt(2 (n - 1)),
is too small by a factor of two or more.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accelsim.device.cell import IrmenDevice
from accelsim.device.ensemble import Drive, Ensemble
from accelsim.device.technology import Numerics, Progress

Floats = NDArray[np.float64]
# Relaxation times until the ensemble has forgotten that it started without noise.
_FORGOTTEN = 8
SAMPLE = 5e-12  # s; the read-out is integrated in these steps, 1/25 of a precession


@dataclass(frozen=True)
class ReadNoise:
    """Noise of m_y, standard deviations in units of the full scale.

    levels: shape (L,). times: read times in s, (T,). sigma: (L, T), after the RC.
    instantaneous: (L,), before it. mean: (L,), the level that is there on average.
    signal: (T,). error: (L, T), standard errors of sigma; instantaneous_error: (L,).
    """

    levels: Floats
    times: Floats
    sigma: Floats
    instantaneous: Floats
    mean: Floats
    signal: Floats
    error: Floats
    instantaneous_error: Floats

    def rms(self, time: float) -> float:
        """Return the noise at a read time (s), root mean square over the levels."""
        return float(np.sqrt(np.mean(np.square(self._at(self.sigma, time)))))

    def rms_error(self, time: float) -> float:
        """Return the standard error of `rms`: the cells of different levels are different ones."""
        weighted = self._at(self.sigma, time) * self._at(self.error, time)
        return float(np.sqrt(np.sum(weighted**2)) / (len(self.levels) * self.rms(time)))

    def _at(self, rows: Floats, time: float) -> Floats:
        return np.array([np.interp(time, self.times, row) for row in rows])


def equilibrium(
    device: IrmenDevice, levels: Floats, dt: float, seed: int, progress: Progress | None = None
) -> Ensemble:
    """Return magnets in thermal equilibrium, one for each entry of levels."""
    ensemble = Ensemble(device.magnet, len(levels), dt, seed)
    ensemble.set_level(np.clip(levels * device.full_scale, -1, 1))
    steps = math.ceil(_FORGOTTEN / device.magnet.relaxation_rate(0.9) / dt)
    ensemble.run(Drive.constant(device.level_field(levels), steps), progress=progress)
    return ensemble


def read_noise(
    device: IrmenDevice,
    levels: Sequence[float],
    longest: float,
    numerics: Numerics,
    progress: Progress | None = None,
) -> ReadNoise:
    """Measure the read-out noise of cells at each level, for reads up to `longest` (s)."""
    each = np.repeat(np.asarray(levels, float), numerics.samples)
    ensemble = equilibrium(device, each, numerics.dt, numerics.seed, progress)
    return observe(device, ensemble, levels, longest, progress)


def observe(
    device: IrmenDevice,
    ensemble: Ensemble,
    levels: Sequence[float],
    longest: float,
    progress: Progress | None = None,
) -> ReadNoise:
    """Read the cells of an ensemble, as many at each level, for up to `longest` (s)."""
    dt, samples = ensemble.dt, ensemble.count // len(levels)
    stride = max(1, round(SAMPLE / dt))
    reads = math.ceil(longest / (stride * dt) - 1e-9)
    each = np.repeat(np.asarray(levels, float), samples)
    drive = Drive.constant(device.level_field(each), reads * stride)
    start = ensemble.m[1]
    moved = ensemble.run(drive, every=stride, progress=progress)[:, 1]
    y = np.concatenate([start[None], moved]) / device.full_scale
    seen, signal = readout(y, stride * dt, device.readout_rc)
    after = seen.reshape(reads, len(levels), samples).swapaxes(0, 1) / signal[:, None]
    before = y.reshape(reads + 1, len(levels), samples).swapaxes(0, 1)
    sigma, error = spread(after)
    plain, plain_error = _spread_over_time(before)
    return ReadNoise(
        levels=np.asarray(levels, float),
        times=np.arange(1.0, reads + 1) * (stride * dt),
        sigma=sigma,
        instantaneous=plain,
        mean=before.mean(axis=(1, 2)),
        signal=signal,
        error=error,
        instantaneous_error=plain_error,
    )


def spread(values: Floats) -> tuple[Floats, Floats]:
    """Return standard deviations along the last axis and their standard errors.

    The error from the sample's kurtosis k: of the variance it is sqrt((k - (n - 3)/(n - 1))/n)
    of it, and of its root half as much (R. G. Miller, "Beyond ANOVA", Wiley 1986, ch. 7).
    """
    number = values.shape[-1]
    squares = (values - values.mean(axis=-1, keepdims=True)) ** 2
    variance = squares.mean(axis=-1)
    # Without any spread, the error is 0 as well.
    kurtosis = (squares**2).mean(axis=-1) / np.maximum(variance**2, np.finfo(float).tiny)
    excess = np.maximum(kurtosis - (number - 3) / (number - 1), 0.0)
    sigma = np.sqrt(variance * number / (number - 1))
    return sigma, sigma * np.sqrt(excess / (4 * number))


def _spread_over_time(values: Floats) -> tuple[Floats, Floats]:
    """Return `spread` of values (levels, times, cells) at any of the times, and its error.

    The times of a cell are not independent; its mean square is one number of a cell.
    """
    number = values.shape[-1]
    squares = (values - values.mean(axis=-1, keepdims=True)) ** 2 * (number / (number - 1))
    each = squares.mean(axis=1)
    sigma = np.sqrt(each.mean(axis=-1))
    error = each.std(axis=-1, ddof=1) / math.sqrt(number)
    return sigma, error / np.maximum(2 * sigma, np.finfo(float).tiny)


def readout(y: Floats, dt: float, rc: float) -> tuple[Floats, Floats]:
    """Return the output of an RC that starts from 0, and the share of a constant in it.

    y: (times + 1, cells), the input every dt (s). Both outputs at the ends of the
    intervals; the input is taken as linear between samples, so a constant is exact.
    """
    decay = math.exp(-dt / rc)
    # Weights of the two ends of an interval for a linear input, exact for an RC.
    late = 1 - (1 - decay) * rc / dt
    early = 1 - decay - late
    out = np.empty((len(y) - 1, *y.shape[1:]))
    value = np.zeros(y.shape[1:])
    for k in range(len(out)):
        value = decay * value + early * y[k] + late * y[k + 1]
        out[k] = value
    return out, 1 - np.power(decay, np.arange(1.0, len(y)))
