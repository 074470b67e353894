"""Folds and partial sums: what they compute, and in how many cycles, by hand.

A step is read in 1 cycle and written in 2 (irmen): what depends on it is issued 3 cycles later,
what does not the next cycle. Below, s@c is step s issued at cycle c; the last handoff is stored 3
cycles after its issue.
"""

import itertools

import numpy as np
import pytest

import accelsim
from accelsim.compiler import check_program, check_weights, compile_network, count
from accelsim.model import Accelerator, Arrival, Design
from accelsim.values import Engine
from tests.conftest import AVG2, CONV, MAX2, RELU
from tests.plain_network import features, random_weights

MANY_PLANES = {"banks.planes": 16}


def conv(out, **keys):
    return CONV | {"out": out} | keys


def cycles(program, machine):
    design = Design.of(machine)
    return Accelerator(design, program, [Arrival(0, 0)]).run() / design.period_ps


RESIDUAL = (conv(2), RELU, conv(2), {"op": "add", "inputs": ["conv2", "relu1"]}, RELU)
BRANCHES = (
    conv(2),
    RELU,
    conv(2, inputs=["input"]),
    RELU,
    {"op": "concat", "inputs": ["relu1", "relu3"]},
    AVG2,
)
GROUPS = {"groups": 2}
CASES = {
    # load@0 conv@3 relu@6 handoff@9, stored at 12.
    "one fold": ([1, 4, 4], (conv(8), RELU), {}, 12),
    # load@0 conv@3,4 relu@6,7 handoff@9,10, stored at 13.
    "2 folds": ([1, 4, 4], (conv(16), RELU), {}, 13),
    # conv@3,4,5 relu@6,7,8 handoff@9,10,11: from three folds on every slot from 3 on is taken.
    "3 folds": ([1, 4, 4], (conv(24), RELU), {}, 14),
    # conv@3-7 relu@8-12 handoff@13-17: 3 x 5 slots from 3 on, stored at 3 + 15 - 1 + 3.
    "5 folds": ([1, 4, 4], (conv(40), RELU), MANY_PLANES, 20),
    # 6 planes: 4 and, beside the partial sum, 2. load@0 partial@3 conv@6 relu@9 handoff@12.
    "sum in 2 steps": ([6, 4, 4], (conv(1), RELU), {}, 15),
    # 8 planes: 4 + 3 + 1. partial@3 partial@6 conv@9 relu@12 handoff@15.
    "sum in 3 steps": ([8, 4, 4], (conv(1), RELU), {}, 18),
    # partial@3,4 partial@6,7 conv@9,10 relu@12,13 handoff@15,16.
    "2 folds in 3 steps": ([8, 4, 4], (conv(16), RELU), {}, 19),
    # 10 maps come in two loads: load@0,1; the planes of both banks are 4 + 3 + 3:
    # partial@3 partial@6 conv@9 relu@12 handoff@15.
    "two loads": ([10, 4, 4], (conv(1), RELU), {}, 18),
    # Stride and groups that are all of one map change no cycle of 12.
    "stride 2": ([1, 8, 8], (conv(4, stride=2), RELU), {}, 12),
    "depthwise": ([8, 4, 4], (conv(8, groups=8), RELU), {}, 12),
    # A step for each group: conv@3,4 relu@7 handoff@10.
    "2 groups": ([4, 4, 4], (conv(4, **GROUPS), RELU), {}, 13),
    # load@0 conv@3 relu@6 sum@9 relu@12 handoff@15; the sum reads 2 planes and the branch.
    "residual": ([2, 4, 4], RESIDUAL, {}, 18),
    # A bank gives one plane: the branch goes into a step of its own. partial@9 sum@12 relu@15
    # handoff@18.
    "residual with 1 read port": ([2, 4, 4], RESIDUAL, {"banks.read_ports": 1}, 21),
    # 4 maps in 2 lanes: load@0,1; planes of lanes 0, 1, 0, 1. partial@3 conv@6 relu@9 handoff@12.
    "1 read port": (
        [4, 4, 4], (conv(1), RELU), {"arrays.lanes": 2, "banks.read_ports": 1}, 15
    ),
    # Two branches, of which each fills the gaps of the other (test_order.py):
    # load@0 conv@3,4 relu@6,7 avg@9,10 handoff@12,13.
    "concatenation": ([1, 4, 4], BRANCHES, {}, 16),
    # With one circuit each step is brought back: partial@3 copy@6 conv@9 copy@12 relu@15 copy@18
    # handoff@21.
    "one circuit": ([6, 4, 4], (conv(1), RELU), {"circuits": 1}, 24),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_cycles_and_values(make_network, name):
    shape, layers, changes, expected = CASES[name]
    network, machine = make_network(shape, *layers), accelsim.load_machine("irmen", changes)
    weights = random_weights(network)
    program = compile_network(network, machine, weights)
    check_program(program, machine)
    check_weights(program, weights)
    assert cycles(program, machine) == expected
    holds(network, program, weights)


def holds(network, program, weights, images=4):
    pixels = np.random.default_rng(2).integers(0, 256, (images, *network.input), np.uint8)
    found = Engine(program, weights, np.float64).run(pixels)
    expected = features(network, weights, pixels)
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert np.ptp(expected) > 0.1


# Everything at once, on machines from wide to narrow.
MIXED = (
    conv(5),
    RELU,
    MAX2 | {"kernel": 3, "stride": 2, "padding": [1, 1, 1, 1]},
    conv(6, padding=[1, 1, 1, 1]),
    conv(6, kernel=1, inputs=["maxpool2"]),
    {"op": "add", "inputs": ["conv3", "conv4"]},
    RELU,
    {"op": "concat", "inputs": ["relu6", "maxpool2"]},
    conv(4, groups=1, stride=2, padding="valid"),
    RELU,
)
MACHINES = [
    dict(zip(("arrays.lanes", "arrays.fan_in", "banks.read_ports", "circuits"), each, strict=True))
    for each in itertools.product((1, 3, 8), (2, 5), (2, 1), (1, 2))
    if each[2:] != (1, 1)
]


@pytest.mark.parametrize(
    "changes", MACHINES, ids=lambda changes: "-".join(map(str, changes.values()))
)
def test_any_machine_computes_the_same(make_network, changes):
    network = make_network([3, 9, 8], *MIXED)
    machine = accelsim.load_machine("irmen", changes | {"banks.planes": 40})
    weights = random_weights(network)
    program = compile_network(network, machine, weights)
    check_program(program, machine)
    holds(network, program, weights)


def test_no_partial_sum_is_clipped(make_network, irmen):
    # The weights' bound: one image reaches it exactly, where pixels are 1 under positive weights.
    network = make_network([8, 1, 1], conv(1, kernel=1), RELU)
    weights = random_weights(network, size=2)
    program = compile_network(network, irmen, weights)
    weight = weights.weight["conv0"][0, :, 0, 0]
    first, second = program.instructions[1:3]
    assert [step.op for step in (first, second)] == ["partial", "partial"]
    # The last step reads plane 7; the first seven make the partial sums.
    bound = max(weight[:7].clip(0).sum(), -weight[:7].clip(max=0).sum())
    gain = first.operands[0].kernel.gain
    assert gain == pytest.approx(1 / bound, rel=1e-12)
    image = np.where((weight > 0) == (weight[:7].sum() > 0), 255, 0).astype(np.uint8)
    seen = {}
    Engine(program, weights, np.float64).run(
        image.reshape(1, 8, 1, 1), lambda step, window: seen.update({step.step: window.max()})
    )
    assert abs(seen[3]) <= 1 + 1e-12


@pytest.mark.parametrize(("known", "gain"), [(4.0, 0.25), (0.5, 1.0)])
def test_partial_sums_whose_size_is_known(make_network, irmen, known, gain):
    # Whatever the weights: the gain makes the known size 1, and never amplifies.
    network = make_network([8, 4, 4], conv(1, partial=known), RELU)
    steps = compile_network(network, irmen, random_weights(network, size=9)).instructions
    assert [step.operands[0].kernel.gain for step in steps[1:4]] == [gain, gain, 1]
    assert [step.operands[-1].kernel.gain for step in steps[2:4]] == [1, 1 / gain]


def test_what_folds_and_partial_sums_count(make_network, irmen):
    # 8 -> 16 maps of 4 x 4. Each fold has 128 cells. Steps: 4 planes (36 taps), then 3 planes and
    # the partial sum (28), then 1 plane, the partial sum and the bias (9 + 1 + 1 = 11).
    network = make_network([8, 4, 4], conv(16), RELU)
    steps = compile_network(network, irmen).instructions
    sums = [count(step, 1) for step in steps if step.layer == "conv0"]
    assert [each.tap_cycles for each in sums] == [128 * taps for taps in (36, 36, 28, 28, 11, 11)]
    # Read: planes of 16 cells; a partial sum is 8 planes of the fold.
    assert [each.read for each in sums] == [64, 64, 48 + 128, 48 + 128, 16 + 128, 16 + 128]
    assert [step.first_map for step in steps if step.layer == "conv0"] == [0, 8] * 3
