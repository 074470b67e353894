"""Tables of cells, by hand."""

from dataclasses import replace

import numpy as np
import pytest

import accelsim
from accelsim.config import response_of
from accelsim.values import Effects
from accelsim.values.tables import linear, of_response


@pytest.fixture(scope="module")
def response():
    return response_of(accelsim.load_machine("irmen"))


def test_a_length_of_a_write_is_told_in_cycles_of_the_response(response):
    # Of 500 ps here: so many cycles leave so many hundredths of the old value; 9 as 5 do.
    levels = response.old_levels
    old = np.interp(levels, response.levels, response.mean)
    left = np.stack([0.01 * cycles * np.tile(old[:, None], len(old)) for cycles in range(1, 6)])
    cell = of_response(
        replace(response, period_ps=500, carry=left), 0.0, frozenset({"settling", "transfer"})
    )
    for length, share in ((500, 0.01), (1000, 0.02), (2500, 0.05), (4500, 0.05)):
        assert cell.stored(length)[:, 1] == pytest.approx(share)
    assert cell.left == pytest.approx(0.05)


def test_the_noise_of_a_write_has_the_motion_at_isolation(response):
    machine = accelsim.load_machine("irmen", {"effects.active": "write_noise"})
    expected = np.hypot(machine.noise.write.value, response.write_noise)
    assert Effects.of(machine, 0).write_noise == pytest.approx(expected, rel=1e-12)
    assert expected > 1.01 * machine.noise.write.value


def test_a_linear_cell_is_a_line_between_two_points():
    tables, which = linear(settling_ps=1000.0).lengths(np.array([1000, 2000, 1000]))
    assert which.tolist() == [0, 1, 0]
    left = np.exp(-1.0)
    mean, rise, share, slope = tables[0, 0]
    assert (mean, rise, share, slope) == pytest.approx((left - 1, 2 * (1 - left), left, 0))


def test_a_straight_transfer_stays_straight_between_its_levels(response):
    # Half of the level, at five of them: between the last two, too, where a curve has no neighbour.
    levels = np.linspace(-1.2, 1.2, 5)
    line = replace(response, levels=levels, mean=levels / 2)
    table = of_response(line, 0.0, frozenset({"transfer"})).stored(2000)
    np.testing.assert_allclose(table[:, 0], np.linspace(-0.6, 0.6, len(table)), atol=1e-12)
    assert len(table) > 4 * 4
