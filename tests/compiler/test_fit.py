"""A given program is held against a machine it was not compiled for."""

import dataclasses

import pytest

import accelsim
from accelsim.compiler import Place, check_program, compile_network
from accelsim.errors import InputError

STEP_1 = r"^program of 'mnist': step 1 \(load of layer 'input'\) "
STEP_8 = r"^program of 'mnist': step 8 \(conv of layer 'conv2'\) "


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"arrays.lanes": 4}, STEP_8 + r"needs 8 lanes, the machine 'irmen' has arrays.lanes = 4$"),
        ({"arrays.rows": 27}, STEP_1 + r"needs 28 rows, .* has arrays.rows = 27$"),
        ({"arrays.cols": 8}, STEP_1 + r"needs 28 columns, .* has arrays.cols = 8$"),
        ({"arrays.fan_in": 3}, STEP_8 + r"needs 4 source planes a cell, .* arrays.fan_in = 3$"),
        (
            {"sequencer.contexts": 3},
            STEP_1 + r"needs 6 planes a bank for 3 images in flight, .* has banks.planes = 4$",
        ),
        ({"banks.planes": 1}, STEP_1 + r"needs 2 planes a bank, .* has banks.planes = 1$"),
        ({"circuits": 1}, r"step 2 \(conv of layer 'conv1'\) uses circuit B, .* circuits = 1$"),
    ],
)
def test_what_does_not_fit(irmen, mnist, changes, message):
    program = compile_network(mnist, irmen)
    check_program(program, irmen)
    with pytest.raises(InputError, match=message):
        check_program(program, accelsim.load_machine("irmen", changes))


def test_a_program_for_one_circuit(mnist, irmen):
    one = accelsim.load_machine("irmen", {"circuits": 1})
    program = compile_network(mnist, one)
    check_program(program, one)
    with pytest.raises(InputError, match=r"step 2 .* uses the staging planes of a machine with"):
        check_program(program, irmen)
    # Pooling reads two planes of one bank.
    ports = accelsim.load_machine("irmen", {"circuits": 1, "banks.read_ports": 1})
    with pytest.raises(InputError, match=r"needs 2 planes of one bank read at once, .*_ports = 1$"):
        check_program(program, ports)


def test_planes_that_the_program_does_not_count(mnist, irmen):
    program = compile_network(mnist, irmen)
    wrong = dataclasses.replace(program, planes={Place.A: 1, Place.B: 1})
    machine = accelsim.load_machine("irmen", {"banks.planes": 1})
    with pytest.raises(InputError, match=r"needs 2 planes a bank"):
        check_program(wrong, machine)
