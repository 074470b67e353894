"""Weights of a network: an npz file, checked against the layers that use it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accelsim.errors import InputError, nearest
from accelsim.files import Archive, open_npz
from accelsim.importer import SUFFIX
from accelsim.network.dataset import check_there
from accelsim.network.graph import Network
from accelsim.network.models import calibrated
from accelsim.ops import Add, Pixels
from accelsim.ops.layer import INPUT
from accelsim.resources import display

Array = NDArray[np.float64]
_SCALE, _SHIFT = f"{INPUT}.scale", f"{INPUT}.shift"
_ROUNDED = 1e-6
"""What single precision may add to a value of 1."""


@dataclass(frozen=True, eq=False)
class Weights:
    """Weight and bias of each layer that has them, as float64.

    conv: weight (out, in of a group, rows, cols), bias (out,). fc: weight (out, features), bias
    (out,). An add of convolutions has no weight, and as bias the sum of theirs. pixels: how they
    are stored, None as p / 255.
    """

    weight: dict[str, Array]
    bias: dict[str, Array]
    pixels: Pixels | None = None


@dataclass(frozen=True, eq=False)
class _File:
    """An archive of weights. parts: names of all the arrays that it may have."""

    path: Path
    archive: Archive
    parts: set[str]


def load_weights(path: Path, network: Network) -> Weights:
    """Read `<layer>.weight` and `<layer>.bias` of every conv and fc layer from an npz file.

    `input.scale` and `input.shift`, if it has them, say how a pixel of each map is stored.
    Those of an ONNX model are scaled by the first images of the network's data set. Raises
    InputError for a file that is no npz, an array that is missing or not finite, or a shape that
    does not fit the layer.
    """
    check_there(path, network, "weights")
    weight, bias = {}, {}
    pixels = None
    parts = [layer for layer in network.layers if layer.weight_shape is not None]
    if path.suffix == SUFFIX:
        arrays = calibrated(path, network).arrays
        for layer in parts:
            weight[layer.name] = arrays[f"{layer.name}.weight"]
            bias[layer.name] = arrays[f"{layer.name}.bias"]
        if _SCALE in arrays:
            pixels = Pixels(arrays[_SCALE], arrays[_SHIFT])
    else:
        names = {f"{layer.name}.{part}" for layer in parts for part in ("weight", "bias")}
        with open_npz(path) as archive:
            file = _File(path, archive, names | {_SCALE, _SHIFT})
            for layer in parts:
                shape = layer.weight_shape or ()
                weight[layer.name] = _fitting(file, layer.name, "weight", shape)
                bias[layer.name] = _fitting(file, layer.name, "bias", shape[:1])
            pixels = _pixels(file, network.input.maps)
    for layer in network.layers:
        added = [bias[name] for name in layer.inputs if name in bias]
        if isinstance(layer.rule, Add) and added:
            bias[layer.name] = np.sum(added, axis=0)
    return Weights(weight, bias, pixels)


def _pixels(file: _File, maps: int) -> Pixels | None:
    """Return how pixels are stored, if a file says it; InputError if some would not fit a cell."""
    if not {_SCALE, _SHIFT} & {*file.archive.headers}:
        return None
    scale, shift = (_fitting(file, INPUT, part, (maps,)) for part in ("scale", "shift"))
    pixels = Pixels(scale, shift)
    lowest, highest = pixels.lowest, pixels.highest
    wrong = np.flatnonzero((lowest < -1 - _ROUNDED) | (highest > 1 + _ROUNDED))
    if len(wrong):
        number = wrong[0]
        raise InputError(
            f"{display(file.path)}: layer '{INPUT}': scale and shift store pixels of map {number} "
            f"from {lowest[number]:.4g} to {highest[number]:.4g}; expected -1 to 1"
        )
    return pixels


def _fitting(file: _File, layer: str, part: str, shape: tuple[int, ...]) -> Array:
    """Return an array, read once its header says that it fits the layer."""
    path, archive = file.path, file.archive
    name = f"{layer}.{part}"
    where = f"{display(path)}: layer '{layer}': {part}"
    header = archive.headers.get(name)
    if header is None:
        # What has the name of another part is that part, and no slip of the pen.
        others = archive.headers.keys() - file.parts
        raise InputError(f"{where} '{name}' is missing{nearest(name, sorted(others))}")
    if header.shape != shape:
        raise InputError(f"{where} has shape {header.shape}, the layer needs {shape}")
    expected = f"{where} must hold finite floating-point numbers"
    if not np.issubdtype(header.dtype, np.floating):
        raise InputError(f"{expected}, got {header.dtype}")
    array = archive.read(name)
    if len(wrong := array[~_finite(array)]):
        raise InputError(f"{expected}, got {wrong[0]:.4g} among its {header.dtype}")
    return array.astype(np.float64)


def _finite(array: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Tell which numbers are finite in single precision, in which they are used."""
    with np.errstate(over="ignore"):
        return np.isfinite(array.astype(np.float32))
