"""Folds, groups and partial sums on cells that are not ideal."""

import math

import numpy as np
import pytest

import accelsim
from accelsim.compiler import compile_network
from accelsim.network import Weights
from accelsim.values import Effects, Engine
from accelsim.values.noisy import NoisyEngine
from tests.compiler.test_folding import MIXED
from tests.conftest import CONV, RELU
from tests.plain_network import random_weights
from tests.values.test_effects import steady

GROUPED = (CONV | {"out": 6, "groups": 3}, RELU, CONV | {"out": 6, "groups": 6}, RELU)


@pytest.mark.parametrize("lanes", [3, 8])
@pytest.mark.parametrize("layers", [MIXED, GROUPED], ids=["mixed", "grouped"])
def test_without_effects_it_is_the_ideal_engine(make_network, layers, lanes):
    network = make_network([3, 9, 8], *layers)
    machine = accelsim.load_machine("irmen", {"banks.planes": 20, "arrays.lanes": lanes})
    weights = random_weights(network)
    program = compile_network(network, machine, weights)
    images = np.random.default_rng(3).integers(0, 256, (5, *network.input), np.uint8)
    noisy = NoisyEngine(program, weights, Effects(), 4)
    found = noisy.run(images, np.arange(5), steady(program, 5))
    ideal = Engine(program, weights).run(images)
    # float32: sums in another order, and those of partial sums times 1 / gain.
    np.testing.assert_allclose(found, ideal, rtol=0, atol=1e-5)
    assert np.ptp(ideal) > 0.1


def test_the_gain_of_a_partial_sum_amplifies_its_noise(make_network, irmen):
    # 6 planes, weights -1: the first 4 make a partial sum down to -4, so the gain is 1/4. The last
    # step reads the other 2, and 4 times that plane.
    network = make_network([6, 1, 1], CONV | {"out": 1, "kernel": 1}, RELU)
    weights = Weights({"conv0": -np.ones((1, 6, 1, 1))}, {"conv0": np.array([3.4])})
    program = compile_network(network, irmen, weights)
    (partial,) = (step for step in program.instructions if step.op == "partial")
    assert partial.operands[0].kernel.gain == 0.25
    images, w = np.full((20_000, 6, 1, 1), 128, np.uint8), 0.002
    engine = NoisyEngine(program, weights, Effects(write_noise=w, seed=1), 4)
    out = engine.run(images, np.arange(20_000), steady(program, 20_000)).ravel()
    # The writes of 6 loads reach the result with weight 1, the partial sum's with 4, those of conv
    # and relu with 1; the host keeps what it gets.
    sigma = w * math.sqrt(6 + 16 + 1 + 1)
    assert out.mean() == pytest.approx(3.4 - 6 * 128 / 255, abs=4 * sigma / 141)
    assert out.std() == pytest.approx(sigma, rel=4 / 200)
