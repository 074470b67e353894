"""Nodes of the host: fully connected layers, what stands before and after them; and constants."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accelsim.importer.builder import MOST_WEIGHTS, Builder
from accelsim.importer.layers import Constants, Features, Floats, Found, Logits, Mapped, Row
from accelsim.importer.model import Node
from accelsim.ops import Shape

_BATCH = 0
_MOST_CONSTANTS = 1 << 24
"""Numbers in a constant that a node computes."""
_ROUNDED = {2: np.uint8, 3: np.int8, 5: np.int16, 6: np.int32, 7: np.int64, 9: np.bool_}
_FLOATS = {1: np.float32, 10: np.float16, 11: np.float64, 16: np.float32}
"""Types of ONNX (TensorProto.DataType), and those that stand for them here."""


def flatten(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Read maps as one row of features an image."""
    found, axis = builder.read(node, 0), builder.whole(node, "axis", 1)
    is_row = isinstance(found, Logits) or (isinstance(found, Features) and found.is_flat)
    if axis not in (1, -1 if is_row else -3):
        builder.refuse(node, f"flattens from axis {axis} on; expected 1")
    return _flat(builder, node)


def squeeze(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Drop rows and columns of means."""
    found = builder.read(node, 0)
    if isinstance(found, Constants):
        axes = _axes(builder, node)
        array = np.squeeze(found.array, axis=None if axes is None else tuple(axes))
        return Constants(array), builder.row(node, "constant")
    if not isinstance(found, Features) or not found.is_mean:
        builder.refuse(node, "drops axes of maps; expected it behind a GlobalAveragePool")
    return _flat(builder, node)


def unsqueeze(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Add axes to a constant."""
    array, axes = builder.expect(node, 0, Constants).array, _axes(builder, node) or [0]
    return Constants(np.expand_dims(array, tuple(axes))), builder.row(node, "constant")


def reshape(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Take a Reshape to one row of features an image as a Flatten."""
    found, shape = builder.read(node, 0), builder.constant(node, 1).astype(int).tolist()
    if isinstance(found, Constants):
        return Constants(found.array.reshape(shape)), builder.row(node, "constant")
    if isinstance(found, Logits) and len(shape) == 2:
        return found, builder.row(node, "left out: a row already")
    size = found.size if isinstance(found, Features) else int(np.prod(getattr(found, "shape", 0)))
    if len(shape) != 2 or shape[1] not in (-1, size) or shape == [-1, -1]:
        builder.refuse(node, f"to {shape}; expected one row of {size} features an image")
    return _flat(builder, node)


def gemm(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Make an fc of the host."""
    weight = builder.constant(node, 1)
    if builder.whole(node, "transA", 0):
        builder.refuse(node, "transposes its images; expected transA = 0")
    if not builder.whole(node, "transB", 0):
        weight = weight.T
    weight = weight * builder.real(node, "alpha", 1.0)
    bias = builder.optional(node, 2)
    bias = np.zeros(1) if bias is None else bias * builder.real(node, "beta", 1.0)
    return connected(builder, node, _features(builder, node), weight, bias.reshape(-1))


def matmul(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Make an fc of the host of a product with a constant."""
    weight = builder.constant(node, 1).T
    return connected(builder, node, _features(builder, node), weight, np.zeros(1))


def connected(
    builder: Builder, node: Node, found: Features | Logits, weight: Floats, bias: Floats
) -> tuple[Found, Row]:
    """Make an fc of weights (classes, features)."""
    if weight.ndim != 2 or not weight.size or weight.shape[1] != found.size:
        builder.refuse(node, f"weights of {sizes_of(weight)} for {found.size} features")
    if bias.size not in (1, len(weight)):
        builder.refuse(node, f"a bias of {sizes_of(bias)} for weights of {sizes_of(weight)}")
    if isinstance(found, Features):
        weight = of_cells(builder, node, weight, found)
    layer = builder.add(node, "fc", [found.layer], Shape(len(weight), 1, 1))
    layer.weight, layer.bias = weight, np.broadcast_to(bias, (len(weight),)).copy()
    return Logits(layer.name, len(weight)), builder.row(node, "fc of the host", layer.name)


def _features(builder: Builder, node: Node) -> Features | Logits:
    """Return what a fully connected layer reads."""
    found = builder.expect(node, 0, (Features, Logits))
    if isinstance(found, Logits) and found.is_ended:
        builder.refuse(node, "follows what ends the model")
    if isinstance(found, Features) and not found.is_flat:
        builder.refuse(node, "reads maps; expected a Flatten before it")
    return found


def sizes_of(array: NDArray[np.generic]) -> str:
    """Return the shape of a constant as messages show it."""
    return " x ".join(map(str, array.shape)) or "one number"


def of_cells(builder: Builder, node: Node, weight: Floats, found: Features) -> Floats:
    """Return the weights of all cells of maps, if those given are of their means."""
    _, rows, cols = found.shape
    builder.check_numbers(node, len(weight), math.prod(found.shape), most=MOST_WEIGHTS)
    return np.repeat(weight, rows * cols, axis=1) / (rows * cols) if found.is_mean else weight


def end(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Leave out what ends a model and does not change which class is the largest."""
    found = builder.expect(node, 0, (Logits, Features))
    if node.outputs[0] != builder.model.output:
        builder.refuse(node, "is not the last node; the host computes fc and relu alone")
    if isinstance(found, Logits):
        found = replace(found, is_ended=True)
    return found, builder.row(node, "left out: the same class")


def passed(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Leave out a node that changes nothing."""
    return builder.read(node, 0), builder.row(node, "left out: no change")


def cast(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Cast a constant; maps stay as they are, in floating point."""
    found, kind = builder.read(node, 0), builder.whole(node, "to", 0)
    if isinstance(found, Constants):
        dtype = {**_ROUNDED, **_FLOATS}.get(kind)
        if dtype is None:
            builder.refuse(node, f"casts to type {kind}; expected numbers")
        return Constants(found.array.astype(dtype)), builder.row(node, "constant")
    if kind not in _FLOATS:
        builder.refuse(node, f"casts maps to type {kind}; expected a floating-point type")
    return passed(builder, node)


def dropout(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Leave out a Dropout, which changes nothing in inference."""
    if builder.number(node, 2, 0.0):
        builder.refuse(node, "is in training mode; export the model for inference (model.eval())")
    return passed(builder, node)


def constant(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Take a Constant."""
    found: Any = next(iter(node.attributes.values()), None)
    array = np.asarray(found) if not isinstance(found, str) else None
    if array is None or array.dtype.kind not in "bifu":
        builder.refuse(node, "holds no numbers")
    return Constants(array), builder.row(node, "constant")


def shape_of(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Take the shape of maps as a constant; the batch is left open."""
    found = builder.expect(node, 0, (Mapped, Features))
    return Constants(np.array([_BATCH, *found.shape])), builder.row(node, "constant")


def gather(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Take some of a constant."""
    array = builder.expect(node, 0, Constants).array
    chosen = builder.constant(node, 1).astype(int)
    axis = builder.whole(node, "axis", 0)
    if not -array.ndim <= axis < array.ndim:
        builder.refuse(node, f"takes along axis {axis} of a constant of {sizes_of(array)}")
    each = array.size // max(1, array.shape[axis])
    builder.check_numbers(node, each, chosen.size, most=_MOST_CONSTANTS)
    return Constants(np.take(array, chosen, axis=axis)), builder.row(node, "constant")


def joined(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Join constants."""
    arrays = [builder.expect(node, n, Constants).array for n in range(len(node.inputs))]
    axis = builder.whole(node, "axis", 0)
    builder.check_numbers(node, sum(each.size for each in arrays), most=_MOST_CONSTANTS)
    return Constants(np.concatenate(arrays, axis=axis)), builder.row(node, "constant")


def _flat(builder: Builder, node: Node) -> tuple[Found, Row]:
    found = builder.read(node, 0)
    if isinstance(found, Logits):
        return found, builder.row(node, "left out: a row already")
    if isinstance(found, Features):
        return replace(found, is_flat=True), builder.row(node, "left out: row of means")
    maps = builder.maps(node)
    row = builder.row(node, "order of the cells")
    return Features(maps.layer, maps.shape, is_flat=True), row


def _axes(builder: Builder, node: Node) -> list[int] | None:
    axes = node.attributes.get("axes")
    if axes is None and len(node.inputs) > 1:
        axes = builder.constant(node, 1).astype(int).reshape(-1).tolist()
    return None if axes is None else [int(axis) for axis in axes]
