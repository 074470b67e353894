"""What the synapses of a step cost by their weights: the same for every image.

Modelled: the current that a weight sets (accelsim.config.energy_by_value), of the weights that are
set: rounded to `weight_bits`, and without what mismatch adds. A tap at the border of a map, which
reads 0, costs what its weight does.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from accelsim.compiler import Instruction, Operand
from accelsim.config.energy_by_value import ByValueSection
from accelsim.network import Weights
from accelsim.ops import STEP_OPS
from accelsim.values.program import quantized
from accelsim.values.terms import biases

Magnitudes = NDArray[np.float64]


class Synapses:
    """The synapses of a program's steps. bits: of a convolution's weights; 0: not rounded."""

    def __init__(self, weights: Weights, section: ByValueSection, bits: int) -> None:
        self._weights, self._section = weights, section
        self._rounded: Mapping[str, NDArray[np.float64]] = {
            name: quantized(weight.astype(np.float64), bits)
            for name, weight in weights.weight.items()
        }

    def share(self, step: Instruction) -> NDArray[np.float64]:
        """Return how many times the price a cell of each map costs for a cycle, (maps,)."""
        total = np.full(step.maps, float(STEP_OPS[step.op].driven))
        for magnitudes in self._magnitudes(step):
            section = self._section
            fixed = section.synapse_share.value
            on = fixed + (1 - fixed) * magnitudes / section.weight.value
            total += np.where(magnitudes > 0, on, section.zero_share.value).sum(axis=1)
        return total

    def _magnitudes(self, step: Instruction) -> Iterator[Magnitudes]:
        """Give the weights of each operand, and the bias, without signs: (maps, synapses)."""
        for operand in step.operands:
            block = self._block(step, operand)
            yield np.abs(operand.kernel.gain * block).reshape(step.maps, -1)
        if step.bias is not None:
            yield np.abs([[value or 0.0] for value in biases(step, self._weights)])

    def _block(self, step: Instruction, operand: Operand) -> NDArray[np.float64]:
        kernel, planes = operand.kernel, len(operand.planes) if operand.shared else 1
        if kernel.layer:
            return kernel.of(self._rounded[kernel.layer], step.maps, planes)
        fixed = np.array(kernel.fixed, np.float64)
        return np.broadcast_to(fixed, (step.maps, planes, len(fixed)))
