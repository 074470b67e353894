"""Between which bounds the values of a program lie on ideal cells, whatever the image."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from accelsim.compiler import Instruction, Operand
from accelsim.network import Weights
from accelsim.ops import Pixels
from accelsim.values.flow import Node, Source
from accelsim.values.terms import biases

Floats = NDArray[np.float64]
Bounds = tuple[Floats, Floats]
"""Lowest and highest value of each map, (maps,)."""


def bounds(nodes: Sequence[Node], weights: Weights) -> list[Bounds]:
    """Return the bounds of what each step drives, before it is clipped.

    What is outside of a map is 0.
    """
    found: list[Bounds] = []
    for node in nodes:
        step = node.step
        if not step.operands:
            found.append(_loaded(step, weights.pixels))
            continue
        z = [0.0 if bias is None else bias for bias in biases(step, weights)]
        low, high = np.array(z), np.array(z)
        for operand, sources in zip(step.operands, node.sources, strict=True):
            least, most = _of_reads(step, operand, sources, found)
            weight = _weights(step, operand, weights)
            low += (np.maximum(weight, 0) * least + np.minimum(weight, 0) * most).sum(axis=(1, 2))
            high += (np.maximum(weight, 0) * most + np.minimum(weight, 0) * least).sum(axis=(1, 2))
        found.append((low, high))
    return found


def _loaded(step: Instruction, pixels: Pixels | None) -> Bounds:
    """Return bounds of the pixels that a step loads."""
    if pixels is None:
        return np.zeros(step.maps), np.ones(step.maps)
    maps = slice(step.first_map, step.first_map + step.maps)
    return pixels.lowest[maps], pixels.highest[maps]


def _of_reads(
    step: Instruction, operand: Operand, sources: Sequence[Source], found: Sequence[Bounds]
) -> Bounds:
    """Return bounds of what an operand reads, 0 among them, (maps or 1, planes, 1)."""
    least = np.array([found[source.step][0][source.number] for source in sources])
    most = np.array([found[source.step][1][source.number] for source in sources])
    shape = (1, -1, 1) if operand.shared else (step.maps, 1, 1)
    return np.clip(least, -1, 0).reshape(shape), np.clip(most, 0, 1).reshape(shape)


def _weights(step: Instruction, operand: Operand, weights: Weights) -> Floats:
    """Return the weights of an operand with its gain, (maps, planes, taps)."""
    kernel = operand.kernel
    planes = len(operand.planes) if operand.shared else 1
    if kernel.layer:
        selected = kernel.of(weights.weight[kernel.layer], step.maps, planes)
    else:
        selected = np.broadcast_to(np.array(kernel.fixed), (step.maps, planes, len(kernel.fixed)))
    return selected * np.float64(kernel.gain)
