"""Steps of the machine in torch: what each reads, and what pooling and a ReLU store."""

from typing import NamedTuple

import torch
from noisy_cells import Machine
from torch import nn

from accelsim.compiler import Instruction
from accelsim.ops import Layer


class Part(NamedTuple):
    """What one step of a sum reads of a layer: maps from `first` to `last`, through `mask`.

    source: layer whose maps are read. conv: whose weights; "" for a layer that is added as it is,
    with all its maps. mask: (1, maps, rows, cols) of the kernel, 1 where the step weighs, else 0.
    """

    source: str
    conv: str = ""
    first: int = 0
    last: int | None = None
    mask: torch.Tensor | None = None


def part_of(layer: Layer, step: Instruction) -> Part:
    """Return which weights of a convolution a step uses."""
    mask = torch.zeros(1, *layer.weight_shape[1:])
    for operand in step.operands:
        kernel = operand.kernel
        if kernel.layer == layer.name:
            maps = slice(kernel.first_in, kernel.first_in + len(operand.planes))
            row, col, rows, cols = kernel.block or (0, 0, layer.kernel, layer.kernel)
            mask[:, maps, row : row + rows, col : col + cols] = 1
    used = mask.sum((0, 2, 3)).nonzero()[:, 0]
    first, last = int(used[0]), int(used[-1]) + 1
    return Part(layer.inputs[0], layer.name, first, last, mask[:, first:last])


def relu(machine: Machine, x: torch.Tensor) -> torch.Tensor:
    """Return what a ReLU stores."""
    return machine.write("a", machine.offset(machine.gain(x), 2), 1)


def maximum(machine: Machine, x: torch.Tensor) -> torch.Tensor:
    """Return the larger one of columns, then of rows: x + relu(y - x)."""
    for axis in (3, 2):
        even, odd = halves(x, axis)
        more = machine.offset(machine.gain(odd) - machine.gain(even))
        more = machine.write("b", more, 2)
        both = machine.offset(machine.gain(more) + machine.gain(even), 2)
        x = machine.write("a", both, 2)
    return x


def mean(machine: Machine, x: torch.Tensor) -> torch.Tensor:
    """Return means of 2 x 2 cells: four reads with a weight of 1/4 have the noise of 1/4."""
    return machine.write("a", nn.functional.avg_pool2d(machine.gain(x), 2), 1 / 4)


def halves(x: torch.Tensor, axis: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the even and the odd lines along an axis."""
    even, odd = x.unflatten(axis, (-1, 2)).unbind(axis + 1)
    return even, odd


def quantized(weight: torch.Tensor, bits: int) -> torch.Tensor:
    """Round to 2^bits - 1 levels around 0 of a layer's largest weight; gradients pass."""
    if not bits:
        return weight
    step = weight.detach().abs().max() / (2 ** (bits - 1) - 1)
    return weight + (torch.round(weight / step) * step - weight).detach()
