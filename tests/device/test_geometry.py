"""Demagnetization factors against limits, sums and an independent integral."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accelsim.device.geometry import demagnetization

edges = st.floats(1.0, 100.0)


def test_a_cube_has_three_thirds():
    factors = demagnetization(5e-9, 5e-9, 5e-9)
    assert (factors.x, factors.y, factors.z) == pytest.approx((1 / 3, 1 / 3, 1 / 3), abs=1e-12)


@given(edges, edges, edges)
def test_factors_sum_to_one_and_follow_their_edges(length, width, thickness):
    # Rounding grows with the cube of the aspect ratio, at most 1e6 times the float's 1e-16.
    factors = demagnetization(length, width, thickness)
    assert factors.x + factors.y + factors.z == pytest.approx(1, abs=1e-8)
    turned = demagnetization(width, thickness, length)
    assert (turned.x, turned.y, turned.z) == pytest.approx((factors.y, factors.z, factors.x))
    assert (factors.x < factors.y) == (length > width) or length == pytest.approx(width)


def charged_faces(a: float, b: float, c: float) -> float:
    """The factor along c from the energy of two charged faces a x b, a distance c apart.

    Two equal rectangles at distance d interact with the integral over their offsets (u, v)
    of (a - u)(b - v)/sqrt(u^2 + v^2 + d^2), four times for the four signs.
    """
    n = 2000
    u = (np.arange(n) + 0.5) / n * a
    v = (np.arange(n) + 0.5) / n * b
    weight = (a - u)[:, None] * (b - v)[None, :] * (a / n) * (b / n) * 4
    flat = np.hypot(u[:, None], v[None, :])
    near = (weight / flat).sum()
    far = (weight / np.hypot(flat, c)).sum()
    return (near - far) / (2 * np.pi * a * b * c)


@pytest.mark.parametrize("edge", [(42.4264, 42.4264, 3.0), (22.583, 22.583, 3.0), (60, 30, 4)])
def test_against_the_energy_of_charged_faces(edge):
    # The midpoint rule misses about a cell of the 1/r singularity: a/n of the integral's
    # length a, over c: 42/2000/3 = 0.7 % times a constant below 1.
    assert demagnetization(*edge).z == pytest.approx(charged_faces(*edge), rel=7e-3)


def test_the_default_cell():
    # Derived apart: 1.65 T of 2.136 T for the square of 42.4 nm, 1.38 T for 22.6 nm.
    large, small = demagnetization(42.4264, 42.4264, 3), demagnetization(22.583, 22.583, 3)
    assert 2.136 * (large.z - large.x) == pytest.approx(1.65, abs=0.01)
    assert 2.136 * (small.z - small.x) == pytest.approx(1.38, abs=0.01)
