"""Folds and partial sums: what they compute, and in how many cycles, by hand.

A step is read in 1 cycle and written in 2 (irmen): what depends on it is issued 3 cycles later,
what does not the next cycle. Below, s@c is step s issued at cycle c; the last handoff is stored 3
cycles after its issue. Input maps come one by one: load@0-5 are six, the last stored at 8.
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
    # Maps 0-2 are stored at 3, 4, 5: load@0-2 conv@5 relu@8 handoff@11.
    "3 loads": ([3, 4, 4], (conv(1), RELU), {}, 14),
    # 6 planes: 4, stored at 6, and, beside the partial sum, 2, stored at 8.
    # load@0-5 partial@6 conv@9 relu@12 handoff@15.
    "sum in 2 steps": ([6, 4, 4], (conv(1), RELU), {}, 18),
    # 8 planes: 4 + 3 + 1. Before the second partial come 7 loads and the first: slots 0-7, the last
    # stored at 10. load@0-5 load, partial@6,7 partial@10 conv@13 relu@16 handoff@19; the eighth
    # load is @8 or 9.
    "sum in 3 steps": ([8, 4, 4], (conv(1), RELU), {}, 22),
    # Slots 0-9 are for 8 loads and the first partials. partial@10,11 conv@13,14 relu@16,17
    # handoff@19,20.
    "2 folds in 3 steps": ([8, 4, 4], (conv(16), RELU), {}, 23),
    # The planes of 8 and 2 lanes are 4 + 3 + 3. Before the conv come 10 loads and 2 partials: slots
    # 0-11, the last stored at 14. conv@14 relu@17 handoff@20.
    "10 loads": ([10, 4, 4], (conv(1), RELU), {}, 23),
    # A stride changes no cycle of 12, nor do groups of one map, but for 7 loads more.
    "stride 2": ([1, 8, 8], (conv(4, stride=2), RELU), {}, 12),
    "depthwise": ([8, 4, 4], (conv(8, groups=8), RELU), {}, 19),
    # A step for each group: maps 0, 1 are stored at 4, maps 2, 3 at 6.
    # load@0-3 conv@4,6 relu@9 handoff@12.
    "2 groups": ([4, 4, 4], (conv(4, **GROUPS), RELU), {}, 15),
    # load@0,1 conv@4 relu@7 sum@10 relu@13 handoff@16; the sum reads 2 planes and the branch.
    "residual": ([2, 4, 4], RESIDUAL, {}, 19),
    # A bank gives one plane: the branch goes into a step of its own. partial@10 sum@13 relu@16
    # handoff@19.
    "residual with 1 read port": ([2, 4, 4], RESIDUAL, {"banks.read_ports": 1}, 22),
    # 4 maps in lanes 0, 1, 0, 1, the first two stored at 4.
    # load@0-3 partial@4 conv@7 relu@10 handoff@13.
    "1 read port": (
        [4, 4, 4], (conv(1), RELU), {"arrays.lanes": 2, "banks.read_ports": 1}, 16
    ),
    # Two branches, of which each fills the gaps of the other (test_order.py):
    # load@0 conv@3,4 relu@6,7 avg@9,10 handoff@12,13.
    "concatenation": ([1, 4, 4], BRANCHES, {}, 16),
    # With one circuit each step is brought back: load@0-5 partial@6 copy@9 conv@12 copy@15 relu@18
    # copy@21 handoff@24.
    "one circuit": ([6, 4, 4], (conv(1), RELU), {"circuits": 1}, 27),
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


def steps_of(program, layer):
    return [step for step in program.instructions if step.layer == layer]


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
    first, second, _ = steps_of(program, "conv0")
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
    assert abs(seen[second.step]) <= 1 + 1e-12


@pytest.mark.parametrize(("known", "gain"), [(4.0, 0.25), (0.5, 1.0)])
def test_partial_sums_whose_size_is_known(make_network, irmen, known, gain):
    # Whatever the weights: the gain makes the known size 1, and never amplifies.
    network = make_network([8, 4, 4], conv(1, partial=known), RELU)
    steps = steps_of(compile_network(network, irmen, random_weights(network, size=9)), "conv0")
    assert [step.operands[0].kernel.gain for step in steps] == [gain, gain, 1]
    assert [step.operands[-1].kernel.gain for step in steps[1:]] == [1, 1 / gain]


def test_what_folds_and_partial_sums_count(make_network, irmen):
    # 8 -> 16 maps of 4 x 4. Each fold has 128 cells. Steps: 4 planes (36 taps), then 3 planes and
    # the partial sum (28), then 1 plane, the partial sum and the bias (9 + 1 + 1 = 11).
    network = make_network([8, 4, 4], conv(16), RELU)
    steps = steps_of(compile_network(network, irmen), "conv0")
    sums = [count(step, 1) for step in steps]
    assert [each.tap_cycles for each in sums] == [128 * taps for taps in (36, 36, 28, 28, 11, 11)]
    # Read: planes of 16 cells; a partial sum is 8 planes of the fold.
    assert [each.read for each in sums] == [64, 64, 48 + 128, 48 + 128, 16 + 128, 16 + 128]
    assert [step.first_map for step in steps] == [0, 8] * 3


@pytest.mark.parametrize("lanes", [1, 2, 8])
def test_a_load_is_of_one_map(make_network, lanes):
    # Map m lives in lane m mod lanes.
    machine = accelsim.load_machine("irmen", {"arrays.lanes": lanes, "banks.planes": 16})
    program = compile_network(make_network([9, 4, 4], conv(1, kernel=1), RELU), machine)
    loads = [step for step in program.instructions if step.op.startswith("load")]
    assert [step.op for step in loads] == ["load"] + ["load_more"] * 8
    assert [(step.first_map, step.maps) for step in loads] == [(each, 1) for each in range(9)]
    written = [ref.lane for step in loads for ref in step.destination]
    assert written == [each % lanes for each in range(9)]
    # Each writes the cells of one plane, with one tap a cell.
    assert {(count(step, 1).written, count(step, 1).tap_cycles) for step in loads} == {(16, 16)}
