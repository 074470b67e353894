"""What the layers of a model compute in floating point, as the model means them."""

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from accelsim.importer.layers import ImportedLayer
from accelsim.ops import blocks
from accelsim.ops.layer import INPUT

Array = NDArray[np.float32]
_MOST_IMAGES, _MOST_NUMBERS = 100, 1 << 26
"""Images that are evaluated at once, and numbers (256 MiB) that they take; one image may take more.
"""


def at_once(layers: Sequence[ImportedLayer], image: Sequence[int]) -> int:
    """Return how many images to evaluate at once, so that memory does not grow with their size.

    image: maps, rows and columns of one.
    """
    values = math.prod(image) + sum(math.prod(layer.shape) for layer in layers)
    windows = max((_seen(layer) for layer in layers), default=0)
    return max(1, min(_MOST_IMAGES, _MOST_NUMBERS // (values + windows)))


def _seen(layer: ImportedLayer) -> int:
    """Return how many numbers all windows of a layer see of an image."""
    maps, rows, cols = layer.shape
    if layer.weight is not None and layer.op == "conv":
        maps = layer.weight.shape[1] * layer.groups
    return maps * layer.kernel**2 * rows * cols


def evaluate(layers: Sequence[ImportedLayer], images: Array) -> dict[str, Array]:
    """Return what each layer gives, (images, maps, rows, cols), by name.

    images: (images, maps, rows, cols), values as the layers read them. Weights are those of the
    model, before any scaling, so that values are, too.
    """
    made: dict[str, Array] = {INPUT: images}
    for layer in layers:
        made[layer.name] = _layer(layer, [made[name] for name in layer.inputs])
    return made


def _layer(layer: ImportedLayer, inputs: list[Array]) -> Array:
    first, found = inputs[0], inputs[0]
    match layer.op:
        case "conv":
            found = _conv(layer, first)
        case "fc":
            assert layer.weight is not None  # noqa: S101 - as every fc has
            assert layer.bias is not None  # noqa: S101
            flat = first.reshape(len(first), -1) @ layer.weight.T.astype(np.float32)
            found = (flat + layer.bias.astype(np.float32))[:, :, None, None]
        case "relu":
            found = np.clip(first, 0, np.float32(layer.most))
        case "add":
            found = np.add.reduce(inputs)
        case "concat":
            found = np.concatenate(inputs, axis=1)
        case "maxpool":
            found = np.maximum.reduce([*_windows(layer, first).values()])
        case "avgpool":
            found = np.add.reduce([*_windows(layer, first).values()]) / np.float32(layer.kernel**2)
    return found


def _conv(layer: ImportedLayer, maps: Array) -> Array:
    """Weigh what all cells of the window see: one matrix product an image and group."""
    assert layer.bias is not None  # noqa: S101 - as every conv has
    weight, seen = _by_groups(layer, maps)
    groups, outputs = weight.shape[:2]
    flat = seen.reshape(len(maps), groups, -1, seen.shape[-1])
    total = (weight.reshape(groups, outputs, -1) @ flat).reshape(len(maps), *layer.shape)
    total += layer.bias.astype(np.float32)[:, None, None]
    return total


def _by_groups(layer: ImportedLayer, maps: Array) -> tuple[Array, Array]:
    """Return weights (groups, outputs, inputs, cells), and what the cells of windows see.

    That is (images, groups, inputs, cells, places); inputs and outputs are those of a group.
    """
    assert layer.weight is not None  # noqa: S101 - as every conv has
    outputs, inputs = layer.weight.shape[:2]
    shape = (layer.groups, outputs // layer.groups, inputs, -1)
    seen = np.stack([*_windows(layer, maps).values()], axis=2)
    return (
        layer.weight.astype(np.float32).reshape(shape),
        seen.reshape(len(maps), layer.groups, inputs, seen.shape[2], -1),
    )


def plane_by_plane(layer: ImportedLayer, maps: Array) -> Iterator[Array]:
    """Give what each input plane adds to a convolution, (images, maps, rows, cols), without bias.

    A window that takes several templates adds block by block, each of all planes. Of groups, the
    planes of the same number in each are together.
    """
    weight, seen = _by_groups(layer, maps)
    cells = np.arange(layer.kernel**2).reshape(layer.kernel, layer.kernel)
    for row, col, rows, cols in blocks(layer.kernel):
        block = cells[row : row + rows, col : col + cols].ravel()
        for plane in range(weight.shape[2]):
            part = weight[:, :, plane, block] @ seen[:, :, plane, block]
            yield part.reshape(len(maps), *layer.shape)


def _windows(layer: ImportedLayer, maps: Array) -> Mapping[tuple[int, int], Array]:
    """Return what each cell of the window sees; outside of the map 0."""
    above, left, below, right = layer.pads
    padded = np.pad(maps, ((0, 0), (0, 0), (above, below), (left, right)))
    _, rows, cols = layer.shape
    step = layer.stride
    return {
        (row, col): padded[
            :, :, row : row + (rows - 1) * step + 1 : step, col : col + (cols - 1) * step + 1 : step
        ]
        for row, col in _cells(layer.kernel)
    }


def _cells(kernel: int) -> Iterator[tuple[int, int]]:
    return ((row, col) for row in range(kernel) for col in range(kernel))
