"""The instruction list: what the control sequencer issues, one step each.

A step computes, for each destination map m and each cell (i, j) of its window,

    y = clip( sum over operands, planes and taps of  w * x[i * row_step + dr, j * col_step + dc]
              + z, -1, 1 )

where an operand is either read map by map (`shared` false: destination m reads
plane m) or as a whole (`shared` true: every destination reads every plane, as in
a convolution). A tap outside the source map reads 0 and is counted all the same.

Its weights are trained or fixed; trained ones of an operand that is read map by map are those
of a depthwise convolution, [m, 0].

A fold is an instruction with a part of a layer's maps: `first_map` is the first of them, and the
kernel selects the weights. A partial sum is a step whose kernel selects input maps, with a
`gain`; the next step of the sum reads it back as a further operand (folding.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from accelsim.ops import Block, Grid, Shape, Tap
from accelsim.topology import HANDOFF, LOAD, Place, bank_path, direction_path

_Float = TypeVar("_Float", bound=np.floating)


class PlaneRef(NamedTuple):
    """One plane of one bank, counted from the first plane of the image's context."""

    place: Place
    lane: int
    plane: int

    @property
    def bank(self) -> str:
        """Dotted path of the bank."""
        return bank_path(self.place, self.lane)


class Tile(NamedTuple):
    """A part of maps that are larger than an array: the row and column at which it begins."""

    row: int
    col: int

    def __str__(self) -> str:
        return f"{self.row},{self.col}"


@dataclass(frozen=True)
class Kernel:
    """Template values: fixed, one a tap; or trained, a block of a layer's weights.

    fixed: value of each tap; empty: trained ones. layer: whose weights; "" for fixed ones.
    first_out, first_in: where the maps begin when a step computes a part of them, or reads a part
    of them. gain: what multiplies them. block: the part of the window that a template has room
    for, as row, column, rows, columns; None: all of it.
    """

    fixed: tuple[float, ...] = ()
    layer: str = ""
    first_out: int = 0
    first_in: int = 0
    gain: float = 1.0
    block: Block | None = None

    def of(self, weight: NDArray[_Float], maps: int, planes: int) -> NDArray[_Float]:
        """Return what it selects of its layer's weights, without the gain, (maps, planes, taps).

        weight: (maps out, maps in of a group, rows, cols) of all the layer.
        """
        row, col, rows, cols = self.block or (0, 0, *weight.shape[2:])
        selected = weight[
            self.first_out : self.first_out + maps,
            self.first_in : self.first_in + planes,
            row : row + rows,
            col : col + cols,
        ]
        return selected.reshape(*selected.shape[:2], -1)


@dataclass(frozen=True)
class Bias:
    """z of a step: `offset`, plus gain * the layer's trained bias if a layer is named.

    offset: a constant. layer: whose bias; "" for none. gain: what multiplies it.
    """

    offset: float
    layer: str = ""
    gain: float = 1.0


@dataclass(frozen=True)
class Operand:
    """Source planes with the template they are read through.

    planes: where each is: place, lane, plane. taps: row and column of each, from the centre.
    kernel: values of the template. grid: rows and columns from the centre of one to the next.
    extent: rows and columns of the source map; a tap outside reads 0. shared: whether every lane
    reads all planes; if not, each its own.
    """

    planes: tuple[PlaneRef, ...]
    taps: tuple[Tap, ...]
    kernel: Kernel
    grid: Grid
    extent: tuple[int, int]
    shared: bool = False

    @property
    def taps_per_cell(self) -> int:
        """Template taps that one destination cell has on this operand."""
        return len(self.taps) * (len(self.planes) if self.shared else 1)


@dataclass(frozen=True)
class Instruction:
    """One step.

    A load has no operands (the host drives it), a handoff no destination planes
    (the host receives it). Spills are like handoffs, and fills like loads.

    step: counts from 1. op: of the step. layer: which it belongs to. operands: what it reads.
    destination: planes that it writes. grid: rows and columns of a plane from one cell of the
    window to the next. rows, cols: size of the window. maps: how many it computes or moves. bias:
    z; None for none. first_map: the first of them; of a spill or fill, where in the host's memory
    for the image.
    tile: of the layer's maps that it belongs to; None: it computes them whole.
    """

    step: int
    op: str
    layer: str
    operands: tuple[Operand, ...]
    destination: tuple[PlaneRef, ...]
    grid: Grid
    rows: int
    cols: int
    maps: int
    bias: Bias | None = None
    first_map: int = 0
    tile: Tile | None = None

    @cached_property
    def sources(self) -> tuple[PlaneRef, ...]:
        """All source planes, in the order of the operands."""
        return tuple(plane for operand in self.operands for plane in operand.planes)

    @property
    def writes_cells(self) -> bool:
        """Whether it writes analog cells: not the host's boundary, nor codes in the SRAM."""
        return bool(self.destination) and self.destination[0].place is not Place.SRAM

    @property
    def of_tile(self) -> str:
        """The layer, and of a tile the cell of its maps at which it begins: 'conv1 @0,14'."""
        return self.layer if self.tile is None else f"{self.layer} @{self.tile}"

    @cached_property
    def touches_sram(self) -> bool:
        """Whether it reads or writes the SRAM: then converters or the digital engine do it."""
        places = [operand.planes[0].place for operand in self.operands]
        places += [ref.place for ref in self.destination[:1]]
        return Place.SRAM in places

    @cached_property
    def routes(self) -> tuple[str, ...]:
        """What the step takes of the datapath: directions, or the host's ports."""
        sources = [operand.planes[0].place for operand in self.operands]
        return ways(sources, self.destination[0].place if self.destination else None)


def ways(sources: Sequence[Place], to: Place | None) -> tuple[str, ...]:
    """Return the ways from the places of operands to that of the destination, or to the host."""
    if not sources:
        return (LOAD,)
    if to is None:
        return (HANDOFF,)
    return tuple(dict.fromkeys(direction_path(source, to) for source in sources))


class HostLayer(NamedTuple):
    """A layer behind the handoff. op: fc or relu. inputs, outputs: how many values."""

    name: str
    op: str
    inputs: int
    outputs: int


@dataclass(frozen=True)
class Program:
    """The micro-program of a network for a machine.

    network: its name. input: maps, rows and columns of an image. output: shape of the maps that
    the handoff delivers. instructions: the steps. planes: planes that one image takes in the banks
    of each place. classifier: the layers behind the handoff, for a machine whose scope is a
    classification; none for others.
    """

    network: str
    input: Shape
    output: Shape
    instructions: tuple[Instruction, ...]
    planes: dict[Place, int]
    classifier: tuple[HostLayer, ...] = ()
