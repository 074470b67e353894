"""The machine's cells in torch: what a step adds to a value. Gradients flow through all of it.

step_network.py executes a network with them.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numba import njit


@dataclass(frozen=True)
class Curve:
    """What a cell is read with on average, against the level that it is driven to.

    limit: levels are from -limit to limit, evenly spaced. mean: of each, in units of full scale.
    """

    limit: float
    mean: torch.Tensor

    @classmethod
    def of(cls, levels: np.ndarray, mean: np.ndarray, points: int = 481) -> "Curve":
        """Return a curve through some points, as straight lines."""
        fine = np.linspace(levels[0], levels[-1], points)
        return cls(float(levels[-1]), torch.tensor(np.interp(fine, levels, mean)).float())


class _Transfer(torch.autograd.Function):
    """A blend of a clip and a curve; the gradient is its slope."""

    @staticmethod
    def forward(ctx, level: torch.Tensor, curve: Curve, share: float) -> torch.Tensor:
        level = level.contiguous()  # else flat views below would be copies
        value, slope = torch.empty_like(level), torch.empty_like(level)
        places = level.numpy().ravel(), curve.mean.numpy(), value.numpy().ravel()
        _blend(*places, slope.numpy().ravel(), np.float32(curve.limit), np.float32(share))
        ctx.save_for_backward(slope)
        return value

    @staticmethod
    def backward(ctx, gradient: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        (slope,) = ctx.saved_tensors
        return gradient * slope, None, None


@njit(cache=True, fastmath=True, error_model="numpy")
def _blend(
    levels: np.ndarray, mean: np.ndarray, values: np.ndarray, slopes: np.ndarray,
    limit: np.float32, share: np.float32,
) -> None:  # fmt: skip
    """Fill in values and slopes of a blend in one pass: torch takes twenty."""
    one, zero = np.float32(1), np.float32(0)
    scale = np.float32(len(mean) - 1) / (2 * limit)
    rises = mean[1:] - mean[:-1]
    for at in range(len(levels)):
        level = levels[at]
        inside = min(max(level, -limit), limit)
        place = (inside + limit) * scale
        low = min(np.int32(place), np.int32(len(rises) - 1))
        rise = rises[low]
        value = rise * (place - np.float32(low)) + mean[low]
        clipped = min(max(level, -one), one)
        values[at] = clipped + share * (value - clipped)
        curved = scale * rise if inside == level else zero
        flat = one if clipped == level else zero
        slopes[at] = flat + share * (curved - flat)


@dataclass(frozen=True)
class Cells:
    """Non-ideal effects of a step, in units of full scale; all zero: ideal cells.

    read, write: standard deviations of a read-out and of a level that is written. variation:
    relative standard deviation of a synapse's gain. curves: of cells that a batch may be on;
    share: how far a cell is on its curve, between a clip (0) and the curve (1).
    """

    read: float = 0.0
    write: float = 0.0
    variation: float = 0.0
    curves: tuple[Curve, ...] = ()
    share: float = 1.0

    def drawn(self, normals: "Normals", least: float) -> "Cells":
        """Return the cells of a batch: noise and curve of these times a share of `least` to 1."""
        if self == Cells():
            return self
        share = normals.uniform(least, 1)
        curve = int(normals.uniform(0, len(self.curves))) if self.curves else 0
        return Cells(
            share * self.read, share * self.write, self.variation,
            self.curves[curve : curve + 1], share,
        )  # fmt: skip

    def noise(self, reads: float, writes: int = 1) -> float:
        """Return the standard deviation of a level and of the reads and writes that it sums."""
        return float(np.hypot(self.read * reads**0.5, self.write * writes**0.5))

    def store(self, level: torch.Tensor) -> torch.Tensor:
        """Return what cells driven to some levels are read with."""
        if not self.curves:
            return level.clamp(-1, 1)
        return _Transfer.apply(level, self.curves[0], self.share)


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


class Machine:
    """The machine's steps for a batch of images.

    Planes `a` hold values as they are. Plane `b` holds a value - 1, so that clipping at
    -1 is the ReLU; it is kept here + 1. The noise of a level and of the reads that it sums
    is added at once: between them nothing clips.
    """

    def __init__(self, cells: Cells, normals: Normals) -> None:
        self._cells = cells
        self._normals = normals

    def write(self, place: str, value: torch.Tensor, reads: float, writes: int = 1) -> torch.Tensor:
        """Return what cells of a plane (`a` or `b`) are read with that are driven to a value.

        reads: how many cells with unit weight the value sums, whose noise is still to add. writes:
        of its sum, this one and those of partial sums whose noise is still to add.
        """
        target = self._add(value, self._cells.noise(reads, writes))
        if place == "b":
            return self._cells.store(target - 1) + 1
        return self._cells.store(target)

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
