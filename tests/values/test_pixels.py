"""Pixels that are scaled and shifted as they are loaded, by hand, on every engine."""

import numpy as np
import pytest

import accelsim
from accelsim.compiler import compile_network
from accelsim.errors import InputError
from accelsim.network import Weights, load_weights
from accelsim.ops import Pixels
from accelsim.values import Effects, Engine
from accelsim.values.noisy import NoisyEngine
from accelsim.values.whole import whole
from tests.values.test_effects import steady

PIXELS = Pixels(np.array([1.5, -1.0]), np.array([-0.5, 1.0]))


@pytest.mark.parametrize("kind", ["steps", "whole layers", "noisy"])
def test_stored_pixels_by_hand(make_network, kind):
    # Two maps, pixels 51 and 204: 0.2 * 1.5 - 0.5 = -0.2 and -0.8 + 1 = 0.2.
    # relu(-1 * -0.2 + 0.5 * 0.2 + 0.1) = 0.4; what lies outside of the image adds nothing.
    network = make_network([2, 1, 1], {"op": "conv", "out": 1, "kernel": 3}, {"op": "relu"})
    program = compile_network(network, accelsim.load_machine("irmen"))
    weight = np.zeros((1, 2, 3, 3))
    weight[0, :, 1, 1], weight[0, :, 0, 1] = (-1, 0.5), 0.7
    weights = Weights({"conv0": weight}, {"conv0": np.array([0.1])}, PIXELS)
    images = np.array([51, 204], np.uint8).reshape(1, 2, 1, 1)
    if kind == "noisy":
        noisy = NoisyEngine(program, weights, Effects(), 4)
        found = noisy.run(images, np.arange(1), steady(program, 1))
    else:
        made = program if kind == "steps" else whole(program, weights)
        found = Engine(made, weights).run(images)
    assert found.ravel() == pytest.approx([0.4])


def test_a_partial_sum_that_pixels_below_0_clip_is_not_left_out(make_network):
    # The first four of six maps: 0.5 (1 + 1) - 0.5 (-1 - 1) = 2, stored as 1; with b = -0.5 the
    # relu gives 0.5. Of pixels in [0, 1] the sum would be within [-1, 1], and be left out.
    conv = {"op": "conv", "out": 1, "kernel": 1, "partial": 1}
    network = make_network([6, 1, 1], conv, {"op": "relu"})
    program = compile_network(network, accelsim.load_machine("irmen"))
    weight = np.array([0.5, 0.5, -0.5, -0.5, 0, 0]).reshape(1, 6, 1, 1)
    pixels = Pixels(np.full(6, 2.0), np.full(6, -1.0))
    weights = Weights({"conv0": weight}, {"conv0": np.array([-0.5])}, pixels)
    images = np.array([255, 255, 0, 0, 0, 0], np.uint8).reshape(1, 6, 1, 1)
    for made in (program, whole(program, weights)):
        assert Engine(made, weights).run(images).ravel() == pytest.approx([0.5])


def test_bounds_are_those_of_the_pixels():
    assert PIXELS.lowest.tolist() == [-0.5, 0]
    assert PIXELS.highest.tolist() == [1, 1]
    assert Pixels.plain(2).is_plain
    assert not PIXELS.is_plain


def test_pixels_that_are_scaled_and_shifted_once_more():
    # 2 (1.5 x - 0.5) + 1 and 3 (-x + 1) - 1.
    found = PIXELS.then(np.array([2.0, 3.0]), np.array([1.0, -1.0]))
    assert found.scale.tolist() == [3, -3]
    assert found.shift.tolist() == [0, 2]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"input.scale": [1.5]}, "layer 'input': shift 'input.shift' is missing"),
        ({"input.scale": [1.0, 1.0], "input.shift": [0.0]}, "scale has shape (2,), the layer"),
        (
            {"input.scale": [1.5], "input.shift": [-0.25]},
            "layer 'input': scale and shift store pixels of map 0 from -0.25 to 1.25; "
            "expected -1 to 1",
        ),
    ],
)
def test_weights_files_with_pixels_that_fit_no_cell(make_network, tmp_path, arrays, message):
    network = make_network([1, 1, 1], {"op": "conv", "out": 1, "kernel": 1}, {"op": "relu"})
    path = tmp_path / "weights.npz"
    np.savez(path, **{"conv0.weight": np.ones((1, 1, 1, 1)), "conv0.bias": np.zeros(1)}, **arrays)
    with pytest.raises(InputError) as caught:
        load_weights(path, network)
    assert message in str(caught.value)
