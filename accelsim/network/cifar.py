"""Images and labels of CIFAR-10 in batches, binary or pickled by Python.

These are the files that it is published in (A. Krizhevsky, "Learning multiple layers of features
from tiny images", 2009). A binary batch (`test_batch.bin`) is a byte of the label and 3 x 32 x 32
bytes for each image. One of Python (`test_batch`) is a dictionary with an array `data` of (images,
3072) bytes and a list `labels`; how it is read is in `accelsim.files.pickles`.
"""

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accelsim.errors import InputError
from accelsim.files import (
    CIFAR,
    PickledArray,
    is_file,
    is_folder,
    read_bytes,
    read_pickled_dict,
    visible_entries,
)
from accelsim.resources import display, visible
from accelsim.wording import given

Bytes = NDArray[np.uint8]

FORMAT = "cifar10"
"""What a network file calls it."""
SHAPE = (3, 32, 32)
CLASSES = 10
TEST, BINARY = "test_batch", ".bin"
FILES = "data_batch_N or test_batch, with .bin or without"
_TRAINING = re.compile(r"data_batch_([1-9]\d{0,2})(\.bin)?")
_PIXELS = 3 * 32 * 32
_RECORD = 1 + _PIXELS
DATA, LABELS = "data", "labels"


def is_batch(path: Path) -> bool:
    """Tell whether a file has the name of a batch."""
    return path.name.removesuffix(BINARY) == TEST or _TRAINING.fullmatch(path.name) is not None


def has_batches(folder: Path) -> bool:
    """Tell whether a folder has a batch in it."""
    return is_folder(folder) and any(is_batch(path) for path in visible_entries(folder))


def find_test_batch(folder: Path) -> Path:
    """Return the batch of test images in a folder that has batches; the binary one of two."""
    for path in (folder / f"{TEST}{BINARY}", folder / TEST):
        if is_file(path):
            return path
    raise InputError(f"{given('dataset', display(folder))}: no file {TEST}{BINARY} or {TEST} in it")


def find_training_batches(folder: Path) -> list[Path]:
    """Return the batches of training images in a folder, in order; the binary one of two."""
    found: dict[int, Path] = {}
    for path in sorted(visible_entries(folder), key=lambda path: path.name):
        match = _TRAINING.fullmatch(path.name)
        if match:
            found[int(match[1])] = path  # data_batch_1.bin comes after data_batch_1
    if not found:
        raise InputError(f"{display(folder)}: no file data_batch_1.bin or data_batch_1 in it")
    return [found[number] for number in sorted(found)]


def read_batch(path: Path) -> tuple[Bytes, Bytes]:
    """Return images (n, 3, 32, 32) and labels (n,) of a batch.

    Raises InputError for a file that is cut off, damaged or foreign, and a label beyond 9.
    """
    images, labels = (_binary if path.suffix == BINARY else _pickled)(path)
    for place, label in enumerate(labels):
        if type(label) is not int or not 0 <= label < CLASSES:
            raise InputError(
                f"{display(path)}: label {visible(repr(label), 40)} of image {place}; expected 0 "
                f"to {CLASSES - 1}, as CIFAR-10 has them"
            )
    return images.reshape(-1, *SHAPE), np.array(labels, np.uint8)


def _binary(path: Path) -> tuple[Bytes, list[int]]:
    data = read_bytes(path, CIFAR)
    if len(data) % _RECORD:
        raise InputError(
            f"{display(path)}: {len(data)} bytes, {len(data) // _RECORD} images and "
            f"{len(data) % _RECORD} bytes more; expected {_RECORD} bytes an image, a label and "
            f"{' x '.join(map(str, SHAPE))} pixels"
        )
    records = np.frombuffer(data, np.uint8).reshape(-1, _RECORD)
    return np.ascontiguousarray(records[:, 1:]), records[:, 0].tolist()


def _pickled(path: Path) -> tuple[Bytes, list[object]]:
    found = read_pickled_dict(path)
    for key in (DATA, LABELS):
        if key not in found:
            holds = visible(", ".join(map(str, found)), 200) or "nothing"
            raise InputError(
                f"{display(path)}: no '{key}': it holds {holds}; expected '{DATA}' and '{LABELS}', "
                "as a batch of CIFAR-10"
            )
    images, labels = _pixels(path, found[DATA]), found[LABELS]
    if not isinstance(labels, list):
        raise InputError(
            f"{display(path)}: '{LABELS}' is a {type(labels).__name__}; expected a list of numbers"
        )
    if len(images) != len(labels):
        raise InputError(f"{display(path)}: {len(labels)} labels, {len(images)} images")
    return images, labels


def _pixels(path: Path, data: object) -> Bytes:
    array = data.bytes_of() if isinstance(data, PickledArray) else None
    if array is None or array.shape[1:] != (_PIXELS,):
        what = data.text() if isinstance(data, PickledArray) else f"a {type(data).__name__}"
        raise InputError(
            f"{display(path)}: '{DATA}' is {what}; expected unsigned bytes (u1) of shape (images, "
            f"{_PIXELS}), as many as that takes"
        )
    return array
