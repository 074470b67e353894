"""Models that cannot be imported are refused by node and operator, with what could be done."""

import sys

import numpy as np
import onnx
import pytest

from accelsim.errors import InputError
from accelsim.files.read import Kind
from accelsim.importer import import_model, model
from tests.importer.models import Maker


def refusal(path):
    with pytest.raises(InputError) as caught:
        import_model(path)
    return str(caught.value).replace(str(path.parent), "")


def of(make, tmp_path):
    text = refusal(make.save(tmp_path / "m.onnx"))
    return text.partition("m.onnx: ")[2]


def small(*sizes, maps=2):
    make = Maker(sizes or (1, maps, 8, 8))
    make.conv(maps, 2)
    return make


def closed(**keys):
    make = small(**keys)
    make.node("Relu")
    return make


def then(op, *constants, make=None, **attributes):
    make = make or closed()
    make.node(op, *(make.constant(np.asarray(each)) for each in constants), name="x", **attributes)
    return make


def convolution(maps=2, **attributes):
    make = closed()
    kernel = attributes.pop("kernel", 3)
    make.conv(maps, 2, kernel, name="x", **attributes)
    return make


def fibonacci():
    """Each sum has the terms of the two before it: 1, 2, 3, 5 ... 89, 144."""
    make = closed()
    maps = make.last
    before = make.conv(2, 2)
    make.last = maps
    last = make.conv(2, 2)
    for number in range(10):
        before, last = (
            last,
            make.node("Add", reads=[before, last], name="x" if number == 9 else ""),
        )
    return make


