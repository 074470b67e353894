"""Images and labels in IDX files (the MNIST format), gzipped or not.

An IDX file of unsigned bytes: two zero bytes, 0x08, the rank, each size as a
big-endian 32-bit integer, then the bytes.
"""

import gzip
import math
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accelsim.errors import InputError
from accelsim.network.graph import Network
from accelsim.resources import display

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images (n, maps, rows, cols) as bytes, and labels (n,) or None."""

    images: Bytes
    labels: Bytes | None

    def __len__(self) -> int:
        return len(self.images)


def read_idx(path: Path, rank: int) -> Bytes:
    """Read an IDX file of unsigned bytes with `rank` dimensions.

    Raises InputError if the file is missing, foreign, truncated or longer than it says.
    """
    name = display(path)
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
    except FileNotFoundError:
        raise InputError(f"{name}: no such IDX file") from None
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{name}: cannot be read, truncated or damaged: {error}") from None
    magic = bytes([0, 0, 8, rank])
    if data[:4] != magic:
        raise InputError(
            f"{name}: not an IDX file of unsigned bytes in {rank} dimensions: it begins with "
            f"{data[:4].hex(' ') or 'nothing'}, expected {magic.hex(' ')}"
        )
    header = 4 + 4 * rank
    if len(data) < header:
        raise InputError(f"{name}: truncated: {len(data)} bytes, the header alone has {header}")
    shape = tuple(int(size) for size in np.frombuffer(data, ">u4", rank, 4))
    expected = header + math.prod(shape)
    if len(data) != expected:
        what = "truncated" if len(data) < expected else "too long"
        sizes = " x ".join(str(size) for size in shape)
        raise InputError(
            f"{name}: {what}: {len(data)} bytes, its header says {sizes}, which takes {expected}"
        )
    return np.frombuffer(data, np.uint8, offset=header).reshape(shape)


def open_dataset(network: Network) -> Dataset:
    """Read the images and labels a network names, and check that they fit it.

    Raises InputError if there is no dataset, or shapes, counts or labels do not fit.
    """
    if network.images_file is None:
        raise InputError(f"{network.source}: no 'dataset': there are no images to classify")
    path = network.images_file
    images = read_idx(path, 3)[:, None]
    if images.shape[1:] != tuple(network.input):
        found = " x ".join(str(size) for size in images.shape[1:])
        raise InputError(f"{display(path)}: images of {found}, the network reads {network.input}")
    if network.labels_file is None:
        return Dataset(images, None)
    labels_path = network.labels_file
    labels = read_idx(labels_path, 1)
    if len(labels) != len(images):
        raise InputError(
            f"{display(labels_path)}: {len(labels)} labels, "
            f"{display(path)} has {len(images)} images"
        )
    classes = network.layers[-1].out_shape.maps
    wrong = np.flatnonzero(labels >= classes)
    if network.layers[-1].op == "fc" and len(wrong):
        raise InputError(
            f"{display(labels_path)}: label {labels[wrong[0]]} of image {wrong[0]}: "
            f"the network has classes 0 to {classes - 1}"
        )
    return Dataset(images, labels)
