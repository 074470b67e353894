"""`accelsim import`, and models in place of network files."""

import csv
import re

import numpy as np
import onnx
import pytest

import accelsim
from tests.importer.models import Maker, residual


@pytest.fixture
def digits(repository, tmp_path):
    """The reference network as a model: its convolutions and clips, its classifier."""
    weights = np.load(repository / "workloads/mnist/weights.npz")
    make = Maker(("batch", 1, 28, 28))
    for name in ("conv1", "conv2"):
        constants = [
            make.constant(weights[f"{name}.{part}"].astype(np.float32))
            for part in ("weight", "bias")
        ]
        make.node("Conv", *constants, name=name, pads=[1, 1, 1, 1])
        make.node("Clip", make.constant(np.float32(0)), make.constant(np.float32(1)))
        make.node("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
    make.node("Flatten")
    constants = [
        make.constant(weights[f"fc.{part}"].astype(np.float32)) for part in ("weight", "bias")
    ]
    make.node("Gemm", *constants, name="fc", transB=1)
    return make.save(tmp_path / "digits.onnx")


@pytest.fixture
def dataset(mnist, tmp_path):
    images = accelsim.network.open_dataset(mnist)
    path = tmp_path / "images.npz"
    np.savez(path, images=images.images[:150], labels=images.labels[:150])
    return path


def test_the_reference_network_comes_back(command, digits, dataset, tmp_path, mnist):
    code, out, err = command("import", "digits.onnx", "-o", "made", "--dataset", "images.npz")
    assert (code, err) == (0, "")
    assert "On 'irmen': 14 steps, latency 42 ns, energy per image 99.72 pJ" in out
    assert "Ideal cells give the class of the model for 150 of 150 images (onnxruntime" in out
    assert out.endswith("Run it: accelsim run irmen -w made/network.yaml\n")
    assert all(len(line) <= 100 for line in out.splitlines())
    made = accelsim.load_network(tmp_path / "made/network.yaml")
    assert [layer.op for layer in made.layers] == [layer.op for layer in mnist.layers]
    shipped, own = (accelsim.network.load_weights(n.weights_file, n) for n in (mnist, made))
    # The largest values are 1, so the scales are, too.
    for layer, name in (("conv1", "conv1"), ("conv2", "conv2"), ("fc", "fc")):
        np.testing.assert_allclose(own.weight[name], shipped.weight[layer], rtol=1e-6)
    result = accelsim.simulate(accelsim.load_machine("irmen"), made, 150)
    reference = accelsim.simulate(accelsim.load_machine("irmen"), mnist, 150)
    assert result.values.accuracy == reference.values.accuracy
    with (tmp_path / "made/nodes.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [row["op"] for row in rows][:3] == ["Conv", "Clip", "MaxPool"]
    assert [row["layer"] for row in rows] == [layer.name for layer in made.layers[:6]] + ["", "fc"]


def test_weights_that_no_synapse_can_be_set_to_are_named(command, digits, dataset):
    few = ("import", digits, "-o", "made", "--dataset", dataset, "--images", 20)
    code, out, _ = command(*few, "--set", "arrays.synapse_range=2")
    assert code == 0
    assert "weight, 2 at most" in out
    assert re.search(r" 1\.27 .*\n.* 2\.32 ", out)
    assert (
        ": a weight of 2.32 is beyond what a synapse of 'irmen' can be set to "
        "(arrays.synapse_range 2)"
    ) in " ".join(out.split())
    assert "beyond" not in command(*few[:3], "other", *few[4:])[1]


def test_twice_the_same_bytes(command, digits, dataset, tmp_path):
    for folder in ("one", "two"):
        assert command("import", digits, "-o", folder, "--dataset", dataset, "--images", 50)[0] == 0
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == ["network.yaml", "nodes.csv", "ranges.csv", "weights.npz"]
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_without_images_there_are_no_weights(command, tmp_path):
    residual().save(tmp_path / "net.onnx")
    code, out, _ = command("import", "net.onnx", "-o", "made")
    assert code == 0
    assert "No weights: their scales follow from images; --dataset names some" in out
    assert "in add8" in out  # the second convolution of the block is paid for with its sum
    assert "not modelled" in out  # the classifier
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == [
        "network.yaml", "nodes.csv",
    ]  # fmt: skip


def test_a_machine_that_cannot_hold_it_is_said(command, tmp_path):
    residual().save(tmp_path / "net.onnx")
    code, out, _ = command("import", "net.onnx", "-o", "made", "--set", "banks.planes=1")
    assert code == 0
    assert "No costs: made/network.yaml: layer 'relu11': step 17 (relu) needs 3 planes" in out
    assert out.endswith(
        "What would hold it: accelsim compile --fit irmen -w made/network.yaml --set "
        "banks.planes=1\n"
    )
    assert (tmp_path / "made/network.yaml").is_file()


def test_images_as_a_data_loader_normalizes_them(command, digits, dataset, tmp_path):
    given = ("--dataset", "images.npz", "--mean", "0.1307", "--std", "0.3081")
    code, out, err = command("import", "digits.onnx", "-o", "made", *given)
    out = " ".join(out.split())
    assert (code, err) == (0, "")
    # From -0.1307 / 0.3081 = -0.42421 to 0.8693 / 0.3081 = 2.82149, which is stored as 1:
    # 1 / (0.3081 * 2.82149) = 1.15035, and -0.42421 / 2.82149 = -0.15035.
    assert "Pixel p is stored as p/255 x 1.15 -0.1504: normalized as it is loaded" in out
    assert "Ideal cells give the class of the model for 150 of 150 images (onnxruntime" in out
    with np.load(tmp_path / "made/weights.npz") as weights:
        assert weights["input.scale"] == pytest.approx([1 / 0.8693])
        assert weights["input.shift"] == pytest.approx([-0.1307 / 0.8693])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("--mean 0.1,x", "--mean '0.1,x': expected numbers with commas between, such as 0.49,"),
        ("--mean 0.1,0.2", "mean: 2 numbers; expected one, or one for each of 1 maps"),
        ("--mean nan", "mean: (nan,); expected finite numbers"),
        ("--std 0", "std: 0; expected numbers above 0"),
    ],
)
def test_a_normalization_that_is_none(command, digits, tmp_path, given, message):
    code, _, err = command("import", "digits.onnx", "-o", "made", *given.split())
    assert (code, err[: len("error: " + message)]) == (2, "error: " + message)
    assert not (tmp_path / "made").exists()


