"""What the synapses of a step cost by their weights, and by the values that they weigh.

Modelled: the current that a weight sets (accelsim.config.energy_by_value), of the weights that are
set: rounded to `weight_bits`, and without what mismatch adds. A tap at the border of a map reads 0
and costs what its weight does. Values are those that planes hold as they are read, without what
leaked since and without noise.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from accelsim.compiler import Instruction, Operand
from accelsim.config.energy_by_value import ByValueSection
from accelsim.network import Weights
from accelsim.ops import STEP_OPS
from accelsim.values.program import quantized
from accelsim.values.terms import biases

Floats = NDArray[np.float64]


class Synapses:
    """The synapses of a program's steps. bits: of a convolution's weights; 0: not rounded."""

    def __init__(self, weights: Weights, section: ByValueSection, bits: int) -> None:
        self._weights, self._section = weights, section
        self._rounded: Mapping[str, Floats] = {
            name: quantized(weight.astype(np.float64), bits)
            for name, weight in weights.weight.items()
        }

    def share(self, step: Instruction) -> Floats:
        """Return how many times the price a cell of each map costs for a cycle, (maps,).

        Without what follows the values read.
        """
        still = 1 - self._section.signal_share.value
        total = np.full(step.maps, float(STEP_OPS[step.op].driven))
        for operand in step.operands:
            total += self._drawn(self._magnitudes(step, operand).reshape(step.maps, -1), still)
        if step.bias is not None:
            z = np.abs([[value or 0.0] for value in biases(step, self._weights)])
            total += self._drawn(z, 1.0)
        return total

    def moved(self, step: Instruction, read: Sequence[Floats]) -> Floats:
        """Return how many times the price what follows values costs, (images, maps), of all cells.

        read: of each operand, what each tap reads of each plane, without signs, summed over cells,
        (images, planes, taps).
        """
        section = self._section
        follows = (1 - section.synapse_share.value) * section.signal_share.value
        total = np.zeros((len(read[0]), step.maps))
        for operand, sums in zip(step.operands, read, strict=True):
            magnitudes = self._magnitudes(step, operand)
            # Loops of its own for each image: a matrix product's order may depend on their number.
            if operand.shared:
                total += np.einsum("mpt,ipt->im", magnitudes, sums)
            else:
                total += np.einsum("mt,imt->im", magnitudes[:, 0], sums)
        return total * (follows / section.weight.value)

    def _drawn(self, magnitudes: Floats, still: float) -> Floats:
        """Return the sum over synapses, (maps, synapses), with a share of what weights set."""
        section = self._section
        fixed = section.synapse_share.value
        on = fixed + (1 - fixed) * still * magnitudes / section.weight.value
        drawn: Floats = np.where(magnitudes > 0, on, section.zero_share.value).sum(axis=1)
        return drawn

    def _magnitudes(self, step: Instruction, operand: Operand) -> Floats:
        """Return the weights of an operand without signs, (maps, planes or 1, taps)."""
        kernel, planes = operand.kernel, len(operand.planes) if operand.shared else 1
        if kernel.layer:
            block = kernel.of(self._rounded[kernel.layer], step.maps, planes)
        else:
            fixed = np.array(kernel.fixed, np.float64)
            block = np.broadcast_to(fixed, (step.maps, planes, len(fixed)))
        return np.abs(kernel.gain * block)
