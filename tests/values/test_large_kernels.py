"""Kernels larger than a template on cells that are not ideal: blocks have synapses of their own."""

import math

import numpy as np
import pytest

import accelsim
from accelsim.compiler import compile_network
from accelsim.network import Weights
from accelsim.values import Effects, Engine
from accelsim.values.die import Die
from accelsim.values.noisy import NoisyEngine
from tests.conftest import CONV, RELU
from tests.plain_network import random_weights
from tests.values.test_effects import steady

FIVE = CONV | {"kernel": 5}
LAYERS = {
    "stride and groups": (
        FIVE | {"out": 4, "groups": 2, "stride": 2},
        RELU,
        FIVE | {"kernel": 7, "out": 3, "padding": [1, 6, 4, 0]},
        RELU,
    ),
    "depthwise": (FIVE | {"out": 2, "groups": 2}, RELU, FIVE | {"out": 2, "groups": 2}, RELU),
}


@pytest.mark.parametrize("layers", LAYERS.values(), ids=LAYERS)
def test_without_effects_it_is_the_ideal_engine(make_network, irmen, layers):
    network = make_network([2, 6, 5], *layers)
    weights = random_weights(network, size=0.2)
    program = compile_network(network, irmen, weights)
    images = np.random.default_rng(3).integers(0, 256, (5, *network.input), np.uint8)
    noisy = NoisyEngine(program, weights, Effects(), 4)
    found = noisy.run(images, np.arange(5), steady(program, 5))
    ideal = Engine(program, weights).run(images)
    np.testing.assert_allclose(found, ideal, rtol=0, atol=1e-5)
    assert np.ptp(ideal) > 0.1


def test_each_block_has_synapses_of_its_own(make_network):
    # One step on one cell: block n of the window is source n, whose synapses are 9 n to 9 n + 8.
    machine = accelsim.load_machine("irmen", {"banks.read_ports": 4})
    network = make_network([1, 5, 5], FIVE | {"padding": "valid"}, RELU)
    weights = Weights(
        {"conv0": np.random.default_rng(2).uniform(0, 0.08, (1, 1, 5, 5))}, {"conv0": np.zeros(1)}
    )
    program = compile_network(network, machine, weights)
    effects = Effects(synapse_variation=0.1, seed=3)
    engine = NoisyEngine(program, weights, effects, 4)
    image = np.random.default_rng(3).integers(0, 256, (1, 1, 5, 5), np.uint8)
    (found,) = engine.run(image, np.arange(1), steady(program, 1)).ravel()
    _, conv, relu, handoff = program.instructions
    die = Die(effects, (1, 5, 5), 4)

    def gain(step, synapse):
        return die.gain(step, 0, synapse).item()

    driven = -gain(conv, None)
    for row, col in np.ndindex(5, 5):
        synapse = 9 * (2 * (row // 3) + col // 3) + 3 * (row % 3) + col % 3
        weight = weights.weight["conv0"][0, 0, row, col]
        driven += gain(conv, synapse) * weight * image[0, 0, row, col] / 255
    value = gain(relu, 4) * driven + gain(relu, None)
    assert 0.1 < value < 0.9
    assert found == pytest.approx(gain(handoff, 4) * value, rel=1e-5)


def test_the_noise_of_the_partial_sum_of_two_blocks(make_network, irmen):
    # Weights of -1: the two blocks of the first step, 9 + 6 taps, make a sum down to -15, so that
    # the gain is 1/15 and the write of the partial sum reaches the result 15 times.
    network = make_network([1, 5, 5], FIVE | {"padding": "valid"}, RELU)
    sums = 25 * 128 / 255
    weights = Weights({"conv0": -np.ones((1, 1, 5, 5))}, {"conv0": np.array([sums + 0.4])})
    program = compile_network(network, irmen, weights)
    assert program.instructions[1].operands[0].kernel.gain == pytest.approx(1 / 15)
    count, w = 20_000, 0.002
    images = np.full((count, 1, 5, 5), 128, np.uint8)
    engine = NoisyEngine(program, weights, Effects(write_noise=w, seed=1), 4)
    out = engine.run(images, np.arange(count), steady(program, count)).ravel()
    # 25 pixels are written once each, and read by one tap each; then conv and relu.
    sigma = w * math.sqrt(25 + 15**2 + 1 + 1)
    assert out.mean() == pytest.approx(0.4, abs=4 * sigma / math.sqrt(count))
    assert out.std() == pytest.approx(sigma, rel=4 / math.sqrt(2 * count))


def test_all_effects_of_the_default_cell(make_network, irmen):
    # Same image, same numbers, whatever the batch; and near the ideal values.
    network = make_network([1, 8, 8], FIVE | {"out": 3}, RELU)
    weights = random_weights(network, size=0.1)
    program = compile_network(network, irmen, weights)
    images = np.random.default_rng(3).integers(0, 256, (6, 1, 8, 8), np.uint8)
    effects = Effects(write_noise=0.01, synapse_variation=0.01, weight_bits=8, seed=5)
    noisy = NoisyEngine(program, weights, effects, 4)
    whole = noisy.run(images, np.arange(6), steady(program, 6))
    part = noisy.run(images[2:4], np.arange(2, 4), steady(program, 6).of(np.arange(2, 4)))
    np.testing.assert_array_equal(whole[2:4], part)
    difference = whole - Engine(program, weights).run(images)
    assert 0.001 < np.abs(difference).mean() < 0.05
