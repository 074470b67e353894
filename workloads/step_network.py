"""A network in torch as the machine executes it: step by step, with noise.

The layers are those of a network file, under the same names: convolutions with a bias, each with
a ReLU that is clipped at 1 because a cell stores a value of [-1, 1], 2x2 max- or average-pooling,
one after another, and fully-connected layers of the host at the end. A convolution that the machine
forms in several steps is formed in these steps here, with a gain of 1 for the partial sums.
Gradients flow through all of it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from noisy_cells import Cells, Machine, Normals
from torch import nn

import accelsim
from accelsim.compiler import Instruction, Program
from accelsim.config import Machine as MachineFile
from accelsim.importer.evaluate import plane_by_plane
from accelsim.importer.layers import ImportedLayer
from accelsim.network import Network
from accelsim.ops import Layer

ROOM = 0.8
"""What of [-1, 1] partial sums may take at no cost."""


Look = Callable[[Layer, torch.Tensor], None]
"""Called with each convolution and what it reads."""


class Part(NamedTuple):
    """What one step of a convolution reads: maps from `first` to `last`, and of these `mask`.

    mask: (1, maps, rows, cols) of the kernel, 1 where the step weighs, else 0.
    """

    first: int
    last: int
    mask: torch.Tensor


@dataclass(frozen=True)
class _Conv:
    """Stride and padding of a convolution, and its steps; one part: a step without a mask."""

    stride: int
    padding: tuple[int, int]
    parts: tuple[Part, ...]


class StepNetwork(nn.Module):
    """A network of a file on a machine.

    bits: of the convolutions' weights; 0: not rounded. cells: of the maps of its largest layer.
    excess: mean square of what the partial sums of the last batch had above ROOM, added over the
    steps; 0.0 without any.
    """

    def __init__(self, network: Network, machine: MachineFile, bits: int = 0) -> None:
        super().__init__()
        self.bits = bits
        self.excess: torch.Tensor | float = 0.0
        self._layers, self._host = network.on_machine, network.on_host
        self.cells = max(math.prod(layer.out_shape) for layer in self._layers)
        self._convs: dict[str, _Conv] = {}
        program = accelsim.compile_network(replace(network, weights_file=None), machine)
        for layer in network.layers:
            shape = layer.weight_shape
            if layer.op == "conv":
                self.add_module(layer.name, nn.Conv2d(shape[1], shape[0], layer.kernel))
                self._convs[layer.name] = _conv(layer, program)
            elif layer.op == "fc":
                self.add_module(layer.name, nn.Linear(shape[1], shape[0]))
            elif layer.op not in {"relu", "maxpool", "avgpool"}:
                raise ValueError(f"layer '{layer.name}': no steps for {layer.op} here")

    def forward(self, x: torch.Tensor, cells: Cells, normals: Normals) -> torch.Tensor:
        """Return logits (n, classes) of images (n, maps, rows, cols)."""
        self.excess = 0.0
        if cells == Cells():
            return self._classified(self._ideal(x))
        machine = Machine(cells, normals)
        x = machine.write("a", x, 0)
        for layer in self._layers:
            if layer.op == "conv":
                x = self._conv(machine, layer.name, x)
            else:
                x = {"relu": relu, "maxpool": maximum, "avgpool": mean}[layer.op](machine, x)
        return self._classified(machine.read(x))

    def rounded(self) -> dict[str, torch.Tensor]:
        """Return the parameters with the convolutions' weights as the synapses hold them."""
        state = self.state_dict()
        for name in self._convs:
            state[f"{name}.weight"] = quantized(state[f"{name}.weight"], self.bits)
        return state

    def partial_sums(self, images: torch.Tensor) -> dict[str, float]:
        """Return how large the sum of each convolution gets on ideal cells, on any machine.

        That is after any input plane of any block of the kernel, but the last: what a network file
        has as `partial`.
        """
        found = {name: [0.0] for name in self._convs}

        def look(layer: Layer, x: torch.Tensor) -> None:
            weight = quantized(self.get_submodule(layer.name).weight, self.bits)
            conv = ImportedLayer(
                layer.name, "conv", layer.inputs, layer.out_shape, layer.kernel, layer.stride,
                layer.pads, weight=weight.numpy(),
            )  # fmt: skip
            *parts, _ = plane_by_plane(conv, x.numpy())
            sums = np.cumsum(parts, axis=0) if parts else np.zeros(1)
            found[layer.name].append(float(np.abs(sums).max()))

        with torch.no_grad():
            for part in images.split(10):
                self._ideal(part, look)
        return {name: max(sizes) for name, sizes in found.items()}

    def _ideal(self, x: torch.Tensor, look: Look = lambda *_: None) -> torch.Tensor:
        for layer in self._layers:
            if layer.op == "conv":
                look(layer, x)
                module, conv = self.get_submodule(layer.name), self._convs[layer.name]
                weight = quantized(module.weight, self.bits)
                x = nn.functional.conv2d(x, weight, module.bias, conv.stride, conv.padding)
            elif layer.op == "relu":
                x = x.clamp(0, 1)
            elif layer.op == "maxpool":
                x = nn.functional.max_pool2d(x, 2)
            else:
                x = nn.functional.avg_pool2d(x, 2)
        return x

    def _classified(self, x: torch.Tensor) -> torch.Tensor:
        x = x.flatten(1)
        for layer in self._host:
            x = x.relu() if layer.op == "relu" else self.get_submodule(layer.name)(x)
        return x

    def _conv(self, machine: Machine, name: str, x: torch.Tensor) -> torch.Tensor:
        """Convolution: partial sums as they are, and the last step with the bias."""
        module, conv = self.get_submodule(name), self._convs[name]
        weight, place = quantized(module.weight, self.bits), (conv.stride, conv.padding)
        total: torch.Tensor | None = None
        for part in conv.parts:
            is_last = part is conv.parts[-1]
            weights = machine.gains(weight[:, part.first : part.last] * part.mask)
            source, bias = machine.read(x[:, part.first : part.last]), module.bias
            found = nn.functional.conv2d(source, weights, bias if is_last else None, *place)
            if total is not None:
                found = found + machine.gain(total)
            if is_last:
                return machine.write("b", machine.offset(found), 0 if total is None else 1)
            self.excess = self.excess + (found.abs() - ROOM).clamp(min=0).square().mean()
            total = machine.write("a", found, 0 if total is None else 1)
        raise AssertionError("a convolution has steps")


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


def _conv(layer: Layer, program: Program) -> _Conv:
    above, left, below, right = layer.pads
    if (above, left) != (below, right):
        raise ValueError(f"layer '{layer.name}': uneven padding has no steps here")
    steps = [
        step for step in program.instructions if step.layer == layer.name and step.first_map == 0
    ]
    return _Conv(layer.stride, (above, left), tuple(_part(layer, step) for step in steps))


def _part(layer: Layer, step: Instruction) -> Part:
    """Return which weights of a layer a step uses."""
    mask = torch.zeros(1, *layer.weight_shape[1:])
    for operand in step.operands:
        kernel = operand.kernel
        if kernel.layer:
            maps = slice(kernel.first_in, kernel.first_in + len(operand.planes))
            row, col, rows, cols = kernel.block or (0, 0, layer.kernel, layer.kernel)
            mask[:, maps, row : row + rows, col : col + cols] = 1
    used = mask.sum((0, 2, 3)).nonzero()[:, 0]
    first, last = int(used[0]), int(used[-1]) + 1
    return Part(first, last, mask[:, first:last])
