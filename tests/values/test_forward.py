"""The program on arrays equals a plain forward pass of the network, layer by layer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import accelsim
from accelsim.compiler import compile_network
from accelsim.network import Weights, load_weights, open_dataset
from accelsim.values import Engine, compute_values, engine
from tests.conftest import AVG2, CONV, MAX2, MAX3, RELU


def plain_forward(network, weights, images):
    """Independent of the program: textbook layers in float64. Returns name -> maps."""
    maps = images.astype(np.float64) / 255
    outputs = {}
    for layer in network.layers:
        if layer.op == "conv":
            maps = convolution(maps, weights.weight[layer.name], weights.bias[layer.name])
        elif layer.op == "relu":
            maps = np.minimum(np.maximum(maps, 0), 1)  # clipped at 1, as a cell is
        elif layer.op == "maxpool" and layer.stride == 2:
            maps = blocks(maps).max(axis=(3, 5))
        elif layer.op == "avgpool":
            maps = blocks(maps).mean(axis=(3, 5))
        elif layer.op == "maxpool":
            maps = neighbourhood(maps).max(axis=0)
        outputs[layer.name] = maps
    return outputs


def neighbourhood(maps):
    padded = np.pad(maps, ((0, 0), (0, 0), (1, 1), (1, 1)))
    rows, cols = maps.shape[2:]
    return np.stack([padded[:, :, r : r + rows, c : c + cols] for r in range(3) for c in range(3)])


def convolution(maps, weight, bias):
    taps = neighbourhood(maps)  # (9, n, in, rows, cols)
    result = np.einsum("oik,knirc->norc", weight.reshape(*weight.shape[:2], 9), taps)
    return result + bias[:, None, None]


def blocks(maps):
    n, channels, rows, cols = maps.shape
    maps = maps[:, :, : rows // 2 * 2, : cols // 2 * 2]
    return maps.reshape(n, channels, rows // 2, 2, cols // 2, 2)


def by_layer(program, weights, images, dtype):
    """The last window of each layer, as the machine computes it."""
    outputs = {}
    Engine(program, weights, dtype).run(
        images, lambda instruction, window: outputs.update({instruction.layer: window.copy()})
    )
    return outputs


def random_weights(network, seed):
    generator = np.random.default_rng(seed)
    weight, bias = {}, {}
    for layer in network.layers:
        if layer.weight_shape:
            weight[layer.name] = generator.normal(0, 0.5, layer.weight_shape)
            bias[layer.name] = generator.normal(0, 0.5, layer.weight_shape[:1])
    return Weights(weight, bias)


@pytest.mark.parametrize("circuits", [1, 2])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-13), (np.float32, 5e-6)])
def test_reference_network_on_real_digits(mnist, circuits, dtype, tolerance):
    program = compile_network(mnist, accelsim.load_machine("irmen", {"circuits": circuits}))
    weights = load_weights(mnist.weights_file, mnist)
    images = open_dataset(mnist).images[:50]
    plain = plain_forward(mnist, weights, images)
    machine = by_layer(program, weights, images, dtype)
    compared = [layer.name for layer in mnist.layers if layer.op not in ("conv", "fc")]
    assert compared == ["relu1", "pool1", "relu2", "pool2"]
    for name in compared:
        np.testing.assert_allclose(machine[name], plain[name], rtol=0, atol=tolerance)
    # A conv layer stores W x + b - 1, clipped to the cell's range.
    for name in ("conv1", "conv2"):
        np.testing.assert_allclose(
            machine[name], np.clip(plain[name] - 1, -1, 1), rtol=0, atol=tolerance
        )


NETWORKS = [
    (CONV | {"out": 3}, RELU, MAX2),
    (CONV | {"out": 2}, RELU, MAX3),
    (AVG2, CONV | {"out": 4}, RELU),
    (MAX2, CONV, RELU, AVG2),
    (MAX3, MAX3),
    (CONV | {"out": 4}, RELU, CONV | {"out": 2}, RELU),
]


@settings(max_examples=60, deadline=None)
@given(
    layers=st.sampled_from(NETWORKS),
    maps=st.integers(1, 3),
    rows=st.integers(4, 9),
    cols=st.integers(4, 9),
    circuits=st.sampled_from([1, 2]),
    seed=st.integers(0, 2**31),
)
def test_any_network_that_fits(make_network, layers, maps, rows, cols, circuits, seed):
    network = make_network([maps, rows, cols], *layers)
    program = compile_network(network, accelsim.load_machine("irmen", {"circuits": circuits}))
    weights = random_weights(network, seed)
    images = np.random.default_rng(seed).integers(0, 256, (3, maps, rows, cols), np.uint8)
    plain = plain_forward(network, weights, images)
    machine = by_layer(program, weights, images, np.float64)
    for layer in network.layers:
        if layer.op != "conv":
            np.testing.assert_allclose(machine[layer.name], plain[layer.name], rtol=0, atol=1e-12)


def test_classes_of_the_whole_test_set(mnist, irmen):
    dataset, weights = open_dataset(mnist), load_weights(mnist.weights_file, mnist)
    values = compute_values(
        compile_network(mnist, irmen), mnist, weights, dataset.images,
        np.arange(len(dataset)), dataset.labels,
    )  # fmt: skip
    assert len(values.images) == 10_000
    assert values.accuracy >= 0.975
    plain = plain_forward(mnist, weights, dataset.images[:500])["pool2"].reshape(500, -1)
    logits = plain @ weights.weight["fc"].T + weights.bias["fc"]
    np.testing.assert_allclose(values.logits[:500], logits, atol=1e-4)


def test_results_do_not_depend_on_the_batch(mnist, irmen, monkeypatch):
    dataset, weights = open_dataset(mnist), load_weights(mnist.weights_file, mnist)
    program = compile_network(mnist, irmen)

    def features(batch):
        monkeypatch.setattr(engine, "BATCH", batch)
        numbers = np.arange(40)
        return compute_values(program, mnist, weights, dataset.images[:40], numbers).features

    assert (features(40) == features(7)).all()