def test_names_as_long_as_exporters_make_them(command, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    make = residual()
    for node in make.nodes:
        node.name = f"node__{node.name}_legit_no_training__of_block_0"
    make.save(tmp_path / "net.onnx")
    code, out, _ = command("import", "net.onnx", "-o", "made")
    assert code == 0
    assert max(map(len, out.splitlines())) <= 80
    assert out.count(" operator ") == 1  # in one piece
    with (tmp_path / "made/nodes.csv").open() as stream:
        assert next(csv.DictReader(stream))["node"] == make.nodes[0].name


def test_a_model_of_half_precision(command, tmp_path):
    make = Maker((1, 1, 6, 6))
    make.conv(1, 2)
    make.node("Relu")
    model = make.model()
    for each in (model.graph.input[0], model.graph.output[0]):
        each.type.tensor_type.elem_type = onnx.TensorProto.FLOAT16
    for each in model.graph.initializer:
        each.CopyFrom(
            onnx.numpy_helper.from_array(
                onnx.numpy_helper.to_array(each).astype(np.float16), each.name
            )
        )
    onnx.save(model, tmp_path / "net.onnx")
    np.savez(tmp_path / "d.npz", images=np.arange(72, dtype=np.uint8).reshape(2, 1, 6, 6))
    code, out, err = command("import", "net.onnx", "-o", "made", "--dataset", "d.npz")
    assert (code, err) == (0, "")
    assert "Written: made/network.yaml" in out


def test_a_model_in_place_of_a_network_file(command, digits, dataset):
    code, out, _ = command("run", "-w", "digits.onnx", "--images", 20, "--outdir", "bare")
    assert code == 0
    assert "the scales of ONNX model 'digits' follow from images" in " ".join(out.split())
    arguments = ("--images", 20, "--dataset", "images.npz", "--outdir", "whole")
    code, out, _ = command("run", "-w", "digits.onnx", *arguments)
    assert code == 0
    assert "Accuracy: " in out
    assert command("validate", "digits.onnx")[1] == "digits.onnx: ONNX model: 'digits', 7 layers\n"
    code, out, _ = command("replay", "whole")
    assert code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--percentile", "0"), "error: --percentile 0: expected above 0, up to 100\n"),
        (("--images", "0"), "error: --images 0: expected a whole number from 1\n"),
        (
            ("--dataset", "wrong.npz"),
            "error: wrong.npz: images of 1 x 9 x 9, the network reads 1 x 28 x 28\n",
        ),
    ],
)
def test_options_that_are_wrong(command, digits, tmp_path, arguments, message):
    np.savez(tmp_path / "wrong.npz", images=np.zeros((2, 9, 9), np.uint8))
    code, _, err = command("import", "digits.onnx", "-o", "made", *arguments)
    assert (code, err) == (2, message)
    assert not (tmp_path / "made").exists()


def test_a_node_that_cannot_be_imported_leaves_nothing(command, tmp_path):
    make = Maker((1, 1, 8, 8))
    make.conv(1, 2)
    make.node("Tanh", name="act")
    make.save(tmp_path / "net.onnx")
    code, _, err = command("import", "net.onnx", "-o", "made")
    assert code == 2
    assert err.startswith("error: net.onnx: node 'act' (Tanh): the machine has no steps for this")
    assert not (tmp_path / "made").exists()


def test_a_model_that_onnxruntime_refuses_leaves_nothing(command, digits, dataset, tmp_path):
    model = onnx.load(digits)
    model.graph.node[-1].attribute.append(onnx.helper.make_attribute("turned", 1))
    onnx.save(model, digits)
    code, _, err = command("import", "digits.onnx", "-o", "made", "--dataset", dataset)
    assert code == 2
    assert err.startswith("error: digits.onnx: onnxruntime refuses it: ")
    assert "turned" in err
    assert not (tmp_path / "made").exists()


def test_a_model_that_onnxruntime_cannot_run_leaves_nothing(command, digits, dataset, tmp_path):
    model = onnx.load(digits)
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 0
    onnx.save(model, digits)
    code, _, err = command("import", "digits.onnx", "-o", "made", "--dataset", dataset)
    assert code == 2
    assert err.startswith("error: digits.onnx: onnxruntime refuses it: ")
    assert not (tmp_path / "made").exists()
