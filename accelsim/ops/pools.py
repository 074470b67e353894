"""Ops that pool: the maximum or the mean of a window, map by map."""

from dataclasses import replace
from typing import NamedTuple

from accelsim.ops.layer import Issuer, Layer, MapByMap, StepSpec
from accelsim.ops.shapes import Form
from accelsim.ops.steps import DIGITAL_POOL
from accelsim.ops.sums import Windowed
from accelsim.ops.template import DENSE, Grid
from accelsim.ops.value import Value


class MaxPool(MapByMap, Windowed):
    """Maximum of a window, by maxima of pairs of neighbours; only cells that are needed."""

    name = "maxpool"
    spreads = True
    needs = ("kernel",)
    takes = ("stride", "padding")
    forms = (
        Form(2, 2, "valid"),
        *(Form(3, stride, padding) for stride in (1, 2) for padding in ("same", "valid")),
    )

    def has_steps(self, layer: Layer) -> bool:
        """Tell whether the window begins at its centre or one cell before it, and ends on the map.

        A window of 3 may be padded by up to one cell on each side, one of 2 not at all.
        """
        plain = layer.form._replace(padding="valid") in self.forms
        return plain and max(layer.pads) <= layer.kernel - 2

    @property
    def supported(self) -> str:
        """The forms, in words."""
        return "kernel 2, stride 2; kernel 3, stride 1 or 2, padded by a cell on each side at most"

    def lower_value(self, layer: Layer, value: Value, first_map: int, issuer: Issuer) -> Value:
        """Issue a diff and an add for each pair; the last add packs. Digital, it is one step.

        The first pair of an axis is computed wherever the second one may look, which is back if
        the window begins before its centre.
        """
        _, rows, cols = layer.out_shape
        above, left, _, _ = layer.pads
        if DIGITAL_POOL in issuer.digital:
            op = {2: "max_d", 3: "max3_d"}[layer.kernel]
            return issuer.step(
                StepSpec(
                    op, (value,), rows, cols, Grid(layer.stride, layer.stride),
                    first_map=first_map, begins=(-above, -left),
                )
            )  # fmt: skip
        across, down = Grid(1, layer.stride), Grid(layer.stride, layer.stride)
        pairs = [
            _Pair("h", value.rows, value.cols),
            _Pair("h", value.rows, cols, across, across, mirrored=left > 0),
            _Pair("v", value.rows, cols, across, across),
            _Pair("v", rows, cols, down, mirrored=above > 0),
        ]
        if layer.kernel == 2:
            height = layer.stride * rows
            pairs = [_Pair("h", height, cols, across, across), _Pair("v", rows, cols, down)]
        for pair in pairs:
            value = self._larger(value, pair, first_map, issuer)
        return value

    @staticmethod
    def _larger(value: Value, pair: "_Pair", first_map: int, issuer: Issuer) -> Value:
        """S = clip(neighbour - x - 1), then clip(s + x + 1) = max(x, neighbour).

        Exact for values of [0, 1]; a neighbour outside the map reads 0 and never wins.
        """
        grid = pair.from_grid
        difference = StepSpec(
            f"diff_{pair.axis}", (value,), pair.rows, pair.cols,
            from_grid=grid, to_grid=grid, mirrored=pair.mirrored, first_map=first_map,
        )  # fmt: skip
        reads = (issuer.step(difference), value)
        add = replace(difference, op=f"add_{pair.axis}", reads=reads, to_grid=pair.to_grid)
        return issuer.step(add)


class _Pair(NamedTuple):
    """Maxima of cells and their neighbours along an axis, east and south unless mirrored."""

    axis: str
    rows: int
    cols: int
    from_grid: Grid = DENSE
    to_grid: Grid = DENSE
    mirrored: bool = False


class AvgPool(MapByMap, Windowed):
    """Mean of a block of 2 x 2 or 3 x 3, packed into a dense plane."""

    name = "avgpool"
    needs = ("kernel",)
    takes = ("stride", "padding")
    forms = (
        Form(2, 2, "valid"),
        *(Form(3, stride, "valid") for stride in (1, 2, 3)),
    )

    def has_steps(self, layer: Layer) -> bool:
        """Tell whether kernel and stride have steps, and nothing is padded."""
        return layer.form._replace(padding="valid") in self.forms and not any(layer.pads)

    def lower_value(self, layer: Layer, value: Value, first_map: int, issuer: Issuer) -> Value:
        """Issue one step with a template of 1/4 or 1/9."""
        _, rows, cols = layer.out_shape
        grid = Grid(layer.stride, layer.stride)
        op = {2: "avg", 3: "avg3"}[layer.kernel]
        if DIGITAL_POOL in issuer.digital:
            op = f"{op}_d"
        step = StepSpec(op, (value,), rows, cols, from_grid=grid, first_map=first_map)
        return issuer.step(step)
