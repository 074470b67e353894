"""The spatial model of the benchmarks where its answer is known: uniform states, a stiff magnet."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from accelsim.device import Magnet
from accelsim.device.geometry import DISC, RECTANGLE, prism

pytest.importorskip("neuralmag", reason="the extra micromagnetics is not installed")

MAGNET = Magnet(
    length=42e-9,
    width=42e-9,
    thickness=3e-9,
    saturation_magnetization=1.7e6,
    anisotropy=45e3,
    damping=0.01,
    temperature=300.0,
)
STIFF = 2e-9  # J/m, a hundred times that of a ferromagnet: all vectors are parallel


@pytest.fixture(scope="module")
def spatial(repository):
    sys.path.insert(0, str(repository / "benchmarks"))
    try:
        import spatial  # noqa: PLC0415 - not installed, and loads JAX
    finally:
        sys.path.pop(0)
    return spatial


def test_a_uniform_square_has_the_factors_of_a_prism(spatial):
    square = spatial.Spatial(replace(MAGNET, shape=RECTANGLE), spatial.Mesh(6), STIFF)
    factors = prism(42e-9, 42e-9, 3e-9)
    assert square.demagnetization() == pytest.approx([factors.x, factors.y, factors.z], abs=1e-6)


@pytest.mark.parametrize("turn", [0.0, 45.0])
def test_a_stiff_disc_holds_the_level(spatial, turn):
    disc = spatial.Spatial(replace(MAGNET, shape=DISC), spatial.Mesh(8, turn=turn), STIFF)
    held = disc.follow(disc.uniform(1, 0.01, 0), [0.3, 0.8])
    means = np.array([disc.mean(m) for m in held])
    assert means[:, 1] == pytest.approx([0.3, 0.8], abs=1e-3)
    assert means[:, 2] == pytest.approx(0.0, abs=1e-6)
