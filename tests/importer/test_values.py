"""What imported models compute on ideal cells is what onnxruntime computes of the models."""

import numpy as np
import pytest

import accelsim
from accelsim.compiler import compile_network
from accelsim.importer import import_model
from accelsim.network import load_network, load_weights
from accelsim.values import Engine
from accelsim.values.host import HostLayers
from tests.importer.models import Maker, branches, residual, runtime

IMAGES = 12


def normalized(kind):
    """A network whose normalization is before its convolution, in one of several ways."""
    make = Maker((1, 3, 6, 6))
    if kind == "batch normalization":
        make.normalization(3)
    else:
        make.node("Sub", make.constant(np.float32([[[0.4]], [[0.5]], [[0.6]]])))
        make.node("Div", make.constant(np.float32(0.3)))
    make.conv(3, 4, pads=[0, 0, 0, 0])
    make.node("Mul", make.constant(np.float32(1.5)))
    make.node("Add", make.constant(np.full((1, 4, 1, 1), 0.25, np.float32)))
    make.node("Relu")
    make.node("MaxPool", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
    make.node("ReduceMean", make.constant(np.array([2, 3])), keepdims=0)
    make.gemm(4, 3)
    make.opset = 18
    return make


def viewed():
    """x.view(x.size(0), -1), as an exporter writes it; a relu that is none; no bias."""
    make = Maker(("batch", 1, 6, 6))
    make.conv(1, 3, bias=False)
    maps = make.node("LeakyRelu", alpha=0.0)
    make.node("Relu")
    made = make.node("Shape")
    make.node("Gather", make.constant(np.array(0)), axis=0)
    first = make.node("Unsqueeze", make.constant(np.array([0])))
    make.node("Concat", reads=[first, make.constant(np.array([-1]))], axis=0)
    make.node("Reshape", reads=[maps, make.last])
    make.gemm(108, 4)
    assert made
    return make


def mean_of_classes():
    """No fully connected layer: the mean of each map is a class."""
    make = Maker((1, 1, 6, 6))
    make.conv(1, 10)
    make.node("Relu")
    make.node("AveragePool", kernel_shape=[6, 6])
    make.node("Flatten")
    return make


def classes_of_means():
    """A convolution of the means in place of a fully connected layer, as some models end."""
    make = Maker((1, 2, 6, 6))
    make.conv(2, 6)
    make.node("Relu")
    make.node("GlobalAveragePool")
    make.conv(6, 4, kernel=1)
    make.node("Flatten")
    return make


def added():
    """Maps that are added after their Relus, and a maximum before a Relu."""
    make = Maker((1, 1, 6, 6))
    image = make.last
    make.conv(1, 3)
    one = make.node("Relu")
    make.last = image
    make.conv(1, 3)
    make.node("MaxPool", kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1])
    other = make.node("Relu")
    make.node("Sum", reads=[one, other])
    make.node("Relu")
    make.node("Flatten")
    make.gemm(108, 3)
    return make


