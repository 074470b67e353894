"""Windows of nodes: kernel, stride and padding, as their attributes say them."""

from collections.abc import Sequence

import numpy as np

from accelsim.importer.builder import MOST_WEIGHTS, Builder
from accelsim.importer.layers import Floats
from accelsim.importer.model import Node
from accelsim.ops import LAYER_OPS, Form, Layer, Pads, Shape
from accelsim.ops.sums import LARGEST_KERNEL
from accelsim.resources import visible

_AUTO = ("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID")


def window_of(builder: Builder, node: Node, kernel: Sequence[int]) -> tuple[int, int]:
    """Return kernel and stride of a node; refuses what is not square, or dilated."""
    strides = builder.wholes(node, "strides", (1, 1))
    dilations = builder.wholes(node, "dilations", (1, 1))
    if any(each != 1 for each in dilations):
        builder.refuse(node, f"dilations {dilations}; expected 1: a template is 3x3 cells")
    if len(kernel) != 2 or kernel[0] != kernel[1] or len(strides) != 2 or strides[0] != strides[1]:
        builder.refuse(
            node, f"kernel {[*kernel]}, strides {strides}; expected square windows and one stride"
        )
    if min(*kernel, *strides) < 1:
        builder.refuse(node, f"kernel {[*kernel]}, strides {strides}; expected 1 or more")
    return kernel[0], strides[0]


def square(builder: Builder, node: Node, weight: Floats) -> tuple[Floats, tuple[int, int], int]:
    """Return weights of a Conv in an odd square, the rows and columns they reach over, the stride.

    weight: (outputs, inputs, rows, cols). Zeros stand between weights that are dilated, below and
    right of those that are not square or of even size.
    """
    strides = builder.wholes(node, "strides", (1, 1))
    dilations = builder.wholes(node, "dilations", (1, 1))
    if len(strides) != 2 or strides[0] != strides[1] or strides[0] < 1:
        builder.refuse(node, f"strides {strides}; expected one stride for rows and columns")
    if len(dilations) != 2 or min(dilations) < 1:
        builder.refuse(node, f"dilations {dilations}; expected two numbers of 1 or more")
    rows, cols = ((n - 1) * by + 1 for n, by in zip(weight.shape[2:], dilations, strict=True))
    side = max(rows, cols) | 1
    if side > LARGEST_KERNEL:
        most = f"{LARGEST_KERNEL}x{LARGEST_KERNEL}"
        builder.refuse(
            node, f"a kernel over {rows}x{cols} cells; the machine has steps up to {most}"
        )
    builder.check_numbers(node, *weight.shape[:2], side, side, most=MOST_WEIGHTS)
    found = np.zeros((*weight.shape[:2], side, side))
    found[:, :, : rows : dilations[0], : cols : dilations[1]] = weight
    return found, (rows, cols), strides[0]


def pads_of(
    builder: Builder, node: Node, window: tuple[int, int], stride: int, shape: Shape
) -> Pads:
    """Return what a node pads above, left, below, right of maps of a shape."""
    auto = node.attributes.get("auto_pad", "NOTSET")
    if auto not in _AUTO:
        shown = visible(str(auto), 40)
        builder.refuse(node, f"auto_pad '{shown}'; expected one of {', '.join(_AUTO)}")
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        by_rows, by_cols = (Form(size, stride, "same") for size in window)
        above, _, below, _ = by_rows.pads(shape.rows, shape.cols)
        _, left, _, right = by_cols.pads(shape.rows, shape.cols)
        return (above, left, below, right) if auto == "SAME_UPPER" else (below, right, above, left)
    pads = builder.wholes(node, "pads", (0, 0, 0, 0)) if auto != "VALID" else [0] * 4
    if len(pads) != 4 or min(pads) < 0:
        builder.refuse(node, f"pads {pads}; expected four numbers of 0 or more")
    above, left, below, right = pads
    return above, left, below, right


def joined_pads(first: Pads, second: Pads) -> Pads:
    """Return two paddings together."""
    above, left, below, right = (a + b for a, b in zip(first, second, strict=True))
    return above, left, below, right


def out_shape(
    builder: Builder, node: Node, kernel: int, stride: int, pads: Pads, shape: Shape
) -> Shape:
    """Return the shape that a window makes of maps; refuses one that does not fit."""
    rows, cols = Form(kernel, stride, pads).moves(shape.rows, shape.cols)
    if rows < 1 or cols < 1:
        builder.refuse(node, f"a window of {kernel}x{kernel} does not fit into maps of {shape}")
    return Shape(shape.maps, rows, cols)


def check_form(
    builder: Builder, node: Node, op: str, form: Form, before: Shape, after: Shape
) -> None:
    """Refuse a window that the machine has no steps for."""
    rule = LAYER_OPS[op]
    if not rule.has_steps(Layer(node.name, rule, ("",), (before,), after, form)):
        by_halves = {4: "two", 8: "three", 16: "four"}.get(form.kernel)
        is_halved = op != "conv" and form.kernel == form.stride and not any(form.pads(0, 0))
        advice = (
            f": {by_halves} of kernel 2 in a row do the same" if by_halves and is_halved else ""
        )
        builder.refuse(
            node, f"{op} with {form}; the machine has steps for {rule.supported}{advice}"
        )
