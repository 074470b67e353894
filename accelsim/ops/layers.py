"""The ops of layers, by name, and those that take no steps of their own."""

from collections.abc import Sequence

from accelsim.ops.layer import Issuer, Layer, LayerOp, formed
from accelsim.ops.pools import AvgPool, MaxPool
from accelsim.ops.shapes import Form, Shape
from accelsim.ops.sums import Add, Conv, Relu
from accelsim.ops.value import Maps, Passed


class Concat(LayerOp):
    """The maps of several layers, one after another. They stay where they are: no step."""

    name = "concat"
    inputs = (2, None)
    hands_on = True

    def out_shape(self, shapes: Sequence[Shape], form: Form, out: int | None) -> Shape:  # noqa: ARG002
        """Return all maps; ValueError if their rows or columns differ."""
        for shape in shapes:
            if shape[1:] != shapes[0][1:]:
                raise ValueError(f"joins maps of {shapes[0]} and of {shape}; expected one size")
        return shapes[0]._replace(maps=sum(shape.maps for shape in shapes))

    def lower(self, layer: Layer, inputs: Sequence[Passed], issuer: Issuer) -> Maps:  # noqa: ARG002
        """Hand on the values of all inputs."""
        return tuple(value for each in inputs for value in formed(each))


class FullyConnected(LayerOp):
    """The classifier: every feature into every class. The host computes it."""

    name = "fc"
    needs = ("out",)
    on_host = True

    def out_shape(self, shapes: Sequence[Shape], form: Form, out: int | None) -> Shape:  # noqa: ARG002
        """Return one cell for each class."""
        return Shape(out or 0, 1, 1)

    def weight_shape(self, layer: Layer) -> tuple[int, ...]:
        """Return (classes, features)."""
        maps, rows, cols = layer.in_shape
        return (layer.out_shape.maps, maps * rows * cols)

    def lower(self, layer: Layer, inputs: Sequence[Passed], issuer: Issuer) -> Passed:  # noqa: ARG002
        """Issue nothing: the host reads the value."""
        return inputs[0]


LAYER_OPS = {
    op.name: op for op in (Conv(), Relu(), Add(), Concat(), MaxPool(), AvgPool(), FullyConnected())
}
"""The ops of layers by name."""
