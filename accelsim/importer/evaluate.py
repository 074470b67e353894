"""What the layers of a model compute in floating point, as the model means them."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from accelsim.importer.layers import ImportedLayer
from accelsim.ops.layer import INPUT

Array = NDArray[np.float32]


def evaluate(layers: Sequence[ImportedLayer], images: Array) -> dict[str, Array]:
    """Return what each layer gives, (images, maps, rows, cols), by name.

    images: (images, maps, rows, cols), pixel p as p / 255. Weights are those of the model, before
    any scaling, so that values are, too.
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
    """Add what each tap sees, weighed: a matrix product a tap and group."""
    assert layer.weight is not None  # noqa: S101 - as every conv has
    assert layer.bias is not None  # noqa: S101
    weight = layer.weight.astype(np.float32)
    outputs, inputs = weight.shape[:2]
    per_group = outputs // layer.groups
    total = np.zeros((len(maps), *layer.shape), np.float32)
    total += layer.bias.astype(np.float32)[:, None, None]
    for (row, col), seen in _windows(layer, maps).items():
        tap = weight[:, :, row, col]
        if inputs == 1 and per_group == 1:
            total += tap.reshape(-1, 1, 1) * seen
            continue
        flat = seen.reshape(len(seen), layer.groups, inputs, -1)
        blocks = tap.reshape(layer.groups, per_group, inputs)
        total += (blocks @ flat).reshape(total.shape)
    return total


def plane_by_plane(layer: ImportedLayer, maps: Array) -> Iterator[Array]:
    """Give what each input plane adds to a convolution, (images, maps, rows, cols), without bias.

    Of groups, the planes of the same number in each are together.
    """
    assert layer.weight is not None  # noqa: S101 - as every conv has
    outputs, inputs = layer.weight.shape[:2]
    weight = layer.weight.astype(np.float32).reshape(
        layer.groups, outputs // layer.groups, inputs, -1
    )
    seen = np.stack([*_windows(layer, maps).values()], axis=2)
    flat = seen.reshape(len(maps), layer.groups, inputs, seen.shape[2], -1)
    for plane in range(inputs):
        yield (weight[:, :, plane] @ flat[:, :, plane]).reshape(len(maps), *layer.shape)


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
