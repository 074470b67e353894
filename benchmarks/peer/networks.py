"""The networks that are simulated, and the folder of one with what the simulators read."""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

import accelsim
from accelsim.network import Network, open_dataset
from peer.inputs import IMAGES, write_files


class Case(NamedTuple):
    """A network, and the keys of the machine `irmen` that can hold it."""

    network: str
    machine: dict[str, int]


RESNET18 = "resnet18"
CASES = {
    "mnist": Case("mnist", {}),
    "wide": Case("wide", {"banks.planes": 8}),
    "resnet": Case("resnet", {"arrays.rows": 32, "arrays.cols": 32, "banks.planes": 16}),
    RESNET18: Case(RESNET18, {"arrays.rows": 56, "arrays.cols": 56, "banks.planes": 1024}),
}


def prepare(name: str, folder: Path, images: int) -> dict:
    """Fill a new folder for a network; return what `network.json` says of it.

    images: how many of the first of its data set; of a network without weights none.
    """
    folder.mkdir(parents=True)
    case = CASES[name]
    source: Path | str = case.network
    if name == RESNET18:
        source = (folder / f"{name}.yaml").resolve()
        source.write_text(json.dumps(resnet18()))
    network = accelsim.load_network(source)
    with_weights = network.weights_file is not None
    described = {
        "network": str(source),
        "machine": case.machine,
        "weights": with_weights,
        "layers": described_layers(network),
    }
    write_files(folder, described)
    if with_weights:
        _write_images(network, folder, images)
    return described


def described_layers(network: Network) -> list[dict]:
    """Return name, op, shapes (maps, rows, cols) and window of each layer, in topological order."""
    return [
        {
            "name": layer.name,
            "op": layer.op,
            "in_shape": list(layer.in_shape),
            "out_shape": list(layer.out_shape),
            "kernel": layer.kernel,
            "stride": layer.stride,
            "pads": list(layer.pads),
        }
        for layer in network.layers
    ]


def _write_images(network: Network, folder: Path, count: int) -> None:
    dataset, weights = open_dataset(network), np.load(network.weights_file)
    arrays = {name: weights[name] for name in weights if "." in name}
    pixels = dataset.images[:count]
    pixels = pixels.reshape(len(pixels), *network.input)
    np.savez(folder / IMAGES, images=pixels, labels=dataset.labels[:count], **arrays)


def resnet18() -> dict:
    """Return ResNet-18 for 3 x 224 x 224 images as a network file (He et al., CVPR 2016)."""
    layers: list[dict] = [
        _conv("conv1", 64, "input", kernel=7, stride=2),
        {"name": "relu1", "op": "relu"},
        {"name": "pool1", "op": "maxpool", "kernel": 3, "stride": 2, "padding": "same"},
    ]
    last = "pool1"
    for stage, maps in enumerate((64, 128, 256, 512), start=2):
        for block in "ab":
            shrinks = stage > 2 and block == "a"
            layers += _block(f"{stage}{block}", maps, last, shrinks=shrinks)
            last = f"relu{stage}{block}"
    layers.append({"name": "fc", "op": "fc", "out": 1000})
    return {"name": RESNET18, "input": [3, 224, 224], "layers": layers}


def _block(name: str, maps: int, before: str, *, shrinks: bool) -> list[dict]:
    first = _conv(f"first{name}", maps, before, stride=2 if shrinks else 1)
    relu = {"name": f"between{name}", "op": "relu"}
    second = _conv(f"second{name}", maps, relu["name"])
    skip = [_conv(f"skip{name}", maps, before, kernel=1, stride=2)] if shrinks else []
    added = skip[0]["name"] if skip else before
    last = {"name": f"add{name}", "op": "add", "inputs": [second["name"], added]}
    return [first, relu, second, *skip, last, {"name": f"relu{name}", "op": "relu"}]


def _conv(name: str, out: int, reads: str, kernel: int = 3, stride: int = 1) -> dict:
    return {
        "name": name, "op": "conv", "out": out, "kernel": kernel, "stride": stride,
        "padding": "same", "inputs": [reads],
    }  # fmt: skip
