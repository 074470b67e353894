"""Kernels larger than a template: what they compute, count and cost in cycles, by hand.

5 x 5 taps are four blocks, of 3 x 3, 3 x 2, 2 x 3 and 2 x 2. Each block of a plane is an operand: a
place of the fan-in and a read port. s@c is step s issued at cycle c, as in test_folding.
"""

import itertools
import json
from dataclasses import replace

import numpy as np
import pytest

import accelsim
from accelsim.compiler import (
    check_program,
    check_weights,
    compile_network,
    count,
    program_json,
    read_program,
)
from accelsim.errors import InputError
from accelsim.ops import Block, blocks
from accelsim.values.program import overlap
from tests.compiler.test_folding import conv, cycles, holds
from tests.conftest import MAX2, RELU
from tests.plain_network import random_weights

PORTS = "banks.read_ports"
FAN_IN = "arrays.fan_in"
CASES = {
    # 4 ports give one plane four times: load@0 conv@3 relu@6 handoff@9, stored at 12.
    "one step": ([1, 8, 8], conv(1, kernel=5), {PORTS: 4}, 12),
    # 2 ports: 2 + 2 blocks. load@0 partial@3 conv@6 relu@9 handoff@12.
    "2 read ports": ([1, 8, 8], conv(1, kernel=5), {}, 15),
    # 1 block in each step: partial@3,6,9 conv@12 relu@15 handoff@18.
    "1 read port": ([1, 8, 8], conv(1, kernel=5), {PORTS: 1}, 21),
    # 2, and beside the partial sum 1 + 1: partial@3,6 conv@9 relu@12 handoff@15.
    "fan-in 2": ([1, 8, 8], conv(1, kernel=5), {FAN_IN: 2}, 18),
    # 8 reads, 4 + 3 + 1, in which a bank gives 2, then 2 and 1, then 1: as "fan-in 2", and a load
    # more.
    "2 planes": ([2, 8, 8], conv(1, kernel=5), {}, 19),
    # Where the window begins, and how far it moves, changes no cycle of "2 read ports".
    "stride 2": ([1, 8, 8], conv(1, kernel=5, stride=2), {}, 15),
    "valid": ([1, 8, 8], conv(1, kernel=5, padding="valid"), {}, 15),
    # Each map reads its own bank: as one map, and 7 loads more.
    "depthwise": ([8, 8, 8], conv(8, kernel=5, groups=8), {}, 22),
    "depthwise, stride 2": ([8, 8, 8], conv(8, kernel=5, stride=2, groups=8), {PORTS: 4}, 19),
    # partial@3,4 conv@6,7 relu@9,10 handoff@12,13.
    "2 folds": ([1, 8, 8], conv(16, kernel=5), {}, 16),
    # Nine blocks, 4 + 3 + 2: partial@3,6 conv@9 relu@12 handoff@15.
    "7x7": ([1, 8, 8], conv(1, kernel=7), {PORTS: 4}, 18),
    # 2 + 2 + 2 + 2 + 1: partial@3,6,9,12 conv@15 relu@18 handoff@21.
    "7x7, 2 read ports": ([1, 8, 8], conv(1, kernel=7), {}, 24),
    # The partial sum is in the bank that is read, and takes one of its 2 ports: 2 + 1 + 1 blocks.
    # partial@3 copy@6 partial@9 copy@12 conv@15 copy@18 relu@21 copy@24 handoff@27.
    "one circuit": ([1, 8, 8], conv(1, kernel=5), {"circuits": 1}, 30),
}


@pytest.mark.parametrize("name", CASES)
def test_cycles_and_values(make_network, name):
    shape, layer, changes, expected = CASES[name]
    network, machine = make_network(shape, layer, RELU), accelsim.load_machine("irmen", changes)
    weights = random_weights(network)
    program = compile_network(network, machine, weights)
    check_program(program, machine)
    check_weights(program, weights)
    assert cycles(program, machine) == expected
    holds(network, program, weights)


LENET = (
    conv(6, kernel=5),
    RELU,
    MAX2,
    conv(16, kernel=5, padding="valid"),
    RELU,
    MAX2,
)


def test_lenet_5(make_network, irmen):
    # load@0; conv0 2 + 2 blocks @3,6; relu@9; pool@12,15,18,21. conv3 reads 6 planes 4 times:
    # 24 = 4 + 6 x 3 + 2 are 8 steps, in 2 folds, the last @45,46; relu@48,49; pool@51,52 to
    # 60,61; handoff@63,64, stored at 67.
    network = make_network([1, 28, 28], *LENET)
    weights = random_weights(network, size=0.1)
    program = compile_network(network, irmen, weights)
    assert cycles(program, irmen) == 67
    assert len([step for step in program.instructions if step.layer == "conv3"]) == 2 * 8
    holds(network, program, weights, images=2)


