"""Magnets in a field of moment-matched draws, beside the same in a field of normal numbers.

The kernel's own step with other numbers; tolerances are four standard errors.
"""

import math

import numpy as np
import pytest
from numba import njit

from accelsim.device import Drive, Ensemble, llg
from accelsim.device.streams import normal_pairs

PS = 1e-12


@njit(nogil=True, fastmath=True, error_model="numpy")
def advance_normal(m, parameters, shape, streams, draws, every, out):
    """Do as llg.advance does, with normal numbers."""
    noise = np.zeros((6, m.shape[1]), np.float32)
    sample = 0
    for k in range(shape.shape[0] - 1):
        if k % 2 == 0:
            normal_pairs(streams, noise)
        llg._step(m, parameters, shape[k], shape[k + 1], noise[3 * (k % 2) :][:3])
        if every and (k + 1) % every == 0:
            out[sample] = m
            sample += 1


@pytest.fixture
def both(monkeypatch):
    """Run an experiment with the kernel's draws and with normal ones; return both results."""

    def run(experiment):
        ours = experiment(3)
        with monkeypatch.context() as patched:
            patched.setattr(llg, "advance", advance_normal)
            return ours, experiment(4)

    return run


def snapshots(magnet, level: float, seed: int, count: int = 4096, number: int = 6):
    """Return m_y of magnets in equilibrium at a level, 1 ns apart: (number, count)."""
    field = level * magnet.hard_stiffness
    ensemble = Ensemble(magnet, count, PS, seed)
    ensemble.set_level(level)
    ensemble.run(Drive.constant(field, 4000))
    return ensemble.run(Drive.constant(field, number * 1000), every=1000)[:, 1]


def moments(magnet, level: float) -> np.ndarray:
    """Return mean, variance and kurtosis of m_y by Boltzmann's law, by quadrature."""
    delta, ratio = magnet.stability, magnet.normal_stiffness / magnet.hard_stiffness
    # Middles, not ends: towards saturation the density does not vanish at y = 1.
    y = -1 + 2 * (np.arange(10_000) + 0.5) / 10_000
    angle = (np.arange(400) + 0.5) / 400 * math.pi / 2
    z = np.sqrt(1 - y * y)[:, None] * np.sin(angle)
    weight = np.exp(-delta * ((y - level) ** 2)[:, None] - delta * ratio * z * z).sum(axis=1)
    weight /= weight.sum()
    mean = (weight * y).sum()
    second, fourth = ((weight * (y - mean) ** k).sum() for k in (2, 4))
    return np.array([mean, second, fourth / second**2])


def estimated(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean, variance and kurtosis of y, and their standard errors, from 64 groups."""
    groups = y.reshape(len(y), 64, -1).swapaxes(0, 1).reshape(64, -1)
    off = groups - groups.mean(axis=1, keepdims=True)
    second, fourth = (off**2).mean(axis=1), (off**4).mean(axis=1)
    each = np.array([groups.mean(axis=1), second, fourth / second**2])
    return each.mean(axis=1), each.std(axis=1, ddof=1) / 8


@pytest.mark.parametrize(("stability", "level"), [(16.6, 0.0), (16.6, 0.9), (58.7, 0.9)])
def test_the_distribution_is_that_of_normal_fields_and_boltzmanns(
    both, with_stability, stability, level
):
    magnet = with_stability(stability)
    (ours, error), (normal, other) = both(lambda seed: estimated(snapshots(magnet, level, seed)))
    off = np.abs(ours - normal) / np.hypot(error, other)
    assert off.max() < 4, (ours, normal)
    # Against theory: Heun's own bias at 1 ps, and that of the kurtosis of 384 numbers.
    assert (np.abs(ours - moments(magnet, level)) < 4 * error + [0, 3e-3 * ours[1], 0.03]).all()


def test_switching_is_that_of_normal_fields(both, with_stability):
    # 2048 magnets at Delta = 4, after a time in which half of them have switched: 1.6 % each.
    magnet = with_stability(4.0)

    def mean_sign(seed: int) -> float:
        ensemble = Ensemble(magnet, 4096, 2 * PS, seed)
        ensemble.run(Drive.constant(0.0, 2500))
        return float(np.sign(ensemble.m[0]).mean())

    ours, normal = both(mean_sign)
    assert 0.2 < normal < 0.8
    assert ours == pytest.approx(normal, abs=4 * math.sqrt(2 / 4096))
