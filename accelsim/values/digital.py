"""The layers behind the handoff as the machine's engine computes them: on whole numbers, exactly.

The ADC makes a value of the boundary a code of so many bits, over [0, 1] where no value can be
negative, else over [-1, 1]. Weights are whole numbers of so many bits, the largest of a layer at
full scale; a bias one of 32 bits on the scale of the products; products and sums are exact. Sums
of a layer that another one reads become codes of as many bits as the ADC's: all those of an image
are shifted by as many bits, so few that the largest still fits (block floating point), and rounded,
halves up. The class is the first of the largest sums.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from accelsim.compiler import BIAS_BITS, ClassifierDesign, Program
from accelsim.errors import InputError
from accelsim.network import Network, Weights
from accelsim.values.bounds import bounds
from accelsim.values.codes import POSITIVE, SIGNED, SLACK, Range, codes_of, levels_of
from accelsim.values.flow import flow
from accelsim.values.program import Array

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class _Layer:
    """weight: whole numbers, (inputs, outputs). bias: (outputs,), on the scale of unshifted sums.

    As floating point: sums below 2^53 are exact, and fast.
    """

    weight: NDArray[np.float64] = field(repr=False)
    bias: Integers = field(repr=False)


class DigitalLayers:
    """Layers behind the handoff of a network, ready for batches of images.

    range_: of the codes. Raises InputError for an ADC that cannot hold the values at the boundary,
    and for a bias of more than 32 bits.
    """

    def __init__(
        self, program: Program, network: Network, weights: Weights, design: ClassifierDesign
    ) -> None:
        self._bits = design.code_bits
        self.range_ = boundary_range(program, weights)
        if self.range_ == SIGNED and self._bits < 2:
            raise InputError(
                f"converters.adc.bits: got {self._bits}; expected at least 2: values at the "
                f"boundary of '{network.name}' have a sign"
            )
        self._layers: list[_Layer | None] = []
        scale = 1 / levels_of(self.range_, self._bits)
        for layer in network.on_host:
            if layer.name not in weights.weight:
                self._layers.append(None)
                continue
            weight, bias = weights.weight[layer.name], weights.bias[layer.name]
            step = _step(weight, design.weight_bits)
            scale *= step
            whole = np.floor(bias / scale + 0.5)
            if not np.abs(whole).max(initial=0) < 2 ** (BIAS_BITS - 1):
                raise InputError(
                    f"layer '{layer.name}': a bias takes more than {BIAS_BITS} bits on the scale "
                    "of its products; expected fewer bits of weights or codes (digital.bits, "
                    "converters.adc.bits)"
                )
            numbers = np.floor(weight.T / step + 0.5)
            self._layers.append(_Layer(numbers, whole.astype(np.int64)))

    def classes(self, maps: Array) -> Integers:
        """Return the class of each image of maps at the boundary, (n, maps, rows, cols)."""
        found: Integers = self.sums(maps).argmax(axis=1)
        return found

    def sums(self, maps: Array) -> Integers:
        """Return the sums of the last layer, (n, classes); of each image on a scale of its own."""
        codes = codes_of(maps.reshape(len(maps), -1).astype(np.float64), self.range_, self._bits)
        sums: Integers = codes.astype(np.int64)
        shifted = np.zeros((len(maps), 1), np.int64)
        is_sum, room = False, self._bits - 1
        for layer in self._layers:
            if layer is None:
                sums, room = np.maximum(sums, 0), self._bits
                continue
            if is_sum:
                sums, by = _as_codes(sums, room)
                shifted += by
            sums = (sums.astype(np.float64) @ layer.weight).astype(np.int64)
            sums += _shifted(layer.bias[None], shifted)
            is_sum, room = True, self._bits - 1
        return sums


def boundary_range(program: Program, weights: Weights) -> Range:
    """Return the range of codes that holds the values at the boundary of any image."""
    nodes = flow(program)
    low = min(
        float(least.min())
        for node, (least, _) in zip(nodes, bounds(nodes, weights), strict=True)
        if not node.step.destination
    )
    return POSITIVE if low >= -SLACK else SIGNED


def _step(weight: NDArray[np.float64], bits: int) -> float:
    """Return what 1 of a weight's whole numbers stands for."""
    return float(np.abs(weight).max(initial=0)) / (2 ** (bits - 1) - 1) or 1.0


def _as_codes(sums: Integers, room: int) -> tuple[Integers, Integers]:
    """Return sums as codes, and by how many bits those of each image were shifted, (n, 1).

    room: bits of a code, without a sign.
    """
    most = np.abs(sums).max(axis=1, keepdims=True, initial=0)
    # frexp gives the number of bits of a whole number.
    by = np.maximum(np.frexp(most.astype(np.float64))[1] - room, 0).astype(np.int64)
    limit = 2**room - 1
    return np.clip(_shifted(sums, by), -limit, limit), by


def _shifted(numbers: Integers, by: Integers) -> Integers:
    """Return whole numbers shifted down by so many bits, to the nearest, halves up."""
    return (numbers + np.where(by > 0, np.int64(1) << np.maximum(by - 1, 0), 0)) >> by
