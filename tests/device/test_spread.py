"""Standard errors of standard deviations: do they cover the truth, with tails and without."""

import math

import numpy as np
import pytest

from accelsim.device import Numerics
from accelsim.device.noise import read_noise, spread


def normal(random, shape):
    return random.normal(size=shape)


def mixed(random, shape):
    """One in twenty four times as wide: kurtosis 13.5."""
    return random.normal(size=shape) * np.where(random.random(shape) < 0.05, 4.0, 1.0)


def two_sided(random, shape):
    """Two values and little else: kurtosis 1.1, and an error far below the normal one."""
    return np.where(random.random(shape) < 0.5, 1.0, -1.0) + random.normal(size=shape) * 0.2


@pytest.mark.parametrize(
    ("draw", "truth", "normal_covers"),
    [
        (normal, 1.0, (0.93, 0.97)),
        (mixed, math.sqrt(0.95 + 0.05 * 16), (0.4, 0.7)),
        (two_sided, math.sqrt(1.04), (0.99, 1.0)),
    ],
)
def test_two_standard_errors_cover_the_truth(draw, truth, normal_covers):
    # 2000 ensembles of 1024 cells; 95.4 % for an error that is known.
    sigma, error = spread(draw(np.random.default_rng(5), (2000, 1024)))
    covered = (np.abs(sigma - truth) < 2 * error).mean()
    assert 0.92 < covered < 0.97
    # What a normal distribution would have said.
    low, high = normal_covers
    assert low <= (np.abs(sigma - truth) < 2 * sigma / math.sqrt(2 * 1023)).mean() <= high


def test_no_spread_has_no_error():
    sigma, error = spread(np.full((2, 8), 0.5))
    assert (sigma == 0).all()
    assert (error == 0).all()


def test_errors_of_reads_are_what_repeated_ensembles_scatter(device):
    """The small magnet: kurtosis 10 and more after the RC, where its tails are longest."""
    small = device.with_volume(1530e-27)
    levels, cells, ensembles = [0.0, 0.5, 0.9], 256, 48
    found = [
        read_noise(small, levels, 1e-9, Numerics(seed=seed, samples=cells))
        for seed in range(ensembles)
    ]
    for value, error in (
        (lambda n: n.sigma[:, -1], lambda n: n.error[:, -1]),
        (lambda n: n.instantaneous, lambda n: n.instantaneous_error),
        (lambda n: np.array([n.rms(1e-9)]), lambda n: np.array([n.rms_error(1e-9)])),
    ):
        scatter = np.array([value(n) for n in found]).std(axis=0, ddof=1)
        said = np.sqrt(np.mean([error(n) ** 2 for n in found], axis=0))
        # The scatter of 48 is itself known to 10 % or, with tails, twice that.
        np.testing.assert_allclose(said / scatter, 1, atol=0.45)
    sigma = np.mean([n.sigma[:, -1] for n in found], axis=0)
    scatter = np.std([n.sigma[:, -1] for n in found], axis=0, ddof=1)
    assert (scatter / sigma * math.sqrt(2 * cells)).max() > 1.5
