"""The layers that the host computes of what the handoff delivers: fully connected, and ReLU.

In double precision, without errors: what a digital engine would add is outside the published
scope. A ReLU of the host is not clipped at 1.
"""

import numpy as np
from numpy.typing import NDArray

from accelsim.network import Network, Weights
from accelsim.values.program import Array

Floats = NDArray[np.float64]


class HostLayers:
    """The host's layers of a network, ready for batches of images."""

    def __init__(self, network: Network, weights: Weights) -> None:
        self._layers: list[tuple[Floats, Floats] | None] = [
            (weights.weight[layer.name].T, weights.bias[layer.name])
            if layer.name in weights.weight
            else None
            for layer in network.on_host
        ]
        self.classes = network.layers[-1].out_shape.maps

    def logits(self, maps: Array) -> Floats:
        """Return the logits (n, classes) of maps at the boundary (n, maps, rows, cols)."""
        found: Floats = maps.reshape(len(maps), -1).astype(np.float64)
        for layer in self._layers:
            if layer is None:
                np.maximum(found, 0, out=found)
            else:
                # One product an image: a product of all would round by how many there are.
                found = (found[:, None] @ layer[0])[:, 0] + layer[1]
        return found
