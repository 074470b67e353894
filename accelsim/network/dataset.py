"""Images and labels: IDX files (the MNIST format), npy files, npz archives, PNGs, CIFAR-10.

An IDX file of unsigned bytes: two zero bytes, 0x08, the rank, each size as a
big-endian 32-bit integer, then the bytes. Images are (n, rows, cols), or
(n, maps, rows, cols): an RGB image has three maps. An npz archive holds `images`
as unsigned bytes in the same shapes, and `labels` (n,) as integers if there are any; two npy files
hold the same. What a folder of PNG files has to be is in `accelsim.network.pngs`, what a batch of
CIFAR-10 is in `accelsim.network.cifar`.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from accelsim.errors import InputError
from accelsim.files import (
    IDX,
    Header,
    is_folder,
    open_npz,
    read_most,
    read_npy,
    size_text,
    unpacked,
    what_is,
)
from accelsim.network.cifar import FORMAT, is_batch, read_batch
from accelsim.network.graph import Network
from accelsim.network.pngs import read_pngs
from accelsim.resources import display, visible

NPZ, NPY = ".npz", ".npy"
NPY_LABELS = "labels.npy"
"""The labels beside an npy file of images that `--dataset` names."""
IMAGES, LABELS = "images", "labels"
IMAGE_RANKS = (3, 4)
_LABEL_RANK = 1

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images (n, maps, rows, cols) as bytes, and labels (n,) or None."""

    images: Bytes
    labels: Bytes | None

    def __len__(self) -> int:
        return len(self.images)


def read_idx(path: Path, *ranks: int) -> Bytes:
    """Read an IDX file of unsigned bytes with as many dimensions as one of `ranks`.

    Raises InputError if the file is missing, foreign, truncated or longer than it says.
    """
    with unpacked(path, IDX) as stream:
        shape = _idx_shape(path, stream, ranks)
        size = math.prod(shape)
        data = read_most(stream, size + 1)
    if len(data) != size:
        header = _header_size(len(shape))
        what = "truncated" if len(data) < size else "too long"
        held = header + len(data) if len(data) < size else f"more than {header + size}"
        sizes = " x ".join(str(size) for size in shape)
        raise InputError(
            f"{display(path)}: {what}: {held} bytes, its header says {sizes}, which takes "
            f"{header + size}"
        )
    return np.frombuffer(data, np.uint8).reshape(shape)


def _idx_shape(path: Path, stream: BinaryIO, ranks: tuple[int, ...]) -> tuple[int, ...]:
    """Read the header of an IDX file: one of some numbers of dimensions, and not too large."""
    name = display(path)
    begin = stream.read(4)
    magics = {bytes([0, 0, 8, rank]): rank for rank in ranks}
    rank = magics.get(begin)
    if rank is None:
        raise InputError(
            f"{name}: not an IDX file of unsigned bytes in {' or '.join(map(str, ranks))} "
            f"dimensions: it begins with {begin.hex(' ') or 'nothing'}, expected "
            f"{' or '.join(magic.hex(' ') for magic in magics)}"
        )
    sizes = stream.read(4 * rank)
    if len(sizes) < 4 * rank:
        raise InputError(
            f"{name}: truncated: {4 + len(sizes)} bytes, the header alone has {_header_size(rank)}"
        )
    shape = tuple(int(size) for size in np.frombuffer(sizes, ">u4"))
    if math.prod(shape) > IDX.most:
        raise InputError(
            f"{name}: its header says {' x '.join(map(str, shape))} bytes; expected "
            f"{size_text(IDX.most)} at most"
        )
    return shape


def _header_size(rank: int) -> int:
    return 4 + 4 * rank


def open_dataset(network: Network) -> Dataset:
    """Read the images and labels a network names, and check that they fit it.

    Raises InputError if there is no dataset, or shapes, counts or labels do not fit.
    """
    if network.images_file is None:
        raise InputError(f"{network.source}: no 'dataset': there are no images to classify")
    path = network.images_file
    check_there(path, network, "dataset")
    labels_path = network.labels_file or path
    dataset = read_dataset(path, network.labels_file)
    _check_shape(path, dataset.images, network)
    if dataset.labels is not None:
        _check_labels(labels_path, dataset.labels, path, len(dataset), network)
    return dataset


def format_of(images: Path) -> str:
    """Return the format of a data set, as a network file names it, from where its images are."""
    if images.suffix in (NPZ, NPY):
        return images.suffix[1:]
    if is_batch(images):
        return FORMAT
    return "png" if is_folder(images) else "idx"


