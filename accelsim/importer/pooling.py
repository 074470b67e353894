"""Nodes that pool, pad and join maps."""

from dataclasses import replace

import numpy as np

from accelsim.importer.builder import Builder
from accelsim.importer.layers import Features, Found, Mapped, Open, Row
from accelsim.importer.model import Node
from accelsim.importer.windows import check_form, out_shape, pads_of, window_of
from accelsim.ops import Form, Pads, Shape


def max_pool(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Make a maxpool; before a ReLU it is the same as after it."""
    found = builder.expect(node, 0, (Mapped, Open))
    if isinstance(found, Mapped):
        found = _padded_alone(builder, node, found)
    elif found.pool is not None or not builder.is_read_once(node):
        builder.refuse(node, "pools a sum that no Relu has ended; put a Relu before it")
    if node.attributes.get("storage_order", 0) or len(node.outputs) > 1:
        builder.refuse(node, "gives the places of its maxima, which a machine does not know")
    own = found.pads if isinstance(found, Mapped) else (0, 0, 0, 0)
    form = _form(builder, node, own, found.shape)
    shape = out_shape(builder, node, form.kernel, form.stride, _pads(form), found.shape)
    check_form(builder, node, "maxpool", form, found.shape, shape)
    layer = builder.add(node, "maxpool", [found.layer], shape)
    layer.kernel, layer.stride, layer.pads = form.kernel, form.stride, _pads(form)
    row = builder.row(node, f"maxpool, {form.kernel}x{form.kernel}", layer.name)
    if isinstance(found, Open):
        return Open(found.layer, found.shape, pool=layer), row
    return Mapped(layer.name, shape), row


def average_pool(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Make an avgpool; one of all cells is a global one."""
    found = builder.maps(node)
    form = _form(builder, node, (0, 0, 0, 0), found.shape)
    if (form.kernel, form.kernel) == found.shape[1:] and not any(_pads(form)):
        return global_average_pool(builder, node)
    shape = out_shape(builder, node, form.kernel, form.stride, _pads(form), found.shape)
    check_form(builder, node, "avgpool", form, found.shape, shape)
    layer = builder.add(node, "avgpool", [found.layer], shape)
    layer.kernel, layer.stride = form.kernel, form.stride
    return Mapped(layer.name, shape), builder.row(
        node, f"avgpool, {form.kernel}x{form.kernel}", layer.name
    )


def global_average_pool(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Leave the mean of each map to the fully connected layer that reads it."""
    found = builder.maps(node)
    row = builder.row(node, "mean, in the weights of the host's fc")
    return Features(found.layer, found.shape, is_mean=True), row


def reduce_mean(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Take the mean over rows and columns as a GlobalAveragePool."""
    axes = node.attributes.get("axes")
    if axes is None and len(node.inputs) > 1:
        axes = builder.constant(node, 1).astype(int).tolist()
    if axes is None or sorted(axis % 4 for axis in axes) != [2, 3]:
        builder.refuse(node, f"a mean over axes {axes}; expected rows and columns (2, 3)")
    found, row = global_average_pool(builder, node)
    if not node.attributes.get("keepdims", 1) and isinstance(found, Features):
        found = replace(found, is_flat=True)
    return found, row


def pad(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Take a Pad with zeros into the node after it."""
    found = builder.expect(node, 0, Mapped)
    mode = node.attributes.get("mode", "constant")
    pads, value = node.attributes.get("pads"), node.attributes.get("value", 0.0)
    if builder.model.opset >= 11:
        pads = builder.constant(node, 1).astype(int).tolist()
        filled = builder.optional(node, 2)
        value = 0.0 if filled is None else float(filled.reshape(()))
    if mode != "constant" or value:
        builder.refuse(node, f"pads with {value if mode == 'constant' else mode}; expected zeros")
    if len(node.inputs) > 3 and node.inputs[3]:
        builder.refuse(node, "pads some axes; expected all four in its pads")
    pads = [*(pads or ())]
    if len(pads) != 8 or min(pads) < 0 or any(pads[axis] for axis in (0, 1, 4, 5)):
        builder.refuse(node, f"pads {pads}; expected rows and columns alone, 0 or more of each")
    sides = (pads[2], pads[3], pads[6], pads[7])
    if found.shift is not None and found.shift.any() and any(sides):
        builder.refuse(node, "pads maps that were shifted before; put the Pad first")
    both: Pads = tuple(a + b for a, b in zip(found.pads, sides, strict=True))
    return replace(found, pads=both), builder.row(node, "padding of the node after it")


def concat(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Join maps; they stay where they are."""
    if int(node.attributes.get("axis", 1)) % 4 != 1:
        builder.refuse(node, f"joins along axis {node.attributes['axis']}; expected maps (1)")
    found = [builder.maps(node, number) for number in range(len(node.inputs))]
    first = found[0]
    if len(found) == 1:
        return first, builder.row(node, "left out: joins one tensor")
    if any(each.shape[1:] != first.shape[1:] for each in found):
        sizes = " and ".join(str(each.shape) for each in found)
        builder.refuse(node, f"joins {sizes}; expected one size")
    shape = first.shape._replace(maps=sum(each.shape.maps for each in found))
    layer = builder.add(node, "concat", [each.layer for each in found], shape)
    return Mapped(layer.name, shape), builder.row(node, "concat, no step", layer.name)


def _form(builder: Builder, node: Node, before: Pads, shape: Shape) -> Form:
    """Return the form of a pool; rounding up is padding below and right."""
    kernel, stride = window_of(builder, node, node.attributes.get("kernel_shape", ()))
    pads = np.add(pads_of(builder, node, kernel, stride, shape), before)
    if node.attributes.get("ceil_mode", 0):
        for side, size in ((2, shape.rows), (3, shape.cols)):
            rest = (size + pads[side - 2] + pads[side] - kernel) % stride
            pads[side] += (stride - rest) % stride
    above, left, below, right = pads.tolist()
    return Form(kernel, stride, (above, left, below, right))


def _pads(form: Form) -> Pads:
    return form.pads(0, 0)


def _padded_alone(builder: Builder, node: Node, found: Mapped) -> Mapped:
    if found.scale is not None:
        builder.maps(node)
    return found
