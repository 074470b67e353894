"""What a machine cannot hold is refused with the layer and the limit."""

import pytest

import accelsim
from accelsim.compiler import Place, compile_network
from accelsim.errors import InputError
from tests.conftest import AVG2, CONV, MAX2, RELU


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"arrays.rows": 1},
            "'pool1': a window of 2 rows, which no tile has: the machine has arrays.rows = 1",
        ),
        (
            {"arrays.cols": 1},
            "'pool1': a window of 2 cols, which no tile has: the machine has arrays.cols = 1",
        ),
        (
            {"arrays.lanes": 1},
            "'pool2': step 58 (add_h) needs 9 planes in a bank of circuit A, "
            "the machine has banks.planes = 4: 9 would do; accelsim compile --fit "
            "says what else would",
        ),
        (
            {"arrays.fan_in": 1},
            "'pool1': a step reads 2 planes, the machine has arrays.fan_in = 1",
        ),
        (
            {"banks.planes": 1},
            "'pool1': step 5 (add_h) needs 2 planes in a bank of circuit A, "
            "the machine has banks.planes = 1: 2 would do; accelsim compile --fit "
            "says what else would",
        ),
        (
            {"sequencer.contexts": 3},
            "'pool1': step 5 (add_h) needs 6 planes in a bank of circuit A with 3 images in "
            "flight (sequencer.contexts), the machine has banks.planes = 4: 6 would do; "
            "accelsim compile --fit says what else would",
        ),
        (
            {"circuits": 1, "banks.read_ports": 1},
            "'pool1': with one circuit a step reads 2 planes of one bank, "
            "the machine has banks.read_ports = 1",
        ),
    ],
)
def test_machines_too_small_for_the_reference_network(mnist, changes, message):
    with pytest.raises(InputError) as caught:
        compile_network(mnist, accelsim.load_machine("irmen", changes))
    assert str(caught.value).split(": layer ", 1)[1] == message


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ((CONV,), "'conv0': a conv must be followed by a relu"),
        ((AVG2, RELU), "'relu1': a relu must follow a conv"),
        (
            (CONV, RELU, {"op": "fc", "out": 2}, MAX2 | {"kernel": 1}),
            "'maxpool3': a maxpool after a fully-connected layer: the host computes fc and relu",
        ),
        (
            (CONV | {"kernel": 4}, RELU),
            "'conv0': conv with kernel 4, stride 1, same: the machine has steps for "
            "odd kernels up to 31, stride 1 or 2, any padding",
        ),
        (
            (CONV | {"kernel": 33}, RELU),
            "'conv0': conv with kernel 33, stride 1, same: the machine has steps for "
            "odd kernels up to 31, stride 1 or 2, any padding",
        ),
        (
            (CONV | {"kernel": 5, "stride": 3}, RELU),
            "'conv0': conv with kernel 5, stride 3, same: the machine has steps for "
            "odd kernels up to 31, stride 1 or 2, any padding",
        ),
        (
            ({"op": "maxpool", "kernel": 3},),
            "'maxpool0': maxpool with kernel 3, stride 3, valid: the machine has steps for "
            "kernel 2, stride 2; kernel 3, stride 1 or 2, padded by a cell on each side at most",
        ),
        (
            (AVG2 | {"kernel": 3, "stride": 1, "padding": "same"},),
            "'avgpool0': avgpool with kernel 3, stride 1, same: the machine has steps for kernel 2,"
            " stride 2, valid; kernel 3, stride 1, valid",
        ),
        (
            (CONV, {"op": "add", "inputs": ["input", "conv0"]}),
            "'add1': a add must be followed by a relu",
        ),
        (
            (CONV, RELU, {"op": "add", "inputs": ["conv0", "relu1"]}, RELU),
            "'conv0': 'relu1' and 'add2' read it; its sum is formed together with one of them",
        ),
        (
            (
                {"op": "fc", "out": 2, "inputs": ["input"]},
                CONV | {"inputs": ["input"]},
                RELU,
                {"op": "concat", "inputs": ["fc0", "relu2"]},
            ),
            "'concat3': joins",
        ),
        (({"op": "fc", "out": 2},), "'fc0': no layer before it runs on the machine"),
    ],
)
def test_layers_without_steps(make_network, irmen, layers, message):
    with pytest.raises(InputError) as caught:
        compile_network(make_network([1, 8, 8], *layers), irmen)
    assert str(caught.value).startswith(f"test.yaml: layer {message}")


def test_planes_are_given_by_liveness(mnist, irmen):
    # The centre of a pooling pair lives in A until its add: 2 planes in A, 1 in B.
    program = compile_network(mnist, irmen)
    assert program.planes == {Place.A: 2, Place.B: 1}
    one = compile_network(mnist, accelsim.load_machine("irmen", {"circuits": 1}))
    assert one.planes == {Place.A: 2, Place.STAGING: 1}


def test_planes_do_not_grow_with_depth(make_network, irmen):
    layers = (MAX2, CONV, RELU, MAX2, CONV, RELU, CONV, RELU)
    program = compile_network(make_network([1, 16, 16], *layers), irmen)
    assert program.planes == {Place.A: 2, Place.B: 1}


@pytest.mark.parametrize(
    ("shape", "out", "message"),
    [
        ([1, 1092, 1092], 1, "1,521 tiles of maps up to here, "
         "and a program has at most 1,500"),
        ([200, 8, 8], 100_000, "about 625,000 steps up to here, and a program has "
         "at most 500,000"),
    ],
)  # fmt: skip
def test_a_program_that_nobody_could_wait_for_is_refused_at_once(
    make_network, irmen, shape, out, message
):
    """100,000 maps are 12,500 folds, each a sum of 50 steps that read four of 200 maps."""
    network = make_network(shape, {"op": "conv", "out": out, "kernel": 3}, {"op": "relu"})
    with pytest.raises(InputError, match=message):
        compile_network(network, irmen)