NODES = {
    "unknown": (
        lambda: then("Sign"),
        "node 'x' (Sign): the machine has no steps for this operator; expected one of Add, ",
    ),
    "sigmoid": (
        lambda: then("Sigmoid"),
        "node 'x' (Sigmoid): the machine has no steps for this operator; it computes Relu alone; "
        "train the model with Relu instead",
    ),
    "quantized": (
        lambda: then("DequantizeLinear", np.float32(0.1)),
        "node 'x' (DequantizeLinear): the machine has no steps for this operator; export the model "
        "in floating point, before it is quantized (effects.weight_bits rounds weights in a run)",
    ),
    "near": (
        lambda: then("MaxRoiPool", make=closed(), pooled_shape=[1, 1]),
        "node 'x' (MaxRoiPool): the machine has no steps for this operator; did you mean 'MaxPool",
    ),
    "large kernel": (
        lambda: convolution(kernel=33),
        "node 'x' (Conv): a kernel over 33x33 cells; the machine has steps up to 31x31",
    ),
    "stride": (
        lambda: convolution(strides=[3, 3]),
        "node 'x' (Conv): conv with kernel 3, stride 3, [1, 1, 1, 1]; the machine has steps for",
    ),
    "strides": (
        lambda: convolution(strides=[1, 2]),
        "node 'x' (Conv): strides [1, 2]; expected one stride for rows and columns",
    ),
    "no stride": (
        lambda: then("MaxPool", kernel_shape=[2, 2], strides=[0, 0]),
        "node 'x' (MaxPool): kernel [2, 2], strides [0, 0]; expected 1 or more",
    ),
    "many strides": (
        lambda: convolution(strides=[1] * 100_000),
        "node 'x' (Conv): strides of 100000 numbers; expected up to 8 whole numbers",
    ),
    "halves of pads": (
        lambda: convolution(pads=[0.5] * 4),
        "node 'x' (Conv): pads [0.5, 0.5, 0.5, 0.5]; expected up to 8 whole numbers",
    ),
    "auto_pad": (
        lambda: convolution(auto_pad="SAME"),
        "node 'x' (Conv): auto_pad 'SAME'; expected one of NOTSET, SAME_UPPER, SAME_LOWER, VALID",
    ),
    "kernel_shape": (
        lambda: convolution(kernel_shape=[5, 5]),
        "node 'x' (Conv): kernel_shape [5, 5] for weights of 2 x 2 x 3 x 3",
    ),
    "large pads": (
        lambda: convolution(pads=[10**6] * 4),
        "node 'x' (Conv): makes 2 x 2000006 x 2000006 numbers; expected 67,108,864 at most",
    ),
    "dilations": (
        lambda: convolution(dilations=[2**40, 1]),
        "node 'x' (Conv): a kernel over 2199023255553x3 cells; the machine has steps up to 31x31",
    ),
    "no maps": (
        lambda: then("Conv", np.zeros((0, 2, 3, 3), np.float32)),
        "node 'x' (Conv): weights of 0 x 2 x 3 x 3 in 1 groups for 2 maps of images; expected",
    ),
    "bias": (
        lambda: then("Conv", np.zeros((4, 2, 3, 3), np.float32), np.zeros(3, np.float32)),
        "node 'x' (Conv): a bias of 3; expected 4, one a map",
    ),
    "normalization": (
        lambda: then("BatchNormalization", *[np.ones(3, np.float32)] * 4),
        "node 'x' (BatchNormalization): constants of 3, 3, 3, 3; expected 2 of each, one a map",
    ),
    "variance": (
        lambda: then("BatchNormalization", *[-np.ones(2, np.float32)] * 4),
        "node 'x' (BatchNormalization): a variance of -0.99999 with epsilon; expected above 0",
    ),
    "epsilon": (
        lambda: then("BatchNormalization", *[np.ones(2, np.float32)] * 4, epsilon=float("nan")),
        "node 'x' (BatchNormalization): epsilon nan; expected a finite number",
    ),
    "cast": (
        lambda: then("Cast", to=7),
        "node 'x' (Cast): casts maps to type 7; expected a floating-point type",
    ),
    "dropout": (
        lambda: then("Dropout", np.float32(0.5), np.bool_(True)),
        "node 'x' (Dropout): is in training mode; export the model for inference (model.eval())",
    ),
    "itself": (
        lambda: (make := closed(), make.node("Add", make.last, name="x"))[0],
        "node 'x' (Add): adds a tensor to itself; multiply it by a constant instead",
    ),
    "sums of sums": (
        fibonacci,
        "node 'x' (Add): a sum of 144 convolutions; expected 100 at most",
    ),
    "large constant": (
        lambda: (make := closed(), one := make.constant(np.zeros(10**6, np.float32)),
                 make.node("Concat", reads=[one] * 17, name="x", axis=0),
                 make.node("Mul", "relu1_out"))[0],
        "node 'x' (Concat): makes 17000000 numbers; expected 16,777,216 at most",
    ),
    "bias of classes": (
        lambda: (make := closed(), make.node("Flatten"),
                 make.node("Gemm", make.random(128, 3), make.random(2), name="x"))[0],
        "node 'x' (Gemm): a bias of 2 for weights of 3 x 128",
    ),
    "groups": (
        lambda: convolution(maps=3),
        "node 'x' (Conv): weights of 2 x 3 x 3 x 3 in 1 groups for 2 maps of images; expected",
    ),
    "no relu": (
        lambda: then("MaxPool", make=small(), kernel_shape=[2, 2], strides=[2, 2]),
        "node 'x' (MaxPool): ends the model with a sum; expected a Relu, a Gemm or a mean behind",
    ),
    "two convs": (
        lambda: (make := small(), make.conv(2, 2, name="x"))[0],
        "node 'x' (Conv): reads a sum that no Relu has ended; expected maps after a Relu: a cell "
        "can clip at 0 only in the step that ends a sum; put a Relu before it",
    ),
    "average of a sum": (
        lambda: then("AveragePool", make=small(), kernel_shape=[2, 2], strides=[2, 2]),
        "node 'x' (AveragePool): reads a sum that no Relu has ended; expected maps after a Relu",
    ),
    "leaky": (
        lambda: then("LeakyRelu", make=small(), alpha=0.1),
        "node 'x' (LeakyRelu): a slope of 0.1 below 0; a cell clips there: train the model with",
    ),
    "clip": (
        lambda: then("Clip", np.float32(-1), np.float32(1), make=small()),
        "node 'x' (Clip): clips from -1 to 1; expected from 0 to a number above it",
    ),
    "max pool": (
        lambda: then("MaxPool", kernel_shape=[4, 4], strides=[4, 4]),
        "node 'x' (MaxPool): maxpool with kernel 4, stride 4, [0, 0, 0, 0]; the machine has steps",
    ),
    "average pool of 4": (
        lambda: then("AveragePool", kernel_shape=[4, 4], strides=[4, 4]),
        "node 'x' (AveragePool): avgpool with kernel 4, stride 4, [0, 0, 0, 0]; the machine has "
        "steps for kernel 2, stride 2, valid; kernel 3, stride 1, valid; kernel 3, stride 2, "
        "valid; kernel 3, stride 3, valid: two of kernel 2 in a row do the same",
    ),
    "average pool": (
        lambda: then("AveragePool", kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1]),
        "node 'x' (AveragePool): avgpool with kernel 3, stride 1, [1, 1, 1, 1]; the machine has",
    ),
    "axis": (
        lambda: (make := closed(), make.node("Concat", make.last, name="x", axis=2))[0],
        "node 'x' (Concat): joins along axis 2; expected maps (1)",
    ),
    "pad": (
        lambda: then("Pad", np.array([0, 0, 1, 1, 0, 0, 1, 1]), mode="reflect"),
        "node 'x' (Pad): pads with reflect; expected zeros",
    ),
    "pad of maps": (
        lambda: then("Pad", np.array([0, 1, 1, 1, 0, 0, 1, 1])),
        "node 'x' (Pad): pads [0, 1, 1, 1, 0, 0, 1, 1]; expected rows and columns alone",
    ),
    "shift": (
        lambda: (
            make := Maker((1, 2, 8, 8)),
            make.conv(2, 2, pads=[1, 1, 1, 1]),
            make.node("Relu"),
            make.node("Sub", make.constant(np.float32(0.5))),
            make.conv(2, 2, name="x"),
        )[0],
        "node 'x' (Conv): pads maps that were shifted before: the zeros around them are not what",
    ),
    "shift of images that others read": (
        lambda: (
            make := Maker((1, 2, 8, 8)),
            make.node("Sub", make.constant(np.float32(0.5))),
            make.conv(2, 2, name="x"),
            summed := make.last,
            setattr(make, "last", "image"),
            make.conv(2, 2),
            make.node("Add", summed),
        )[0],
        "node 'x' (Conv): pads maps that were shifted before: the zeros around them are not what",
    ),
    "normalized images pooled": (
        lambda: (
            make := Maker((1, 2, 8, 8)),
            normal := make.node("Sub", make.constant(np.float32(0.5))),
            make.conv(2, 2),
            make.node("Relu"),
            convolved := make.last,
            make.node("AveragePool", reads=[normal], name="x", kernel_shape=[2, 2]),
            make.node("Concat", convolved, axis=1),
        )[0],
        "node 'x' (AveragePool): reads normalized images, some below 0, which only a Conv can",
    ),
    "image added": (
        lambda: (make := small(), make.node("Add", "image", name="x"))[0],
        "node 'x' (Add): adds the images themselves, whose scale is fixed; put a Conv between",
    ),
    "shapes added": (
        lambda: (
            make := closed(),
            maps := make.last,
            make.conv(2, 2, strides=[2, 2]),
            make.node("Add", maps, name="x"),
        )[0],
        "node 'x' (Add): adds 2 x 4 x 4 and 2 x 8 x 8; expected maps of one shape",
    ),
    "constant": (
        lambda: then("Mul", np.ones((1, 3, 1, 1), np.float32), make=small()),
        "node 'x' (Mul): a constant of 1 x 3 x 1 x 1; expected one number, or one a map (2)",
    ),
    "gemm of maps": (
        lambda: (make := closed(), make.gemm(2, 2, name="x"))[0],
        "node 'x' (Gemm): reads maps after a Relu; expected flattened maps or what a Gemm",
    ),
    "features": (
        lambda: (make := closed(), make.node("Flatten"), make.gemm(5, 2, name="x"))[0],
        "node 'x' (Gemm): weights of 2 x 5 for 128 features",
    ),
    "reshape": (
        lambda: then("Reshape", np.array([1, 4, 32])),
        "node 'x' (Reshape): to [1, 4, 32]; expected one row of 128 features an image",
    ),
    "softmax": (
        lambda: (make := closed(), make.node("Flatten"), make.gemm(128, 4),
                 make.node("Softmax", name="x"), make.gemm(4, 2))[0],
        "node 'x' (Softmax): is not the last node; the host computes fc and relu alone",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NODES)
