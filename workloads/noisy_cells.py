"""The reference network in torch as the machine executes it: step by step, with noise.

The network is that of the 28 x 28 workloads: 3x3 convolutions with same padding and a bias,
a ReLU that is clipped at 1 because a cell stores a value of [-1, 1], 2x2 max-pooling, and
one fully-connected layer. Gradients flow through all of it.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn


@dataclass(frozen=True)
class Cells:
    """Non-ideal effects of a step, in units of full scale; all zero: ideal cells.

    read, write: standard deviations of a read-out and of a write. residual: share of a
    plane's old content that a write leaves. variation: relative standard deviation of a
    synapse's gain.
    """

    read: float = 0.0
    write: float = 0.0
    residual: float = 0.0
    variation: float = 0.0

    def drawn(self, normals: "Normals", least: float) -> "Cells":
        """Return cells with noise and residual from a share `least` of these up to these."""
        if self == Cells():
            return self
        read, write, residual = (
            normals.uniform(least * high, high) for high in (self.read, self.write, self.residual)
        )
        return Cells(read, write, residual, self.variation)

    def noise(self, reads: int) -> float:
        """Return the standard deviation of a write and the reads that it sums."""
        return float(np.hypot(self.read * reads**0.5, self.write))


class Normals:
    """Normal numbers for noise: stretches of one pool, each from a random place."""

    def __init__(self, seed: int, size: int = 1 << 23) -> None:
        self._generator = torch.Generator().manual_seed(seed)
        self._pool = torch.randn(size, generator=self._generator)

    def like(self, value: torch.Tensor) -> torch.Tensor:
        """Return numbers in the shape of a value."""
        room = len(self._pool) - value.numel()
        start = int(torch.randint(room, (1,), generator=self._generator))
        return self._pool[start : start + value.numel()].view(value.shape)

    def uniform(self, low: float, high: float) -> float:
        """Return a number between two."""
        return low + (high - low) * float(torch.rand(1, generator=self._generator))


Planes = dict[str, torch.Tensor]
EMPTY = {
    "a0": torch.zeros(1, 8, 28, 28),
    "a1": torch.zeros(1, 8, 28, 28),
    "b0": torch.ones(1, 8, 28, 28),
}
"""Planes before the first image."""


class Machine:
    """Planes of a batch of images, and what lies below the next write.

    Planes `a` hold values as they are. Plane `b` holds a value - 1, so that clipping at
    -1 is the ReLU; it is kept here + 1. The noise of a write and of the reads that it sums
    is added at once: between them nothing clips.

    planes: what the planes held before, of other images, (any number, 8, 28, 28) by name.
    """

    def __init__(self, images: int, cells: Cells, normals: Normals, planes: Planes) -> None:
        self._cells = cells
        self._normals = normals
        pick = torch.arange(images)
        self._below = {name: plane[pick % len(plane)] for name, plane in planes.items()}

    def left(self) -> Planes:
        """Return what the planes hold now."""
        return self._below

    def write(
        self, name: str, value: torch.Tensor, reads: int, grid: tuple[int, int] = (1, 1)
    ) -> torch.Tensor:
        """Settle a window of a plane, on a grid, to a value, and return what it holds then.

        reads: how many cells with unit weight the value sums, whose noise is still to add.
        """
        target = self._add(value, self._cells.noise(reads))
        target = target.clamp(0, 2) if name == "b0" else target.clamp(-1, 1)
        if self._cells.residual:
            _, maps, rows, cols = value.shape
            old = self._below[name][
                :, :maps, : rows * grid[0] : grid[0], : cols * grid[1] : grid[1]
            ]
            target = torch.lerp(target, old, self._cells.residual)
            old.copy_(target.detach())
        return target

    def read(self, value: torch.Tensor) -> torch.Tensor:
        """Return a window with the read-out's noise."""
        return self._add(value, self._cells.read)

    def gains(self, weight: torch.Tensor) -> torch.Tensor:
        """Return weights times the gains of a convolution's synapses, alike in all cells."""
        return weight * self._around(1, weight) if self._cells.variation else weight

    def gain(self, value: torch.Tensor) -> torch.Tensor:
        """Return a window as one synapse of each cell weighs it."""
        return value * self._around(1, value[:1]) if self._cells.variation else value

    def offset(self, value: torch.Tensor, synapses: int = 1) -> torch.Tensor:
        """Return a window plus the deviations of synapses that weigh 1 or -1."""
        if not self._cells.variation:
            return value
        return value + synapses**0.5 * self._around(0, value[:1])

    def _around(self, mean: float, like: torch.Tensor) -> torch.Tensor:
        return mean + self._cells.variation * self._normals.like(like)

    def _add(self, value: torch.Tensor, sigma: float) -> torch.Tensor:
        return torch.add(value, self._normals.like(value), alpha=sigma) if sigma else value


class ReferenceNetwork(nn.Module):
    """The layers of workloads/mnist.yaml, under the same names, step by step.

    bits: of the convolutions' weights; 0: not rounded. in_sequence: the planes of a batch hold
    what the batch before left there; else nothing.
    """

    def __init__(self, bits: int = 0) -> None:
        super().__init__()
        self.bits = bits
        self.in_sequence = False
        self._planes = EMPTY
        self.conv1 = nn.Conv2d(1, 4, 3, padding=1)
        self.conv2 = nn.Conv2d(4, 8, 3, padding=1)
        self.fc = nn.Linear(8 * 7 * 7, 10)

    def forward(self, x: torch.Tensor, cells: Cells, normals: Normals) -> torch.Tensor:
        """Return logits (n, 10) of images (n, 1, 28, 28)."""
        if cells == Cells():
            return self._ideal(x)
        machine = Machine(len(x), cells, normals, self._planes)
        x = machine.write("a0", x, 0)
        x = self._layer(machine, self.conv1, x)
        x = self._layer(machine, self.conv2, x)
        self._planes = machine.left() if self.in_sequence else EMPTY
        return self.fc(machine.read(x).flatten(1))

    def rounded(self) -> dict[str, torch.Tensor]:
        """Return the parameters with the convolutions' weights as the synapses hold them."""
        state = self.state_dict()
        for name in ("conv1.weight", "conv2.weight"):
            state[name] = quantized(state[name], self.bits)
        return state

    def _ideal(self, x: torch.Tensor) -> torch.Tensor:
        for conv in (self.conv1, self.conv2):
            x = nn.functional.conv2d(x, quantized(conv.weight, self.bits), conv.bias, padding=1)
            x = nn.functional.max_pool2d(x, 2).clamp(0, 1)
        return self.fc(x.flatten(1))

    def _layer(self, machine: Machine, conv: nn.Conv2d, x: torch.Tensor) -> torch.Tensor:
        """Convolution, ReLU, and the larger one of columns, then of rows: x + relu(y - x)."""
        weight = machine.gains(quantized(conv.weight, self.bits))
        x = nn.functional.conv2d(machine.read(x), weight, conv.bias, padding=1)
        x = machine.write("b0", machine.offset(x), 0)
        x = machine.write("a0", machine.offset(machine.gain(x), 2), 1)
        for name, axis, grid in (("a1", 3, (1, 2)), ("a0", 2, (2, 2))):
            even, odd = halves(x, axis)
            more = machine.offset(machine.gain(odd) - machine.gain(even))
            more = machine.write("b0", more, 2, grid)
            both = machine.offset(machine.gain(more) + machine.gain(even), 2)
            x = machine.write(name, both, 2, grid)
        return x


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
