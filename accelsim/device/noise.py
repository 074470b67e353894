"""How noisy a read is: thermal magnets at a level, seen through the read-out's RC.

The read-out starts from 0 when the supply pulse begins, so at time T it has seen the
magnet with the weight exp(-(T - t)/RC)/RC: `signal` of the level is there, 1 - exp(-T/RC),
and noise is the standard deviation among cells divided by that.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accelsim.device.cell import IrmenDevice
from accelsim.device.ensemble import Drive, Ensemble, Progress

Floats = NDArray[np.float64]
# Relaxation times until the ensemble has forgotten that it started without noise.
_FORGOTTEN = 8
SAMPLE = 5e-12  # s; the read-out is integrated in these steps, 1/25 of a precession


@dataclass(frozen=True)
class ReadNoise:
    """Noise of m_y, standard deviations in units of the full scale.

    levels: shape (L,). times: read times in s, (T,). sigma: (L, T), after the RC.
    instantaneous: (L,), before it. mean: (L,), the level that is there on average.
    signal: (T,). error: relative standard error of each sigma.
    """

    levels: Floats
    times: Floats
    sigma: Floats
    instantaneous: Floats
    mean: Floats
    signal: Floats
    error: float

    def rms(self, time: float) -> float:
        """Return the noise at a read time (s), root mean square over the levels."""
        each = [np.interp(time, self.times, row) for row in self.sigma]
        return float(np.sqrt(np.mean(np.square(each))))


def equilibrium(
    device: IrmenDevice, levels: Floats, dt: float, seed: int, progress: Progress | None = None
) -> Ensemble:
    """Return magnets in thermal equilibrium, one for each entry of levels."""
    ensemble = Ensemble(device.magnet, len(levels), dt, seed)
    ensemble.set_level(np.clip(levels * device.full_scale, -1, 1))
    steps = 2 * math.ceil(_FORGOTTEN / device.magnet.relaxation_rate(0.9) / dt / 2)
    ensemble.run(Drive.constant(device.level_field(levels), steps), progress=progress)
    return ensemble


def read_noise(  # noqa: PLR0913, PLR0917 - time step, seed and samples are of `Numerics`
    device: IrmenDevice,
    levels: Sequence[float],
    longest: float,
    dt: float,
    seed: int,
    samples: int,
    progress: Progress | None = None,
) -> ReadNoise:
    """Measure the read-out noise of `samples` cells at each level, for reads up to `longest`.

    longest, dt: s.
    """
    stride = max(1, round(SAMPLE / dt))
    each = np.repeat(np.asarray(levels, float), samples)
    ensemble = equilibrium(device, each, dt, seed, progress)
    reads = math.ceil(longest / (stride * dt))
    drive = Drive.constant(device.level_field(each), reads * stride)
    start = ensemble.m[1]
    moved = ensemble.run(drive, every=stride, progress=progress)[:, 1]
    y = np.concatenate([start[None], moved]) / device.full_scale
    times = np.arange(1.0, reads + 1) * (stride * dt)
    seen, signal = readout(y, stride * dt, device.readout_rc)
    grouped = seen.reshape(reads, len(levels), samples)
    plain = y.reshape(reads + 1, len(levels), samples)
    return ReadNoise(
        levels=np.asarray(levels, float),
        times=times,
        sigma=(grouped.std(axis=2, ddof=1) / signal[:, None]).T,
        instantaneous=np.sqrt(plain.var(axis=2, ddof=1).mean(axis=0)),
        mean=plain.mean(axis=(0, 2)),
        signal=signal,
        error=1 / math.sqrt(2 * (samples - 1)),
    )


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
