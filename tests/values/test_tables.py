"""Tables of cells, by hand."""

from dataclasses import replace

import numpy as np
import pytest

import accelsim
from accelsim.config import response_of
from accelsim.device.response_tables import OLD_LEVEL
from accelsim.values import Effects
from accelsim.values.cells import Cells
from accelsim.values.tables import linear, of_response

ACTIVE = frozenset({"settling", "transfer"})


@pytest.fixture(scope="module")
def response():
    return response_of(accelsim.load_machine("irmen"))


def test_a_length_of_a_write_is_told_in_cycles_of_the_response(response):
    # Of 500 ps here: so many cycles leave so many hundredths of the old value; 9 as 5 do. A
    # cell that had the level before has its mean all the same.
    left = np.stack([0.01 * cycles + 0 * response.left[0] for cycles in range(1, 6)])
    cell = of_response(replace(response, period_ps=500, left=left), 0.0, ACTIVE)
    for length, share in ((500, 0.01), (1000, 0.02), (2500, 0.05), (4500, 0.05)):
        mean, kept = cell.stored(length, 1.0)[::8].T
        assert kept == pytest.approx(share)
        np.testing.assert_allclose(mean + kept * response.own, response.mean[1], atol=1e-9)
    assert cell.left == pytest.approx(0.05)


def test_a_bias_has_a_table_of_its_own(response):
    cell = of_response(response, 0.0, frozenset({"transfer"}))
    for bias, row in ((0.0, 0), (1.0, 1), (3.0, 3), (9.0, 3), (None, -1)):
        np.testing.assert_allclose(cell.stored(2000, bias)[::8, 0], response.mean[row], atol=1e-12)
        mirrored = None if bias is None else -bias
        found = cell.stored(2000, mirrored)[::8, 0]
        expected = response.mean[row] if bias is None else -response.mean[row, ::-1]
        np.testing.assert_allclose(found, expected, atol=1e-12)
    between = cell.stored(2000, -1.25)[::8, 0]
    mixed = -(0.75 * response.mean[1] + 0.25 * response.mean[2])[::-1]
    np.testing.assert_allclose(between, mixed, atol=1e-12)


def noise(cell, bias, level, old):
    """Variance of a write: a polynomial in the level for 1, the old value and its square."""
    terms = cell.motion(bias) @ level ** np.arange(7)
    return terms @ [1, old, old**2]


def test_the_noise_of_a_write_goes_by_level_bias_and_old_value(response):
    cell = of_response(response, 0.0, ACTIVE | {"write_noise"})
    reach = np.interp(OLD_LEVEL, response.levels, response.own)
    for place in (5, 12, 19):
        level = response.levels[::2][place]
        for row, bias in enumerate((0.0, 1.0, 2.0, 3.0, None)):
            for old, known in zip((-reach, 0, reach), response.write_noise[row, :, place],
                                  strict=True):  # fmt: skip
                # The polynomial smooths what 512 or 2048 cells of the shipped table scatter.
                found = noise(cell, bias, level, old)
                assert found == pytest.approx(known**2, rel=0.25, abs=5e-6)
                if bias is not None:
                    assert noise(cell, -bias, -level, -old) == pytest.approx(found, rel=1e-9)
    # Where nothing is left of old values, the old value is that of the level itself.
    forgets = of_response(response, 0.0, frozenset({"transfer", "write_noise"}))
    assert (forgets.motion(1.0)[1:] == 0).all()
    value = np.interp(0.5, response.levels, response.own)
    assert noise(forgets, 1.0, 0.5, 0.0) == pytest.approx(noise(cell, 1.0, 0.5, value), abs=3e-6)
    assert not of_response(response, 0.0, ACTIVE).motion(1.0).any()


def test_the_noise_of_a_write_is_of_the_voltage_that_a_storage_leaves(response):
    # `remanent` leaves a twentieth of a level to the voltage: kT/C is in that, and the charge that
    # the magnet binds is bound, and turns it, in that, too; variances have the fourth power.
    changes = {"effects.active": "write_noise"}
    held = Effects.of(accelsim.load_machine("irmen", changes), 0)
    grains = Effects.of(accelsim.load_machine("irmen", changes | {"cell.storage": "remanent"}), 0)
    assert held.write_noise == accelsim.load_machine("irmen").noise.write.value
    assert grains.write_noise == pytest.approx(0.05 * held.write_noise)
    np.testing.assert_allclose(
        grains.cell.motion(1.0), held.cell.motion(1.0) * 0.05**4, rtol=1e-6, atol=1e-14
    )


def test_a_linear_cell_is_a_line_between_two_points():
    cells = Cells(linear(settling_ps=1000.0), 0.0, 0)
    cells.prepare(0, None, (), [0.0, 0.0])
    tables, which = cells.packed(0, np.array([1000, 2000, 1000]))
    assert which.tolist() == [0, 1, 0]
    left = np.exp(-1.0)
    mean, rise, share, slope = tables[0, 0, 0]
    assert (mean, rise, share, slope) == pytest.approx((left - 1, 2 * (1 - left), left, 0))


def test_a_straight_transfer_stays_straight_between_its_levels(response):
    # Half of the level, at five of them: between the last two, too, where a curve has no neighbour.
    levels = np.linspace(-1.2, 1.2, 5)
    rows = np.tile(levels / 2, (len(response.mean), 1))
    flat = np.zeros((1, len(rows), 3))
    nothing = np.zeros((len(rows), 3, 3))
    line = replace(response, levels=levels, mean=rows, left=flat, write_noise=nothing)
    table = of_response(line, 0.0, frozenset({"transfer"})).stored(2000, 0.0)
    np.testing.assert_allclose(table[:, 0], np.linspace(-0.6, 0.6, len(table)), atol=1e-12)
    assert len(table) > 4 * 4


def test_maps_of_other_biases_have_tables_of_their_own(response):
    cells = Cells(of_response(response, 0.0, ACTIVE), 0.0, 0)
    cells.prepare(0, None, (), [1.0, 1.0])
    cells.prepare(1, None, (), [1.0, -2.0])
    assert cells.packed(0, np.array([2000]))[0].shape[1] == 1
    both = cells.packed(1, np.array([2000]))[0]
    np.testing.assert_array_equal(both[:, :1], cells.packed(0, np.array([2000]))[0])
    assert (both[:, 0] != both[:, 1]).any()
