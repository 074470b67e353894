"""Images to train on and to test with, from the files that data sets come in.

A folder of the four IDX files of MNIST or Fashion-MNIST, a folder of the batches of CIFAR-10
(binary or Python), or an npz archive of `images` and `labels` whose last images are for testing.
"""

from pathlib import Path

import numpy as np
import torch

from accelsim.network.cifar import (
    find_test_batch,
    find_training_batches,
    has_batches,
    read_batch,
)
from accelsim.network.dataset import Dataset, read_dataset

Split = tuple[torch.Tensor, torch.Tensor]


def load(place: Path, *, test: bool, last: int) -> Split:
    """Return images (n, maps, rows, cols) in [0, 1] and labels (n,), to train or to test.

    last: how many images at the end of an npz archive are for testing. Raises InputError.
    """
    if has_batches(place):
        batches = [find_test_batch(place)] if test else find_training_batches(place)
        return _joined([_tensors(Dataset(*read_batch(batch))) for batch in batches])
    if place.suffix == ".npz":
        both = _tensors(read_dataset(place))
        return (both[0][-last:], both[1][-last:]) if test else (both[0][:-last], both[1][:-last])
    return _tensors(_idx(place, "t10k" if test else "train"))


def flipped_and_moved(images: torch.Tensor, generator: torch.Generator, most: int) -> torch.Tensor:
    """Mirror half of the images left to right, and move each by up to `most` pixels."""
    number, _, rows, cols = images.shape
    mirror = torch.rand(number, generator=generator) < 0.5
    images = torch.where(mirror.view(-1, 1, 1, 1), images.flip(3), images)
    wide = torch.nn.functional.pad(images, (most, most, most, most))
    by = torch.randint(0, 2 * most + 1, (2, number), generator=generator)
    row = by[0].view(-1, 1, 1) + torch.arange(rows).view(-1, 1)
    col = by[1].view(-1, 1, 1) + torch.arange(cols)
    each = torch.arange(number).view(-1, 1, 1)
    return wide.permute(0, 2, 3, 1)[each, row, col].permute(0, 3, 1, 2)


def _idx(folder: Path, split: str) -> Dataset:
    def file(name: str) -> Path:
        plain = folder / f"{split}-{name}-ubyte"
        return plain if plain.exists() else folder / f"{plain.name}.gz"

    return read_dataset(file("images-idx3"), file("labels-idx1"))


def _tensors(data: Dataset) -> Split:
    images = torch.from_numpy(data.images.astype(np.float32) / 255)
    return images, torch.from_numpy(data.labels.astype(np.int64))


def _joined(splits: list[Split]) -> Split:
    images, labels = zip(*splits, strict=True)
    return torch.cat(images), torch.cat(labels)
