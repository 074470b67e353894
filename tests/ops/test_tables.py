"""Every op has all its parts: a layer op its shapes, steps and values, a step op its row."""

import re

import numpy as np
import pytest

import accelsim
from accelsim.compiler import compile_network, count
from accelsim.network.schema import LAYER_KEYS
from accelsim.ops import (
    CONV_STEP,
    COPY_STEP,
    EXCHANGE_STEP,
    FETCH_STEP,
    FROM_HOST,
    LAYER_OPS,
    PARTIAL_STEP,
    PLUS_STEP,
    STEP_OPS,
    STORE_STEP,
    SUM_STEP,
    TO_HOST,
    Form,
    Reads,
    Tap,
    Template,
)
from accelsim.timeline.look import op_class, op_colour
from accelsim.values import Engine
from tests.plain_network import PLAIN, PLAIN_OF_SEVERAL, features, random_weights

OF_SUMS = (CONV_STEP, SUM_STEP, PARTIAL_STEP, PLUS_STEP, EXCHANGE_STEP)
ON_MACHINE = [op for op in LAYER_OPS.values() if not op.on_host]
# Larger kernels than 7 are cut as 5 and 7 are.
CASES = [(op, form) for op in ON_MACHINE for form in op.forms or (Form(),) if form.kernel <= 7]
NAMED = [f"{op.name} {form}" for op, form in CASES]


CONV, RELU = {"op": "conv", "out": 3, "kernel": 3}, {"op": "relu"}


def network_of(make_network, op, form, shape=(2, 7, 6)):
    """Return a network with a layer of an op, and the neighbours that it must have."""
    given = {"kernel": form.kernel, "stride": form.stride, "padding": form.padding}
    values = {"out": 3, **(given if op.forms else {})}
    layer = {"op": op.name} | {k: v for k, v in values.items() if k in (*op.needs, *op.takes)}
    before = [CONV] if op.reads is Reads.SUM else []
    if op.inputs[0] == 2:
        before = [{"op": "maxpool", "kernel": 3, "stride": 1}]
        layer["inputs"] = ["input", "maxpool0"]
    return make_network(list(shape), *before, layer, *([RELU] if op.is_open([False]) else []))


@pytest.mark.parametrize("circuits", [1, 2])
@pytest.mark.parametrize(("op", "form"), CASES, ids=NAMED)
def test_a_layer_op_computes_what_it_means(make_network, op, form, circuits):
    known = {**PLAIN, **PLAIN_OF_SEVERAL}
    assert op.name in known, f"say in PLAIN what '{op.name}' means, without steps"
    network = network_of(make_network, op, form)
    machine = accelsim.load_machine("irmen", {"circuits": circuits})
    weights = random_weights(network)
    program = compile_network(network, machine, weights)
    images = np.random.default_rng(1).integers(0, 256, (5, *network.input), dtype=np.uint8)
    maps = features(network, weights, images)
    assert program.output == network.layers[-1].out_shape
    found = Engine(program, weights, np.float64).run(images)
    np.testing.assert_allclose(found, maps, atol=1e-13)
    assert np.ptp(maps) > 0.1


@pytest.mark.parametrize(("op", "form"), CASES, ids=NAMED)
def test_its_steps_are_in_the_table_and_have_their_rows_parts(make_network, irmen, op, form):
    for step in compile_network(network_of(make_network, op, form), irmen).instructions:
        row = STEP_OPS[step.op]
        if row.operands:
            assert len(step.operands) == len(row.operands)
            assert [len(each.taps) for each in step.operands] == [len(t.taps) for t in row.operands]
        assert (step.bias.offset if step.bias else None) == row.bias


OF_THE_SRAM = {
    STORE_STEP, FETCH_STEP, *(name for name, op in STEP_OPS.items() if op.is_digital)
}  # fmt: skip


def test_every_step_op_is_issued_by_a_layer_or_by_the_compiler(make_network, irmen):
    issued = {COPY_STEP, EXCHANGE_STEP, *FROM_HOST, *TO_HOST, PARTIAL_STEP, SUM_STEP}
    for op, form in CASES:
        program = compile_network(network_of(make_network, op, form), irmen)
        issued |= {step.op for step in program.instructions}
    assert issued == {op for op in STEP_OPS if op not in OF_THE_SRAM}


@pytest.mark.parametrize("op", LAYER_OPS.values(), ids=LAYER_OPS)
def test_the_keys_of_a_layer_op_are_keys_of_the_file(op):
    assert {*op.needs, *op.takes} <= {*LAYER_KEYS}
    assert not {*op.needs} & {*op.takes}
    assert bool(op.forms) == ("kernel" in op.needs)
    assert op.__class__.__doc__


@pytest.mark.parametrize("op", STEP_OPS.values(), ids=STEP_OPS)
def test_a_step_op_has_a_formula_a_colour_and_what_it_is_driven_by(op):
    assert op.formula
    assert re.fullmatch(r"#[0-9A-F]{6}", op.colour)
    assert (op_class(op.name), op_colour(op.name)) == (op.family, op.colour)
    assert op.is_sum == (op.name in OF_SUMS)
    assert bool(op.operands or op.is_sum) == (not op.driven)


def test_a_family_has_one_colour():
    colours = {op.family: op.colour for op in STEP_OPS.values()}
    assert all(colours[op.family] == op.colour for op in STEP_OPS.values())
    assert len(set(colours.values())) == len(colours)


def test_taps_of_a_cell_by_hand(mnist):
    """Counting rules: a template's taps, one more for a bias, one for the driver of a load."""
    by_op = {
        "load": 1, "conv": 9 + 1, "relu": 1 + 1, "diff_h": 2 + 1, "add_h": 2 + 1,
        "diff_v": 2 + 1, "add_v": 2 + 1, "copy": 1, "handoff": 1,
    }  # fmt: skip
    machine = accelsim.load_machine("irmen", {"circuits": 1})
    steps = [step for step in compile_network(mnist, machine).instructions if step.layer != "conv2"]
    for step in steps:
        counts = count(step, 1)
        assert counts.tap_cycles == counts.written * by_op[step.op]
    assert {step.op for step in steps} == set(by_op)


def test_a_mirrored_template_reads_the_other_side():
    east = Template((Tap(0, 1), Tap(0, 0)), (1.0, -1.0))
    assert east.mirrored() == Template((Tap(0, -1), Tap(0, 0)), (1.0, -1.0))
    assert east.mirrored().mirrored() == east
