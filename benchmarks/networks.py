"""How import, compilation and a run of an image grow with a network: residual networks from ONNX.

    python benchmarks/networks.py [maps] [layers] [tiles] [small]

Makes models in the shape of ResNet-18 for 3 x side x side images: a 3x3 convolution, four stages of
some blocks with 1, 2, 4, 8 times the width in maps, means, 10 classes. Width 64 with two blocks is
ResNet-18 itself. `maps` grows in width, `layers` in blocks, `tiles` in the side of images, on
arrays of 32 x 32 cells; `small` shows that the script works. Each network has a process of its own:
steps; CPU seconds for the import, the compilation, the making of a machine, and one image, event by
event with ledger, which includes the making; microseconds a step of the last; peak memory. Nothing
here is a pass or a fail.
"""

import argparse
import gc
import resource
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
import onnx
from measure import machine as describe
from onnx import TensorProto, helper, numpy_helper

import accelsim
from accelsim.compiler import compile_network
from accelsim.config import Machine
from accelsim.errors import InputError
from accelsim.model import Accelerator, Arrival, Design, Stream
from accelsim.simulation import run_events

STAGES, CLASSES, CELLS = (1, 2, 4, 8), 10, 32
T = TypeVar("T")


class Case(NamedTuple):
    """A network: maps of its first stage, blocks of each stage, rows and columns of an image."""

    width: int
    blocks: int
    side: int


CURVES = {
    "maps": [Case(width, 2, 32) for width in (8, 16, 32, 64)],
    "layers": [Case(16, blocks, 32) for blocks in (1, 2, 4, 8)],
    "tiles": [Case(16, 2, side) for side in (32, 64, 128, 224)],
    "small": [Case(width, 1, 8) for width in (1, 2)],
}
USUAL = ("maps", "layers", "tiles")


class Residual:
    """A residual network as an ONNX graph, made node by node; `last` is what a node reads."""

    def __init__(self, width: int, side: int, blocks: int = 2) -> None:
        self._random = np.random.default_rng(0)
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._side, self._maps, self.last = side, 3, "image"
        self._relu(self._conv(width))
        for factor in STAGES:
            for block in range(blocks):
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
    parser.add_argument("curves", nargs="*", metavar="CURVE", help=f"of {', '.join(CURVES)}")
    parser.add_argument("--planes", type=int, default=1024, help="planes of each bank")
    args = parser.parse_args()
    chosen = args.curves or USUAL
    if unknown := set(chosen) - set(CURVES):
        parser.error(f"{', '.join(sorted(unknown))}: expected some of {', '.join(CURVES)}")
    print(describe())
    for name in chosen:
        print(f"\ngrowing in {name}")
        print(" width blocks side   steps  import compile   make   image us/step  peak, MiB")
        for case in CURVES[name]:
            # Peak memory is that of a process.
            with get_context("spawn").Pool(1) as pool:
                print(pool.apply(_line, (case, args.planes)), flush=True)


def _line(case: Case, planes: int) -> str:
    """Measure one network; return its line, or why there is none."""
    changes = {
        "arrays.rows": CELLS, "arrays.cols": CELLS, "banks.planes": planes,
        "effects.active": "none",
    }  # fmt: skip
    machine = accelsim.load_machine("irmen", changes)
    head = f"{case.width:>6} {case.blocks:>6} {case.side:>4}"
    try:
        return head + _measure(case, machine)
    except InputError as error:
        return f"{head} refused: {error}"


def _measure(case: Case, machine: Machine) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "residual.onnx"
        Residual(case.width, case.side, case.blocks).save(path)
        imported, network = _timed(lambda: accelsim.load_network(path))
    compiled, program = _timed(lambda: compile_network(network, machine))
    made = _timed(lambda: Accelerator(Design.of(machine), program, [Arrival(0, 0)]))[0]
    gc.collect()
    run, _ = _timed(
        lambda: run_events(machine, program, Stream.at_once(range(1)), fast_forward=False)
    )
    steps, peak = len(program.instructions), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    figures = f" {imported:7.2f} {compiled:7.2f} {made:6.2f} {run:7.2f}"
    return f" {steps:>7}{figures} {1e6 * run / steps:7.0f} {peak / 1024:10.0f}"


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    """Return the CPU seconds that something takes, and what it gives."""
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


if __name__ == "__main__":
    main()
