"""Cells as the engine meets them: what it asks of them, and cells that are all alike.

Those of a die that differ are in `diecells`. The noise of a write is added to the level, then the
level becomes a value: by tables for the length of the write and the bias in the drive.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from accelsim.compiler import Instruction, Operand
from accelsim.records.columns import Column
from accelsim.values.kernels import read, weigh_own, write
from accelsim.values.program import Array
from accelsim.values.tables import Doubles, Floats, Tables
from accelsim.values.transfer import Transfer

At = tuple[int, int]
"""Place of a step in the program, and number of one of its operands."""


class Term(Protocol):
    """One operand of a step, as `noisy` has it: source cells, weights and windows."""

    @property
    def operand(self) -> Operand:
        """Where it is read."""

    @property
    def rows(self) -> slice:
        """Rows of cells that are read."""

    @property
    def cols(self) -> slice:
        """Columns of cells that are read."""

    @property
    def reads_once(self) -> bool:
        """Whether no cell is seen by two synapses."""

    @property
    def weights(self) -> Array:
        """Weight x gain, (maps, planes, taps, rows x cols)."""

    @property
    def windows(self) -> NDArray[np.int64]:
        """A row a tap, as `kernels.weigh` takes it."""


Biases = Sequence[float | None]
"""Bias of each map of a step; None: a drive from outside, which is constant altogether."""


class Noise(NamedTuple):
    """The noise of a write: its variance beside the cells' own, and what names its draws.

    variance: (images or 1, maps, rows, cols). images: numbers of the images.
    """

    variance: Array
    images: NDArray[np.int64]
    draw: int


class Cells:
    """Cells that are all alike. write_noise: deviation of a level, beside what the tables have."""

    def __init__(self, cell: Tables, write_noise: float, seed: int) -> None:
        self._cell, self._seed = cell, seed
        self._write_variance = write_noise**2
        self._variance = np.square(cell.noise)
        self.is_noisy = bool(cell.noise.any())
        self._biases: dict[int, Biases] = {}
        self._tables: dict[tuple[int, int], Floats] = {}
        self._motion: dict[int, Floats] = {}

    def prepare(
        self,
        place: int,
        step: Instruction,  # noqa: ARG002
        terms: Sequence[Term],  # noqa: ARG002
        biases: Biases,
    ) -> None:
        """Take a step of the program; weights of its terms may change."""
        self._biases[place] = biases if len(set(biases)) > 1 else biases[:1]
        motion = [self._cell.motion(bias) for bias in self._biases[place]]
        self._motion[place] = np.stack(motion).astype(np.float32)

    def own_variance(self, place: int, step: Instruction) -> float | Array:  # noqa: ARG002
        """Return the variance of a destination's own noise, (maps, rows, cols) or for all.

        Of the write, and of what the reads of cells that are read once always have.
        """
        return self._write_variance if step.writes_cells else 0.0

    def add_read(self, source: Array, at: At, images: NDArray[np.int64], draw: int) -> None:  # noqa: ARG002
        """Add the noise of a read to source cells, (images, n), in place."""
        read(source, self._cell.noise, self._seed, images, draw)

    def weigh_own(
        self,
        total: Array,
        variance: Array,
        source: Array,
        term: Term,
        at: At,  # noqa: ARG002
    ) -> None:
        """Weigh cells that are read once, with the variance of their reads."""
        weigh_own(total, variance, source, term.weights, term.windows, self._variance)

    def write(
        self, place: int, levels: Array, old: Array, lengths_ps: Column, noise: Noise
    ) -> None:
        """Turn levels (images, maps, n) into what a step's cells hold then, in place."""
        tables, which = self.packed(place, lengths_ps)
        variance = noise.variance.reshape(-1, *levels.shape[1:])
        write(
            levels, old, variance, self._cell.limit, tables, which,
            self._motion[place], self._seed, noise.images, noise.draw,
        )  # fmt: skip

    def packed(self, place: int, lengths_ps: Column) -> tuple[Floats, Column]:
        """Return tables for each length that occurs, and which one each length has.

        (T, maps or 1, K, 4): mean, its rise to the next level, share of the old value, its rise.
        """
        found, which = np.unique(lengths_ps, return_inverse=True)
        for length in found.tolist():
            if (place, length) not in self._tables:
                each = [self._cell.stored(length, bias) for bias in self._biases[place]]
                packed = np.stack([self._pack(table) for table in each])
                self._tables[place, length] = packed.astype(np.float32)
        tables = [self._tables[place, length] for length in found.tolist()]
        return (tables[0][None] if len(tables) == 1 else np.stack(tables)), which

    def _pack(self, table: Doubles) -> Doubles:
        """Return the columns of one table."""
        return with_rises(table)

    def transfer(self, at: At) -> Transfer:  # noqa: ARG002
        """Return how values of source cells follow from their levels."""
        return Transfer(self._cell.levels, self._cell.means)

    def as_read(self, place: int, window: Array) -> Array:  # noqa: ARG002
        """Return what reads give of a step's destination cells, (images, maps, rows, cols)."""
        return window


def with_rises(columns: Doubles) -> Doubles:
    """Return columns, each followed by its rise to the next level."""
    rises = np.diff(columns, axis=0, append=columns[-1:])
    return np.stack([columns, rises], axis=2).reshape(len(columns), -1)
