"""Cells of a die that differ, each of its own geometry and material, as the engine meets them.

A plane holds what a magnet is, in units of the nominal full scale. What its read gives more or
less than another's (`output`) is a factor of every synapse that sees the cell, so that the noise
of its motion has it, too; the noise of the read-out, which has not, is told before that factor. A
write drives each magnet by its own `drive`; near saturation its mean moves with `stability`, and
with its tilt at every level. What is left of an old value is what the nominal cell leaves at the
level that the magnet is driven to.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accelsim.compiler import Instruction, PlaneRef
from accelsim.device.variation import FACTORS, VARIED, Spread
from accelsim.records.columns import Column
from accelsim.values.cells import At, Biases, Cells, Noise, Term, with_rises
from accelsim.values.cellwise import read_each, weigh_own_each, write_each
from accelsim.values.die import Die, grid_of
from accelsim.values.effects import Effects
from accelsim.values.kernels import gather
from accelsim.values.program import Array
from accelsim.values.tables import Doubles, Tables
from accelsim.values.transfer import OwnTransfer, Transfer

_DRIVE, _OUTPUT, _STABILITY, _MOTION, _READOUT, _WRITE = range(len(FACTORS))
_TILT = len(FACTORS)


@dataclass(frozen=True)
class _Seen:
    """Source cells of an operand.

    squares: weights squared, times the factor of the source's motion, in the shape of the
    weights. motion, readout: factor of the motion, and variance of the read-out, (cells,).
    own: all factors and tilts, (FACTORS + 1, planes, rows, cols).
    """

    squares: Array
    motion: Array
    readout: Array
    own: Array


@dataclass(frozen=True)
class _Driven:
    """Destination cells of a step: factor of the level, change of ln(Delta), tilt, output.

    write: factor of the variance that a write leaves. All (maps, cells), output as a window.
    """

    drive: Array
    shift: Array
    tilt: Array
    write: Array
    output: Array


class DieCells(Cells):
    """The cells of a die, each of its own. spread: how they differ."""

    def __init__(self, spread: Spread, die: Die, cell: Tables, write_noise: float) -> None:
        super().__init__(cell, write_noise, die.seed)
        self._spread, self._die = spread, die
        self._other = np.float32(cell.other**2)
        motion = np.maximum(np.square(cell.noise) - self._other, 0)
        self._variance = motion.astype(np.float32)
        self._planes: dict[PlaneRef, Array] = {}
        self._seen: dict[At, _Seen] = {}
        self._driven: dict[int, _Driven] = {}
        self._own: dict[int, Array] = {}
        self._changes: Doubles = np.zeros((0, 2))
        self._means: Doubles | None = None
        self._transfers: dict[At, Transfer] = {}

    def prepare(self, place: int, step: Instruction, terms: Sequence[Term], biases: Biases) -> None:
        """Weigh the source cells of a step by their output."""
        super().prepare(place, step, terms, biases)
        own = np.zeros((step.maps, step.rows, step.cols), np.float32)
        if step.writes_cells:
            cells = np.stack([self._factors(ref)[:, *grid_of(step)] for ref in step.destination], 1)
            own += cells[_WRITE] * np.float32(self._write_variance)
            self._driven[place] = _Driven(
                drive=cells[_DRIVE].reshape(step.maps, -1),
                shift=np.log(cells[_STABILITY]).reshape(step.maps, -1),
                tilt=cells[_TILT].reshape(step.maps, -1),
                write=cells[_WRITE].reshape(step.maps, -1),
                output=cells[_OUTPUT],
            )
        for number, term in enumerate(terms):
            self._seen[place, number] = self._see(term, own)
        self._own[place] = own

    def own_variance(self, place: int, step: Instruction) -> Array:  # noqa: ARG002
        """Return the variance of a write, and of the read-out of cells that are read once."""
        return self._own[place]

    def add_read(self, source: Array, at: At, images: NDArray[np.int64], draw: int) -> None:
        """Add the noise of a read to source cells, (images, n), in place."""
        seen = self._seen[at]
        read_each(source, self._variance, seen.motion, seen.readout, self._seed, images, draw)

    def weigh_own(self, total: Array, variance: Array, source: Array, term: Term, at: At) -> None:
        """Weigh cells that are read once, with the variance of their motion."""
        weigh_own_each(
            total, variance, source, term.weights, self._seen[at].squares, term.windows,
            self._variance,
        )  # fmt: skip

    def write(
        self, place: int, levels: Array, old: Array, lengths_ps: Column, noise: Noise
    ) -> None:
        """Turn levels (images, maps, n) into what a step's cells hold then, in place."""
        tables, which = self.packed(place, lengths_ps)
        # Tables have a point more at each end: that of a linear cell clips, others go on.
        limit, points = self._cell.limit, tables.shape[2] - 2
        cells, reach = self._driven[place], limit + 2 * limit / (points - 1)
        variance = noise.variance.reshape(-1, *levels.shape[1:])
        write_each(
            levels, old, variance, self._spread.drive_limit, reach, tables, which,
            self._motion[place], cells.drive, cells.shift, cells.tilt, cells.write,
            self._seed, noise.images, noise.draw,
        )  # fmt: skip

    def transfer(self, at: At) -> Transfer:
        """Return how values of source cells follow from their levels, each on its own."""
        if at not in self._transfers:
            cell, own = self._cell, self._seen[at].own
            if self._means is None:
                self._means = self._softened(cell.levels)
            softening, leaning = self._means.T
            self._transfers[at] = OwnTransfer(
                cell.levels,
                cell.means,
                softening,
                leaning,
                drive=own[_DRIVE],
                shift=np.log(own[_STABILITY]),
                tilt=own[_TILT],
            )
        return self._transfers[at]

    def as_read(self, place: int, window: Array) -> Array:
        """Return what reads give of a step's destination cells, (images, maps, rows, cols)."""
        return window * self._driven[place].output if place in self._driven else window

    def _factors(self, ref: PlaneRef) -> Array:
        """Return FACTORS of all cells of a plane, and their tilts, (FACTORS + 1, rows, cols)."""
        if ref not in self._planes:
            normal = self._die.normal(ref, len(VARIED))
            both = self._spread.factors(normal), self._spread.tilts(normal)[None]
            self._planes[ref] = np.concatenate(both).astype(np.float32)
        return self._planes[ref]

    def _see(self, term: Term, own: Array) -> _Seen:
        """Weigh the cells of an operand by their output, in place.

        own: variance in the sums of a step; that of the read-out of cells read once is added.
        """
        planes = [self._factors(ref)[:, term.rows, term.cols] for ref in term.operand.planes]
        sources = np.stack(planes, axis=1)
        output, motion, readout = (
            _gathered(sources[number], term.windows, own.shape[1:])
            for number in (_OUTPUT, _MOTION, _READOUT)
        )
        if not term.operand.shared:  # a plane a map, instead of all planes for each
            output, motion, readout = (each[:, None] for each in (output, motion, readout))
        weights = term.weights
        weights *= output
        squares = np.square(weights)
        if term.reads_once:
            own += ((squares * readout).sum(axis=(1, 2)) * self._other).reshape(own.shape)
        return _Seen(
            squares=squares * motion,
            motion=sources[_MOTION].ravel(),
            readout=sources[_READOUT].ravel() * self._other,
            own=sources,
        )

    def _pack(self, table: Doubles) -> Doubles:
        """Return the columns of one table; last how the mean moves with stability and tilt."""
        if len(self._changes) != len(table):
            limit = self._cell.limit
            self._changes = self._softened(np.linspace(-limit, limit, len(table)))
        both = np.concatenate([table, self._changes], axis=1)
        padded = np.pad(both, ((1, 1), (0, 0)), mode="edge")
        if len(table) > 2:
            padded[[0, -1], 0] = 2 * table[[0, -1], 0] - table[[1, -2], 0]
        return with_rises(padded)

    def _softened(self, levels: Doubles) -> Doubles:
        """Return how the mean at levels moves with ln(Delta) and with a tilt, (N, 2)."""
        if not self._cell.softens:  # a linear cell has no axis
            return np.zeros((len(levels), 2))
        return np.stack([self._spread.softening(levels), self._spread.leaning(levels)], axis=1)


def cells_of(effects: Effects, die: Die) -> Cells:
    """Return the cells of a die under effects."""
    if effects.spread is None:
        return Cells(effects.cell, effects.write_noise, effects.seed)
    return DieCells(effects.spread, die, effects.cell, effects.write_noise)


def _gathered(maps: Array, windows: NDArray[np.int64], shape: tuple[int, ...]) -> Array:
    """Return what each tap sees of maps (planes, rows, cols): (planes, taps, rows x cols)."""
    seen = np.zeros((len(maps), len(windows), *shape), np.float32)
    for place, plane in enumerate(maps):
        for tap, window in enumerate(windows):
            gather(seen[place, tap], np.ascontiguousarray(plane), window)
    return seen.reshape(*seen.shape[:2], -1)
