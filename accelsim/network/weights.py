"""Weights of a network: an npz file, checked against the layers that use it."""

import tokenize
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accelsim.errors import InputError, nearest
from accelsim.network.graph import Network
from accelsim.ops import Layer
from accelsim.resources import display

Array = NDArray[np.float64]
_DAMAGE = (zipfile.BadZipFile, zlib.error, tokenize.TokenError)


@dataclass(frozen=True, eq=False)
class Weights:
    """Weight and bias of each layer that has them, as float64.

    conv: weight (out, in, rows, cols), bias (out,). fc: weight (out, features), bias (out,).
    """

    weight: dict[str, Array]
    bias: dict[str, Array]


def load_weights(path: Path, network: Network) -> Weights:
    """Read `<layer>.weight` and `<layer>.bias` of every conv and fc layer from an npz file.

    Raises InputError for a file that is no npz, an array that is missing or not
    finite, or a shape that does not fit the layer.
    """
    arrays = read_npz(path)
    weight, bias = {}, {}
    for layer in network.layers:
        shape = layer.weight_shape
        if shape is not None:
            weight[layer.name] = _fitting(path, arrays, layer, "weight", shape)
            bias[layer.name] = _fitting(path, arrays, layer, "bias", shape[:1])
    return Weights(weight, bias)


def read_npz(path: Path) -> dict[str, NDArray[np.generic]]:
    """Read all arrays of an npz file; InputError if it is none."""
    try:
        with path.open("rb") as stream:
            archive = np.load(stream, allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise InputError(f"{display(path)}: a single array; expected an npz archive")
            return {name: archive[name] for name in archive.files}
    except FileNotFoundError:
        raise InputError(f"{display(path)}: no such weights file") from None
    except (OSError, ValueError, EOFError, SyntaxError, NotImplementedError, *_DAMAGE) as error:
        raise InputError(f"{display(path)}: not a readable npz archive: {error}") from None


def _fitting(
    path: Path,
    arrays: dict[str, NDArray[np.generic]],
    layer: Layer,
    part: str,
    shape: tuple[int, ...],
) -> Array:
    name = f"{layer.name}.{part}"
    where = f"{display(path)}: layer '{layer.name}': {part}"
    if name not in arrays:
        raise InputError(f"{where} '{name}' is missing{nearest(name, arrays)}")
    array = arrays[name]
    if array.shape != shape:
        raise InputError(f"{where} has shape {array.shape}, the layer needs {shape}")
    if not np.issubdtype(array.dtype, np.floating) or not _finite(array):
        raise InputError(f"{where} must hold finite floating-point numbers, got {array.dtype}")
    return array.astype(np.float64)


def _finite(array: NDArray[np.generic]) -> bool:
    """Tell whether all numbers are finite in single precision, in which they are used."""
    with np.errstate(over="ignore"):
        return bool(np.isfinite(array.astype(np.float32)).all())
