"""Executes a micro-program in NumPy: planes hold values in [-1, 1], a batch at a time.

Modelled: the ideal cell, y = clip(sum w x + z, -1, 1), with the program's planes,
windows and packing. Left out: every non-ideal effect (docs/machine.md section 7).
"""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from accelsim.compiler import Bias, Instruction, Kernel, Operand, Place, PlaneRef, Program
from accelsim.network import Weights
from accelsim.network.arrays import PixelArray
from accelsim.ops import FILL_STEP, SPILL_STEP, STEP_OPS, Pixels

Array = NDArray[np.floating]


class Pictures(Protocol):
    """Images (n, maps, rows, cols), of which some can be had: an array, or like one."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice | NDArray[np.int64], /) -> PixelArray: ...


class Memory(Protocol):
    """What the steps of a batch of images write and read."""

    def read(self, refs: Sequence[PlaneRef]) -> Array:
        """Return planes as (images, maps, rows, cols)."""

    def write(self, instruction: Instruction, window: Array) -> None:
        """Store each map of a window into its destination plane, on the step's grid."""

    def hand_off(self, instruction: Instruction, window: Array) -> None:
        """Learn what the host receives."""


Observer = Callable[[Instruction, Array], None]
"""Called after each instruction with its window, (images, maps, rows, cols)."""


class Engine:
    """A program with its weights, ready for batches of images.

    dtype: float32 (default) or float64, of every plane and weight. planes: what holds values.
    """

    def __init__(
        self,
        program: Program,
        weights: Weights,
        dtype: type[np.floating] = np.float32,
        planes: "type[Planes] | None" = None,
    ) -> None:
        self._program = program
        self._planes = planes or Planes
        self._dtype = dtype
        self._pixels = weights.pixels or Pixels.plain(program.input.maps)
        self._weight = {name: w.astype(dtype) for name, w in weights.weight.items()}
        self._bias = {name: b.astype(dtype) for name, b in weights.bias.items()}

    def run(
        self, images: PixelArray, observe: Observer | None = None, memory: "Memory | None" = None
    ) -> Array:
        """Return the maps that the handoff delivers, (images, maps, rows, cols).

        images: (images, maps, rows, cols); how bytes are stored, the weights say. memory: what
        the planes hold before; None: 0. It is changed.
        """
        if memory is None:
            memory = self._memory(len(images))
        boundary = Boundary(self._program, images, self._dtype, self._pixels)
        for instruction in self._program.instructions:
            if instruction.operands:
                window = self.step(instruction, memory, len(images))
            else:
                window = boundary.loaded(instruction)
            if instruction.destination:
                memory.write(instruction, window)
            else:
                boundary.hand_off(instruction, window)
                memory.hand_off(instruction, window)
            if observe is not None:
                observe(instruction, window)
        return boundary.features

    def _memory(self, images: int) -> "Memory":
        return self._planes(self._program, images, self._dtype)

    def step(self, instruction: Instruction, memory: "Memory", images: int) -> Array:
        """Return the window of a step that reads planes, (images, maps, rows, cols)."""
        shape = (images, instruction.maps, instruction.rows, instruction.cols)
        if STEP_OPS[instruction.op].is_max:
            parts = (
                largest(instruction, each, memory.read(each.planes))
                for each in instruction.operands
            )
            return reduce(np.maximum, parts)
        total: Array | None = None
        for operand in instruction.operands:
            source = memory.read(operand.planes)
            if operand.shared:
                part = self._convolve(instruction, operand, source).reshape(shape)
                total = part if total is None else np.add(total, part, out=total)
                continue
            if total is None:
                total = np.zeros(shape, self._dtype)
            self._add_taps(instruction, operand, source, total)
        assert total is not None  # noqa: S101 - only a load has no operands
        if instruction.bias is not None:
            total += self._z(instruction, instruction.bias)
        return np.clip(total, -1, 1, out=total)

    def _z(self, instruction: Instruction, bias: Bias) -> Array:
        """Return the bias of each map, broadcastable to the window."""
        z = np.full(instruction.maps, bias.offset, self._dtype)
        if bias.layer:
            first = instruction.first_map
            z += self._dtype(bias.gain) * self._bias[bias.layer][first : first + instruction.maps]
        return z[:, None, None]

    def _convolve(self, instruction: Instruction, operand: Operand, source: Array) -> Array:
        """Weigh every source plane into every map: one matrix product an image."""
        planes, taps = len(operand.planes), len(operand.taps)
        window = (instruction.rows, instruction.cols)
        patches = np.zeros((len(source), planes, taps, *window), self._dtype)
        for place, tap in enumerate(operand.taps):
            to_rows, from_rows = overlap(
                tap.row, operand.grid.row_step, window[0], operand.extent[0]
            )
            to_cols, from_cols = overlap(
                tap.col, operand.grid.col_step, window[1], operand.extent[1]
            )
            patches[:, :, place, to_rows, to_cols] = source[:, :, from_rows, from_cols]
        kernel = operand.kernel
        block = kernel.of(self._weight[kernel.layer], instruction.maps, planes)
        matrix = self._dtype(kernel.gain) * block.reshape(instruction.maps, planes * taps)
        product: Array = matrix @ patches.reshape(len(source), planes * taps, window[0] * window[1])
        return product

    def _add_taps(
        self, instruction: Instruction, operand: Operand, source: Array, total: Array
    ) -> None:
        """Add each map's own plane through a template: fixed, or trained for each map."""
        for number, tap in enumerate(operand.taps):
            to_rows, from_rows = overlap(
                tap.row, operand.grid.row_step, instruction.rows, operand.extent[0]
            )
            to_cols, from_cols = overlap(
                tap.col, operand.grid.col_step, instruction.cols, operand.extent[1]
            )
            part = source[:, :, from_rows, from_cols]
            weight = self._tap_weight(operand.kernel, number, instruction.maps)
            if np.ndim(weight) == 0 and abs(weight) == 1:
                (np.add if weight > 0 else np.subtract)(
                    total[:, :, to_rows, to_cols], part, out=total[:, :, to_rows, to_cols]
                )
            else:
                total[:, :, to_rows, to_cols] += weight * part

    def _tap_weight(self, kernel: Kernel, number: int, maps: int) -> Any:
        """Return the weight of a tap: of all maps, or of each, (maps, 1, 1)."""
        if not kernel.layer:
            return self._dtype(kernel.gain * kernel.fixed[number])
        block = kernel.of(self._weight[kernel.layer], maps, planes=1)
        return self._dtype(kernel.gain) * block[:, 0, number, None, None]


