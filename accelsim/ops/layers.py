"""Ops of layers, one class each: keys of the network file, shapes, order, and its steps.

A layer op says which keys a layer of it takes, the shape that follows, the forms (kernel,
stride, padding) that the machine has steps for, and which steps those are. The steps' own
templates and biases are in `accelsim.ops.steps`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar, NamedTuple

from accelsim.ops.template import DENSE, Grid
from accelsim.ops.value import Value


class Shape(NamedTuple):
    """Feature maps: how many, and the rows and columns of each."""

    maps: int
    rows: int
    cols: int

    def __str__(self) -> str:
        return f"{self.maps} x {self.rows} x {self.cols}"


class Form(NamedTuple):
    """How a layer's window moves over its maps; 0, 1, valid for an op without a window."""

    kernel: int = 0
    stride: int = 1
    padding: str = "valid"

    def __str__(self) -> str:
        return f"kernel {self.kernel}, stride {self.stride}, {self.padding}"


@dataclass(frozen=True)
class Layer:
    """One layer with its shapes. `kernel`, `stride` and `padding` are 0, 1, valid without a window.

    op: a key of LAYER_OPS.
    """

    name: str
    op: str
    inputs: tuple[str, ...]
    in_shape: Shape
    out_shape: Shape
    kernel: int
    stride: int
    padding: str

    @property
    def form(self) -> Form:
        """Kernel, stride and padding."""
        return Form(self.kernel, self.stride, self.padding)

    @property
    def rule(self) -> "LayerOp":
        """The rules of its op."""
        return LAYER_OPS[self.op]

    @property
    def weight_shape(self) -> tuple[int, ...] | None:
        """Shape that the layer's weights must have, or None if it has none."""
        return self.rule.weight_shape(self)


@dataclass(frozen=True)
class StepSpec:
    """A step that a layer op asks for; the compiler adds where it reads and writes.

    op: a key of STEP_OPS. reads: a value for each operand of it. rows, cols: the window.
    maps: of the result; None: as many as the first value has. from_grid: where the window's
    cells are in the planes read; to_grid: in those written. mirrored: the templates read the
    opposite neighbours.
    """

    op: str
    reads: tuple[Value, ...]
    rows: int
    cols: int
    maps: int | None = None
    from_grid: Grid = DENSE
    to_grid: Grid = DENSE
    mirrored: bool = False


class Neighbour(NamedTuple):
    """An op that has to stand before or after a layer, and why."""

    op: str
    why: str


Issue = Callable[[StepSpec], Value]


class LayerOp(ABC):
    """An op of a network file.

    name: as files have it. needs, takes: keys that a layer of it must and may have. forms:
    what the machine has steps for; none if the op has no window. after, before: the op of the
    layer that must come before and after it, if that matters. on_host: the host computes it,
    outside the machine; the machine hands over what it reads.
    """

    name: ClassVar[str]
    needs: ClassVar[tuple[str, ...]] = ()
    takes: ClassVar[tuple[str, ...]] = ()
    forms: ClassVar[tuple[Form, ...]] = ()
    after: ClassVar[Neighbour | None] = None
    before: ClassVar[Neighbour | None] = None
    on_host: ClassVar[bool] = False

    def form(self, kernel: int | None, stride: int | None, padding: str | None) -> Form:  # noqa: ARG002
        """Return the form of a layer with these keys; None: not given."""
        return Form()

    def out_shape(self, shape: Shape, form: Form, out: int | None) -> Shape:  # noqa: ARG002
        """Return the shape that follows; without rows or columns if a window does not fit."""
        return shape

    def weight_shape(self, layer: Layer) -> tuple[int, ...] | None:  # noqa: ARG002
        """Return the shape of a layer's weights; None: it has none."""
        return None

    @abstractmethod
    def lower(self, layer: Layer, value: Value, issue: Issue) -> Value:
        """Issue the steps of a layer of a supported form; return what the last one writes."""


