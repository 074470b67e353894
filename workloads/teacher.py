"""A larger network that the reference network learns from, and the images both read.

The teacher is an ordinary convolutional network in float; what it says of an image is softer
than the label, and a small network learns more from that (G. Hinton et al., "Distilling the
knowledge in a neural network", arXiv:1503.02531).
"""

import math

import numpy as np
import torch
from images import Split
from torch import nn


def taught(data: Split, epochs: int, seed: int, *, flip: bool) -> torch.Tensor:
    """Train a teacher on distorted images; return its logits (n, classes) of the plain ones.

    flip: also mirror images left to right, for those that mean the same then.
    """
    images, labels = data
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    teacher = _network(int(labels.max()) + 1)
    optimizer = torch.optim.Adam(teacher.parameters())
    steps = epochs * -(-len(images) // 128)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 0.004, total_steps=steps, pct_start=0.2
    )
    for epoch in range(epochs):
        losses = []
        for pick in torch.randperm(len(images), generator=generator).split(128):
            distorted = _distorted(images[pick], generator, flip=flip)
            loss = nn.functional.cross_entropy(teacher(distorted), labels[pick])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        print(f"teacher, epoch {epoch + 1}/{epochs}: loss {np.mean(losses):.4f}", flush=True)
    teacher.eval()
    with torch.no_grad():
        return torch.cat([teacher(part) for part in images.split(500)])


def _network(classes: int) -> nn.Module:
    def block(maps: int, out: int) -> list[nn.Module]:
        return [nn.Conv2d(maps, out, 3, padding=1), nn.BatchNorm2d(out), nn.ReLU()]

    return nn.Sequential(
        *block(1, 24), *block(24, 24), nn.MaxPool2d(2),
        *block(24, 48), *block(48, 48), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.3), nn.Linear(48 * 49, 128), nn.ReLU(),
        nn.Dropout(0.3), nn.Linear(128, classes),
    )  # fmt: skip


def _distorted(images: torch.Tensor, generator: torch.Generator, *, flip: bool) -> torch.Tensor:
    """Rotate by up to 10 degrees, scale and shear by 10 %, move by up to 1.5 pixels."""

    def within(most: float) -> torch.Tensor:
        return (torch.rand(len(images), generator=generator) * 2 - 1) * most

    angle, wide, high, shear = within(math.pi / 18), 1 + within(0.1), 1 + within(0.1), within(0.1)
    if flip:
        wide = wide * torch.where(within(1) > 0, 1.0, -1.0)
    cosine, sine = torch.cos(angle), torch.sin(angle)
    first = torch.stack([cosine * wide, -sine * high + shear, within(1.5) / 14], 1)
    second = torch.stack([sine * wide, cosine * high, within(1.5) / 14], 1)
    grid = nn.functional.affine_grid(
        torch.stack([first, second], 1), list(images.shape), align_corners=False
    )
    return nn.functional.grid_sample(images, grid, align_corners=False)
