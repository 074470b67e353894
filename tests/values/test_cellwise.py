"""Cells that differ, a few at a time, by hand."""

from dataclasses import replace

import numpy as np
import pytest

import accelsim
from accelsim.compiler import compile_network
from accelsim.config import response_of
from accelsim.device.technologies import magnet_cell
from accelsim.device.variation import FACTORS, VARIED, Spread
from accelsim.network import Weights
from accelsim.values import Effects
from accelsim.values.cells import Noise
from accelsim.values.cellwise import weigh_own_each
from accelsim.values.die import Die
from accelsim.values.diecells import DieCells
from accelsim.values.noisy import NoisyEngine
from accelsim.values.tables import linear, of_response
from tests.conftest import AVG2
from tests.values.test_effects import steady

NONE, SIDE = Weights({}, {}), 8


def spread_of(**deviations):
    each = [deviations.get(name, 0.0) for name in VARIED]
    return Spread.of(magnet_cell(accelsim.load_machine("irmen")), each, (1e-9, 2e-9))


@pytest.fixture(scope="module")
def program(make_network):
    """Load, the mean of each four, handoff: every cell is read once."""
    return compile_network(make_network([1, SIDE, SIDE], AVG2), accelsim.load_machine("irmen"))


def factors_of(effects, step):
    """Return the factors of what a step writes, by name, (rows, cols)."""
    die = Die(effects, (1, SIDE, SIDE), 4)
    found = effects.spread.factors(die.normal(step.destination[0], len(VARIED)))
    return dict(zip(FACTORS, found[:, : step.rows, : step.cols], strict=True))


def fours(cells):
    return cells.reshape(SIDE // 2, 2, SIDE // 2, 2).sum(axis=(1, 3))


def test_each_plane_is_weighed_with_its_own():
    # One tap, three planes of two cells: y = w x, and w^2 x the table's entry at x as variance.
    total, variance = (np.zeros((1, 3, 1, 2), np.float32) for _ in range(2))
    source = np.float32([1, -1, 1, 0, 0, -1]).reshape(1, 3, 1, 2)
    weights = np.float32([1, 2, 3, 4, 5, 6]).reshape(3, 1, 1, 2)
    table, tap = np.float32([0.1, 0.2, 0.3]), np.array([[0, 1, 0, 0, 2, 0, 1, 1]])
    weigh_own_each(total, variance, source, weights, 10 * weights, tap, table)
    assert total.ravel().tolist() == [1, -2, 3, 0, 0, -6]
    np.testing.assert_allclose(variance.ravel(), [3, 2, 9, 8, 10, 6], rtol=1e-6)


def test_noise_of_the_readout_and_of_the_motion_have_factors_of_their_own(program):
    # A read of 0.05, of which the read-out has 0.03: as squares 0.0016 and 0.0009. A quarter of
    # what is seen of each of four cells, through its output; then the read at the boundary.
    effects = Effects(cell=linear(0.05, other=0.03), spread=spread_of(ir_length=0.3), seed=2)
    load, mean, _ = program.instructions

    def variance(factors):
        own = 0.0016 * factors["motion"] + 0.0009 * factors["readout"]
        return factors["output"] ** 2 * own

    first, second = factors_of(effects, load), factors_of(effects, mean)
    assert abs(np.log(first["readout"])).max() > 0.5
    level = fours(variance(first)) / 16
    expected = level * second["output"] ** 2 + variance(second)
    images = np.zeros((10_000, 1, SIDE, SIDE), np.uint8)
    out = NoisyEngine(program, NONE, effects, 4).run(
        images, np.arange(len(images)), steady(program, len(images))
    )
    # Each known to sqrt(2 / 10,000) = 1.4 %.
    np.testing.assert_allclose(out[:, 0].var(axis=0), expected, rtol=0.06)


def test_what_is_shown_of_a_step_is_what_reads_give(program):
    effects = Effects(spread=spread_of(ir_length=0.1), seed=2)
    load, mean, _ = program.instructions
    shown = {}
    images = np.full((1, 1, SIDE, SIDE), 51, np.uint8)  # 0.2
    out = NoisyEngine(program, NONE, effects, 4).run(
        images,
        np.arange(1),
        steady(program, 1),
        lambda step, window: shown.update({step.op: window}),
    )
    first, second = (factors_of(effects, step)["output"] for step in (load, mean))
    np.testing.assert_allclose(shown["load"][0, 0], 0.2 * first, rtol=1e-5)
    levels = 0.2 * fours(first) / 4
    np.testing.assert_allclose(shown["avg"][0, 0], levels * second, rtol=1e-5)
    # At the boundary nothing is written: shown is what was read there.
    np.testing.assert_array_equal(shown["handoff"], out)
    np.testing.assert_allclose(out[0, 0], levels * second, rtol=1e-5)


def test_a_cell_that_is_driven_further_goes_straight_on(program):
    # A transfer of half the level up to 1.2; ME layers a few per cent thinner or thicker.
    response = response_of(accelsim.load_machine("irmen"))
    levels = np.linspace(-1.2, 1.2, 5)
    rows = len(response.mean)
    line = replace(
        response,
        levels=levels,
        mean=np.tile(levels / 2, (rows, 1)),
        left=np.zeros((1, rows, 3)),
        write_noise=np.zeros((rows, 3, 3)),
    )
    effects = Effects(
        cell=of_response(line, 0.0, frozenset({"transfer"})),
        spread=spread_of(me_layer_thickness=0.02),
        seed=2,
    )
    load = program.instructions[0]
    drive = factors_of(effects, load)["drive"].ravel()
    assert drive.max() > 1.03
    assert drive.min() < 0.97
    cells = DieCells(effects.spread, Die(effects, (1, SIDE, SIDE), 4), effects.cell, 0.0)
    cells.prepare(0, load, (), [None])
    # Level 1.3 is not to be had: the OTAs end at 1.2.
    driven = np.float32([1.3, 1.2, 0.3, -1.2, -1.3])
    found = np.repeat(driven[:, None], SIDE * SIDE, axis=1)[:, None]
    quiet = Noise(np.zeros((1, 1, SIDE, SIDE), np.float32), np.arange(5), 0)
    cells.write(0, found, found.copy(), np.full(5, 2000), quiet)
    expected = np.clip(driven, -1.2, 1.2)[:, None] * drive / 2
    np.testing.assert_allclose(found[:, 0], expected, atol=1e-6)
