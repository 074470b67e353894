"""The layer graph: shapes follow, and what does not is refused with its place."""

import pytest

import accelsim
from accelsim.errors import InputError
from tests.conftest import AVG2, CONV, MAX2, MAX3


def test_reference_network(mnist):
    assert [(layer.name, layer.op, tuple(layer.out_shape)) for layer in mnist.layers] == [
        ("conv1", "conv", (4, 28, 28)),
        ("relu1", "relu", (4, 28, 28)),
        ("pool1", "maxpool", (4, 14, 14)),
        ("conv2", "conv", (8, 14, 14)),
        ("relu2", "relu", (8, 14, 14)),
        ("pool2", "maxpool", (8, 7, 7)),
        ("fc", "fc", (10, 1, 1)),
    ]
    assert mnist.layer("fc").weight_shape == (10, 392)
    assert mnist.layer("conv2").weight_shape == (8, 4, 3, 3)
    assert next(iter(mnist.graph.edges)) == ("input", "conv1")


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (CONV | {"out": 5}, (5, 9, 7)),
        (CONV | {"padding": "valid"}, (1, 7, 5)),
        (MAX2, (2, 4, 3)),
        (MAX3, (2, 9, 7)),
        (AVG2, (2, 4, 3)),
        ({"op": "fc", "out": 3}, (3, 1, 1)),
    ],
)
def test_shape_inference(make_network, layer, shape):
    assert tuple(make_network([2, 9, 7], layer).layers[0].out_shape) == shape


def refused(tmp_path, layers, head="name: n\ninput: [1, 4, 4]\n"):
    path = tmp_path / "net.yaml"
    path.write_text(f"{head}layers:\n{layers}")
    with pytest.raises(InputError) as caught:
        accelsim.load_network(path)
    return str(caught.value).replace(str(path), "net.yaml")


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (
            "- {name: a, op: conv, out: 1, kernel: 3, inputs: [b]}\n- {name: b, op: relu}\n",
            "net.yaml:4:42: layer 'a': the layers form a cycle: a -> b -> a",
        ),
        (
            "- {name: a, op: relu}\n- {name: b, op: relu, inputs: [input]}\n",
            "net.yaml:4:4: layer 'a': dangling: no layer reads it, and the output is 'b'",
        ),
        (
            "- {name: conv1, op: relu}\n- {name: b, op: relu, inputs: [conv]}\n",
            "net.yaml:5:23: layer 'b': no layer 'conv'; did you mean 'conv1'?",
        ),
        (
            "- {name: a, op: relu}\n- {name: a, op: relu}\n",
            "net.yaml:5:4: layer 'a': the name is taken",
        ),
        ("- {name: input, op: relu}\n", "net.yaml:4:4: layer 'input': the name is taken"),
        ("- {name: a, op: conv, kernel: 3}\n", "net.yaml:4:13: layer 'a': conv needs 'out'"),
        (
            "- {name: a, op: relu, kernel: 3}\n",
            "net.yaml:4:23: layer 'a': relu has no 'kernel'",
        ),
        (
            "- {name: a, op: maxpool, kernel: 5}\n",
            "net.yaml:4:26: layer 'a': a 5 x 5 window does not fit into 1 x 4 x 4",
        ),
        (
            "- {name: a, op: maxpol, kernel: 2}\n",
            "net.yaml:4:13: layers[0].op: got 'maxpol'; expected 'conv', 'relu', 'add', 'concat', "
            "'maxpool', 'avgpool' or 'fc'; did you mean 'maxpool'?",
        ),
        (
            "- {name: a, op: conv, out: 0, kernel: 3}\n",
            "net.yaml:4:23: layers[0].out: got 0; input should be greater than or equal to 1",
        ),
        (
            "- {name: a, op: relu, kernl: 3}\n",
            "net.yaml:4:23: layers[0].kernl: unknown key; allowed here: name, op, out, kernel, "
            "stride, padding, groups, partial, inputs; did you mean 'kernel'?",
        ),
        (
            "- {name: a, op: relu, inputs: [input]}\n- {name: b, op: relu, inputs: [input, a]}\n",
            "net.yaml:5:23: layer 'b': relu reads one layer, got 2",
        ),
        (
            "- {name: a, op: add, inputs: [input, input]}\n",
            "net.yaml:4:22: layer 'a': reads a layer twice",
        ),
        (
            "- {name: a, op: add}\n",
            "net.yaml:4:3: layer 'a': add reads 2 layers or more, got 1",
        ),
        (
            "- {name: p, op: maxpool, kernel: 2}\n- {name: a, op: add, inputs: [input, p]}\n",
            "net.yaml:5:22: layer 'a': adds maps of 1 x 4 x 4 and of 1 x 2 x 2; expected one shape",
        ),
        (
            "- {name: p, op: maxpool, kernel: 2}\n- {name: a, op: concat, inputs: [input, p]}\n",
            "net.yaml:5:25: layer 'a': joins maps of 1 x 4 x 4 and of 1 x 2 x 2; expected one size",
        ),
        (
            "- {name: a, op: conv, out: 3, kernel: 3, groups: 2}\n",
            "net.yaml:4:42: layer 'a': 2 groups of 1 input and 3 output maps",
        ),
        (
            "- {name: a, op: conv, out: 3, kernel: 3, partial: 0.0}\n",
            "net.yaml:4:42: layers[0].partial: got 0.0; input should be greater than 0",
        ),
        (
            "- {name: a, op: conv, out: 3, kernel: 3, padding: sme}\n",
            "net.yaml:4:42: layers[0].padding: got 'sme'; expected 'same', 'valid' or rows and "
            "columns of 0 or more as [above, left, below, right]; did you mean 'same'?",
        ),
        (
            "- {name: a, op: conv, out: 3, kernel: 3, padding: [1, 1, 1, -1]}\n",
            "net.yaml:4:42: layers[0].padding: got [1, 1, 1, -1]; expected 'same', 'valid' or rows "
            "and columns of 0 or more as [above, left, below, right]",
        ),
    ],
)
def test_refused_layers(tmp_path, layers, message):
    assert refused(tmp_path, layers) == message


def test_refused_input_shape(tmp_path):
    head = "name: n\ninput: [1, 4]\n"
    assert "net.yaml:2:1: input: " in refused(tmp_path, "- {name: a, op: relu}\n", head)


def test_refused_published_value(tmp_path):
    layers = (
        "- {name: a, op: relu}\npublished:\n- {machine: irmen, figure: latency, "
        "relation: about, value: 42 nm, source: s}\n"
    )
    assert refused(tmp_path, layers).endswith(
        "published[0].value: '42 nm' is not a time; expected a time such as '1 ns'"
    )