def test_a_program_of_blocks_is_kept_as_it_is(make_network, irmen, tmp_path):
    program = compile_network(make_network([1, 8, 8], conv(1, kernel=5), RELU), irmen)
    path = tmp_path / "program.json"
    path.write_text(program_json(program))
    assert read_program(path) == program
    # Four blocks; the partial sum, relu and handoff read one cell.
    kernels = [each["kernel"] for step in json.loads(path.read_text())["instructions"]
               for each in step["operands"]]  # fmt: skip
    assert ["block" in kernel for kernel in kernels] == [True] * 4 + [False] * 3


PADDINGS = ("same", "valid", [0, 3, 1, 0], [6, 0, 2, 7])
BORDERS = [
    (kernel, stride, padding, groups)
    for kernel, stride, padding, groups in itertools.product((5, 7), (1, 2), PADDINGS, (1, 2, 4))
]


@pytest.mark.parametrize(("kernel", "stride", "padding", "groups"), BORDERS)
def test_every_border_is_exact(make_network, irmen, kernel, stride, padding, groups):
    keys = {"kernel": kernel, "stride": stride, "padding": padding, "groups": groups}
    network = make_network([4, 9, 8], conv(4, **keys), RELU)
    weights = random_weights(network, size=0.2)
    program = compile_network(network, irmen, weights)
    check_program(program, irmen)
    holds(network, program, weights, images=2)


@pytest.mark.parametrize("kernel", [5, 7, 9, 31])
@pytest.mark.parametrize("stride", [1, 2])
def test_a_window_larger_than_its_map(make_network, irmen, kernel, stride):
    network = make_network([1, 3, 4], conv(2, kernel=kernel, stride=stride), RELU)
    weights = random_weights(network, size=0.3)
    holds(network, compile_network(network, irmen, weights), weights)


def test_a_residual_block_of_larger_kernels(make_network, irmen):
    layers = (
        conv(2, kernel=5),
        RELU,
        conv(2, kernel=7),
        conv(2, kernel=1, inputs=["relu1"]),
        {"op": "add", "inputs": ["conv2", "conv3", "relu1"]},
        RELU,
    )
    network = make_network([1, 6, 7], *layers)
    weights = random_weights(network, size=0.1)
    holds(network, compile_network(network, irmen, weights), weights)


@pytest.mark.parametrize("size", range(1, 32, 2))
def test_blocks_cut_a_window_without_a_rest(size):
    covered = np.zeros((size, size), int)
    for row, col, rows, cols in blocks(size):
        assert 1 <= min(rows, cols) <= max(rows, cols) <= 3
        covered[row : row + rows, col : col + cols] += 1
    assert (covered == 1).all()
    assert len(blocks(size)) == (-(-size // 3)) ** 2


def test_counts_by_hand(make_network, irmen):
    # 5x5 over 8x8 cells, same padding: offsets -2, -1, 0 reach all of 8 rows, 1 and 2 reach 7.
    steps = compile_network(make_network([1, 8, 8], conv(1, kernel=5), RELU), irmen).instructions
    partial, last = (count(step, 1) for step in steps if step.layer == "conv0")
    assert (partial.read, last.read) == (8 * 8 + 8 * 7, 7 * 8 + 7 * 7 + 64)
    # Taps: 9 + 6; 6 + 4, the partial sum and the bias. No tap is added to the 25.
    assert (partial.tap_cycles, last.tap_cycles) == (64 * 15, 64 * (6 + 4 + 1 + 1))


@pytest.mark.parametrize("step", [1, 2, 3])
def test_overlap_of_any_tap(step):
    for offset, window, extent in itertools.product(range(-9, 10), (1, 2, 5), (1, 2, 4)):
        cells, sources = overlap(offset, step, window, extent)
        inside = [i for i in range(window) if 0 <= i * step + offset < extent]
        assert list(range(window))[cells] == inside
        assert list(range(extent))[sources] == [i * step + offset for i in inside]


@pytest.mark.parametrize("block", [Block(3, 0, 3, 3), Block(-1, 0, 3, 3), Block(0, 0, 3, 2)])
def test_a_block_that_the_weights_do_not_have(make_network, irmen, block):
    network = make_network([1, 8, 8], conv(1, kernel=5), RELU)
    weights = random_weights(network)
    program = compile_network(network, irmen, weights)
    load, partial, *rest = program.instructions
    first, *others = partial.operands
    wrong = replace(first, kernel=replace(first.kernel, block=block))
    partial = replace(partial, operands=(wrong, *others))
    with pytest.raises(InputError) as caught:
        check_weights(replace(program, instructions=(load, partial, *rest)), weights)
    assert str(caught.value).endswith(
        "step 2 (partial of layer 'conv0') is damaged: kernel: beyond the weights of 'conv0', "
        "(1, 1, 5, 5)"
    )
