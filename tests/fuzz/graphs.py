"""ONNX models made bad: operators, edges, attributes, sizes, types, numbers, external constants."""

import random
from functools import cache
from typing import Any

import onnx

from tests.importer.models import branches, residual

Shape = tuple[int, int, int]
_WHOLES = (-(2**63), -1, 0, 1, 2, 3, 9, 31, 10**6, 2**62)
_SIZES = (-1, 0, 1, 2, 9, 2**31, 2**62)
_TYPES = (0, 1, 2, 7, 8, 9, 10, 11, 14, 16, 17, 21, 22, 99)
_PLACES = ("", ".", "..", "/etc/passwd", "m.onnx", "../m.onnx", "d.npz", "a\0b", "x" * 300)
_NAMES = ("", "image", "x" * 3000, "\x1b[31mred", "a/b", "input", "output")


@cache
def _models() -> tuple[tuple[bytes, Shape], ...]:
    return tuple(
        (make.model().SerializeToString(), make.shape[1:]) for make in (branches(), residual())
    )


def model(chance: random.Random) -> tuple[bytes, Shape]:
    """Return a model, and the shape of its images."""
    return chance.choice(_models())


def changed(chance: random.Random, data: bytes) -> bytes:
    """Change a model in one to three places."""
    proto = onnx.load_model_from_string(data)
    for _ in range(chance.randrange(1, 4)):
        chance.choice(_CHANGES)(chance, proto)
    found: bytes = proto.SerializeToString()
    return found


def _operator(chance: random.Random, proto: Any) -> None:
    node = chance.choice(proto.graph.node)
    node.op_type = chance.choice((chance.choice(proto.graph.node).op_type, "Cast", "If", "Resize"))
    node.domain = chance.choice(("", "", "ai.onnx", "com.microsoft"))


def _edge(chance: random.Random, proto: Any) -> None:
    node, other = (chance.choice(proto.graph.node) for _ in range(2))
    match chance.randrange(5):
        case 0 if node.input:
            node.input[chance.randrange(len(node.input))] = other.output[0]
        case 1 if node.input:
            node.input.pop()
        case 2:
            node.input.append(chance.choice(proto.graph.initializer).name)
        case 3:
            node.output[0] = chance.choice((other.output[0], *_NAMES))
        case _:
            proto.graph.output[0].name = chance.choice((other.output[0], *_NAMES))


def _name(chance: random.Random, proto: Any) -> None:
    chance.choice(proto.graph.node).name = chance.choice(_NAMES)


def _attribute(chance: random.Random, proto: Any) -> None:
    node = chance.choice(proto.graph.node)
    names = [each.name for each in node.attribute] or ["axis", "to", "pads", "strides"]
    name, number = chance.choice(names), chance.choice(_WHOLES)
    values: tuple[Any, ...] = (
        number, [number] * chance.choice((1, 2, 4, 8, 5000)), 0.5, float("nan"), "SAME_UPPER",
        "x" * 3000, [0.5, 0.5], ["a"],
    )  # fmt: skip
    kept = [each for each in node.attribute if each.name != name or chance.random() < 0.1]
    del node.attribute[:]
    node.attribute.extend([*kept, onnx.helper.make_attribute(name, chance.choice(values))])


def _sizes(chance: random.Random, proto: Any) -> None:
    each = chance.choice(proto.graph.initializer)
    each.dims[:] = [chance.choice(_SIZES) for _ in range(chance.randrange(4))]


def _type(chance: random.Random, proto: Any) -> None:
    if chance.random() < 0.3:
        proto.graph.input[0].type.tensor_type.elem_type = chance.choice(_TYPES)
    else:
        chance.choice(proto.graph.initializer).data_type = chance.choice(_TYPES)


def _numbers(chance: random.Random, proto: Any) -> None:
    each = chance.choice(proto.graph.initializer)
    numbers = onnx.numpy_helper.to_array(each).copy() if _is_whole(each) else None
    if numbers is not None and numbers.dtype.kind == "f" and numbers.size:
        numbers.flat[chance.randrange(numbers.size)] = chance.choice(
            (float("nan"), float("inf"), 3e38, -3e38, 1e-40, 0.0)
        )
        each.CopyFrom(onnx.numpy_helper.from_array(numbers, each.name))


def _is_whole(proto: Any) -> bool:
    try:
        onnx.numpy_helper.to_array(proto)
    except Exception:  # noqa: BLE001 - an earlier change may have damaged it in any way
        return False
    return True


def _file(chance: random.Random, proto: Any) -> None:
    each = chance.choice(proto.graph.initializer)
    each.data_location = onnx.TensorProto.EXTERNAL
    each.external_data.add(key="location", value=chance.choice(_PLACES))
    if chance.random() < 0.5:
        each.external_data.add(
            key=chance.choice(("offset", "length")), value=chance.choice(("-1", "9" * 40, "x", "0"))
        )


def _image(chance: random.Random, proto: Any) -> None:
    dims = proto.graph.input[0].type.tensor_type.shape.dim
    if dims and chance.random() < 0.7:
        chance.choice(dims).dim_value = chance.choice(_SIZES)
    elif dims and chance.random() < 0.5:
        del dims[0]
    else:
        dims.add()


def _versions(chance: random.Random, proto: Any) -> None:
    proto.opset_import[0].version = chance.choice((-1, 6, 7, 9, 11, 13, 21, 99, 2**62))


def _twice(chance: random.Random, proto: Any) -> None:
    graph = proto.graph
    part = chance.choice((graph.node, graph.initializer, graph.input, graph.output))
    part.append(chance.choice(part))


_CHANGES = (
    _operator, _edge, _name, _attribute, _attribute, _sizes, _type, _numbers, _file, _image,
    _versions, _twice,
)  # fmt: skip
