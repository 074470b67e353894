"""What a layer is, and what its op has to say: keys, shapes, neighbours, steps."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import ClassVar, Protocol

from accelsim.ops.shapes import Form, Pads, Shape
from accelsim.ops.template import DENSE, Grid
from accelsim.ops.value import Maps, Passed, Sum, Value

INPUT = "input"
"""The name of the images among layers."""
# Names that a ledger gives to what belongs to no layer.
RESERVED = (INPUT, "output", "standby")


@dataclass(frozen=True)
class Layer:
    """One layer with its shapes. `kernel`, `stride` and `padding` are 0, 1, valid without a window.

    rule: of its op. inputs: layers that it reads, and in_shapes what they hand over. groups: of
    its input maps, of which each output map reads one. partial: the largest size that a partial sum
    of it may have, if that is known; None: what the weights allow.
    """

    name: str
    rule: "LayerOp"
    inputs: tuple[str, ...]
    in_shapes: tuple[Shape, ...]
    out_shape: Shape
    form: Form
    groups: int = 1
    partial: float | None = None

    @property
    def op(self) -> str:
        """Name of its op."""
        return self.rule.name

    @property
    def in_shape(self) -> Shape:
        """What the first layer that it reads hands over."""
        return self.in_shapes[0]

    @property
    def kernel(self) -> int:
        """Rows and columns of its window."""
        return self.form.kernel

    @property
    def stride(self) -> int:
        """How far its window moves."""
        return self.form.stride

    @cached_property
    def pads(self) -> Pads:
        """What reads 0 around its maps."""
        return self.form.pads(self.in_shape.rows, self.in_shape.cols)

    @property
    def weight_shape(self) -> tuple[int, ...] | None:
        """Shape that the layer's weights must have, or None if it has none."""
        return self.rule.weight_shape(self)


@dataclass(frozen=True)
class StepSpec:
    """A step that a layer op asks for; the compiler adds where it reads and writes.

    op: a key of STEP_OPS. reads: a value for each operand of it. rows, cols: the window.
    from_grid: where the window's cells are in the planes read; to_grid: in those written.
    mirrored: the templates read the opposite neighbours. first_map: the first that it
    computes, among those of its layer. begins: row and column, from a cell of the window, of where
    the template does.
    """

    op: str
    reads: tuple[Value, ...]
    rows: int
    cols: int
    from_grid: Grid = DENSE
    to_grid: Grid = DENSE
    mirrored: bool = False
    first_map: int = 0
    begins: tuple[int, int] = (0, 0)


class Issuer(Protocol):
    """Takes steps, in the order in which they are to be issued."""

    @property
    def digital(self) -> Set[str]:
        """Layers that the digital engine does: 'relu', 'pool'."""

    def step(self, spec: StepSpec) -> Value:
        """Add a step that is done map by map; return what it writes."""

    def sum(self, layer: str, found: Sum, shape: Shape) -> Maps:
        """Add the steps that form a sum for a layer, clip(sum + b - 1); return the result."""


class Reads(Enum):
    """Which inputs an op takes: maps, a sum that is not formed yet, or either."""

    MAPS = "maps"
    SUM = "sum"
    EITHER = "either"


class LayerOp(ABC):
    """An op of a network file.

    name: as files have it. needs, takes: keys that a layer of it must and may have. forms:
    what the machine has steps for; none if the op has no window. inputs: how many layers it
    reads, at least and at most (None: any number). reads: what of them. on_host: the host computes
    it, outside the machine; the machine hands over what it reads. hands_on: it has no step, and its
    maps are those that it reads. spreads: some steps store cells as far apart as they read them,
    so that what it reads at once has to fit into a plane.
    """

    name: ClassVar[str]
    needs: ClassVar[tuple[str, ...]] = ()
    takes: ClassVar[tuple[str, ...]] = ()
    forms: ClassVar[tuple[Form, ...]] = ()
    inputs: ClassVar[tuple[int, int | None]] = (1, 1)
    reads: ClassVar[Reads] = Reads.MAPS
    on_host: ClassVar[bool] = False
    hands_on: ClassVar[bool] = False
    spreads: ClassVar[bool] = False

    def form(
        self,
        kernel: int | None,  # noqa: ARG002
        stride: int | None,  # noqa: ARG002
        padding: str | Pads | None,  # noqa: ARG002
    ) -> Form:
        """Return the form of a layer with these keys; None: not given."""
        return Form()

    def has_steps(self, layer: Layer) -> bool:
        """Tell whether the machine has steps for a layer's form."""
        return not self.forms or layer.form in self.forms

    @property
    def supported(self) -> str:
        """The forms that the machine has steps for, in words."""
        return "; ".join(str(form) for form in self.forms)

    def out_shape(self, shapes: Sequence[Shape], form: Form, out: int | None) -> Shape:  # noqa: ARG002
        """Return the shape that follows; without rows or columns if a window does not fit.

        Raises ValueError that says what is wrong if shapes do not go together.
        """
        return shapes[0]

    def check_groups(self, shape: Shape, out: Shape, groups: int) -> None:
        """Raise ValueError that says what is wrong with a number of groups."""
        if shape.maps % groups or out.maps % groups:
            raise ValueError(f"{groups} groups of {shape.maps} input and {out.maps} output maps")

    def weight_shape(self, layer: Layer) -> tuple[int, ...] | None:  # noqa: ARG002
        """Return the shape of a layer's weights; None: it has none."""
        return None

    def is_open(self, inputs: Sequence[bool]) -> bool:  # noqa: ARG002
        """Tell whether what it hands over is a sum that is not formed yet; inputs: as theirs."""
        return False

    @abstractmethod
    def lower(self, layer: Layer, inputs: Sequence[Passed], issuer: Issuer) -> Passed:
        """Issue the steps of a layer of a supported form; return what it hands over."""


class MapByMap(LayerOp):
    """An op that computes each map from the same map of its input."""

    def lower(self, layer: Layer, inputs: Sequence[Passed], issuer: Issuer) -> Maps:
        """Issue the steps of each value."""
        (maps,) = inputs
        return tuple(self.lower_value(layer, *each, issuer) for each in numbered(formed(maps)))

    @abstractmethod
    def lower_value(self, layer: Layer, value: Value, first_map: int, issuer: Issuer) -> Value:
        """Issue the steps of one value; return what the last one writes.

        first_map: its first map, among those of the layer.
        """


def numbered(maps: Maps) -> Iterator[tuple[Value, int]]:
    """Give each value, and its first map among those of all."""
    first = 0
    for value in maps:
        yield value, first
        first += value.maps


def formed(passed: Passed) -> Maps:
    """Return maps, where the order of layers says that there is no sum."""
    if isinstance(passed, Sum):
        raise TypeError("a sum is not formed yet")
    return passed
