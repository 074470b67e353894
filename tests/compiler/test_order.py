"""The order of instructions: never slower, the same values, within the planes, deterministic."""

import random

import numpy as np
import pytest

import accelsim
from accelsim.compiler import Place, check_program, compile_network
from accelsim.compiler.bounds import bounds
from accelsim.compiler.issue import issue_cycles, length_of
from accelsim.compiler.use import Pace, work_of_program
from accelsim.errors import InputError
from accelsim.values import Engine
from tests.compiler.networks import SHAPE, inception, pooled_branches, random_layers
from tests.compiler.test_folding import BRANCHES, cycles, holds
from tests.conftest import CONV, RELU
from tests.plain_network import random_weights


def machine_of(order):
    pick = order.choice
    return accelsim.load_machine(
        "irmen",
        {
            "arrays.lanes": pick([1, 2, 3, 8]),
            "arrays.fan_in": pick([2, 4]),
            "banks.read_ports": pick([2, 2, 3]),
            "banks.planes": pick([12, 40, 40]),
            "circuits": pick([1, 2, 2]),
            "timing.read_cycles": pick([1, 1, 2, 9]),
            "timing.write_cycles": pick([1, 2, 4]),
        },
    )


@pytest.mark.parametrize("seed", range(24))
def test_never_slower_than_layer_order_and_the_same_values(make_network, seed):
    order = random.Random(seed)
    machine, network = machine_of(order), make_network(SHAPE, *random_layers(order))
    weights = random_weights(network)
    try:
        before = compile_network(network, machine, weights, in_layer_order=True)
    except InputError:  # more planes than the machine has
        before = None
    try:
        program = compile_network(network, machine, weights)
    except InputError:
        assert before is None
        return
    check_program(program, machine)
    found = cycles(program, machine)
    work, pace = work_of_program(program), Pace.of(machine)
    # What the compiler expects is what the model does, and no bound is beyond it.
    assert length_of(work.uses, issue_cycles(work.uses, work.places, pace), pace) == found
    assert max(bound.cycles for bound in bounds(work, pace)) <= found
    assert max(program.planes.values()) <= machine.banks.planes.value
    assert compile_network(network, machine, weights) == program
    if before is not None:
        assert found <= cycles(before, machine)
        pixels = np.random.default_rng(seed).integers(0, 256, (2, *SHAPE), np.uint8)
        one, other = (Engine(each, weights, np.float64).run(pixels) for each in (before, program))
        np.testing.assert_array_equal(one, other)


def test_branches_overlap(make_network, irmen):
    # In layer order each step of one branch waits for the step before it. Together:
    # load@0 conv@3,4 relu@6,7 avg@9,10 handoff@12,13, stored at 16 instead of 19.
    network = make_network([1, 4, 4], *BRANCHES)
    assert cycles(compile_network(network, irmen, in_layer_order=True), irmen) == 19
    program = compile_network(network, irmen)
    assert cycles(program, irmen) == 16
    ops = [step.op for step in program.instructions]
    assert ops == ["load", *["conv"] * 2, *["relu"] * 2, *["avg"] * 2, "handoff_more", "handoff"]


def test_both_directions_are_busy_where_reads_are_long(make_network):
    # Reads of 4, writes of 2, 3 folds. A to B carries the convs, B to A the relus, 4 cycles each.
    # Layer order: load@0 conv@6,10,14, and only then relu@18,22,26, handoff@27,31,35, stored at 41.
    # In turn, relu 0 is issued when conv 0 is stored: conv@6,10,14 relu@12,16,20 handoff@18,22,26,
    # stored at 32. Conv 2 takes a third plane, as the relu still reads the first until 16.
    machine = accelsim.load_machine("irmen", {"timing.read_cycles": 4})
    network = make_network([1, 4, 4], CONV | {"out": 24}, RELU)
    assert cycles(compile_network(network, machine, in_layer_order=True), machine) == 41
    program = compile_network(network, machine)
    assert cycles(program, machine) == 32


def test_an_order_that_needs_fewer_planes(make_network):
    # In layer order A holds the four relus until the pools read them, B the four pools until they
    # are added. Branch by branch A holds the input and a relu, then the first sum, which is handed
    # off, and B a pool and a conv, then two pools.
    network = make_network([1, 4, 4], *pooled_branches())
    machine = accelsim.load_machine("irmen", {"banks.planes": 2})
    with pytest.raises(InputError, match="needs 4 planes in a bank of circuit"):
        compile_network(network, machine, in_layer_order=True)
    program = compile_network(network, machine)
    assert program.planes == {Place.A: 2, Place.B: 2}
    holds(network, program, random_weights(network))
    with pytest.raises(InputError, match="needs 2 planes in a bank of circuit"):
        compile_network(network, accelsim.load_machine("irmen", {"banks.planes": 1}))


def test_planes_of_several_images_bound_the_order(make_network):
    # However many images are in flight, each has 6 planes, and the order takes no more.
    layers = inception(2)
    for contexts in (1, 2, 3):
        changes = {"sequencer.contexts": contexts, "banks.planes": 6 * contexts}
        program = compile_network(
            make_network([1, 8, 8], *layers), accelsim.load_machine("irmen", changes)
        )
        assert max(program.planes.values()) <= 6


def test_chains_keep_their_order(mnist, irmen, charge):
    for machine in (irmen, charge):
        assert compile_network(mnist, machine) == compile_network(
            mnist, machine, in_layer_order=True
        )
    assert compile_network(mnist, irmen).planes == {Place.A: 2, Place.B: 1}


def test_a_program_begins_with_its_load_and_ends_with_its_handoff(make_network, irmen):
    network = make_network([10, 8, 8], *inception(12))
    steps = compile_network(
        network, accelsim.load_machine("irmen", {"banks.planes": 40})
    ).instructions
    assert (steps[0].op, steps[-1].op) == ("load", "handoff")
    assert [step.op for step in steps].count("handoff") == 1
    assert [step.step for step in steps] == list(range(1, len(steps) + 1))
