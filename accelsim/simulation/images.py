"""Which images a run takes, and whether there are values to compute for them."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from accelsim.arrivals.columns import Arrivals
from accelsim.errors import InputError
from accelsim.files import LongColumn
from accelsim.network import Network, Weights, load_weights, open_dataset
from accelsim.network.arrays import ImageArrays, PixelArray
from accelsim.network.dataset import Dataset
from accelsim.values.program import Pictures
from accelsim.wording import given

# Far above any data set; time and energy are kept for every image up to the last.
MOST_IMAGES = 10_000_000


class Pixels:
    """Images of a data set, in the order in which a run has them.

    Some of them are copied when they are asked for, so that a long stream of the same images
    takes no memory for each.
    """

    def __init__(self, images: PixelArray, which: NDArray[np.int64]) -> None:
        self._images, self._which = images, which

    def __len__(self) -> int:
        return len(self._which)

    def __getitem__(self, part: slice | NDArray[np.int64]) -> PixelArray:
        return self._images[self._which[part]]


@dataclass(frozen=True, eq=False)
class Images:
    """Image numbers of a run, with pixels, labels and weights if the network has them.

    no_values: why there are no values, or "".
    """

    numbers: NDArray[np.int64]
    pixels: Pictures | None = field(repr=False)
    labels: NDArray[np.uint8] | None = field(repr=False)
    weights: Weights | None = field(repr=False)
    no_values: str = ""


def checked(images: int | range) -> range:
    """Return the first so many images, or those of a range.

    Raises InputError if there are none, or some below 0 or beyond `MOST_IMAGES`.
    """
    chosen = range(images) if isinstance(images, int) else images
    if chosen.stop <= chosen.start or chosen.start < 0 or chosen.step != 1:
        raise InputError(f"images {_shown(images)}: expected 1 or more images, from 0 upwards")
    if chosen.stop > MOST_IMAGES:
        raise InputError(f"images {_shown(images)}: image {chosen.stop - 1} is out of range")
    return chosen


def select_images(
    network: Network, images: int | range, arrays: ImageArrays | None = None
) -> Images:
    """Return the images a run takes: the first `images`, or those of a range.

    arrays: in place of the data set. A network without weights or without a data set gives
    schedule and energy only. Raises InputError for an empty or negative selection, or one beyond
    the data set.
    """
    chosen = checked(images)
    numbers = np.arange(chosen.start, chosen.stop, dtype=np.int64)
    found = _opened(network, numbers, arrays)
    if isinstance(found, Images):
        return found
    weights, dataset = found
    if chosen[-1] >= len(dataset):
        raise InputError(
            f"images {_shown(images)}: image {chosen[-1]} is out of range, "
            f"the data set of '{network.name}' has {len(dataset)} images, 0 to {len(dataset) - 1}"
        )
    pick = slice(chosen.start, chosen.stop)
    labels = None if dataset.labels is None else dataset.labels[pick]
    return Images(numbers, dataset.images[pick], labels, weights)


def select_stream(
    network: Network, arrivals: Arrivals, tenant: int = 0, arrays: ImageArrays | None = None
) -> Images:
    """Return the images of a stream, or a tenant's of them, numbered as all arrive, from 0.

    Each has its own number and noise, though the data set has fewer pictures: without a column
    of images they are taken in order, again and again. arrays: in place of the data set.
    Raises InputError for an image that the data set has not.
    """
    numbers = _numbers(arrivals, tenant)
    found = _opened(network, numbers, arrays)
    if isinstance(found, Images):
        return found
    weights, dataset = found
    which = np.arange(len(numbers)) % len(dataset)
    if arrivals.image is not None:
        which = arrivals.image[numbers]
    beyond = which >= len(dataset)
    if beyond.any():
        place = int(beyond.argmax())
        raise InputError(
            f"{arrivals.place_of(int(numbers[place]))}: image {which[place]} is out of range, the "
            f"data set of '{network.name}' has {len(dataset)} images, 0 to {len(dataset) - 1}"
        )
    labels = None if dataset.labels is None else dataset.labels[which]
    return Images(numbers, Pixels(dataset.images, which), labels, weights)


def _numbers(arrivals: Arrivals, tenant: int) -> NDArray[np.int64]:
    """Return which of all arrivals are a tenant's."""
    found, before = LongColumn(), 0
    for piece in arrivals.pieces():
        found.append(np.flatnonzero(piece.of_tenant(tenant)) + before)
        before += len(piece)
    return found.whole()


def _opened(
    network: Network, numbers: NDArray[np.int64], arrays: ImageArrays | None
) -> "Images | tuple[Weights, Dataset | ImageArrays]":
    """Return weights and data set of a network, or images without values."""
    if network.weights_file is None or network.no_weights:
        return Images(numbers, None, None, None, network.no_weights)
    weights = load_weights(network.weights_file, network)
    if arrays is not None:
        return weights, arrays
    if network.images_file is None:
        option = given("dataset", "FOLDER")
        why = f"network '{network.name}' names no dataset ({option} points at one)"
        return Images(numbers, None, None, None, why)
    return weights, open_dataset(network)


def _shown(images: int | range) -> str:
    """Return '100' of the first 100, '40:60' of others."""
    if isinstance(images, int):
        return str(images)
    of_first = images.start == 0 < images.stop
    return f"{images.stop}" if of_first else f"{images.start}:{images.stop}"
