"""What steps write and read: planes that note what energies follow.

A write charges the capacitor of a cell from the value that it holds, of this image or the one
before, to the new one. What a cell holds is taken for the voltage of its capacitor, in units of the
full scale: as it is read, so that the rounding of the transfer and what leaks between two writes
are left out. What the host receives is held at its boundary, by the step that hands it over.
"""

from typing import Self

import numpy as np
from numpy.typing import NDArray

from accelsim.compiler import Instruction, Operand, Program
from accelsim.values.program import Array, Planes, overlap

Floats = NDArray[np.float64]


class SwingPlanes(Planes):
    """Planes, and the host's boundary, that note what is written.

    squares: of each step that has happened, the sum over its cells of (new - old)^2, in units of
    the full scale, (images, maps). read_sums: empty here; see `ReadPlanes`.
    """

    def __init__(self, program: Program, images: int, dtype: type[np.floating]) -> None:
        super().__init__(program, images, dtype)
        self._handed = {
            step.step: np.zeros((images, step.maps, step.rows, step.cols), dtype)
            for step in program.instructions
            if not step.destination
        }
        self.squares: dict[int, Floats] = {}
        self.read_sums: dict[int, list[Floats]] = {}

    def write(self, instruction: Instruction, window: Array) -> None:
        """Store each map of a window into its destination plane, and note what changes."""
        old = self.window(instruction)
        self._note(instruction, old, window.reshape(old.shape))
        super().write(instruction, window)

    def hand_off(self, instruction: Instruction, window: Array) -> None:
        """Note what changes at the boundary of the host."""
        held = self._handed[instruction.step]
        self._note(instruction, held, window)
        held[:] = window

    def take(self, rows: "NDArray[np.intp] | slice") -> Self:
        """Return the planes of some images: a copy, or for a slice a view; nothing is noted yet."""
        taken = super().take(rows)
        taken._handed = {step: held[rows] for step, held in self._handed.items()}
        taken.squares, taken.read_sums = {}, {}
        return taken

    def put(self, rows: NDArray[np.intp], planes: Self) -> None:
        """Set the planes of some images."""
        super().put(rows, planes)
        for step, held in self._handed.items():
            held[rows] = planes._handed[step]

    def _note(self, instruction: Instruction, old: Array, new: Array) -> None:
        change = np.subtract(new, old, dtype=np.float64, order="C")
        square = np.square(change, out=change).reshape(*new.shape[:2], -1)
        self.squares[instruction.step] = square.sum(axis=2)


class ReadPlanes(SwingPlanes):
    """Planes that note what is read as well.

    read_sums: of each step and operand, what each tap reads of each plane, without signs, summed
    over the cells of the window, (images, planes, taps).
    """

    def _note(self, instruction: Instruction, old: Array, new: Array) -> None:
        super()._note(instruction, old, new)
        # A step never writes what it reads: its sources are there as it read them.
        self.read_sums[instruction.step] = [
            self._sums(instruction, operand) for operand in instruction.operands
        ]

    def _sums(self, instruction: Instruction, operand: Operand) -> Floats:
        held = np.abs(self.read(operand.planes), order="C")
        sums = np.zeros((*held.shape[:2], len(operand.taps)))
        for number, tap in enumerate(operand.taps):
            _, rows = overlap(tap.row, operand.grid.row_step, instruction.rows, operand.extent[0])
            _, cols = overlap(tap.col, operand.grid.col_step, instruction.cols, operand.extent[1])
            sums[:, :, number] = held[:, :, rows, cols].sum(axis=(2, 3), dtype=np.float64)
        return sums
