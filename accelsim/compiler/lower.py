"""Lowers a layer graph to instructions (design.md section 3).

Steps alternate between the circuits: a step reads banks of one circuit and
charges planes of the other, and a second operand comes over the local path. A
machine with one circuit cannot read and charge the same banks at once, so each
step writes a staging plane and a copy step brings it back.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from accelsim.compiler.allocate import DENSE, Draft, Source, Value, allocate
from accelsim.compiler.instruction import Bias, Grid, Kernel, Program, Tap
from accelsim.compiler.limits import check_layers, check_planes, refuse
from accelsim.config import Machine
from accelsim.network import INPUT, Layer, Network
from accelsim.topology import Place

CENTRE = Tap(0, 0)
NEIGHBOURHOOD = tuple(Tap(row, col) for row in (-1, 0, 1) for col in (-1, 0, 1))


def compile_network(network: Network, machine: Machine) -> Program:
    """Return the micro-program of a network on a machine.

    A fully-connected layer may only be the last and is left to the host: the
    program ends with the handoff of its inputs. Raises InputError that names the
    layer and the limit if the machine cannot hold the network.
    """
    check_layers(network, machine)
    lowering = _Lowering(machine.circuits.value)
    value = lowering.load(network)
    for layer in network.layers:
        if layer.op != "fc":
            value = LOWER[layer.op](lowering, layer, value)
    if value.layer == INPUT:
        raise refuse(network, network.layers[0], "no layer before it runs on the machine")
    lowering.handoff(value)
    instructions, planes = allocate(lowering.drafts)
    check_planes(network, machine, planes, instructions)
    last = [layer.out_shape for layer in network.layers if layer.op != "fc"][-1]
    return Program(network.name, network.input, last, instructions, planes)


@dataclass(frozen=True)
class _Step:
    """What an op says of a step; the lowering adds where it reads and writes."""

    op: str
    layer: str
    sources: tuple[Source, ...]
    rows: int
    cols: int
    grid: Grid = DENSE
    bias: Bias | None = None
    maps: int | None = None


class _Lowering:
    def __init__(self, circuits: int) -> None:
        self.circuits = circuits
        self.drafts: list[Draft] = []

    def load(self, network: Network) -> Value:
        """Let the host write the input maps into planes of circuit A, one lane each."""
        maps, rows, cols = network.input
        value = self._value(Place.A, INPUT, maps, rows, cols, DENSE)
        self._emit(Draft("load", INPUT, (), value, rows, cols, maps))
        return value

    def handoff(self, value: Value) -> None:
        """Let the host take the final maps."""
        source = self._source(value, (CENTRE,), (1.0,))
        self._emit(Draft("handoff", "output", (source,), None, value.rows, value.cols, value.maps))

    def conv(self, layer: Layer, value: Value) -> Value:
        """Y = clip(W * x + b - 1): the -1 leaves room for the ReLU that follows."""
        source = Source(value, NEIGHBOURHOOD, Kernel(layer=layer.name), DENSE, shared=True)
        return self._step(
            _Step(
                "conv",
                layer.name,
                (source,),
                layer.out_shape.rows,
                layer.out_shape.cols,
                bias=Bias(-1.0, layer.name),
                maps=layer.out_shape.maps,
            )
        )

    def relu(self, layer: Layer, value: Value) -> Value:
        """R = clip(y + 1), which is clip(W * x + b, 0, 1)."""
        source = self._source(value, (CENTRE,), (1.0,))
        return self._step(
            _Step("relu", layer.name, (source,), value.rows, value.cols, bias=Bias(1.0))
        )

    def avgpool(self, layer: Layer, value: Value) -> Value:
        """Template of 1/4 over each 2 x 2 block, packed into a dense plane."""
        taps = tuple(Tap(row, col) for row in (0, 1) for col in (0, 1))
        source = replace(self._source(value, taps, (0.25,) * 4), grid=Grid(2, 2))
        _, rows, cols = layer.out_shape
        return self._step(_Step("avg", layer.name, (source,), rows, cols))

    def maxpool(self, layer: Layer, value: Value) -> Value:
        """Maxima of pairs of neighbours; only the cells that are needed, packed at the end."""
        _, rows, cols = layer.out_shape
        name = layer.name
        if layer.stride == 2:
            value = self._pair(name, "h", value, Tap(0, 1), (2 * rows, cols), Grid(1, 2))
            return self._pair(name, "v", value, Tap(1, 0), (rows, cols), Grid(2, 2), pack=True)
        for axis, tap in (
            ("h", Tap(0, 1)),
            ("h", Tap(0, -1)),
            ("v", Tap(1, 0)),
            ("v", Tap(-1, 0)),
        ):
            value = self._pair(name, axis, value, tap, (rows, cols), DENSE)
        return value

    def _pair(
        self,
        layer: str,
        axis: str,
        value: Value,
        neighbour: Tap,
        window: tuple[int, int],
        grid: Grid,
        *,
        pack: bool = False,
    ) -> Value:
        """S = clip(neighbour - centre - 1), then clip(s + centre + 1) = max(centre, neighbour).

        Exact for values of [0, 1]; a neighbour outside the map reads 0 and never wins.
        """
        rows, cols = window
        both = replace(self._source(value, (neighbour, CENTRE), (1.0, -1.0)), grid=grid)
        difference = self._step(_Step(f"diff_{axis}", layer, (both,), rows, cols, grid, Bias(-1.0)))
        sources = (
            replace(self._source(difference, (CENTRE,), (1.0,)), grid=grid),
            replace(self._source(value, (CENTRE,), (1.0,)), grid=grid),
        )
        return self._step(
            _Step(f"add_{axis}", layer, sources, rows, cols, DENSE if pack else grid, Bias(1.0))
        )

    def _step(self, step: _Step) -> Value:
        first = step.sources[0].value
        if self.circuits == 1:
            staged = self._compute(step, Place.STAGING)
            source = replace(self._source(staged, (CENTRE,), (1.0,)), grid=step.grid)
            copy = _Step("copy", step.layer, (source,), step.rows, step.cols, step.grid)
            return self._compute(copy, Place.A)
        return self._compute(step, Place.B if first.place is Place.A else Place.A)

    def _compute(self, step: _Step, place: Place) -> Value:
        maps = step.maps if step.maps is not None else step.sources[0].value.maps
        # The extent of a strided result is that of the plane region it is spread over.
        rows = step.sources[0].value.rows if step.grid.row_step > 1 else step.rows
        cols = step.sources[0].value.cols if step.grid.col_step > 1 else step.cols
        value = self._value(place, step.layer, maps, rows, cols, step.grid)
        self._emit(
            Draft(
                step.op,
                step.layer,
                step.sources,
                value,
                step.rows,
                step.cols,
                maps,
                step.grid,
                step.bias,
            )
        )
        return value

    def _value(
        self, place: Place, layer: str, maps: int, rows: int, cols: int, grid: Grid
    ) -> Value:
        return Value(len(self.drafts), place, layer, maps, rows, cols, grid)

    def _emit(self, draft: Draft) -> None:
        self.drafts.append(draft)

    @staticmethod
    def _source(value: Value, taps: tuple[Tap, ...], weights: tuple[float, ...]) -> Source:
        return Source(value, taps, Kernel(fixed=weights), DENSE)


LOWER: dict[str, Callable[[_Lowering, Layer, Value], Value]] = {
    "conv": _Lowering.conv,
    "relu": _Lowering.relu,
    "avgpool": _Lowering.avgpool,
    "maxpool": _Lowering.maxpool,
}
