"""Values of many images: batches on all cores, then the fully-connected layer."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from accelsim.compiler import Program
from accelsim.network import Network, Weights
from accelsim.records import StepTimes
from accelsim.values.effects import Effects
from accelsim.values.program import Array, Engine

BATCH = 128


@dataclass(frozen=True, eq=False)
class Values:
    """What a run computed for each image, in order of `images`.

    features: maps at the boundary, (n, maps, rows, cols). logits: (n, classes) and
    predicted: (n,) from the fully-connected layer outside the machine, or None if the
    network has none. labels: (n,) or None.
    """

    images: NDArray[np.int64]
    features: Array = field(repr=False)
    logits: NDArray[np.float64] | None = field(repr=False)
    predicted: NDArray[np.int64] | None
    labels: NDArray[np.uint8] | None

    @property
    def correct(self) -> int | None:
        """Images whose predicted class is the label; None without labels or classes."""
        if self.predicted is None or self.labels is None:
            return None
        return int((self.predicted == self.labels).sum())

    @property
    def accuracy(self) -> float | None:
        """Share of images that are correct; None without labels or classes."""
        return None if self.correct is None else self.correct / len(self.images)


@dataclass(frozen=True, eq=False)
class Cells:
    """What values depend on when cells are not ideal.

    effects: what is active. times: when each step of each image happened. fan_in: source
    planes that an array has synapses for.
    """

    effects: Effects
    times: StepTimes
    fan_in: int


def compute_values(  # noqa: PLR0913, PLR0917 - arrays of a data set, as callers have them
    program: Program,
    network: Network,
    weights: Weights,
    images: NDArray[np.uint8],
    numbers: NDArray[np.int64],
    labels: NDArray[np.uint8] | None = None,
    cells: Cells | None = None,
) -> Values:
    """Run the program on images (n, maps, rows, cols), bytes, and classify its output.

    numbers: the images' numbers in their data set. cells: None for ideal ones. The result
    does not depend on the number of cores: an image's values are its own.
    """
    run = _runner(program, weights, images, numbers, cells)
    starts = range(0, len(images), BATCH)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        features = np.concatenate(list(pool.map(run, starts)))
    logits = predicted = None
    last = network.classifier
    if last is not None:
        flat = features.reshape(len(features), -1).astype(np.float64)
        # One product an image: a product of all would round by how many there are.
        products = flat[:, None] @ weights.weight[last.name].T
        logits = products[:, 0] + weights.bias[last.name]
        predicted = logits.argmax(axis=1)
    return Values(numbers, features, logits, predicted, labels)


def _runner(
    program: Program,
    weights: Weights,
    images: NDArray[np.uint8],
    numbers: NDArray[np.int64],
    cells: Cells | None,
) -> Callable[[int], Array]:
    """Return what computes the batch that begins at an image."""
    if cells is None:
        ideal = Engine(program, weights)
        return lambda start: ideal.run(images[start : start + BATCH])
    from accelsim.values.noisy import NoisyEngine  # noqa: PLC0415 - loads numba

    noisy = NoisyEngine(program, weights, cells.effects, cells.fan_in)
    times = cells.times

    def run(start: int) -> Array:
        batch = slice(start, start + BATCH)
        part = times.of(batch)
        memory = noisy.found(images, part)
        return noisy.run(images[batch], numbers[batch], part, memory=memory)

    return run
