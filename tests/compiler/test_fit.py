"""A given program is held against a machine it was not compiled for."""

import dataclasses

import pytest

import accelsim
from accelsim.compiler import (
    Grid,
    Kernel,
    Place,
    PlaneRef,
    Program,
    Tap,
    check_program,
    check_weights,
    compile_network,
)
from accelsim.errors import InputError
from accelsim.network import load_weights

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


def _edited(program: Program, step: int, /, **changes: object) -> Program:
    steps = list(program.instructions)
    steps[step - 1] = dataclasses.replace(steps[step - 1], **changes)  # type: ignore[arg-type]
    return dataclasses.replace(program, instructions=tuple(steps))


def _with_operand(program: Program, step: int, /, **changes: object) -> Program:
    first, *others = program.instructions[step - 1].operands
    operand = dataclasses.replace(first, **changes)  # type: ignore[arg-type]
    return _edited(program, step, operands=(operand, *others))


A, B = Place.A, Place.B
_LANES_FROM_MINUS_ONE = tuple(PlaneRef(B, lane, 0) for lane in range(-1, 3))
_PLANES_3 = tuple(PlaneRef(B, lane, 3) for lane in range(4))
_LANE_0_TWICE = (PlaneRef(B, 0, 0), PlaneRef(B, 0, 1), PlaneRef(B, 1, 0), PlaneRef(B, 2, 0))
_ONE_PLANE_TWICE = (PlaneRef(B, 0, 0), PlaneRef(B, 1, 0), PlaneRef(B, 2, 0), PlaneRef(B, 2, 0))
_ITS_OWN_SOURCES = tuple(PlaneRef(A, lane, 0) for lane in range(4))
_MIXED = tuple(PlaneRef((A, B)[lane % 2], lane, 0) for lane in range(4))


@pytest.mark.parametrize(
    ("step", "changes", "message"),
    [
        (2, {"step": 3}, "step: got 3, expected 2"),
        (2, {"op": "cnv"}, "op: got 'cnv', expected one of load, .*; did you mean 'conv'"),
        (2, {"op": "load"}, "a program begins with its only load and ends with its only handoff"),
        (2, {"operands": ()}, "operands: expected some"),
        (2, {"maps": 5}, "destination: got 4 planes for 5 maps"),
        (2, {"rows": 0}, "rows: got 0, expected at least 1"),
        (2, {"grid": Grid(0, 1)}, r"grid.row_step: got 0, expected at least 1"),
        (
            2,
            {"destination": _LANES_FROM_MINUS_ONE},
            "lane -1, plane 0 of b, whose",
        ),
        (
            2,
            {"destination": _PLANES_3},
            "lane 0, plane 3 of b, whose planes number 1",
        ),
        (
            3,
            {"destination": _MIXED},
            "at several places",
        ),
        (14, {"rows": 6}, "its window is 8 x 6 x 7, expected 8 x 7 x 7"),
        (1, {"cols": 27}, "its window is 1 x 28 x 27, expected 1 x 28 x 28"),
    ],
)
def test_a_program_that_was_edited(irmen, mnist, step, changes, message):
    program = _edited(compile_network(mnist, irmen), step, **changes)
    with pytest.raises(InputError, match=rf"step \d+ \(.*\) is damaged: .*{message}"):
        check_program(program, irmen)


@pytest.mark.parametrize("ports", [1, 2, 4])
@pytest.mark.parametrize(
    ("step", "destination", "message"),
    [
        (2, _LANE_0_TWICE, "planes 0 and 1 of lane 0, whose array charges one plane at a time"),
        (2, _ONE_PLANE_TWICE, "planes 0 and 0 of lane 2, whose array charges one plane at a time"),
        (5, _ITS_OWN_SOURCES, "plane 0 of circuit_a.lane0.bank, which it reads"),
    ],
)
def test_planes_that_the_arrays_cannot_charge(mnist, ports, step, destination, message):
    """However many ports: a lane has one array, and a plane is read or charged."""
    machine = accelsim.load_machine("irmen", {"banks.write_ports": ports})
    program = compile_network(mnist, machine)
    program = dataclasses.replace(program, planes={A: 2, B: 2})
    with pytest.raises(InputError) as caught:
        check_program(_edited(program, step, destination=destination), machine)
    op = {2: "conv of layer 'conv1'", 5: "add_h of layer 'pool1'"}[step]
    assert str(caught.value) == (
        f"program of 'mnist': step {step} ({op}) is damaged: destination: it charges {message}"
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"planes": (PlaneRef(A, 7, 0),)},
            "it reads plane 0 of circuit_a.lane7.bank, which no",
        ),
        ({"planes": ()}, "an operand has no planes or no taps"),
        ({"extent": (0, 28)}, "extent of an operand: got 0 x 28 cells, expected 1 x 1 to 28 x 28"),
        ({"taps": (Tap(0, 0), Tap(0, 3))}, "a tap is outside of the 3 x 3 template"),
        ({"shared": False}, "an operand has 1 planes for 4 maps"),
        ({"kernel": Kernel((1.0,))}, "an operand has a trained kernel if it is shared"),
        ({"grid": Grid(1, 0)}, r"grid of an operand: got \(1, 0\), expected at least 1"),
    ],
)
def test_an_operand_that_was_edited(irmen, mnist, changes, message):
    program = _with_operand(compile_network(mnist, irmen), 2, **changes)
    with pytest.raises(
        InputError, match=rf"step 2 \(conv of layer 'conv1'\) is damaged: {message}"
    ):
        check_program(program, irmen)


@pytest.mark.parametrize(
    ("kernel", "message"),
    [
        (Kernel(layer="conv9"), "kernel.layer: no weights of 'conv9'"),
        (Kernel(layer="conv1", first_out=1), r"kernel: beyond the weights of 'conv1', \(4, 1, 3"),
        (Kernel(layer="conv1", first_in=-1), "kernel: beyond the weights of 'conv1'"),
    ],
)
def test_weights_that_are_not_there(irmen, mnist, kernel, message):
    program = compile_network(mnist, irmen)
    weights = load_weights(mnist.weights_file, mnist)
    check_weights(program, weights)
    with pytest.raises(InputError, match=rf"step 2 .* is damaged: {message}"):
        check_weights(_with_operand(program, 2, kernel=kernel), weights)
    with pytest.raises(InputError, match="bias: beyond that of 'conv1', 4 maps"):
        check_weights(_edited(program, 2, first_map=1), weights)