def lenet():
    """Kernels of 5x5 and 7x7: padded and not, strided, depthwise, below a normalization."""
    make = Maker(("batch", 1, 16, 14))
    make.conv(1, 4, kernel=5)
    make.node("Relu")
    make.node("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
    make.conv(4, 6, kernel=5, pads=[0, 0, 0, 0], bias=False)
    make.normalization(6)
    make.node("Relu")
    make.conv(6, 6, kernel=7, group=6, strides=[2, 2], auto_pad="SAME_LOWER")
    make.node("Relu")
    make.node("Flatten")
    make.gemm(24, 5)
    return make


def kernels():
    """Kernels of even size, of unequal sides and dilated: squares with zeros on the machine."""
    make = Maker((1, 2, 12, 10))
    make.conv(2, 4, kernel=4, strides=[2, 2], pads=[1, 1, 1, 1])
    make.node("Relu")
    make.node("Conv", make.random(4, 4, 1, 5), make.random(4), pads=[0, 2, 0, 2])
    make.node("Relu")
    make.node("Conv", make.random(4, 1, 3, 1), group=4, auto_pad="SAME_UPPER")
    make.node("Relu")
    make.conv(4, 3, dilations=[2, 2], pads=[2, 1, 2, 1])
    make.node("Relu")
    make.conv(3, 3, kernel=2, auto_pad="SAME_LOWER")
    make.node("Relu")
    make.node("Flatten", axis=-3)
    make.gemm(54, 3)
    return make


def padded_first():
    """Zeros go around images, which are normalized then: what lies there is known."""
    make = Maker((1, 3, 6, 6))
    make.node("Pad", make.constant(np.array([0, 0, 1, 1, 0, 0, 1, 1])))
    make.node("Sub", make.constant(np.float32([[[0.4]], [[0.5]], [[0.6]]])))
    make.node("Div", make.constant(np.float32(0.3)))
    make.conv(3, 4, pads=[0, 0, 0, 0])
    make.node("Relu")
    make.node("Flatten")
    make.gemm(144, 3)
    return make


def normalized_and_padded():
    """Zeros around images that were normalized: two branches and a Pad read them."""
    make = Maker((1, 3, 6, 6))
    make.normalization(3)
    make.node("Div", make.constant(np.float32(0.7)))
    image = make.node("Identity")
    make.conv(3, 2, pads=[1, 1, 1, 1])
    one = make.node("Relu")
    make.last = image
    make.node("Pad", make.constant(np.array([0, 0, 2, 1, 0, 0, 0, 1])))
    make.conv(3, 2, pads=[0, 0, 0, 0])
    other = make.node("Relu")
    make.node("Concat", reads=[one, other], axis=1)
    make.node("Flatten")
    make.gemm(144, 3)
    return make


def half():
    """Constants of 16 and 64 bits, cast to single precision; a Dropout that infers."""
    make = Maker((1, 1, 6, 6))
    weight = np.linspace(-1, 1, 18).astype(np.float16).reshape(2, 1, 3, 3)
    made = make.node("Cast", reads=[make.constant(weight)], to=1)
    make.node("Conv", reads=["image", made], pads=[1, 1, 1, 1])
    make.node("Relu")
    make.node("Cast", to=11)
    make.node("Cast", to=1)
    make.node("Dropout", make.constant(np.float32(0.5)), make.constant(np.bool_(False)))
    make.node("Flatten")
    make.gemm(72, 3)
    return make


MODELS = {
    "kernels": kernels,
    "padded first": padded_first,
    "normalized and padded": normalized_and_padded,
    "half": half,
    "lenet": lenet,
    "residual": residual,
    "branches": branches,
    "normalized": lambda: normalized("batch normalization"),
    "scaled": lambda: normalized("constants"),
    "viewed": viewed,
    "means": mean_of_classes,
    "added": added,
    "classes of means": classes_of_means,
}


def images_of(shape, number=IMAGES):
    return np.random.default_rng(4).integers(0, 256, (number, *shape), np.uint8)


def softmax(logits):
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


@pytest.fixture
def saved(tmp_path):
    def save(make):
        path = make.save(tmp_path / "model.onnx")
        images = images_of(import_model(path).input)
        np.savez(tmp_path / "images.npz", images=images)
        return path, tmp_path / "images.npz", images

    return save


@pytest.mark.parametrize("lanes", [8, 3])
@pytest.mark.parametrize("name", MODELS)
def test_ideal_cells_compute_the_model(saved, name, lanes):
    path, dataset, images = saved(MODELS[name]())
    network = load_network(path, dataset)
    weights = load_weights(network.weights_file, network)
    changes = {"banks.planes": 30, "arrays.lanes": lanes}
    program = compile_network(network, accelsim.load_machine("irmen", changes), weights)
    maps = Engine(program, weights, np.float64).run(images)
    # No value is above what calibration saw, as these are its images.
    logits = HostLayers(network, weights).logits(maps)
    expected = np.concatenate([runtime(path, images[n : n + 1]) for n in range(IMAGES)])
    if name == "residual":
        logits = softmax(logits)
    if name == "branches":
        logits = np.log(softmax(logits))
    np.testing.assert_allclose(logits, expected, atol=2e-5)
    assert np.ptp(expected) > 0.05


def test_scales_are_those_of_the_images(saved):
    # One map: relu(2 x - 0.5). Pixels go up to 255: 1.5 is stored as 1. Of values above 0, half
    # lie below the middle, if pixels are evenly spread: the 50th percentile is 0.75.
    make = Maker((1, 1, 1, 256))
    weight = np.full((1, 1, 1, 1), 2, np.float32)
    make.node("Conv", make.constant(weight), make.constant(np.float32([-0.5])))
    make.node("Relu", name="only")
    make.node("Flatten")
    make.gemm(256, 2)
    path, _, _ = saved(make)
    imported = import_model(path)
    images = np.arange(256, dtype=np.uint8).reshape(1, 1, 1, 256)
    scaled = imported.scaled(images)
    arrays, (found,) = scaled.arrays, scaled.ranges
    assert (found.layer, found.highest, found.scale) == ("only", 1.5, 1.5)
    assert found.clipped == 0
    assert found.largest_weight == pytest.approx(2 / 1.5)
    assert arrays["conv0.weight"].item() == pytest.approx(2 / 1.5)
    assert arrays["conv0.bias"].item() == pytest.approx(-0.5 / 1.5)
    (half,) = imported.scaled(images, percentile=50).ranges
    assert half.scale == pytest.approx(0.75, abs=2 / 255)
    assert half.clipped == pytest.approx(0.5, abs=0.01)


def test_maps_that_are_added_have_one_scale(saved):
    path, _, images = saved(residual())
    imported = import_model(path)
    ranges = imported.scaled(images).ranges
    scale = {each.layer: each.scale for each in ranges}
    highest = {each.layer: each.highest for each in ranges}
    # The first Relu is added to the block that block1/relu ends; the second block has a conv on
    # both sides, which takes the scale into its weights.
    assert scale["relu2"] == scale["block1_relu"]
    assert scale["relu2"] == max(highest["relu2"], highest["block1_relu"])
    assert scale["relu15"] == highest["relu15"]
    assert scale["relu15"] != scale["relu2"]


def test_a_long_chain_of_pools_has_the_scale_before_it(saved):
    make = Maker((1, 1, 4, 4))
    make.conv(1, 1)
    maps = make.node("Relu", name="first")
    for _ in range(1100):
        make.node("MaxPool", kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1])
    make.node("Add", maps, name="last")
    path, _, images = saved(make)
    first, last = import_model(path).scaled(images[:2]).ranges
    # A maximum of all cells is added to each: up to twice the largest, which both are divided by.
    assert (first.layer, last.layer) == ("first", "last")
    assert first.scale == last.scale == last.highest == 2 * first.highest


