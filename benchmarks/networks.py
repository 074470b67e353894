"""How import, compilation and a run of an image grow with a network: residual networks from ONNX.

    python benchmarks/networks.py [--widths 8 16 32 64] [--side 32]

Makes for each width a model in the shape of ResNet-18 for 3 x side x side images: a 3x3
convolution, four stages of two blocks with 1, 2, 4, 8 times the width in maps, means, 10 classes.
Width 64 is ResNet-18 itself. Prints steps, and CPU seconds for the import, the compilation, the
making of a machine, and one image, event by event with ledger. Nothing here is a pass or a fail.
"""

import argparse
import gc
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import onnx
from measure import machine as describe
from onnx import TensorProto, helper, numpy_helper

import accelsim
from accelsim.compiler import compile_network
from accelsim.config import Machine
from accelsim.model import Accelerator, Arrival, Design, Stream
from accelsim.simulation import run_events

STAGES, BLOCKS, CLASSES = (1, 2, 4, 8), 2, 10
T = TypeVar("T")


class Residual:
    """A residual network as an ONNX graph, made node by node; `last` is what a node reads."""

    def __init__(self, width: int, side: int) -> None:
        self._random = np.random.default_rng(0)
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._side, self._maps, self.last = side, 3, "image"
        self._relu(self._conv(width))
        for factor in STAGES:
            for block in range(BLOCKS):
                self._block(width * factor, 2 if factor > 1 and not block else 1)
        self._node("GlobalAveragePool")
        self._node("Flatten")
        weights = (self._constant(CLASSES, self._maps), self._constant(CLASSES))
        self._node("Gemm", *weights, transB=1)

    def save(self, path: Path) -> None:
        """Write the model."""
        shape = (1, 3, self._side, self._side)
        image = helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)
        out = helper.make_tensor_value_info(self.last, TensorProto.FLOAT, None)
        graph = helper.make_graph(self._nodes, "graph", [image], [out], self._constants)
        opset = [helper.make_opsetid("", 17)]
        onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), str(path))

    def _block(self, maps: int, stride: int) -> None:
        skip, before = self.last, self._maps
        self._relu(self._conv(maps, stride=stride))
        made = self._conv(maps)
        if stride > 1 or before != maps:
            self.last, self._maps = skip, before
            skip = self._conv(maps, kernel=1, stride=stride)
        self._nodes.append(helper.make_node("Add", [made, skip], [f"sum_{made}"]))
        self._relu(f"sum_{made}")

    def _conv(self, maps: int, kernel: int = 3, stride: int = 1) -> str:
        weights = self._constant(maps, self._maps, kernel, kernel), self._constant(maps)
        self._maps = maps
        border = [kernel // 2] * 4
        return self._node("Conv", *weights, strides=[stride, stride], pads=border)

    def _relu(self, read: str) -> None:
        self.last = read
        self._node("Relu")

    def _node(self, op: str, *more: str, **attributes: object) -> str:
        name = f"{op.lower()}{len(self._nodes)}"
        self._nodes.append(helper.make_node(op, [self.last, *more], [name], name, **attributes))
        self.last = name
        return name

    def _constant(self, *shape: int) -> str:
        size = (2 / max(1, np.prod(shape[1:]))) ** 0.5
        values = self._random.normal(0, size, shape).astype(np.float32)
        name = f"constant{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(values, name))
        return name


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--widths", type=int, nargs="+", default=[8, 16, 32, 64], metavar="MAPS")
    parser.add_argument("--side", type=int, default=32, help="rows and columns of an image")
    parser.add_argument("--planes", type=int, default=256, help="planes of each bank")
    args = parser.parse_args()
    print(describe())
    changes = {
        "arrays.rows": args.side, "arrays.cols": args.side, "banks.planes": args.planes,
        "effects.active": "none",
    }  # fmt: skip
    machine = accelsim.load_machine("irmen", changes)
    print(f"{'width':>5} {'steps':>7} {'import':>8} {'compile':>8} {'make':>8} {'image':>8}  CPU s")
    for width in args.widths:
        _measure(width, args.side, machine)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MiB")


def _measure(width: int, side: int, machine: Machine) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "residual.onnx"
        Residual(width, side).save(path)
        imported, network = _timed(lambda: accelsim.load_network(path))
    compiled, program = _timed(lambda: compile_network(network, machine))
    made = _timed(lambda: Accelerator(Design.of(machine), program, [Arrival(0, 0)]))[0]
    gc.collect()
    run, _ = _timed(
        lambda: run_events(machine, program, Stream.at_once(range(1)), fast_forward=False)
    )
    figures = "".join(f" {seconds:8.2f}" for seconds in (imported, compiled, made, run))
    print(f"{width:>5} {len(program.instructions):>7}{figures}")


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    """Return the CPU seconds that something takes, and what it gives."""
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


if __name__ == "__main__":
    main()
