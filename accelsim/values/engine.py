"""Values of many images: batches on all cores, then the fully-connected layer."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from accelsim.compiler import Program
from accelsim.network import Network, Weights
from accelsim.values.program import Array, Engine

BATCH = 128


@dataclass(frozen=True)
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


def compute_values(
    program: Program,
    network: Network,
    weights: Weights,
    images: NDArray[np.uint8],
    numbers: NDArray[np.int64],
    labels: NDArray[np.uint8] | None = None,
) -> Values:
    """Run the program on images (n, maps, rows, cols), bytes, and classify its output.

    numbers: the images' numbers in their data set. The result does not depend on the
    number of cores: a batch is always the same images.
    """
    engine = Engine(program, weights)
    starts = range(0, len(images), BATCH)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = pool.map(lambda start: engine.run(images[start : start + BATCH]), starts)
        features = np.concatenate(list(parts))
    logits = predicted = None
    last = network.layers[-1]
    if last.op == "fc":
        flat = features.reshape(len(features), -1).astype(np.float64)
        # One product an image: a product of all would round by how many there are.
        products = flat[:, None] @ weights.weight[last.name].T
        logits = products[:, 0] + weights.bias[last.name]
        predicted = logits.argmax(axis=1)
    return Values(numbers, features, logits, predicted, labels)
