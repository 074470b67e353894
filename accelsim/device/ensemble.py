"""Many magnets at once: states, drives and random streams around the compiled kernel.

Times in s, fields in T. Magnets are independent of each other. Results depend on seed,
magnet number and drive alone, not on the number of threads.
"""

import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accelsim.device import llg
from accelsim.device.magnet import Magnet
from accelsim.device.streams import WORDS, seed_streams
from accelsim.device.technology import Progress

Floats = NDArray[np.float64]


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    """Return threads that are started once: a write is hundreds of short runs."""
    return ThreadPoolExecutor(threads)


@dataclass(frozen=True)
class Drive:
    """The field along y: hold + swing x shape(t).

    hold, swing: T, one for each magnet or one for all. shape: no unit, one for each
    time step boundary (steps + 1).
    """

    hold: ArrayLike
    swing: ArrayLike
    shape: Floats

    @classmethod
    def constant(cls, field: ArrayLike, steps: int) -> "Drive":
        """Return a field that does not change for a number of steps."""
        return cls(field, 0.0, np.zeros(steps + 1))

    @property
    def steps(self) -> int:
        """Number of time steps."""
        return len(self.shape) - 1


class Ensemble:
    """A set of independent macrospins that advances in time.

    magnets: one for all, or one each. dt: time step in s. seed: of the thermal field;
    without one there is no thermal field. draws: random numbers summed for the field of one
    step; with 2 it is the field of two steps of half the length (see `timestep`). Raises
    InputError for an unstable time step; whether a stable one is short enough is
    `timestep.check_time_step`'s to say.
    """

    def __init__(
        self,
        magnets: Magnet | Sequence[Magnet],
        count: int,
        dt: float,
        seed: int | None = None,
        threads: int | None = None,
        draws: int = 1,
    ) -> None:
        each = [magnets] * count if isinstance(magnets, Magnet) else list(magnets)
        if len(each) != count:
            raise ValueError(f"{len(each)} magnets given for an ensemble of {count}")
        for magnet in dict.fromkeys(each):
            magnet.check_step(dt)
        self.count, self.dt = count, dt
        self._draws = draws if seed is not None else 0
        self._threads = threads or os.cpu_count() or 1
        self._blocks = -(-count // llg.BLOCK)
        self._parameters = self._columns(each)
        padded = self._blocks * llg.BLOCK
        streams = seed_streams(seed or 0, 0, padded)
        self._streams = np.ascontiguousarray(
            streams.reshape(WORDS, self._blocks, llg.BLOCK).swapaxes(0, 1)
        )
        self._m = np.zeros((self._blocks, 3, llg.BLOCK))
        self.added_stiffness: ArrayLike = 0.0
        """Stiffness along y in T beside the magnet's own, such as that of an isolated capacitor;
        one for all, or one each."""
        self.along: ArrayLike = 0.0
        """Field along x in T, one for all or one each: of a drive that is not quite along y."""
        self.set_level(0.0)

    @property
    def m(self) -> Floats:
        """Unit vectors, shape (3, count); a copy."""
        return self._flat(self._m)

    def set_m(self, m: ArrayLike) -> None:
        """Set the unit vectors: shape (3, count), or (3,) or (3, 1) for all."""
        vectors = np.asarray(m, float).reshape(3, -1)
        self._m[:] = self._blocked(np.broadcast_to(vectors, (3, self.count)))

    def set_level(self, level: ArrayLike) -> None:
        """Set m_y to a level in [-1, 1], in the plane, on the side of +x."""
        y = np.broadcast_to(np.asarray(level, float), (self.count,))
        self.set_m(np.stack([np.sqrt(1 - y * y), y, np.zeros(self.count)]))

    def run(self, drive: Drive, every: int = 0, progress: Progress | None = None) -> Floats:
        """Advance by drive.steps; return m at every so many steps.

        Shape (samples, 3, count); the first sample is `every` steps after the start; with
        every = 0 there is none. progress: called with (blocks done, blocks).
        """
        samples = drive.steps // every if every else 0
        parameters = self._parameters.copy()
        parameters[:, llg.HARD] += self._row(self.added_stiffness)
        parameters[:, llg.ALONG] = self._row(self.along)
        parameters[:, llg.HOLD] = self._row(drive.hold)
        parameters[:, llg.SWING] = self._row(drive.swing)
        out = np.empty((self._blocks, samples, 3, llg.BLOCK))
        shape = np.ascontiguousarray(drive.shape, float)

        def work(block: int) -> None:
            llg.advance(
                self._m[block],
                parameters[block],
                shape,
                self._streams[block],
                self._draws,
                every,
                out[block],
            )

        self._spread(work, progress)
        return np.concatenate(list(out), axis=2)[:, :, : self.count]

    def _spread(self, work: Callable[[int], None], progress: Progress | None) -> None:
        """Work on every block, in threads: the kernel releases the interpreter's lock."""
        for done, _ in enumerate(_pool(self._threads).map(work, range(self._blocks)), 1):
            if progress:
                progress(done, self._blocks)

    def _columns(self, magnets: list[Magnet]) -> Floats:
        rows = np.zeros((llg.PARAMETERS, self.count))
        numbers = {magnet: self._numbers(magnet) for magnet in dict.fromkeys(magnets)}
        rows[: llg.HOLD] = np.array([numbers[magnet] for magnet in magnets]).T
        return self._blocked(rows)

    def _numbers(self, magnet: Magnet) -> list[float]:
        thermal = magnet.thermal_field(self.dt) / math.sqrt(self._draws) if self._draws else 0.0
        gain = magnet.gilbert_rate * self.dt
        return [magnet.hard_stiffness, magnet.normal_stiffness, magnet.damping, gain, thermal]

    def _row(self, value: ArrayLike) -> Floats:
        each = np.broadcast_to(np.asarray(value, float), (1, self.count))
        return self._blocked(each)[:, 0]

    def _blocked(self, rows: Floats) -> Floats:
        """Return (k, count) as (blocks, k, BLOCK); the last magnet fills the last block."""
        padded = np.pad(rows, ((0, 0), (0, self._blocks * llg.BLOCK - self.count)), mode="edge")
        blocks = padded.reshape(len(rows), self._blocks, llg.BLOCK).swapaxes(0, 1)
        return np.ascontiguousarray(blocks)

    def _flat(self, blocks: Floats) -> Floats:
        return np.concatenate(list(blocks), axis=1)[:, : self.count]
