"""The response of a cell: what it is made of, by hand, and its limits."""

import numpy as np
import pytest

from accelsim.config import load_machine, response_of
from accelsim.device import Numerics
from accelsim.device.equilibrium import boltzmann_deviation
from accelsim.device.response import read_weights, respond


def test_a_read_weighs_what_it_sees_like_two_rcs_in_a_row(device):
    # Against Euler steps of 20 fs of the two nodes, each started from 0, for a ramp of m_y.
    parts, step = 250, 4e-12
    middle = (np.arange(parts) + 0.5) * step
    node = out = share = mine = 0.0
    for place in range(parts * 200):
        seen = (place + 0.5) * step / 200 / 1e-9
        node += step / 200 * (seen - node) / device.readout_rc
        out += step / 200 * (node - out) / device.write_rc
        share += step / 200 * (1 - share) / device.readout_rc
        mine += step / 200 * (share - mine) / device.write_rc
    weights = read_weights(device, parts * step, parts)
    assert weights.sum() == pytest.approx(1)
    assert weights @ (middle / 1e-9) == pytest.approx(out / mine, abs=1e-3)


@pytest.fixture(scope="module")
def seen(device):
    return respond(device, 1000, 1, Numerics(samples=128))


def test_back_action_makes_motion_at_isolation_a_noise_of_the_write(device, seen):
    # The deviation of m_y at level 0 in equilibrium, times 0.0486 / 1.0486, if nothing but heat
    # moves the magnet: no bias, and 0 before. Of 128 cells at 0 and 0.1 each: 4 errors are 18 %.
    thermal = float(boltzmann_deviation(device, 0.0).item()) * 0.0486 / 1.0486
    quiet = seen.write_noise[0, 1, 11:14].mean()
    assert quiet == pytest.approx(thermal, rel=0.2)
    # Saturated by 1.2, it moves less; swung by a bias of 3 or from -0.8, more.
    assert seen.write_noise[0, 1, -1] < 0.6 * quiet
    assert seen.write_noise[1, 0, 12] > 1.3 * quiet
    assert seen.write_noise[3, 1, 12] > 1.3 * quiet


def test_tables_are_odd_where_no_bias_breaks_it(seen):
    for row in (0, -1):
        np.testing.assert_array_equal(seen.left[:, row], seen.left[:, row, ::-1])
        np.testing.assert_array_equal(seen.write_noise[row], seen.write_noise[row, ::-1, ::-1])
    np.testing.assert_array_equal(seen.own, -seen.own[::-1])
    assert (np.diff(seen.own) >= 0).all()
    np.testing.assert_array_equal(seen.read_noise, seen.read_noise[::-1])


def test_a_response_is_the_same_each_time_it_is_asked_for(device):
    one, other = (respond(device, 1000, 1, Numerics(samples=8)) for _ in range(2))
    for name in ("mean", "error", "read_noise", "write_noise", "left"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_a_short_write_leaves_what_the_magnet_has_not_done_yet(device):
    # Cycles of 50 ps: a magnet that turns in 118 ps swings on from the old value.
    short = respond(device, 50, 1, Numerics(samples=32))
    assert (np.abs(short.left[:, 0, 12]) > 0.1).all()


@pytest.mark.parametrize("changes", [{"timing.read_cycles": 10**6}, {"clock": "1 kHz"}])
def test_phases_that_nobody_could_simulate_are_as_those_that_are_long_enough(changes, monkeypatch):
    monkeypatch.setattr("accelsim.device.irmen._SAMPLES", 32)
    machine = load_machine("irmen", changes)
    found, usual = response_of(machine), response_of(load_machine("irmen"))
    assert found.period_ps == machine.period_ps
    assert found.read_cycles == machine.timing.read_cycles.value
    # 16 cells a level: standard errors of 0.03 / sqrt(16) at most.
    np.testing.assert_allclose(found.own, usual.own, atol=0.03)