def test_partial_sums_are_those_of_the_images(saved):
    # One cell, 4 maps, weights 3, -5, 4, 1: after each plane but the last the sums of an image of
    # ones are 3, -2, 2; of one that has only map 1: 0, -5, -5. The scale is 3 - 5 + 4 + 1 = 3.
    make = Maker((1, 4, 1, 1))
    weight = np.float32([3, -5, 4, 1]).reshape(1, 4, 1, 1)
    make.node("Conv", make.constant(weight), name="conv")
    make.node("Relu")
    path, _, _ = saved(make)
    images = np.array([[255] * 4, [0, 255, 0, 0]], np.uint8).reshape(2, 4, 1, 1)
    scaled = import_model(path).scaled(images)
    (layer, _) = scaled.network.layers
    assert layer.partial == pytest.approx(5 / 3)
    assert scaled.network.data()["layers"][0]["partial"] == layer.partial
    # 5x5 are blocks of 3x3, 3x2, 2x3 and 2x2, with weights of 2, -3, -4 and 9 here.
    make = Maker((1, 1, 5, 5))
    weight = np.zeros((1, 1, 5, 5), np.float32)
    weight[0, 0, 2, 2], weight[0, 0, 0, 4], weight[0, 0, 4, 0], weight[0, 0, 4, 4] = 2, -3, -4, 9
    make.node("Conv", make.constant(weight), name="conv")
    make.node("Relu")
    path, _, _ = saved(make)
    scaled = import_model(path).scaled(np.full((1, 1, 5, 5), 255, np.uint8))
    # The sums are 2, -1, -5 and at last 4, which is the scale.
    assert scaled.network.layers[0].partial == pytest.approx(5 / 4)
    # Of a sum of branches: the terms one after another, as the machine reads them.
    path, _, images = saved(residual())
    entries = {
        each["name"]: each for each in import_model(path).scaled(images).network.data()["layers"]
    }
    assert {name for name, each in entries.items() if "partial" in each} == {
        "conv0", "conv3", "add8", "conv10", "add14",
    }  # fmt: skip
