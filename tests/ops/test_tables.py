"""Every op has all its parts: a layer op its shapes, steps and values, a step op its row."""

import re
from collections.abc import Callable

import numpy as np
import pytest

import accelsim
from accelsim.compiler import compile_network, count
from accelsim.network import Weights
from accelsim.ops import (
    COPY_STEP,
    HANDOFF_STEP,
    LAYER_OPS,
    LOAD_STEP,
    STEP_OPS,
    Form,
    Tap,
    Template,
)
from accelsim.timeline.look import op_class, op_colour
from accelsim.values import Engine

ON_MACHINE = [op for op in LAYER_OPS.values() if not op.on_host]
CASES = [(op, form) for op in ON_MACHINE for form in op.forms or (Form(),)]
NAMED = [f"{op.name} {form}" for op, form in CASES]


def windows(maps: np.ndarray, layer) -> np.ndarray:
    """Return the cells of each window, (cells, images, maps, rows, cols); outside is 0."""
    margin = layer.kernel // 2 if layer.padding == "same" else 0
    padded = np.pad(maps, ((0, 0), (0, 0), (margin, margin), (margin, margin)))
    _, rows, cols = layer.out_shape
    return np.stack(
        [
            padded[:, :, r : r + rows * layer.stride : layer.stride,
                   c : c + cols * layer.stride : layer.stride]
            for r in range(layer.kernel) for c in range(layer.kernel)
        ]
    )  # fmt: skip


def convolved(maps: np.ndarray, layer, weights: Weights) -> np.ndarray:
    kernel = weights.weight[layer.name].reshape(layer.out_shape.maps, layer.in_shape.maps, -1)
    sums = np.einsum("oik,knirc->norc", kernel, windows(maps, layer))
    return sums + weights.bias[layer.name][:, None, None]


# What each layer op means, written without steps: a new op needs its own here.
PLAIN: dict[str, Callable[..., np.ndarray]] = {
    "conv": convolved,
    "relu": lambda maps, *_: np.clip(maps, 0, 1),
    "maxpool": lambda maps, layer, _: windows(maps, layer).max(axis=0),
    "avgpool": lambda maps, layer, _: windows(maps, layer).mean(axis=0),
}


def network_of(make_network, op, form, shape=(2, 7, 6)):
    """Return a network with a layer of an op, and the neighbours that it must have."""
    given = {"kernel": form.kernel, "stride": form.stride, "padding": form.padding}
    values = {"out": 3, **(given if op.forms else {})}
    layer = {"op": op.name} | {k: v for k, v in values.items() if k in (*op.needs, *op.takes)}
    neighbours = {"conv": {"op": "conv", "out": 3, "kernel": 3}, "relu": {"op": "relu"}}
    before = [neighbours[op.after.op]] if op.after else []
    behind = [neighbours[op.before.op]] if op.before else []
    return make_network(list(shape), *before, layer, *behind)


@pytest.mark.parametrize("circuits", [1, 2])
@pytest.mark.parametrize(("op", "form"), CASES, ids=NAMED)
def test_a_layer_op_computes_what_it_means(make_network, op, form, circuits):
    assert op.name in PLAIN, f"say in PLAIN what '{op.name}' means, without steps"
    network = network_of(make_network, op, form)
    machine = accelsim.load_machine("irmen", {"circuits": circuits})
    program = compile_network(network, machine)
    generator = np.random.default_rng(1)
    shapes = {each.name: each.weight_shape for each in network.layers if each.weight_shape}
    weights = Weights(
        {name: generator.normal(0, 0.3, shape) for name, shape in shapes.items()},
        {name: generator.normal(0, 0.3, shape[:1]) for name, shape in shapes.items()},
    )
    images = generator.integers(0, 256, (5, *network.input), dtype=np.uint8)
    maps = images / 255
    for layer in network.layers:
        maps = PLAIN[layer.op](maps, layer, weights)
        assert maps.shape[1:] == layer.out_shape
    assert program.output == network.layers[-1].out_shape
    found = Engine(program, weights, np.float64).run(images)
    np.testing.assert_allclose(found, maps, atol=1e-13)
    assert np.ptp(maps) > 0.1


@pytest.mark.parametrize(("op", "form"), CASES, ids=NAMED)
def test_its_steps_are_in_the_table_and_have_their_rows_parts(make_network, irmen, op, form):
    for step in compile_network(network_of(make_network, op, form), irmen).instructions:
        row = STEP_OPS[step.op]
        assert len(step.operands) == len(row.operands)
        assert [len(each.taps) for each in step.operands] == [len(t.taps) for t in row.operands]
        assert (step.bias.offset if step.bias else None) == row.bias


def test_every_step_op_is_issued_by_a_layer_or_by_the_compiler(make_network, irmen):
    issued = {LOAD_STEP, HANDOFF_STEP, COPY_STEP}
    for op, form in CASES:
        program = compile_network(network_of(make_network, op, form), irmen)
        issued |= {step.op for step in program.instructions}
    assert issued == set(STEP_OPS)


@pytest.mark.parametrize("op", LAYER_OPS.values(), ids=LAYER_OPS)
def test_the_keys_of_a_layer_op_are_keys_of_the_file(op):
    assert {*op.needs, *op.takes} <= {"out", "kernel", "stride", "padding"}
    assert not {*op.needs} & {*op.takes}
    assert bool(op.forms) == ("kernel" in op.needs)
    assert op.__class__.__doc__


@pytest.mark.parametrize("op", STEP_OPS.values(), ids=STEP_OPS)
def test_a_step_op_has_a_formula_a_colour_and_what_it_is_driven_by(op):
    assert op.formula
    assert re.fullmatch(r"#[0-9A-F]{6}", op.colour)
    assert (op_class(op.name), op_colour(op.name)) == (op.family, op.colour)
    assert bool(op.operands) == (not op.driven)


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
