"""Which images a run takes, and whether there are values to compute for them."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from accelsim.errors import InputError
from accelsim.network import Network, Weights, load_weights, open_dataset

# Far above any data set; time and energy are kept for every image up to the last.
MOST_IMAGES = 10_000_000


@dataclass(frozen=True, eq=False)
class Images:
    """Image numbers of a run, with pixels, labels and weights if the network has them.

    no_values: why there are no values, or "".
    """

    numbers: NDArray[np.int64]
    pixels: NDArray[np.uint8] | None = field(repr=False)
    labels: NDArray[np.uint8] | None = field(repr=False)
    weights: Weights | None = field(repr=False)
    no_values: str = ""


def select_images(network: Network, images: int | range) -> Images:
    """Return the images a run takes: the first `images`, or those of a range.

    A network without weights or without a data set gives schedule and energy only.
    Raises InputError for an empty or negative selection, or one beyond the data set.
    """
    chosen = range(images) if isinstance(images, int) else images
    if chosen.stop <= chosen.start or chosen.start < 0 or chosen.step != 1:
        raise InputError(f"images {_shown(images)}: expected 1 or more images, from 0 upwards")
    if chosen.stop > MOST_IMAGES:
        raise InputError(f"images {_shown(images)}: image {chosen.stop - 1} is out of range")
    numbers = np.arange(chosen.start, chosen.stop, dtype=np.int64)
    if network.weights_file is None:
        return Images(numbers, None, None, None, f"network '{network.name}' names no weights")
    weights = load_weights(network.weights_file, network)
    if network.images_file is None:
        why = f"network '{network.name}' names no dataset (--dataset FOLDER points at one)"
        return Images(numbers, None, None, None, why)
    dataset = open_dataset(network)
    if chosen[-1] >= len(dataset):
        raise InputError(
            f"images {_shown(images)}: image {chosen[-1]} is out of range, "
            f"the data set of '{network.name}' has {len(dataset)} images, 0 to {len(dataset) - 1}"
        )
    pick = slice(chosen.start, chosen.stop)
    labels = None if dataset.labels is None else dataset.labels[pick]
    return Images(numbers, dataset.images[pick], labels, weights)


def _shown(images: int | range) -> str:
    return str(images) if isinstance(images, int) else f"{images.start}:{images.stop}"
