"""A model as a network: the rows of its network file, its weights, and what its nodes became."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from accelsim.errors import InputError
from accelsim.importer.builder import MOST_WEIGHTS, Builder, NormalizedAsLoadedError
from accelsim.importer.hosted import of_cells
from accelsim.importer.layers import Features, Floats, ImportedLayer, Open, Row
from accelsim.importer.model import OnnxModel, read_model
from accelsim.importer.operators import ADVICE, OPERATORS
from accelsim.importer.ranges import Range, scaled, stored_as_one
from accelsim.ops import LAYER_OPS, Pixels, Shape
from accelsim.ops.layer import INPUT

CALIBRATION = 1000
"""Images that scales follow from, unless told otherwise: the first of the data set."""
LARGEST = 100.0
"""The percentile that is the largest value."""
SUFFIX = ".onnx"


class Normalization(NamedTuple):
    """What a data loader does to p / 255 before a model has it: less the mean, over the deviation.

    One number, or one a map, each.
    """

    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)


PLAIN = Normalization()


@dataclass(frozen=True)
class ImportedNetwork:
    """A model as layers. rows: of all nodes that its output needs.

    fed: pixels as the model is given them. pixels: as its layers here read them.
    """

    name: str
    input: Shape
    layers: tuple[ImportedLayer, ...]
    rows: tuple[Row, ...]
    fed: Pixels
    pixels: Pixels

    def data(self) -> dict[str, Any]:
        """Return the network file, without weights and data set."""
        return {
            "name": self.name,
            "input": list(self.input),
            "layers": [_entry(layer) for layer in self.layers],
        }

    def scaled(self, images: NDArray[np.uint8], percentile: float = LARGEST) -> "ScaledNetwork":
        """Return the network with scales from calibration images.

        images: (images, maps, rows, cols). percentile: see `ranges.scaled`.
        """
        layers, ranges = scaled(self.layers, images, percentile, self.pixels)
        arrays = dict(_arrays(layers))
        if not self.pixels.is_plain:
            stored = stored_as_one(self.pixels)
            arrays[f"{INPUT}.scale"] = self.pixels.scale / stored
            arrays[f"{INPUT}.shift"] = self.pixels.shift / stored
        return ScaledNetwork(replace(self, layers=tuple(layers)), arrays, tuple(ranges))


@dataclass(frozen=True, eq=False)
class ScaledNetwork:
    """A network whose layers store what fits a cell.

    arrays: its weights, by their names in an npz file. ranges: what the scales follow from.
    """

    network: ImportedNetwork
    arrays: Mapping[str, Floats]
    ranges: tuple[Range, ...]


def import_model(path: Path, normalization: Normalization = PLAIN) -> ImportedNetwork:
    """Read an ONNX model and make a network of it; InputError names the node that cannot be.

    normalization: of the images that the model expects, where it has none itself.
    """
    model = read_model(path)
    fed = _fed(model, normalization)
    builder = _built(model, fed)
    found = builder.found.get(model.output)
    last = model.nodes[-1] if model.nodes else None
    if found is None or last is None:
        raise InputError(f"{model.source}: no node computes its output '{model.output:.80}'")
    if isinstance(found, Open):
        builder.refuse(last, "ends the model with a sum; expected a Relu, a Gemm or a mean behind")
    if isinstance(found, Features) and found.is_mean:
        layer = builder.add(last, "fc", [found.layer], Shape(found.size, 1, 1))
        builder.check_numbers(last, found.size, math.prod(found.shape), most=MOST_WEIGHTS)
        layer.weight = of_cells(builder, last, np.eye(found.size), found)
        layer.bias = np.zeros(found.size)
    if all(_is_hosted(layer) for layer in builder.layers.values()):
        raise InputError(f"{model.source}: no layer for the machine; expected a Conv or a pool")
    name = re.sub(r"[^A-Za-z0-9_.-]+", "_", path.stem)[:60] or "model"
    return ImportedNetwork(
        name, model.input_shape, tuple(builder.layers.values()), tuple(builder.rows),
        fed, builder.pixels,
    )  # fmt: skip


def _built(model: OnnxModel, fed: Pixels) -> Builder:
    """Make layers; what normalizes the images is folded into them, or done by the load."""
    builder = Builder(model, fed, is_loaded=False)
    try:
        builder.build(OPERATORS, ADVICE)
    except NormalizedAsLoadedError:
        builder = Builder(model, fed, is_loaded=True)
        builder.build(OPERATORS, ADVICE)
    return builder


def _fed(model: OnnxModel, normalization: Normalization) -> Pixels:
    """Return pixels as a model is given them."""
    maps = model.input_shape.maps
    for word, numbers in normalization._asdict().items():
        if len(numbers) not in (1, maps):
            raise InputError(
                f"{word}: {len(numbers)} numbers; expected one, or one for each of {maps} maps"
            )
        if not all(map(math.isfinite, numbers)):
            raise InputError(f"{word}: {numbers}; expected finite numbers")
    if min(normalization.std) <= 0:
        raise InputError(f"std: {min(normalization.std):g}; expected numbers above 0")
    mean, std = (np.broadcast_to(np.array(each), (maps,)) for each in normalization)
    return Pixels(1 / std, -mean / std)


def _is_hosted(layer: ImportedLayer) -> bool:
    """Tell whether the host computes a layer of a model that has none for the machine."""
    return layer.op in {"fc", "relu"}


def _entry(layer: ImportedLayer) -> dict[str, Any]:
    """Return a layer as a network file has it."""
    rule = LAYER_OPS[layer.op]
    given = {
        "out": layer.shape.maps,
        "kernel": layer.kernel,
        "stride": layer.stride,
        "padding": list(layer.pads) if any(layer.pads) else "valid",
        "groups": layer.groups if layer.groups > 1 else None,
        "partial": layer.partial,
    }
    keys = (*rule.needs, *rule.takes)
    some = {key: value for key, value in given.items() if key in keys and value is not None}
    return {"name": layer.name, "op": layer.op, **some, "inputs": list(layer.inputs)}


def _arrays(layers: Sequence[ImportedLayer]) -> "list[tuple[str, Floats]]":
    return [
        (f"{layer.name}.{part}", array)
        for layer in layers
        for part, array in (("weight", layer.weight), ("bias", layer.bias))
        if array is not None
    ]