class Boundary:
    """What crosses the boundary of the host: pixels in, and features out, of a batch of images.

    features: (images, maps, rows, cols), complete after the last handoff.
    """

    def __init__(
        self,
        program: Program,
        images: PixelArray,
        dtype: type[np.floating],
        pixels: Pixels,
    ) -> None:
        self._images, self._dtype, self._pixels = images, dtype, pixels
        self.features: Array = np.zeros((len(images), *program.output), dtype)
        self._spilled: dict[int, Array] = {}

    def loaded(self, instruction: Instruction) -> Array:
        """Return what a load drives: pixels as they are stored; or a fill: what was spilled."""
        if instruction.op == FILL_STEP:
            return self._spilled[instruction.first_map].copy()
        maps, rows, cols = _cells(instruction)
        part = self._images[:, maps, rows, cols]
        if np.issubdtype(part.dtype, np.floating):
            return part.astype(self._dtype)
        values: Array = self._pixels.of(part.astype(np.uint8, copy=False), self._dtype, maps)
        return values

    def hand_off(self, instruction: Instruction, window: Array) -> None:
        """Take what a handoff delivers, or keep what is spilled."""
        if instruction.op == SPILL_STEP:
            self._spilled[instruction.first_map] = window.copy()
            return
        self.features[:, *_cells(instruction)] = window


def _cells(instruction: Instruction) -> tuple[slice, slice, slice]:
    """Return the maps, rows and columns that a load or a handoff moves."""
    first, (row, col) = instruction.first_map, instruction.tile or (0, 0)
    return (
        slice(first, first + instruction.maps),
        slice(row, row + instruction.rows),
        slice(col, col + instruction.cols),
    )


