"""Images that use the same planes one after another: each finds what the one before it left."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from accelsim.compiler import Program
from accelsim.network import Weights
from accelsim.network.arrays import PixelArray
from accelsim.records import StepTimes
from accelsim.values.program import Array, Engine, Observer, Pictures, Planes
from accelsim.values.spending import Spending
from accelsim.values.swings import SwingPlanes

LONGEST = 32
"""Images of a chain, beside those before it that are computed again."""


class Remembers(Protocol):
    """An engine whose images find what others left: see `NoisyEngine`."""

    def run(
        self,
        images: PixelArray,
        numbers: NDArray[np.int64],
        times: StepTimes,
        observe: Observer | None = None,
        memory: Planes | None = None,
    ) -> Array:
        """Return the maps at the boundary."""

    def found(
        self,
        images: Pictures,
        numbers: NDArray[np.int64],
        times: StepTimes,
        rows: NDArray[np.int64],
    ) -> Planes:
        """Return what the planes hold before some images of a run, (rows), begin."""


class IdealChains:
    """Ideal cells whose planes note what is written; values do not depend on the image before."""

    def __init__(self, program: Program, weights: Weights, planes: type[Planes]) -> None:
        self._program, self._planes = program, planes
        self._engine = Engine(program, weights, planes=planes)

    def run(
        self,
        images: PixelArray,
        numbers: NDArray[np.int64],  # noqa: ARG002 - of noise
        times: StepTimes,  # noqa: ARG002
        observe: Observer | None = None,
        memory: Planes | None = None,
    ) -> Array:
        """Return the maps at the boundary, (images, maps, rows, cols)."""
        return self._engine.run(images, observe, memory)

    def found(
        self,
        images: Pictures,
        numbers: NDArray[np.int64],  # noqa: ARG002
        times: StepTimes,
        rows: NDArray[np.int64],
    ) -> Planes:
        """Return what the planes hold before some images of a run, (rows), begin.

        An image writes every cell that the program uses: the one before it is all that matters.
        """
        memory = self._planes(self._program, len(rows), np.float32)
        before = times.before[rows]
        some = np.flatnonzero(before >= 0)
        if len(some):
            part = memory.take(some)
            self._engine.run(images[before[some]], memory=part)
            memory.put(some, part)
        return memory


def chains(before: NDArray[np.int64]) -> list[list[int]]:
    """Return images that use the same planes one after another, at most LONGEST at a time.

    before: of each image, which one used its planes before; -1: none. Where a chain is cut
    depends on the images alone.
    """
    after = np.full(len(before), -1)
    later = np.flatnonzero(before >= 0)
    after[before[later]] = later
    following = after.tolist()
    found: list[list[int]] = []
    for head in np.flatnonzero(before < 0).tolist():
        row, place = head, 0
        while row >= 0:
            if place % LONGEST == 0:
                found.append([])
            found[-1].append(row)
            row, place = following[row], place + 1
    return sorted(found)


def in_chains(
    engine: Remembers,
    images: Pictures,
    numbers: NDArray[np.int64],
    times: StepTimes,
    spending: Spending | None,
    group: Sequence[Sequence[int]],
) -> tuple[NDArray[np.int64], Array]:
    """Compute chains side by side: each image finds what the one before it left.

    Returns which images, and their maps at the boundary. spending: is told what they write.
    """
    first = np.array([chain[0] for chain in group])
    memory, rows, maps = engine.found(images, numbers, times, first), [], []
    for place in range(len(group[0])):
        now = np.array([chain[place] for chain in group if len(chain) > place])
        part = memory.take(slice(0, len(now)))
        rows.append(now)
        maps.append(engine.run(images[now], numbers[now], times.of(now), memory=part))
        if spending is not None and isinstance(part, SwingPlanes):
            spending.add(now, part)
    return np.concatenate(rows), np.concatenate(maps)
