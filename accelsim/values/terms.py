"""What the steps of a program read, where, and with which bias, as the engine needs it."""

from collections.abc import Sequence

import numpy as np

from accelsim.compiler import Instruction, Operand
from accelsim.network import Weights
from accelsim.ops import FETCH_STEP
from accelsim.values.cells import Biases


def place_of(operand: Operand) -> str:
    """Return where the planes of an operand are."""
    return operand.planes[0].place.value


def biases(step: Instruction, weights: Weights) -> Biases:
    """Return the nominal bias of each map; None where the drive is from outside."""
    if not step.operands or step.op == FETCH_STEP:
        return [None] * step.maps
    if step.bias is None:
        return [0.0] * step.maps
    of, trained = step.bias, np.zeros(step.first_map + step.maps)
    if of.layer:
        trained = of.gain * weights.bias[of.layer]
    return [float(of.offset + trained[step.first_map + map_]) for map_ in range(step.maps)]


def reads_once(operand: Operand) -> bool:
    """Tell whether every cell of the operand is seen by one synapse at most."""
    rows, cols = operand.grid
    places = {(tap.row % rows, tap.col % cols) for tap in operand.taps}
    return not operand.shared and len(places) == len(operand.taps)


def used(offsets: Sequence[int], step: int, extent: int) -> tuple[slice, int]:
    """Return the source lines that are read, and the step between window lines among them."""
    if set(offsets) == {0} and step > 1:
        return slice(0, extent, step), 1
    return slice(0, extent), step


def length(lines: slice, extent: int) -> int:
    """Return how many lines of an extent a slice has."""
    return len(range(*lines.indices(extent)))
