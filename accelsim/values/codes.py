"""Codes of the SRAM: what converters round values to, and what the digital engine makes of them.

A code of b bits stands for a level of a range that the ADC is set to, step by step: 0 to 1 for
maps that cannot be negative, -1 to 0 for what a digital ReLU clips next (all above 0 becomes 1),
and -1 to 1 for others. 0 is a level of each: 2^b levels, or of -1 to 1 one less, as weights have
them. Rounding is to the nearest, halves up. The engine's results are codes of as many bits.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from accelsim.compiler import Instruction, Program
from accelsim.network import Weights
from accelsim.ops import FETCH_STEP, STEP_OPS, STORE_STEP
from accelsim.topology import Place
from accelsim.values.bounds import bounds
from accelsim.values.flow import Node, flow
from accelsim.values.program import Array

SLACK = 1e-6
Range = tuple[float, float]
"""Lowest and highest value of a code."""
POSITIVE, NEGATIVE, SIGNED = (0.0, 1.0), (-1.0, 0.0), (-1.0, 1.0)


class Codes:
    """The codes of a program. adc_bits, dac_bits: of each; 0: as many as a number has."""

    def __init__(self, program: Program, weights: Weights, adc_bits: int, dac_bits: int) -> None:
        self._adc_bits, self._dac_bits = adc_bits, dac_bits
        self._ranges: list[Range] = []
        if adc_bits or dac_bits:
            self._ranges = ranges(program, weights)

    def rounded(self, place: int, step: Instruction, window: Array) -> Array:
        """Return what a step stores in the SRAM, or reads of it, (images, maps, rows, cols)."""
        bits = self._dac_bits if step.op == FETCH_STEP else self._adc_bits
        return rounded(window, self._ranges[place], bits) if bits else window


def reads_codes(step: Instruction) -> bool:
    """Tell whether a step reads codes of the SRAM."""
    return bool(step.operands) and step.operands[0].planes[0].place is Place.SRAM


def rounded(values: Array, of: Range, bits: int) -> Array:
    """Return values as a converter of so many bits gives them: the nearest levels of a range."""
    found: Array = (codes_of(values, of, bits) / levels_of(of, bits)).astype(values.dtype)
    return found


def codes_of(values: Array, of: Range, bits: int) -> Array:
    """Return the codes of values, whole numbers."""
    low, high = of
    found: Array = np.floor(np.clip(values, low, high) * levels_of(of, bits) + 0.5)
    return found


def levels_of(of: Range, bits: int) -> int:
    """Return the code of a value of 1: how many steps of a range are above 0, or below it."""
    low, high = of
    levels: int = 2**bits - 1 if low * high == 0 else max(1, 2 ** (bits - 1) - 1)
    return levels


def ranges(program: Program, weights: Weights) -> list[Range]:
    """Return the range of the codes that each step writes to the SRAM, or reads of it."""
    nodes = flow(program)
    low = [float(least.min()) for least, _ in bounds(nodes, weights)]
    readers: dict[int, list[Instruction]] = defaultdict(list)
    for node in nodes:
        for number in {source.step for sources in node.sources for source in sources}:
            readers[number].append(node.step)
    found: list[Range] = []
    for number, node in enumerate(nodes):
        if node.step.op == STORE_STEP:
            found.append(_of_store(low[number], readers[number]))
        elif reads_codes(node.step):
            found.append(_of_reader(node, found))
        else:
            found.append(SIGNED)
    return found


def _of_store(low: float, readers: Sequence[Instruction]) -> Range:
    """Return what the ADC is set to for values that are no less than `low`."""
    if readers and all(_is_relu(reader) for reader in readers):
        return NEGATIVE
    return POSITIVE if low >= -SLACK else SIGNED


def _of_reader(node: Node, found: Sequence[Range]) -> Range:
    read = {found[source.step] for sources in node.sources for source in sources}
    if _is_relu(node.step):
        return POSITIVE
    return read.pop() if len(read) == 1 else SIGNED


def _is_relu(step: Instruction) -> bool:
    op = STEP_OPS[step.op]
    return op.is_digital and op.bias == 1.0
