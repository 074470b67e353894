"""Ops that form sums: convolution, addition, and the ReLU that ends one.

A convolution stores clip(W * x + b - 1) and leaves room for the ReLU, so that a sum is formed as
a whole: of one convolution, or of several and of maps as they are, as a residual block has it.
"""

from collections.abc import Sequence

from accelsim.ops.layer import Issuer, Layer, LayerOp, Reads, StepSpec, formed, numbered
from accelsim.ops.shapes import Form, Pads, Shape
from accelsim.ops.steps import DIGITAL_RELU
from accelsim.ops.template import CENTRE, Grid, Template, window_templates
from accelsim.ops.value import Maps, Passed, Sum, Term

_AS_IT_IS = (Template((CENTRE,), (1.0,)),)

LARGEST_KERNEL = 31
"""Rows and columns of the largest kernel: assumed. Ding et al., "Scaling Up Your Kernels to 31x31",
CVPR 2022, has none larger."""


class Windowed(LayerOp):
    """An op with a window that moves over the maps."""

    def form(self, kernel: int | None, stride: int | None, padding: str | Pads | None) -> Form:
        """Return the form, with the stride and padding that are usual for the kernel."""
        size = kernel or 0
        step = stride or self._stride(size)
        return Form(size, step, padding or self._padding(size, step))

    def out_shape(self, shapes: Sequence[Shape], form: Form, out: int | None) -> Shape:
        """Return as many rows and columns as the window moves to."""
        (shape,) = shapes
        rows, cols = form.moves(shape.rows, shape.cols)
        return Shape(out or shape.maps, rows, cols)

    def _stride(self, kernel: int) -> int:
        return kernel

    def _padding(self, kernel: int, stride: int) -> str:
        return "same" if stride < kernel else "valid"


class Conv(Windowed):
    """Convolution with bias. Its step leaves room for the ReLU, so one has to end the sum."""

    name = "conv"
    needs = ("out", "kernel")
    takes = ("stride", "padding", "groups", "partial")
    forms = tuple(
        Form(kernel, stride, "same")
        for kernel in range(1, LARGEST_KERNEL + 1, 2)
        for stride in (1, 2)
    )

    def has_steps(self, layer: Layer) -> bool:
        """Tell whether kernel and stride have steps; any padding has."""
        return layer.form._replace(padding="same") in self.forms

    @property
    def supported(self) -> str:
        """Kernels and strides, in words."""
        return f"odd kernels up to {LARGEST_KERNEL}, stride 1 or 2, any padding"

    def weight_shape(self, layer: Layer) -> tuple[int, ...]:
        """Return (maps out, maps in of a group, rows, columns of the window)."""
        in_maps = layer.in_shape.maps // layer.groups
        return (layer.out_shape.maps, in_maps, layer.kernel, layer.kernel)

    def is_open(self, inputs: Sequence[bool]) -> bool:  # noqa: ARG002
        """Leave its sum to what follows."""
        return True

    def lower(self, layer: Layer, inputs: Sequence[Passed], issuer: Issuer) -> Sum:  # noqa: ARG002
        """Hand on the sum; who ends it issues the steps."""
        above, left, _, _ = layer.pads
        templates = window_templates(layer.kernel, -above, -left)
        grid = Grid(layer.stride, layer.stride)
        return Sum((Term(formed(inputs[0]), templates, layer.name, grid, layer.groups),))

    def _stride(self, kernel: int) -> int:  # noqa: ARG002
        return 1

    def _padding(self, kernel: int, stride: int) -> str:  # noqa: ARG002
        return "same"


class Add(LayerOp):
    """Sum of the maps of several layers, map by map, clipped at 1 as every value is.

    If a convolution is among them, its step adds the others; else a step of its own does.
    """

    name = "add"
    takes = ("partial",)
    inputs = (2, None)
    reads = Reads.EITHER

    def out_shape(self, shapes: Sequence[Shape], form: Form, out: int | None) -> Shape:  # noqa: ARG002
        """Return the shape that all have; ValueError if they differ."""
        for shape in shapes:
            if shape != shapes[0]:
                raise ValueError(f"adds maps of {shapes[0]} and of {shape}; expected one shape")
        return shapes[0]

    def is_open(self, inputs: Sequence[bool]) -> bool:
        """Tell whether it is part of the sum of a convolution, as it reads one."""
        return any(inputs)

    def lower(self, layer: Layer, inputs: Sequence[Passed], issuer: Issuer) -> Passed:
        """Hand on the terms of all inputs, or issue clip(a + b + ...)."""
        found = Sum(tuple(term for each in inputs for term in _terms(each)))
        if any(isinstance(each, Sum) for each in inputs):
            return found
        return issuer.sum(layer.name, found, layer.out_shape)


class Relu(LayerOp):
    """ReLU, clipped at 1 as every value is. After a fully-connected layer the host computes it."""

    name = "relu"
    reads = Reads.SUM

    def lower(self, layer: Layer, inputs: Sequence[Passed], issuer: Issuer) -> Maps:
        """Form the sum, clip(u - 1), then issue clip(y + 1), which is clip(u, 0, 1)."""
        (found,) = inputs
        if not isinstance(found, Sum):
            raise TypeError("a relu ends a sum")
        _, rows, cols = layer.out_shape
        values = issuer.sum(layer.inputs[0], found, layer.out_shape)
        op = "relu_d" if DIGITAL_RELU in issuer.digital else "relu"
        return tuple(
            issuer.step(StepSpec(op, (value,), rows, cols, first_map=first))
            for value, first in numbered(values)
        )


def _terms(passed: Passed) -> tuple[Term, ...]:
    return passed.terms if isinstance(passed, Sum) else (Term(passed, _AS_IT_IS),)
