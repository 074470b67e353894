"""Images and labels as arrays of the caller, in place of a data set that a network names."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accelsim.errors import InputError
from accelsim.network.dataset import IMAGE_RANKS
from accelsim.network.graph import Network

PixelArray = NDArray[np.uint8 | np.floating]
"""Bytes, of which p is stored as p / 255, or numbers from -1 to 1, stored as they are."""

_SHAPES = "(images, rows, cols) or (images, maps, rows, cols)"
_VALUES = "numbers from -1 to 1, or unsigned bytes (uint8) of which 255 is stored as 1"
_MOST_LABEL = 255


@dataclass(frozen=True, eq=False)
class ImageArrays:
    """Images (n, maps, rows, cols), and labels (n,) or None."""

    images: PixelArray
    labels: NDArray[np.uint8] | None

    def __len__(self) -> int:
        return len(self.images)

    @property
    def sha256(self) -> str:
        """Hash of all values and labels."""
        found = hashlib.sha256(f"{self.images.shape} {self.images.dtype}".encode())
        found.update(np.ascontiguousarray(self.images).tobytes())
        if self.labels is not None:
            found.update(self.labels.tobytes())
        return found.hexdigest()


def images_of(network: Network, images: ArrayLike, labels: ArrayLike | None = None) -> ImageArrays:
    """Return arrays as images of a network.

    Parameters
    ----------
    network
        Whose images they are.
    images
        (n, rows, cols) or (n, maps, rows, cols): floating-point numbers from -1 to 1, which cells
        store as they are, or bytes, pixel p stored as p / 255.
    labels
        (n,) whole numbers from 0, or None.

    Raises
    ------
    InputError
        For another shape or type, for values beyond these, and for labels that do not fit.
    """
    pixels = _pixels(np.asarray(images))
    shape = network.input
    if pixels.shape[1:] != tuple(shape):
        found = " x ".join(map(str, pixels.shape[1:]))
        raise InputError(f"images: an array of images of {found}; network '{network.name}' reads "
                         f"{shape}")  # fmt: skip
    given = None if labels is None else _labels(np.asarray(labels), pixels, network)
    return ImageArrays(pixels, given)


def _pixels(images: NDArray[np.generic]) -> PixelArray:
    """Return images with an axis of maps; InputError for what cells cannot store."""
    if images.ndim not in IMAGE_RANKS or not len(images):
        hint = "; of one image images[None]" if images.ndim == min(IMAGE_RANKS) - 1 else ""
        raise InputError(f"images: an array of shape {images.shape}; expected {_SHAPES}{hint}")
    images = images[:, None] if images.ndim == min(IMAGE_RANKS) else images
    if images.dtype == np.uint8:
        return images.astype(np.uint8, copy=False)
    if not np.issubdtype(images.dtype, np.floating):
        raise InputError(f"images: an array of {images.dtype}; expected {_VALUES}")
    real = images.astype(np.float64, copy=False)
    least, most = float(real.min()), float(real.max())
    if not -1 <= least <= most <= 1:  # nor a NaN
        raise InputError(f"images: an array of numbers from {least:g} to {most:g}; "
                         f"expected {_VALUES}")  # fmt: skip
    return real.astype(np.float32)


def _labels(
    labels: NDArray[np.generic], images: NDArray[np.generic], network: Network
) -> NDArray[np.uint8]:
    if not np.issubdtype(labels.dtype, np.integer) or labels.shape != (len(images),):
        raise InputError(
            f"labels: an array of {labels.dtype} of shape {labels.shape}; expected whole numbers "
            f"of shape ({len(images)},), one for each image"
        )
    whole = labels.astype(np.int64)
    classes = network.classes or _MOST_LABEL + 1
    wrong = np.flatnonzero((whole < 0) | (whole >= classes))
    if len(wrong):
        raise InputError(
            f"labels: {whole[wrong[0]]} of image {wrong[0]}; the network has classes 0 to "
            f"{classes - 1}"
        )
    return whole.astype(np.uint8)