def test_nodes(tmp_path, name):
    make, expected = NODES[name]
    found = of(make(), tmp_path)
    assert found.startswith(expected)
    assert len(found) < 800


def test_a_normalization_of_what_others_read(tmp_path):
    make = small()
    made = make.last
    other = make.normalization(2)
    make.node("Add", reads=[made, other])
    assert "(BatchNormalization): scales or shifts what other nodes read too" in of(make, tmp_path)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        (
            (1, 2, "height", 8),
            "input 'image' is 1 x 2 x height x 8: sizes that are not known; expected numbers for "
            "all but the batch: export the model with fixed maps, rows and columns",
        ),
        (
            (2**31, 2, 8, 8),
            "input 'image' is 2147483648 x 2 x 8 x 8; expected 268,435,456 cells of a batch at "
            "most: export the model for one image, or any number",
        ),
        ((1, 2), "input 'image' is 1 x 2; expected batch x maps x rows x columns, as of images"),
    ],
)
def test_sizes_that_are_not_known(tmp_path, sizes, message):
    assert of(small(*sizes), tmp_path).startswith(message)


@pytest.mark.parametrize("opset", [5, 999])
def test_operators_too_old_or_new(tmp_path, opset):
    make = closed()
    make.opset = opset
    newest = onnx.defs.onnx_opset_version()
    assert of(make, tmp_path).startswith(f"operators of opset {opset}; expected 7 to {newest}, ")