class _Windowed(LayerOp):
    """An op with a window that moves over the maps."""

    def form(self, kernel: int | None, stride: int | None, padding: str | None) -> Form:
        size = kernel or 0
        step = stride or self._stride(size)
        return Form(size, step, padding or self._padding(size, step))

    def _stride(self, kernel: int) -> int:
        return kernel

    def _padding(self, kernel: int, stride: int) -> str:
        return "same" if stride < kernel else "valid"

    def out_shape(self, shape: Shape, form: Form, out: int | None) -> Shape:
        rows, cols = (self._moves(size, form) for size in (shape.rows, shape.cols))
        return Shape(out or shape.maps, rows, cols)

    @staticmethod
    def _moves(size: int, form: Form) -> int:
        if form.padding == "same":
            return -(-size // form.stride)
        return (size - form.kernel) // form.stride + 1


class Conv(_Windowed):
    """Convolution with bias. Its step leaves room for the ReLU, so one has to follow."""

    name = "conv"
    needs = ("out", "kernel")
    takes = ("stride", "padding")
    forms = (Form(3, 1, "same"),)
    before = Neighbour("relu", "the machine computes both")

    def _stride(self, kernel: int) -> int:  # noqa: ARG002
        return 1

    def _padding(self, kernel: int, stride: int) -> str:  # noqa: ARG002
        return "same"

    def weight_shape(self, layer: Layer) -> tuple[int, ...]:
        """Return (maps out, maps in, rows, columns of the window)."""
        return (layer.out_shape.maps, layer.in_shape.maps, layer.kernel, layer.kernel)

    def lower(self, layer: Layer, value: Value, issue: Issue) -> Value:
        """Issue one step: y = clip(W * x + b - 1)."""
        maps, rows, cols = layer.out_shape
        return issue(StepSpec("conv", (value,), rows, cols, maps))


class Relu(LayerOp):
    """ReLU, clipped at 1 as every value is."""

    name = "relu"
    after = Neighbour("conv", "values are above 0 elsewhere")

    def lower(self, layer: Layer, value: Value, issue: Issue) -> Value:
        """Issue one step: clip(y + 1), which is clip(W * x + b, 0, 1)."""
        return issue(StepSpec("relu", (value,), layer.out_shape.rows, layer.out_shape.cols))


class MaxPool(_Windowed):
    """Maximum of a window, by maxima of pairs of neighbours; only cells that are needed."""

    name = "maxpool"
    needs = ("kernel",)
    takes = ("stride", "padding")
    forms = (Form(2, 2, "valid"), Form(3, 1, "same"))

    def lower(self, layer: Layer, value: Value, issue: Issue) -> Value:
        """Issue a diff and an add for each pair; the last add packs."""
        _, rows, cols = layer.out_shape
        if layer.stride == 2:
            across, down = Grid(1, 2), Grid(2, 2)
            pair = StepSpec("diff_h", (value,), 2 * rows, cols, from_grid=across, to_grid=across)
            value = self._larger(pair, "add_h", across, issue)
            pair = StepSpec("diff_v", (value,), rows, cols, from_grid=down, to_grid=down)
            return self._larger(pair, "add_v", DENSE, issue)
        for axis in ("h", "v"):
            for mirrored in (False, True):
                pair = StepSpec(f"diff_{axis}", (value,), rows, cols, mirrored=mirrored)
                value = self._larger(pair, f"add_{axis}", DENSE, issue)
        return value

    @staticmethod
    def _larger(difference: StepSpec, add: str, to_grid: Grid, issue: Issue) -> Value:
        """S = clip(neighbour - x - 1), then clip(s + x + 1) = max(x, neighbour).

        Exact for values of [0, 1]; a neighbour outside the map reads 0 and never wins.
        """
        reads = (issue(difference), *difference.reads)
        return issue(replace(difference, op=add, reads=reads, to_grid=to_grid))


class AvgPool(_Windowed):
    """Mean of a block of 2 x 2, packed into a dense plane."""

    name = "avgpool"
    needs = ("kernel",)
    takes = ("stride", "padding")
    forms = (Form(2, 2, "valid"),)

    def lower(self, layer: Layer, value: Value, issue: Issue) -> Value:
        """Issue one step with a template of 1/4."""
        _, rows, cols = layer.out_shape
        return issue(StepSpec("avg", (value,), rows, cols, from_grid=Grid(2, 2)))


class FullyConnected(LayerOp):
    """The classifier: every feature into every class. The host computes it."""

    name = "fc"
    needs = ("out",)
    on_host = True

    def out_shape(self, shape: Shape, form: Form, out: int | None) -> Shape:  # noqa: ARG002
        """Return one cell for each class."""
        return Shape(out or 0, 1, 1)

    def weight_shape(self, layer: Layer) -> tuple[int, ...]:
        """Return (classes, features)."""
        maps, rows, cols = layer.in_shape
        return (layer.out_shape.maps, maps * rows * cols)

    def lower(self, layer: Layer, value: Value, issue: Issue) -> Value:  # noqa: ARG002
        """Issue nothing: the host reads the value."""
        return value


LAYER_OPS = {op.name: op for op in (Conv(), Relu(), MaxPool(), AvgPool(), FullyConnected())}
"""The ops of layers by name."""
