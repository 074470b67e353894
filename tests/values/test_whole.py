"""Whole layers at once: what steps one by one compute, in fewer steps."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import accelsim
from accelsim.compiler import compile_network
from accelsim.network import Weights
from accelsim.values import Engine
from accelsim.values.bounds import bounds
from accelsim.values.flow import kept_flow
from accelsim.values.layers import LayerEngine
from accelsim.values.whole import whole
from tests.compiler.test_folding import BRANCHES, MIXED, RESIDUAL
from tests.conftest import AVG2, CONV, MAX2, MAX3, RELU
from tests.plain_network import random_weights

FIVE = CONV | {"kernel": 5, "out": 5}
NETWORKS = (
    MIXED,
    RESIDUAL,
    BRANCHES,
    (CONV | {"out": 6, "groups": 2}, RELU, MAX2, CONV | {"out": 6, "groups": 6}, RELU),
    (FIVE, RELU, MAX3, FIVE | {"padding": "valid"}, RELU, AVG2),
    (CONV | {"out": 7}, RELU, MAX3 | {"stride": 2}, CONV | {"out": 4, "stride": 2}, RELU),
)
CHANGES = st.builds(
    lambda lanes, fan_in, circuit: {
        "arrays.lanes": lanes,
        "arrays.fan_in": fan_in,
        "circuits": circuit[0],
        "banks.read_ports": circuit[1],
        "banks.planes": 60,
    },
    st.sampled_from([2, 3, 8]),
    st.integers(2, 5),
    st.sampled_from([(1, 2), (2, 1), (2, 2)]),
)


def with_partial(layers, partial):
    sums = {"conv", "add"}
    return [layer | {"partial": partial} if layer["op"] in sums else layer for layer in layers]


@given(
    layers=st.sampled_from(NETWORKS),
    changes=CHANGES,
    partial=st.sampled_from([None, 0.1, 1.0, 3.0]),
    seed=st.integers(0, 99),
)
@settings(max_examples=25, deadline=None)
def test_whole_layers_compute_what_steps_do(make_network, layers, changes, partial, seed):
    # With a small `partial` the gain is 1 and partial sums are clipped.
    inputs = 4 if any(layer.get("groups") == 2 for layer in layers) else 2
    network = make_network([inputs, 7, 6], *(with_partial(layers, partial) if partial else layers))
    machine = accelsim.load_machine("irmen", changes)
    generator = np.random.default_rng(seed)
    weights = random_weights(network, size=generator.uniform(0.2, 2))
    program = compile_network(network, machine, weights)
    images = generator.integers(0, 256, (3, *network.input), np.uint8)
    steps = Engine(program, weights, np.float64).run(images)
    layered = LayerEngine(program, weights, np.float64).run(images)
    np.testing.assert_allclose(layered, steps, rtol=0, atol=1e-11)


def steps_of(program):
    return [(step.op, step.maps) for step in program.instructions]


def test_folds_become_one_step_and_sums_one(make_network, irmen):
    # 8 maps to 16: two folds, each a sum of 4 + 3 + 1 planes, whose gain is from the weights.
    network = make_network([8, 4, 4], CONV | {"out": 16}, RELU)
    weights = random_weights(network, size=1)
    program = compile_network(network, irmen, weights)
    assert [step.op for step in program.instructions].count("partial") == 4
    layers = whole(program, weights)
    assert steps_of(layers) == [
        ("load", 8), ("conv", 16), ("relu", 16), ("handoff_more", 8), ("handoff", 8)
    ]  # fmt: skip
    (operand,) = layers.instructions[1].operands
    assert (len(operand.planes), operand.kernel.first_in, operand.kernel.gain) == (8, 0, 1)


def test_a_partial_sum_that_may_be_clipped_stays_a_step(make_network, irmen):
    # One cell, 8 pixels of 1: 4 weights of 1, then 4 of -1. The sum is 0, but the first partial sum
    # is 4, stored as 1; then 1 - 3, stored as -1; then -1 - 1 + b. With b = 2.5 the result is 0.5.
    network = make_network([8, 1, 1], CONV | {"kernel": 1, "partial": 1.0}, RELU)
    weight = np.array([1.0] * 4 + [-1.0] * 4).reshape(1, 8, 1, 1)
    weights = Weights({"conv0": weight}, {"conv0": np.array([2.5])})
    program = compile_network(network, irmen, weights)
    # The 8 loads are one step.
    assert steps_of(whole(program, weights)) == [("load", 8)] + [
        (step.op, step.maps) for step in program.instructions if step.layer != "input"
    ]
    images = np.full((2, 8, 1, 1), 255, np.uint8)
    assert LayerEngine(program, weights).run(images).ravel().tolist() == [0.5, 0.5]


def test_a_calibrated_gain_is_no_step_where_nothing_can_be_clipped(make_network, irmen):
    network = make_network([8, 2, 2], CONV | {"kernel": 1, "partial": 1.0}, RELU)
    weights = Weights({"conv0": np.full((1, 8, 1, 1), 1 / 7)}, {"conv0": np.zeros(1)})
    program = compile_network(network, irmen, weights)
    # 7 planes in two partial sums: 7 x 1/7 is 1, and no more.
    assert [op for op, _ in steps_of(whole(program, weights))] == [
        "load", "conv", "relu", "handoff"
    ]  # fmt: skip


def test_the_order_of_independent_steps_does_not_matter(make_network, irmen):
    network = make_network([1, 4, 4], CONV | {"out": 16}, RELU)
    weights = random_weights(network)
    program = compile_network(network, irmen, weights)
    load, first, second, *relus, last, end = program.instructions
    other = replace(program, instructions=(load, second, first, *relus[::-1], last, end))
    images = np.random.default_rng(3).integers(0, 256, (2, 1, 4, 4), np.uint8)
    found = [LayerEngine(each, weights).run(images) for each in (program, other)]
    assert steps_of(whole(other, weights)) == steps_of(whole(program, weights))
    np.testing.assert_array_equal(*found)


def test_the_images_of_a_batch_are_fewer_for_wide_layers(make_network):
    # A convolution gathers 9 x cells of each map: 9 x 28 x 28 is 7056, of which 2^21 has 297;
    # of 64 times as many it has 4.
    for maps, batch in ((1, 128), (64, 4)):
        network = make_network([maps, 28, 28], CONV, RELU)
        machine = accelsim.load_machine("irmen", {"banks.planes": 20})
        weights = random_weights(network)
        program = compile_network(network, machine, weights)
        assert LayerEngine(program, weights).batch(128) == batch


def test_bounds_of_values_by_hand(make_network, irmen):
    # Pixels in [0, 1], weights 0.5 and -2, b = 0.25: conv is in [0.25 - 1 - 2, 0.25 - 1 + 0.5],
    # kept in [-1, -0.25]. Beside a map there is 0, so that relu reads [-1, 0] and gives [0, 1]. The
    # difference of two, minus 1, is in [-2, 0], kept in [-1, 0]; with the one and 1 added, [0, 2].
    network = make_network([2, 2, 2], CONV | {"kernel": 1}, RELU, MAX2)
    weights = Weights(
        {"conv0": np.array([0.5, -2.0]).reshape(1, 2, 1, 1)}, {"conv0": np.array([0.25])}
    )
    found = bounds(kept_flow(compile_network(network, irmen, weights)), weights)
    assert [(float(low[0]), float(high[0])) for low, high in found[:6]] == [
        (0, 1), (0, 1), (-2.75, -0.25), (0, 1), (-2, 0), (0, 2)
    ]  # fmt: skip