def test_numbers_that_are_none(tmp_path):
    make = Maker((1, 1, 4, 4))
    weight = np.ones((1, 1, 3, 3), np.float32)
    weight[0, 0, 1, 2] = np.nan
    make.node("Conv", make.constant(weight, "filters"), pads=[1, 1, 1, 1])
    expected = "constant 'filters' holds nan at [0, 0, 1, 2]; expected finite numbers"
    assert of(make, tmp_path) == expected


def damaged(change):
    """Return a model of every sort of node that something was done to."""
    made = onnx.ModelProto()
    made.CopyFrom(closed().model())
    change(made.graph)
    return made


def squared(graph):
    del graph.node[0].attribute[:]
    graph.node[0].attribute.add(name="strides", type=onnx.AttributeProto.INT, i=2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (squared, "node 'conv0' (Conv): strides 2; expected up to 8 whole numbers"),
        (lambda graph: graph.node[0].input.pop(1), "node 'conv0' (Conv): "),
        (lambda graph: graph.node[1].output.pop(), "node 'relu1' (Relu): computes nothing"),
        (
            lambda graph: graph.node[1].input.__setitem__(0, "nothing"),
            "node 'relu1' (Relu): reads 'nothing', which no node before it computes",
        ),
        (lambda graph: graph.initializer[0].dims.append(7), "constant 'constant0' is damaged"),
        (
            lambda graph: (
                graph.input[0].type.tensor_type.shape.dim[2].__setattr__("dim_value", 10**9)
            ),
            "input 'image' is 1 x 2 x 1000000000 x 8; expected 16,777,216 cells at most",
        ),
    ],
)
def test_parts_that_do_not_go_together(tmp_path, change, message):
    path = tmp_path / "m.onnx"
    path.write_bytes(damaged(change).SerializeToString())
    assert refusal(path).partition("m.onnx: ")[2].startswith(message)


def twice(graph):
    graph.node[0].attribute.append(graph.node[0].attribute[0])


def bytes_in(graph):
    graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.UINT8


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (twice, "node 'conv0' (Conv): has 'pads' twice"),
        (
            bytes_in,
            "input 'image' holds UINT8; expected floating-point numbers: pixel p of 0 to 255 comes "
            "as p / 255",
        ),
        (
            lambda graph: graph.initializer.append(graph.initializer[0]),
            "constant 'constant0' is there twice",
        ),
        (
            lambda graph: graph.node[1].output.__setitem__(0, "conv0_out"),
            "node 'relu1' (Relu): computes 'conv0_out', which is there already; expected a name",
        ),
        (
            lambda graph: graph.initializer[0].CopyFrom(
                onnx.helper.make_tensor("constant0", onnx.TensorProto.INT4, [2, 2, 3, 3], [1] * 36)
            ),
            "constant 'constant0' holds int4; expected floating-point numbers of 16 bits or more, ",
        ),
    ],
)
def test_what_a_graph_may_not_have(tmp_path, change, message):
    path = tmp_path / "m.onnx"
    made = damaged(change)
    made.graph.output[0].name = made.graph.node[1].output[0]
    path.write_bytes(made.SerializeToString())
    assert refusal(path).partition("m.onnx: ")[2].startswith(message)


def test_weights_of_16_bits_that_numpy_has_not(tmp_path):
    whole = import_model(closed().save(tmp_path / "whole.onnx"))

    def shortened(graph):
        array = onnx.numpy_helper.to_array(graph.initializer[0])
        graph.initializer[0].CopyFrom(
            onnx.helper.make_tensor("constant0", onnx.TensorProto.BFLOAT16, array.shape, array)
        )

    path = tmp_path / "m.onnx"
    path.write_bytes(damaged(shortened).SerializeToString())
    # bfloat16 has 8 bits of a number, the first of which is always 1.
    found, expected = import_model(path).layers[0].weight, whole.layers[0].weight
    np.testing.assert_allclose(found, expected, rtol=2**-8)
    assert (found != expected).any()