def read_dataset(images: Path, labels: Path | None = None) -> Dataset:
    """Read a data set of any format. labels: a file of their own, if they have one.

    Raises InputError if one of them is not what its format has.
    """
    found = format_of(images)
    if found == "npz":
        return read_npz_dataset(images)
    if found == "npy":
        array = read_npy(images, lambda header: _check_images(images, "the array", header))
        read = None if labels is None else read_npy_labels(labels)
        return Dataset(_of_maps(array.astype(np.uint8)), read)
    if found == FORMAT:
        return Dataset(*read_batch(images))
    if found == "png":
        return Dataset(*read_pngs(images))
    read = None if labels is None else read_idx(labels, _LABEL_RANK)
    return Dataset(_of_maps(read_idx(images, *IMAGE_RANKS)), read)


def check_there(path: Path, network: Network, key: str) -> None:
    """Raise InputError that says which key of which file names a file that is missing."""
    if not what_is(path):
        what = "npz archive" if path.suffix == NPZ else "file"
        raise InputError(f"{network.source}: {key}: {display(path)}: no such {what}")


def read_npz_dataset(path: Path) -> Dataset:
    """Read the images and labels of an npz archive.

    Raises InputError for a file that is no such archive, images that are not unsigned bytes
    in three or four dimensions, and labels that are not integers from 0 to 255.
    """
    with open_npz(path) as archive:
        headers = archive.headers
        unknown = sorted(set(headers) - {IMAGES, LABELS})
        if IMAGES not in headers or unknown:
            what = f"unknown '{unknown[0]:.80}'" if unknown else f"no '{IMAGES}'"
            raise InputError(
                f"{display(path)}: {what}: it holds {visible(', '.join(headers)) or 'nothing'}; "
                f"expected '{IMAGES}', and '{LABELS}' if there are any"
            )
        _check_images(path, f"'{IMAGES}'", headers[IMAGES])
        images = archive.read(IMAGES).astype(np.uint8)
        labels = None
        if LABELS in headers:
            _check_label_array(path, f"'{LABELS}'", headers[LABELS])
            labels = _byte_labels(path, archive.read(LABELS))
    return Dataset(_of_maps(images), labels)


def read_npy_labels(path: Path) -> Bytes:
    """Read labels from an npy file; InputError for anything but integers from 0 to 255."""
    array = read_npy(path, lambda header: _check_label_array(path, "the array", header))
    return _byte_labels(path, array)


def _check_images(path: Path, name: str, header: Header) -> None:
    """Refuse an array that holds no images; of numbers from 0 to 1 say how they become bytes."""
    if header.dtype == np.uint8 and len(header.shape) in IMAGE_RANKS:
        return
    hint = "; pixels from 0 to 1 times 255, rounded, are such" if header.dtype.kind == "f" else ""
    raise InputError(
        f"{display(path)}: {name} is {header.text()}; expected unsigned bytes "
        f"(uint8) of shape (images, maps, rows, cols), or (images, rows, cols) for one map{hint}"
    )


def _check_label_array(path: Path, name: str, header: Header) -> None:
    if not np.issubdtype(header.dtype, np.integer) or len(header.shape) != _LABEL_RANK:
        raise InputError(
            f"{display(path)}: {name} is {header.text()}; expected integers of shape (images,)"
        )


def _byte_labels(path: Path, labels: NDArray[np.generic]) -> Bytes:
    as_bytes = labels.astype(np.uint8)
    wrong = np.flatnonzero(as_bytes != labels)
    if len(wrong):
        raise InputError(
            f"{display(path)}: label {labels[wrong[0]]} of image {wrong[0]}: expected 0 to 255"
        )
    return as_bytes


def _of_maps(images: Bytes) -> Bytes:
    """Return images with an axis of maps, be it one."""
    return images[:, None] if images.ndim == min(IMAGE_RANKS) else images


def _check_shape(path: Path, images: Bytes, network: Network) -> None:
    if not len(images):
        raise InputError(f"{display(path)}: no images; expected one or more")
    maps, rows, cols = network.input
    if images.shape[1:] == (maps, rows, cols):
        return
    found = " x ".join(str(size) for size in images.shape[1:])
    swapped = images.shape[1:] == (rows, cols, maps)
    hint = "; the maps come before rows and columns" if swapped else ""
    raise InputError(f"{display(path)}: images of {found}, the network reads {network.input}{hint}")


def _check_labels(
    path: Path, labels: Bytes, images_path: Path, images: int, network: Network
) -> None:
    if len(labels) != images:
        raise InputError(
            f"{display(path)}: {len(labels)} labels, {display(images_path)} has {images} images"
        )
    classes = network.classes
    if classes is None:
        return
    wrong = np.flatnonzero(labels >= classes)
    if len(wrong):
        raise InputError(
            f"{display(path)}: label {labels[wrong[0]]} of image {wrong[0]}: "
            f"the network has classes 0 to {classes - 1}"
        )
