"""Executes a program of whole layers (`whole.py`): a value is an array of its own."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from accelsim.compiler import Instruction, PlaneRef, Program
from accelsim.network import Weights
from accelsim.values.program import Array, Engine, Memory
from accelsim.values.whole import whole

_GATHERED = 2**21
"""Numbers that a step may gather of a batch: 8 MB, about what a core's caches hold."""


class LayerEngine(Engine):
    """`Engine`, but for whole layers: the same maps to rounding, in fewer steps."""

    def __init__(
        self, program: Program, weights: Weights, dtype: type[np.floating] = np.float32
    ) -> None:
        super().__init__(whole(program, weights), weights, dtype)
        self._room = _room(self._program)

    def batch(self, largest: int) -> int:
        """Return how many images to compute at once: `largest`, or fewer of wide layers."""
        most = max(_gathered(step) for step in self._program.instructions)
        return max(1, min(largest, _GATHERED // most))

    def _memory(self, images: int) -> Memory:  # noqa: ARG002 - Engine needs it
        return Arrays(self._room)


class Arrays:
    """Values by their plane number; the one before it is forgotten.

    room: rows and columns of each step's maps, by its number.
    """

    def __init__(self, room: dict[int, tuple[int, int]]) -> None:
        self._room = room
        self._arrays: dict[int, Array] = {}

    def read(self, refs: Sequence[PlaneRef]) -> Array:
        """Return the maps, (images, maps, rows, cols), without a copy where they adjoin."""
        parts = [
            self._arrays[run[0].plane][:, run[0].lane : run[-1].lane + 1] for run in _runs(refs)
        ]
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)

    def write(self, instruction: Instruction, window: Array) -> None:
        """Keep a window; on a grid that is not dense, or too small, within zeros."""
        room, plane = self._room[instruction.step], instruction.destination[0].plane
        if room == window.shape[2:]:
            self._arrays[plane] = window
            return
        value = np.zeros((*window.shape[:2], *room), window.dtype)
        grid = instruction.grid
        rows, cols = instruction.rows * grid.row_step, instruction.cols * grid.col_step
        value[:, :, : rows : grid.row_step, : cols : grid.col_step] = window
        self._arrays[plane] = value

    def hand_off(self, instruction: Instruction, window: Array) -> None:
        """Learn what the host receives: no value keeps it."""


def _gathered(step: Instruction) -> int:
    """Return the most numbers that an operand of a step, or the step, has for an image."""
    seen = [len(each.planes) * len(each.taps) for each in step.operands if each.shared]
    return step.rows * step.cols * max([step.maps, *seen])


def _room(program: Program) -> dict[int, tuple[int, int]]:
    """Return rows and columns that the maps of each step need: those written, and those read."""
    room: dict[int, tuple[int, int]] = {}
    writer: dict[int, int] = {}  # by plane number
    for step in program.instructions:
        for operand in step.operands:
            for plane in {ref.plane for ref in operand.planes}:
                rows, cols = room[writer[plane]]
                room[writer[plane]] = max(rows, operand.extent[0]), max(cols, operand.extent[1])
        if step.destination:
            writer[step.destination[0].plane] = step.step
            grid = step.grid
            room[step.step] = step.rows * grid.row_step, step.cols * grid.col_step
    return room


def _runs(refs: Sequence[PlaneRef]) -> list[list[PlaneRef]]:
    """Cut planes where the next is not the next map of the same value."""
    runs = [[refs[0]]]
    for before, ref in pairwise(refs):
        if (ref.plane, ref.lane) == (before.plane, before.lane + 1):
            runs[-1].append(ref)
        else:
            runs.append([ref])
    return runs