class Planes:
    """Planes of all banks, (images, planes, lanes, rows, cols) for each place; at first 0."""

    def __init__(self, program: Program, images: int, dtype: type[np.floating]) -> None:
        shape = self.shape_of(program)
        self._arrays: dict[Place, Array] = {
            place: np.zeros((images, count, *shape), dtype)
            for place, count in program.planes.items()
        }

    @staticmethod
    def shape_of(program: Program) -> tuple[int, int, int]:
        """Return the lanes, rows and columns that a program uses of the planes."""
        steps = program.instructions
        return (
            max(ref.lane for step in steps for ref in step.destination) + 1,
            max(step.rows * step.grid.row_step for step in steps),
            max(step.cols * step.grid.col_step for step in steps),
        )

    def read(self, refs: Sequence[PlaneRef]) -> Array:
        """Return the planes as (images, maps, rows, cols), without a copy where it can be."""
        array = self._arrays[refs[0].place]
        if _adjacent(refs):
            lane = refs[0].lane
            return array[:, refs[0].plane, lane : lane + len(refs)]
        return array[:, [ref.plane for ref in refs], [ref.lane for ref in refs]]

    def write(self, instruction: Instruction, window: Array) -> None:
        """Store each map of a window into its destination plane, on the step's grid."""
        array, index = self._at(instruction)
        array[index] = window

    def hand_off(self, instruction: Instruction, window: Array) -> None:
        """Learn what the host receives: no plane keeps it."""

    def take(self, rows: "NDArray[np.intp] | slice") -> Self:
        """Return the planes of some images: a copy, or for a slice a view."""
        taken = object.__new__(type(self))
        taken._arrays = {place: array[rows] for place, array in self._arrays.items()}
        return taken

    def put(self, rows: NDArray[np.intp], planes: Self) -> None:
        """Set the planes of some images."""
        for place, array in self._arrays.items():
            array[rows] = planes._arrays[place]

    def window(self, instruction: Instruction) -> Array:
        """Return a copy of what a step's destination cells hold, (images, maps, rows, cols)."""
        array, index = self._at(instruction)
        return np.array(array[index])

    def _at(self, instruction: Instruction) -> tuple[Array, tuple[Any, ...]]:
        """Return the array of a step's destination, and the index of its cells there."""
        refs, grid = instruction.destination, instruction.grid
        rows = slice(0, instruction.rows * grid.row_step, grid.row_step)
        cols = slice(0, instruction.cols * grid.col_step, grid.col_step)
        array, lane = self._arrays[refs[0].place], refs[0].lane
        if _adjacent(refs):
            return array, (slice(None), refs[0].plane, slice(lane, lane + len(refs)), rows, cols)
        planes, lanes = [ref.plane for ref in refs], [ref.lane for ref in refs]
        return array, (slice(None), planes, lanes, rows, cols)


def _adjacent(refs: Sequence[PlaneRef]) -> bool:
    """Tell whether the planes are one plane of neighbouring lanes, in order."""
    plane, lane = refs[0].plane, refs[0].lane
    return all(ref.plane == plane and ref.lane == lane + n for n, ref in enumerate(refs))


def overlap(offset: int, step: int, window: int, extent: int) -> tuple[slice, slice]:
    """Return which window cells have their tap inside the map, and which cells those are.

    Window cell i reads source cell i * step + offset, if that is in [0, extent).
    """
    first = min(window, max(0, -(offset // step)))
    last = min(window - 1, (extent - 1 - offset) // step)
    if last < first:
        return slice(0, 0), slice(0, 0, step)
    begin = first * step + offset
    return slice(first, last + 1), slice(begin, last * step + offset + 1, step)


def largest(instruction: Instruction, operand: Operand, source: Array) -> Array:
    """Return the largest of what the taps of an operand reach; outside of a map is 0.

    source: (images, maps, rows, cols) of the operand's planes.
    """
    window, grid, extent = (instruction.rows, instruction.cols), operand.grid, operand.extent
    found: Array | None = None
    for tap in operand.taps:
        to_rows, from_rows = overlap(tap.row, grid.row_step, window[0], extent[0])
        to_cols, from_cols = overlap(tap.col, grid.col_step, window[1], extent[1])
        seen = np.zeros((*source.shape[:2], *window), source.dtype)
        seen[:, :, to_rows, to_cols] = source[:, :, from_rows, from_cols]
        found = seen if found is None else np.maximum(found, seen, out=found)
    assert found is not None  # noqa: S101 - an operand has taps
    return found


def quantized(weight: NDArray[np.float64], bits: int) -> NDArray[np.float64]:
    """Round weights to 2^bits - 1 levels around 0, the largest weight of the layer one of them.

    bits 0: not rounded.
    """
    levels = max(1, 2 ** (bits - 1) - 1) if bits else 0
    step = np.abs(weight).max() / levels if bits else 0
    return np.round(weight / step) * step if step else weight