def test_a_model_of_the_host_alone(tmp_path):
    make = Maker((1, 1, 4, 4))
    make.node("Flatten")
    make.gemm(16, 4)
    make.node("Relu")
    expected = "no layer for the machine; expected a Conv or a pool"
    assert of(make, tmp_path) == expected


def test_weights_beyond_single_precision(tmp_path):
    make = small()
    make.node("Mul", make.constant(np.float64(1e300)))
    make.node("Mul", make.constant(np.float64(1e300)))
    assert "(Mul): " in of(make, tmp_path)


def test_several_inputs_and_outputs(tmp_path):
    made = closed().model()
    for part, message in (("input", "2 inputs (image, image2)"), ("output", "2 outputs (")):
        changed = onnx.ModelProto()
        changed.CopyFrom(made)
        values = getattr(changed.graph, part)
        values.add().CopyFrom(values[0])
        values[1].name = "image2"
        path = tmp_path / "m.onnx"
        path.write_bytes(changed.SerializeToString())
        assert f"m.onnx: {message}" in refusal(path)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x00\xff\x13not a model", "m.onnx: not a readable ONNX model: "),
        (b"", "m.onnx: no nodes; expected an ONNX model"),
    ],
)
def test_files_that_are_no_models(tmp_path, data, message):
    path = tmp_path / "m.onnx"
    path.write_bytes(data)
    assert message in refusal(path)


def test_truncated_and_too_large_files(tmp_path, monkeypatch):
    path = closed().save(tmp_path / "m.onnx")
    whole = path.read_bytes()
    for length in range(1, len(whole), 97):
        path.write_bytes(whole[:length])
        assert "m.onnx: " in refusal(path)
    path.write_bytes(whole)
    monkeypatch.setattr(model, "ONNX", Kind("ONNX model", 100))
    assert "bytes; expected 100 bytes at most" in refusal(path)


def external(tmp_path, location, size=None):
    """Save a model whose first constant is in a file beside it."""
    made = closed().model()
    constant = made.graph.initializer[0]
    data = constant.raw_data
    constant.ClearField("raw_data")
    constant.data_location = onnx.TensorProto.EXTERNAL
    entry = constant.external_data.add()
    entry.key, entry.value = "location", location
    (tmp_path / "m.bin").write_bytes(data[:size])
    path = tmp_path / "m.onnx"
    path.write_bytes(made.SerializeToString())
    return path


def test_constants_in_a_file_beside_the_model(tmp_path):
    whole = import_model(closed().save(tmp_path / "whole.onnx"))
    found = import_model(external(tmp_path, "m.bin"))
    np.testing.assert_array_equal(found.layers[0].weight, whole.layers[0].weight)


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("gone.bin", "constant 'constant0': /gone.bin: no such file of constants"),
        ("../m.bin", "constant 'constant0' is in '../m.bin'; expected a file beside the model"),
        ("/etc/passwd", "constant 'constant0' is in '/etc/passwd'; expected a file beside"),
    ],
)
def test_constants_that_are_not_there(tmp_path, location, message):
    assert f"m.onnx: {message}" in refusal(external(tmp_path, location))


def test_constants_behind_a_link(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    path = external(folder, "m.bin")
    (tmp_path / "other.bin").write_bytes((folder / "m.bin").read_bytes())
    (folder / "m.bin").unlink()
    (folder / "m.bin").symlink_to(tmp_path / "other.bin")
    assert "constant 'constant0' is in 'm.bin', a link; expected a file" in refusal(path)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("offset", "-4", "constant 'constant0': offset is '-4'; expected a number of bytes"),
        ("offset", "1" * 30, "constant 'constant0': offset is '111111111111111111111111111111'; "),
        ("length", "3", "constant 'constant0': 3 bytes of a file; its shape takes 144"),
    ],
)
def test_places_in_a_file_that_cannot_be(tmp_path, key, value, message):
    path = external(tmp_path, "m.bin")
    made = onnx.load(path, load_external_data=False)
    made.graph.initializer[0].external_data.add(key=key, value=value)
    path.write_bytes(made.SerializeToString())
    assert f"m.onnx: {message}" in refusal(path)


def test_constants_that_are_cut_off(tmp_path):
    assert "m.bin is truncated: it has 11 bytes from byte 0 on, the constant takes 144 bytes" in (
        refusal(external(tmp_path, "m.bin", 11))
    )


def test_the_package_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    expected = "ONNX models need the package 'onnx': pip install 'accelsim[onnx]'"
    assert expected in refusal(closed().save(tmp_path / "m.onnx"))
