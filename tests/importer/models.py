"""ONNX models for tests, written node by node."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17


class Maker:
    """Makes a model: `node` adds a node that reads the last one, unless told otherwise."""

    def __init__(self, shape: tuple[Any, ...], seed: int = 1, opset: int = OPSET) -> None:
        self.shape, self.opset = shape, opset
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.last = "image"
        self._random = np.random.default_rng(seed)

    def constant(self, array: np.ndarray, name: str = "") -> str:
        name = name or f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def random(self, *shape: int, size: float = 0.4) -> str:
        return self.constant(self._random.normal(0, size, shape).astype(np.float32))

    def node(
        self, op: str, *more: str, name: str = "", reads: Any = None, **attributes: Any
    ) -> str:
        name = name or f"{op.lower()}{len(self.nodes)}"
        inputs = [self.last, *more] if reads is None else [*reads]
        self.nodes.append(helper.make_node(op, inputs, [f"{name}_out"], name=name, **attributes))
        self.last = f"{name}_out"
        return self.last

    def conv(
        self, maps_in: int, maps_out: int, kernel: int = 3, bias: bool = True, **attributes: Any
    ) -> str:
        group = attributes.get("group", 1)
        if "auto_pad" not in attributes:
            attributes = {"pads": [kernel // 2] * 4, **attributes}
        more = [self.random(maps_out, maps_in // group, kernel, kernel)]
        more += [self.random(maps_out)] if bias else []
        return self.node("Conv", *more, **attributes)

    def normalization(self, maps: int) -> str:
        draw = self._random
        parts = (draw.normal(1, 0.2, maps), draw.normal(0, 0.2, maps), draw.normal(0, 0.2, maps),
                 draw.uniform(0.5, 2, maps))  # fmt: skip
        names = [self.constant(part.astype(np.float32)) for part in parts]
        return self.node("BatchNormalization", *names)

    def gemm(self, features: int, classes: int, **attributes: Any) -> str:
        more = (self.random(classes, features, size=0.2), self.random(classes))
        return self.node("Gemm", *more, transB=1, **attributes)

    def model(self) -> Any:
        image = helper.make_tensor_value_info("image", TensorProto.FLOAT, self.shape)
        out = helper.make_tensor_value_info(self.last, TensorProto.FLOAT, None)
        graph = helper.make_graph(self.nodes, "graph", [image], [out], self.constants)
        opset = [helper.make_opsetid("", self.opset)]
        return helper.make_model(graph, opset_imports=opset, ir_version=8)

    def save(self, path: Path) -> Path:
        path.write_bytes(self.model().SerializeToString())
        return path


def residual(maps: int = 6, side: int = 8) -> Maker:
    """A residual network with all that one has: strides, a projection, normalization, a mean."""
    make = Maker(("batch", 3, side, side))
    make.conv(3, maps, bias=False)
    make.normalization(maps)
    skip = make.node("Relu")
    make.conv(maps, maps)
    make.normalization(maps)
    make.node("Relu")
    make.conv(maps, maps, bias=False)
    made = make.normalization(maps)
    make.node("Add", reads=[made, skip])
    skip = make.node("Relu", name="block1/relu")
    make.conv(maps, 2 * maps, strides=[2, 2])
    make.node("Relu")
    made = make.conv(2 * maps, 2 * maps)
    make.last = skip
    other = make.conv(maps, 2 * maps, kernel=1, strides=[2, 2])
    make.node("Add", reads=[made, other])
    make.node("Relu")
    make.node("GlobalAveragePool")
    make.node("Flatten")
    make.gemm(2 * maps, 5)
    make.node("Softmax", axis=1)
    return make


def branches() -> Maker:
    """Everything else: concatenation, depthwise and grouped, pools, a Clip, a Pad, two Gemms."""
    make = Maker(("N", 2, 12, 10))
    make.node("Pad", make.constant(np.array([0, 0, 1, 1, 0, 0, 1, 1])))
    make.conv(2, 4, pads=[0, 0, 0, 0])
    first = make.node("Relu")
    make.node("MaxPool", kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1])
    make.conv(4, 4, group=4)
    second = make.node("Clip", make.constant(np.float32(0)), make.constant(np.float32(0.7)))
    make.node("Concat", reads=[first, second], axis=1)
    make.node("AveragePool", kernel_shape=[2, 2], strides=[2, 2])
    make.conv(8, 4, group=2, auto_pad="SAME_UPPER")
    make.node("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
    make.node("Relu")
    make.node("Dropout")
    make.node("Identity")
    make.node("Reshape", make.constant(np.array([-1, 4 * 3 * 2])))
    make.node("MatMul", make.random(24, 7))
    make.node("Add", make.random(7))
    make.node("Relu")
    make.gemm(7, 3)
    make.node("LogSoftmax", axis=-1)
    return make


def runtime(path: Path, images: np.ndarray, name: str | None = None) -> np.ndarray:
    """Return what onnxruntime computes of images of bytes."""
    import onnxruntime  # noqa: PLC0415

    onnxruntime.set_default_logger_severity(3)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feeds = {session.get_inputs()[0].name: images.astype(np.float32) / np.float32(255)}
    return session.run(None, feeds)[0]


__all__ = ["OPSET", "Maker", "branches", "onnx", "residual", "runtime"]
