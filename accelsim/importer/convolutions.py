"""Nodes that form sums: Conv, Add, what is folded into them, and what ends them."""

from dataclasses import replace

import numpy as np

from accelsim.importer.builder import LARGEST, Builder
from accelsim.importer.hosted import connected, sizes_of
from accelsim.importer.layers import (
    Constants,
    Features,
    Floats,
    Found,
    ImportedLayer,
    Logits,
    Mapped,
    Open,
    Row,
)
from accelsim.importer.model import Node
from accelsim.importer.windows import check_form, joined_pads, out_shape, pads_of, square
from accelsim.ops import Form, Pads, Shape
from accelsim.ops.layer import INPUT

_MOST_TERMS = 100


def conv(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Make a conv of a Conv; pads, and what scales and shifts its input, are taken in."""
    advice = ": a cell can clip at 0 only in the step that ends a sum; put a Relu before it"
    weight = builder.constant(node, 1)
    means = builder.read(node, 0)
    if isinstance(means, Features) and means.is_mean and weight.shape[2:] == (1, 1):
        # A convolution of means is a fully connected layer.
        bias = builder.optional(node, 2)
        flat, bias = weight[:, :, 0, 0], np.zeros(1) if bias is None else bias
        return connected(builder, node, replace(means, is_flat=True), flat, bias)
    source = builder.expect(node, 0, Mapped, advice=advice)
    groups = _groups(builder, node, weight, source.shape.maps)
    form = "x".join(map(str, weight.shape[2:]))
    weight, reach, stride = square(builder, node, weight)
    kernel = weight.shape[-1]
    own = pads_of(builder, node, reach, stride, source.shape)
    # What the square has beside the model's window, below and right, weighs 0.
    edges = (0, 0, kernel - reach[0], kernel - reach[1])
    pads = joined_pads(joined_pads(own, edges), source.pads)
    shape = out_shape(builder, node, kernel, stride, pads, source.shape)._replace(maps=len(weight))
    check_form(builder, node, "conv", Form(kernel, stride, pads), source.shape, shape)
    bias = builder.optional(node, 2)
    bias = np.zeros(len(weight)) if bias is None else bias.copy()
    if bias.shape != (len(weight),):
        builder.refuse(node, f"a bias of {sizes_of(bias)}; expected {len(weight)}, one a map")
    weight, bias = _with_input(builder, node, source, weight, bias, groups, own)
    layer = builder.add(node, "conv", [source.layer], shape)
    layer.kernel, layer.stride, layer.pads, layer.groups = kernel, stride, pads, groups
    layer.weight, layer.bias = weight, bias
    kind = "depthwise conv" if 1 < groups == source.shape.maps == shape.maps else "conv"
    size = f"{kernel}x{kernel}"
    of = "" if form == size else f" of {form} and zeros"
    return Open(layer.name, shape), builder.row(node, f"{kind}, {size}{of}", layer.name)


def _groups(builder: Builder, node: Node, weight: Floats, maps: int) -> int:
    """Return the groups of a Conv; refuses weights that are not those of its maps."""
    groups = builder.whole(node, "group", 1)
    is_fit = weight.ndim == 4 and weight.size and weight.shape[1] * groups == maps
    if not is_fit or len(weight) % groups:
        builder.refuse(
            node,
            f"weights of {sizes_of(weight)} in {groups} groups for {maps} maps of images; "
            "expected maps out x maps in of a group x rows x columns",
        )
    kernel = builder.wholes(node, "kernel_shape", weight.shape[2:])
    if kernel != [*weight.shape[2:]]:
        builder.refuse(node, f"kernel_shape {kernel} for weights of {sizes_of(weight)}")
    return groups


def _with_input(  # noqa: PLR0913, PLR0917 - parts of one convolution
    builder: Builder, node: Node, source: Mapped, weight: Floats, bias: Floats, groups: int,
    pads: Pads,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Take what scales and shifts the input into weights and bias. pads: behind the shift."""
    if source.scale is None or source.shift is None:
        return weight, bias
    if any(pads) and source.shift.any():
        builder.refuse_pads(
            node, source,
            "pads maps that were shifted before: the zeros around them are not what a machine "
            "that pads unshifted maps has; put a Pad before the shift, or a Conv or Relu between",
        )  # fmt: skip
    inputs = weight.shape[1]
    outputs = len(weight) // groups
    scale = source.scale.reshape(groups, 1, inputs).repeat(outputs, 1).reshape(-1, inputs)
    shift = source.shift.reshape(groups, 1, inputs).repeat(outputs, 1).reshape(-1, inputs)
    bias = bias + (weight.sum(axis=(2, 3)) * shift).sum(axis=1)
    return weight * scale[:, :, None, None], bias


def batch_normalization(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Fold a BatchNormalization into the layer before it, or into the Conv after it."""
    constants = [builder.constant(node, number) for number in range(1, 5)]
    if builder.whole(node, "training_mode", 0):
        builder.refuse(node, "is in training mode; export the model for inference (model.eval())")
    found = builder.expect(node, 0, (Mapped, Open, Logits))
    size = found.size if isinstance(found, Logits) else found.shape.maps
    if any(each.shape != (size,) for each in constants):
        sizes = ", ".join(map(sizes_of, constants))
        builder.refuse(node, f"constants of {sizes}; expected {size} of each, one a map")
    gamma, beta, mean, variance = constants
    variance = variance + builder.real(node, "epsilon", 1e-5)
    if variance.min() <= 0:
        builder.refuse(node, f"a variance of {variance.min():g} with epsilon; expected above 0")
    scale = gamma / np.sqrt(variance)
    return affine(builder, node, scale, beta - mean * scale)


def affine(builder: Builder, node: Node, scale: Floats, shift: Floats) -> tuple[Found, Row]:
    """Fold x * scale + shift, for each map or feature, into the layer before or after it."""
    found = builder.expect(node, 0, (Mapped, Open, Logits))
    size = found.size if isinstance(found, Logits) else found.shape.maps
    scale, shift = (np.broadcast_to(each.astype(np.float64), (size,)) for each in (scale, shift))
    if isinstance(found, Mapped):
        if _is_of_load(builder, node, found):
            builder.pixels = builder.pixels.then(scale, shift)
            return found, builder.row(node, "done as pixels are loaded")
        if found.scale is not None and found.shift is not None:
            scale, shift = found.scale * scale, found.shift * scale + shift
        return (
            replace(found, scale=scale, shift=shift),
            builder.row(node, "folded into the conv after it"),
        )
    layer = builder.layers[found.layer]
    is_pooled = isinstance(found, Open) and found.pool is not None
    if layer.weight is None or layer.bias is None or is_pooled or not builder.is_read_once(node):
        builder.refuse(
            node,
            "scales or shifts what other nodes read too, or a sum of branches; expected it right "
            "behind a Conv or Gemm",
        )
    layer.weight = layer.weight * scale.reshape(-1, *[1] * (layer.weight.ndim - 1))
    layer.bias = layer.bias * scale + shift
    return found, builder.row(node, f"folded into {layer.op} '{layer.name}'")


def _is_of_load(builder: Builder, node: Node, found: Mapped) -> bool:
    """Tell whether a node scales and shifts images that nothing else reads as they were."""
    is_bare = found.layer == INPUT and found.scale is None and not any(found.pads)
    return builder.is_loaded and is_bare and builder.is_read_once(node)


def add(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Add branches, or a constant."""
    for number in (0, 1):
        if len(node.inputs) == 2 and isinstance(builder.read(node, number), Constants):
            return _add_constant(builder, node, number)
    found = [_branch(builder, node, number) for number in range(len(node.inputs))]
    if len({each.layer for each in found}) < len(found):
        builder.refuse(node, "adds a tensor to itself; multiply it by a constant instead")
    shape = found[0].shape
    if any(each.shape != shape for each in found):
        sizes = " and ".join(str(each.shape) for each in found)
        builder.refuse(node, f"adds {sizes}; expected maps of one shape")
    terms = sum(builder.terms[each.layer] for each in found if isinstance(each, Open))
    if terms > _MOST_TERMS:
        builder.refuse(node, f"a sum of {terms} convolutions; expected {_MOST_TERMS} at most")
    layer = builder.add(node, "add", [each.layer for each in found], shape)
    if terms:
        builder.terms[layer.name] = terms
        return Open(layer.name, shape), builder.row(node, "terms of one sum", layer.name)
    return Mapped(layer.name, shape), builder.row(node, "sum of maps", layer.name)


def _branch(builder: Builder, node: Node, number: int) -> Mapped | Open:
    """Return an input of an Add, whose scale can be what the sum needs."""
    found = builder.expect(node, number, (Mapped, Open))
    if isinstance(found, Mapped):
        builder.maps(node, number)
    elif found.pool is not None:
        builder.refuse(node, "adds a MaxPool that no Relu has ended; put a Relu before it")
    if found.layer == INPUT:
        builder.refuse(node, "adds the images themselves, whose scale is fixed; put a Conv between")
    return found


def _add_constant(builder: Builder, node: Node, number: int) -> tuple[Found, Row]:
    """Fold the sum of a tensor and a constant for each map or feature."""
    ordered = Node(
        node.name, node.op, (node.inputs[1 - number], node.inputs[number]), node.outputs, {}
    )
    shift = each_map(builder, ordered)
    return affine(builder, ordered, np.ones(1), shift)


def subtract(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Fold the difference of a tensor and a constant."""
    return affine(builder, node, np.ones(1), -each_map(builder, node))


def multiply(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Fold a product with a constant."""
    if isinstance(builder.read(node, 0), Constants):
        node = Node(node.name, node.op, node.inputs[::-1], node.outputs, {})
    return affine(builder, node, each_map(builder, node), np.zeros(1))


def divide(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Fold the division by a constant."""
    divisor = each_map(builder, node)
    if not divisor.all():
        builder.refuse(node, "divides by 0")
    return affine(builder, node, 1 / divisor, np.zeros(1))


def each_map(builder: Builder, node: Node) -> Floats:
    """Return the second input, a constant with a number for each map or feature, or one."""
    found = builder.expect(node, 0, (Mapped, Open, Logits))
    constant = builder.constant(node, 1)
    size = found.size if isinstance(found, Logits) else found.shape.maps
    tail = () if isinstance(found, Logits) else (1, 1)
    if constant.size not in (1, size) or (
        constant.size > 1 and constant.shape[-1 - len(tail) :] != (size, *tail)
    ):
        shown = sizes_of(constant)
        builder.refuse(node, f"a constant of {shown}; expected one number, or one a map ({size})")
    return constant.reshape(-1)


def relu(builder: Builder, node: Node) -> tuple[Found, Row]:
    """End a sum with a relu; where nothing is below 0 there is nothing to do."""
    return ended(builder, node, np.inf)


def clip(builder: Builder, node: Node) -> tuple[Found, Row]:
    """End a sum with a relu that goes up to a number: Clip from 0."""
    if builder.model.opset >= 11:
        low, high = builder.number(node, 1, -np.inf), builder.number(node, 2, np.inf)
    else:
        low, high = builder.real(node, "min", -LARGEST), builder.real(node, "max", LARGEST)
    if low != 0 or high <= 0:
        builder.refuse(
            node, f"clips from {low:g} to {high:g}; expected from 0 to a number above it"
        )
    return ended(builder, node, np.inf if high >= LARGEST else high)


def leaky_relu(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Take a LeakyRelu as a Relu where nothing is below 0, or its slope is 0."""
    slope = builder.real(node, "alpha", 0.01)
    if slope and not isinstance(builder.read(node, 0), Mapped):
        builder.refuse(
            node,
            f"a slope of {slope:g} below 0; a cell clips there: train the model with Relu instead",
        )
    return ended(builder, node, np.inf)


def ended(builder: Builder, node: Node, most: float) -> tuple[Found, Row]:
    """End a sum, or the host's layer, with a relu up to a number."""
    found = builder.read(node, 0)
    if isinstance(found, Constants):
        builder.refuse(node, "reads a constant")
    if isinstance(found, Mapped | Features):
        if most < np.inf:
            builder.refuse(node, f"clips maps at {most:g} that no sum ends; put it behind a Conv")
        if isinstance(found, Mapped) and (found.scale is not None or builder.has_negative(found)):
            builder.maps(node)
        return found, builder.row(node, "left out: values are above 0")
    if isinstance(found, Logits):
        if most < np.inf or found.is_ended:
            builder.refuse(node, "a Clip behind a Gemm; the host computes Relu alone")
        layer = builder.add(node, "relu", [found.layer], Shape(found.size, 1, 1))
        return Logits(layer.name, found.size), builder.row(node, "relu of the host", layer.name)
    before = builder.layers[found.layer]
    layer = builder.add(node, "relu", [found.layer], before.shape)
    layer.most = most
    row = builder.row(node, "relu", layer.name)
    if found.pool is None:
        return Mapped(layer.name, layer.shape), row
    return _pooled(builder, found.pool, layer), row


def _pooled(builder: Builder, pool: ImportedLayer, before: ImportedLayer) -> Mapped:
    """Put a pool behind the relu that the model has before it."""
    pool.inputs = (before.name,)
    # Behind the relu in the order of layers, too.
    builder.layers[pool.name] = builder.layers.pop(pool.name)
    return Mapped(pool.name, pool.shape)
