"""Nodes that pool, pad and join maps."""

from dataclasses import replace

from accelsim.importer.builder import Builder
from accelsim.importer.layers import Features, Found, Mapped, Open, Row
from accelsim.importer.model import Node
from accelsim.importer.windows import check_form, joined_pads, out_shape, pads_of, window_of
from accelsim.ops import Form, Pads, Shape


def max_pool(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Make a maxpool; before a ReLU it is the same as after it."""
    found = builder.expect(node, 0, (Mapped, Open))
    if isinstance(found, Mapped):
        found = _padded_alone(builder, node, found)
    elif found.pool is not None or not builder.is_read_once(node):
        builder.refuse(node, "pools a sum that no Relu has ended; put a Relu before it")
    if builder.whole(node, "storage_order", 0) or len(node.outputs) > 1:
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
    row = builder.row(node, "mean, by the host's fc")
    return Features(found.layer, found.shape, is_mean=True), row


def reduce_mean(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Take the mean over rows and columns as a GlobalAveragePool."""
    axes = builder.wholes(node, "axes", ())
    if not axes and len(node.inputs) > 1:
        axes = builder.constant(node, 1).astype(int).reshape(-1).tolist()
    if sorted(axis % 4 for axis in axes) != [2, 3]:
        builder.refuse(node, f"a mean over axes {axes}; expected rows and columns (2, 3)")
    found, row = global_average_pool(builder, node)
    if not builder.whole(node, "keepdims", 1) and isinstance(found, Features):
        found = replace(found, is_flat=True)
    return found, row


def pad(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Take a Pad with zeros into the node after it."""
    found = builder.expect(node, 0, Mapped)
    mode = node.attributes.get("mode", "constant")
    pads, value = builder.wholes(node, "pads", ()), builder.real(node, "value", 0.0)
    if builder.model.opset >= 11:
        pads = builder.constant(node, 1).astype(int).reshape(-1)[:9].tolist()
        value = builder.number(node, 2, 0.0)
    if mode != "constant" or value:
        builder.refuse(node, f"pads with {value if mode == 'constant' else mode}; expected zeros")
    if len(node.inputs) > 3 and node.inputs[3]:
        builder.refuse(node, "pads some axes; expected all four in its pads")
    if len(pads) != 8 or min(pads) < 0 or any(pads[axis] for axis in (0, 1, 4, 5)):
        builder.refuse(node, f"pads {pads}; expected rows and columns alone, 0 or more of each")
    sides = (pads[2], pads[3], pads[6], pads[7])
    if found.shift is not None and found.shift.any() and any(sides):
        builder.refuse_pads(node, found, "pads maps that were shifted before; put the Pad first")
    return replace(found, pads=joined_pads(found.pads, sides)), builder.row(
        node, "padding of the node after it"
    )


def concat(builder: Builder, node: Node) -> tuple[Found, Row]:
    """Join maps; they stay where they are."""
    axis = builder.whole(node, "axis", 1)
    if axis not in (1, -3):
        builder.refuse(node, f"joins along axis {axis}; expected maps (1)")
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
    kernel, stride = window_of(builder, node, builder.wholes(node, "kernel_shape", ()))
    above, left, *ends = joined_pads(
        pads_of(builder, node, (kernel, kernel), stride, shape), before
    )
    if builder.whole(node, "ceil_mode", 0):
        for axis, size in enumerate((shape.rows + above, shape.cols + left)):
            rest = (size + ends[axis] - kernel) % stride
            ends[axis] += (stride - rest) % stride
    below, right = ends
    return Form(kernel, stride, (above, left, below, right))


def _pads(form: Form) -> Pads:
    return form.pads(0, 0)


def _padded_alone(builder: Builder, node: Node, found: Mapped) -> Mapped:
    if found.scale is not None or builder.has_negative(found):
        builder.maps(node)
    return found
