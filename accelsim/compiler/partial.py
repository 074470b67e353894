"""The gain that keeps partial sums from being clipped.

A sum of more planes than a step reads is formed in several steps. What all but the last store is
scaled by a gain, so that it stays within [-1, 1]; the last step divides by it. The gain is from
the weights: with values of [0, 1], a partial sum lies between the sums of its negative and of its
positive weights, as both only grow from step to step. No partial sum is clipped then, whatever the
image. If the network file says how large the partial sums of a layer are (`partial`, as
calibration images showed), the gain is from that: what goes beyond it is clipped. A smaller gain
makes the noise of a write weigh more: that is what accumulation costs.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from accelsim.compiler.draft import FoldedOperand
from accelsim.network import Weights


@dataclass(frozen=True)
class PartialSums:
    """Bounds of partial sums.

    known: of layers whose network file says it. read: returns the weights, or None without any;
    called if needed.
    """

    known: Mapping[str, float]
    read: Callable[[], Weights | None]

    @cached_property
    def _weights(self) -> Weights | None:
        return self.read()

    def gain(self, layer: str, summed: Iterable[FoldedOperand], maps: int) -> float:
        """Return the gain for what these operands add up to in so many maps, at most 1.

        layer: whose sum it is, or "" for one of parts of windows. Without weights there are no
        values that could be clipped: 1.
        """
        if layer in self.known:
            return min(1.0, 1.0 / self.known[layer])
        lowest, highest = np.zeros(maps), np.zeros(maps)
        for operand in summed:
            block = self._block(operand, maps)
            if block is None:
                return 1.0
            lowest += np.minimum(block, 0).sum(axis=1)
            highest += np.maximum(block, 0).sum(axis=1)
        bound = float(max(-lowest.min(), highest.max()))
        return 1.0 / bound if bound > 1 else 1.0

    def _block(self, operand: FoldedOperand, maps: int) -> NDArray[np.float64] | None:
        """Return the weights of an operand for each map, (maps, taps of all planes)."""
        kernel = operand.kernel
        if not kernel.layer:
            return np.broadcast_to(np.array(kernel.fixed), (maps, len(kernel.fixed)))
        if self._weights is None:
            return None
        planes = operand.planes if operand.shared else 1
        return kernel.of(self._weights.weight[kernel.layer], maps, planes).reshape(maps, -1)
