"""How large the partial sums of a layer are, as calibration images show it.

A machine forms a sum plane by plane, in the order of the layer's inputs, and that of a large kernel
block by block. It stores what it has after some of them: which, depends on the machine. So the
largest size after any but the last is found.
"""

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from accelsim.importer.evaluate import Array, plane_by_plane
from accelsim.importer.layers import ImportedLayer
from accelsim.ops import blocks

IMAGES, _MOST_SUMS = 100, 10**9
"""Images that are looked at: the first so many, or of large networks so many that their partial
sums, one a plane, block, map and cell, are no more than that."""


class PartialSizes:
    """Finds the largest partial sum of each layer that a machine forms as a sum.

    ends: of each part of a sum, the layer that ends it. largest: by layer, so far.
    """

    def __init__(self, layers: Sequence[ImportedLayer], ends: Mapping[str, str]) -> None:
        self._layers = {layer.name: layer for layer in layers}
        self._ends = ends
        # The last layer of a sum is the one that its relu reads; a sum of maps ends itself.
        self._sums = [
            layer.inputs[0] if layer.op == "relu" else layer.name
            for layer in layers
            if ends.get(layer.name) == layer.name
        ]
        self.largest = dict.fromkeys(self._sums, 0.0)
        sums = sum(self._planes(layer) * math.prod(layer.shape) for layer in layers)
        self._left = max(1, min(IMAGES, _MOST_SUMS // max(1, sums)))

    def add(self, values: Mapping[str, Array]) -> None:
        """Look at the values of a batch of images, by layer."""
        some = {name: array[: self._left] for name, array in values.items()}
        seen = len(next(iter(some.values())))
        self._left -= seen
        for name in self._sums if seen else ():
            total, shape = None, self._layers[name].shape
            for part in self._parts(name, some):
                if total is None:
                    total = np.zeros((len(part), *shape), np.float32)
                else:
                    size = max(float(total.max()), -float(total.min()))
                    self.largest[name] = max(self.largest[name], size)
                total += part

    def _parts(self, name: str, values: Mapping[str, Array]) -> Iterator[Array]:
        """Give what each plane adds to a sum, in the order in which a machine reads them."""
        layer = self._layers.get(name)
        if layer is not None and layer.op == "conv":
            yield from plane_by_plane(layer, values[layer.inputs[0]])
        elif layer is not None and layer.op == "add" and self._is_part(layer):
            for each in layer.inputs:
                if self._ends.get(each) == self._ends[name] and each != self._ends[name]:
                    yield from self._parts(each, values)
                else:
                    yield values[each]
        else:
            yield values[name]

    @staticmethod
    def _planes(layer: ImportedLayer) -> int:
        """Return how many times a layer reads a plane for its sum."""
        if layer.op != "conv" or layer.weight is None:
            return 0
        return int(layer.weight.shape[1]) * len(blocks(layer.kernel))

    def _is_part(self, layer: ImportedLayer) -> bool:
        return layer.name in self._ends
