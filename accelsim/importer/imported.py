"""A model as a network: the rows of its network file, its weights, and what its nodes became."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accelsim.errors import InputError
from accelsim.importer.builder import MOST_WEIGHTS, Builder
from accelsim.importer.hosted import of_cells
from accelsim.importer.layers import Features, Floats, ImportedLayer, Open, Row
from accelsim.importer.model import read_model
from accelsim.importer.operators import ADVICE, OPERATORS
from accelsim.importer.ranges import Range, scaled
from accelsim.ops import LAYER_OPS, Shape

CALIBRATION = 1000
"""Images that scales follow from, unless told otherwise: the first of the data set."""
LARGEST = 100.0
"""The percentile that is the largest value."""
SUFFIX = ".onnx"


@dataclass(frozen=True)
class ImportedNetwork:
    """A model as layers. rows: of all nodes that its output needs."""

    name: str
    input: Shape
    layers: tuple[ImportedLayer, ...]
    rows: tuple[Row, ...]

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
        layers, ranges = scaled(self.layers, images, percentile)
        return ScaledNetwork(
            replace(self, layers=tuple(layers)), dict(_arrays(layers)), tuple(ranges)
        )


@dataclass(frozen=True, eq=False)
class ScaledNetwork:
    """A network whose layers store what fits a cell.

    arrays: its weights, by their names in an npz file. ranges: what the scales follow from.
    """

    network: ImportedNetwork
    arrays: Mapping[str, Floats]
    ranges: tuple[Range, ...]


def import_model(path: Path) -> ImportedNetwork:
    """Read an ONNX model and make a network of it; InputError names the node that cannot be."""
    model = read_model(path)
    builder = Builder(model)
    builder.build(OPERATORS, ADVICE)
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
        name, model.input_shape, tuple(builder.layers.values()), tuple(builder.rows)
    )


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
