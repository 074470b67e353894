"""What the order of instructions gains over the order of layers and folds: cycles of an image.

    python benchmarks/order.py

Three networks on both machines that ship, with 32 x 32 cells and 64 planes: LeNet-5 (a chain),
blocks of four branches after Szegedy et al., "Going Deeper with Convolutions", CVPR 2015 (1x1,
3x3, 5x5, pool; 8 maps each), and a residual network in the shape of ResNet-18 (8 maps wide).
Nothing here is a pass or a fail.
"""

import tempfile
from pathlib import Path
from typing import Any

from networks import Residual

import accelsim
from accelsim.compiler import compile_network
from accelsim.compiler.report import cycles_of, report_on
from accelsim.config import Document
from accelsim.network import Network, build_network

Layers = list[dict[str, Any]]
CHANGES = {"arrays.rows": 32, "arrays.cols": 32, "banks.planes": 64}


def lenet() -> Layers:
    """Return the layers of LeNet-5 before its fully-connected ones."""
    pool = {"op": "maxpool", "kernel": 2}
    return [
        {"op": "conv", "out": 6, "kernel": 5}, {"op": "relu"}, pool,
        {"op": "conv", "out": 16, "kernel": 5, "padding": "valid"}, {"op": "relu"}, pool,
    ]  # fmt: skip


def branches(maps: int, blocks: int) -> Layers:
    """Return blocks of four branches, each after the one before."""
    layers: Layers = []

    def add(op: str, *inputs: str, **keys: Any) -> str:
        layers.append({"op": op, **keys} | ({"inputs": list(inputs)} if inputs else {}))
        return f"{op}{len(layers) - 1}"

    def conv(kernel: int, *inputs: str) -> str:
        add("conv", *inputs, out=maps, kernel=kernel)
        return add("relu")

    read = conv(3)
    for _ in range(blocks):
        ends = [conv(1, read)]
        for kernel in (3, 5):
            conv(1, read)
            ends.append(conv(kernel))
        add("maxpool", read, kernel=3, stride=1)
        read = add("concat", *ends, conv(1))
    return layers


def network_of(name: str, shape: list[int], layers: Layers) -> Network:
    """Return a network without weights."""
    named = [{"name": f"{layer['op']}{number}", **layer} for number, layer in enumerate(layers)]
    data = {"name": name, "input": shape, "layers": named}
    return build_network(Document(name, Path(name).resolve(), data))


def main() -> None:
    """Measure and print."""
    networks = [
        network_of("LeNet-5", [1, 28, 28], lenet()),
        network_of("branches", [3, 16, 16], branches(8, 3)),
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "residual.onnx"
        Residual(8, 32).save(path)
        networks.append(accelsim.load_network(path))
    print("network   machine  steps  layer order  order  gain   bound")
    for network in networks:
        for name in ("irmen", "charge"):
            machine = accelsim.load_machine(name, CHANGES)
            program = compile_network(network, machine)
            found = report_on(program, network, machine, None)
            before = compile_network(network, machine, in_layer_order=True)
            cycles = cycles_of(before, machine)
            print(
                f"{network.name:<9} {name:<7} {found.steps:>6} {cycles:>12,}"
                f" {found.cycles:>6,} {cycles / found.cycles:>5.2f} {found.bound:>7,}"
            )


if __name__ == "__main__":
    main()
