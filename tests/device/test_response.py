"""The response of a cell: what it is made of, by hand, and its limits."""

import numpy as np
import pytest

from accelsim.config import load_machine, response_of
from accelsim.device import Numerics
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


def test_back_action_makes_motion_at_isolation_a_noise_of_the_write(device):
    # The deviation of m_y, 1/sqrt(2 Delta) = 0.092 in the middle and less towards saturation,
    # times 0.0486 / 1.0486.
    found = respond(device, 1000, 1, Numerics(samples=128))
    assert 0.5 * 0.092 * 0.0463 < found.write_noise < 1.1 * 0.092 * 0.0463


@pytest.mark.parametrize("changes", [{"timing.read_cycles": 10**6}, {"clock": "1 kHz"}])
def test_phases_that_nobody_could_simulate_are_as_those_that_are_long_enough(changes, monkeypatch):
    monkeypatch.setattr("accelsim.device.irmen._SAMPLES", 32)
    machine = load_machine("irmen", changes)
    found, usual = response_of(machine), response_of(load_machine("irmen"))
    assert found.period_ps == machine.period_ps
    assert found.read_cycles == machine.timing.read_cycles.value
    # 32 cells a level: standard errors of 0.03 / sqrt(32) at most.
    np.testing.assert_allclose(found.mean, usual.mean, atol=0.025)
