"""Reads an ONNX model: nodes, constants, and the shape of its one input; nothing is believed alone.

The package `onnx` (extra `onnx`) reads the format. What it reads has been opened, and its size
looked at, by `accelsim.files`; constants in files of their own have to lie beside the model.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accelsim.errors import InputError
from accelsim.files import ONNX, ONNX_DATA, opened, read_bytes, read_most, size_text
from accelsim.ops import Shape
from accelsim.resources import display, visible

Constant = NDArray[Any]
OLDEST_OPSET = 7
_SPATIAL = 2
_MOST_CELLS = 1 << 24
"""Of an image: 4096 x 4096."""
_MOST_BATCH = 1 << 28
"""Cells of all images that a model takes at once."""
_EXTERNAL = 1  # TensorProto.EXTERNAL
_DTYPES = "bifu"
_FLOATS = {"FLOAT", "FLOAT16", "BFLOAT16", "DOUBLE"}
_LONGEST = 700
"""Characters of what is said of a node."""
_DOMAINS = ("", "ai.onnx")


@dataclass(frozen=True)
class Node:
    """A node. inputs, outputs: names of tensors, "" for one that is left out."""

    name: str
    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]

    def __str__(self) -> str:
        return f"node '{visible(self.name, 80)}' ({visible(self.op, 40)})"


@dataclass(frozen=True)
class OnnxModel:
    """A model: nodes in their order, those that its output does not need left out.

    source: the file as messages show it. constants: by name of the tensor.
    """

    path: Path
    source: str
    opset: int
    nodes: tuple[Node, ...]
    constants: Mapping[str, Constant]
    input: str
    input_shape: Shape
    output: str

    def error(self, node: Node, message: str) -> InputError:
        """Return the refusal of a node."""
        return InputError(f"{self.source}: {node}: {visible(message, _LONGEST)}")


def read_model(path: Path) -> OnnxModel:
    """Read a model; InputError if it is damaged, too large, too new, or not of one image input."""
    return _Reader(path).model()


class _Reader:
    def __init__(self, path: Path) -> None:
        self._path, self._source = path, display(path)
        self._onnx = _package(self._source)
        self._proto = self._parsed()

    def model(self) -> OnnxModel:
        """Return what the file holds."""
        graph, opset = self._proto.graph, self._opset()
        constants = self._constants(graph.initializer)
        if graph.sparse_initializer:
            raise self._wrong("sparse constants; expected dense ones")
        inputs = [each for each in graph.input if _text(each.name) not in constants]
        if len(inputs) != 1:
            names = ", ".join(visible(_text(each.name), 40) for each in inputs) or "none"
            raise self._wrong(f"{len(inputs)} inputs ({names}); expected one, of images")
        if len(graph.output) != 1:
            names = ", ".join(visible(_text(each.name), 40) for each in graph.output) or "none"
            raise self._wrong(f"{len(graph.output)} outputs ({names}); expected one")
        output = _text(graph.output[0].name)
        nodes = _needed(
            [self._node(each, number) for number, each in enumerate(graph.node)], output
        )
        return OnnxModel(
            self._path, self._source, opset, tuple(nodes), constants, _text(inputs[0].name),
            self._input_shape(inputs[0]), output,
        )  # fmt: skip

    def _constants(self, protos: Iterable[Any]) -> dict[str, Constant]:
        found: dict[str, Constant] = {}
        for each in protos:
            name = _text(each.name)
            if name in found:
                raise self._wrong(f"constant '{visible(name, 80)}' is there twice")
            found[name] = self._constant(each)
        return found

    def _parsed(self) -> Any:
        data = read_bytes(self._path, ONNX)
        try:
            proto = self._onnx.load_model_from_string(data)
        except Exception as error:  # noqa: BLE001 - protobuf has errors of several libraries
            raise self._damaged(error) from None
        if not proto.graph.node:
            raise self._wrong("no nodes; expected an ONNX model")
        return proto

    def _opset(self) -> int:
        newest = self._onnx.defs.onnx_opset_version()
        found = [each.version for each in self._proto.opset_import if each.domain in _DOMAINS]
        if len(found) != 1:
            many = f"{len(found)} versions" if found else "no version"
            raise self._wrong(f"{many} of its operators (opset); expected one")
        if not OLDEST_OPSET <= found[0] <= newest:
            raise self._wrong(
                f"operators of opset {found[0]}; expected {OLDEST_OPSET} to {newest}, which this "
                "version of the package 'onnx' knows; export the model with one of these"
            )
        return int(found[0])

    def _node(self, proto: Any, number: int) -> Node:
        inputs, outputs = (tuple(map(_text, each)) for each in (proto.input, proto.output))
        op = _text(proto.op_type)
        node = Node(_text(proto.name) or f"{op}_{number}", op, inputs, outputs, {})
        if not outputs:
            raise InputError(f"{self._source}: {node}: computes nothing; expected an output")
        if proto.domain not in _DOMAINS:
            raise InputError(
                f"{self._source}: {node}: an operator of '{visible(_text(proto.domain), 40)}'; "
                "expected those of ONNX itself"
            )
        attributes = {}
        for each in proto.attribute:
            try:
                value = self._onnx.helper.get_attribute_value(each)
            except ValueError as error:
                raise InputError(f"{self._source}: {node}: {visible(str(error), 120)}") from None
            if isinstance(value, self._onnx.TensorProto):
                value = self._constant(value, f"{node}: ")
            name = _text(each.name)
            if name in attributes:
                raise InputError(f"{self._source}: {node}: has '{visible(name, 40)}' twice")
            attributes[name] = _text(value) if isinstance(value, bytes) else value
        return Node(node.name, node.op, node.inputs, node.outputs, attributes)

    def _constant(self, proto: Any, where: str = "") -> Constant:
        """Return the numbers of a tensor; InputError for what is missing, no number, or NaN."""
        name = f"{where}constant '{visible(_text(proto.name), 80)}'"
        shape = tuple(proto.dims)
        if min(shape, default=0) < 0 or math.prod(shape) > ONNX_DATA.most // 4:
            raise self._wrong(f"{name}: shape {shape}; expected fewer numbers")
        try:
            if proto.data_location == _EXTERNAL:
                found = self._external(proto, name, shape)
            else:
                found = self._onnx.numpy_helper.to_array(proto)
        except InputError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever its numbers do not make up
            raise self._wrong(f"{name} is damaged: {error!s:.120}") from None
        if found.dtype.name == "bfloat16":
            found = found.astype(np.float32)
        if found.dtype.kind not in _DTYPES:
            raise self._wrong(
                f"{name} holds {found.dtype}; expected floating-point numbers of 16 bits or more, "
                "or whole numbers"
            )
        if found.dtype.kind == "f" and not np.isfinite(found).all():
            place = np.argwhere(~np.isfinite(found))[0].tolist()
            raise self._wrong(
                f"{name} holds {found[tuple(place)]} at {place}; expected finite numbers"
            )
        return np.asarray(found)

    def _external(self, proto: Any, name: str, shape: tuple[int, ...]) -> Constant:
        """Read the numbers of a tensor from a file beside the model."""
        where = {each.key: each.value for each in proto.external_data}
        location = PurePosixPath(where.get("location", ""))
        if location.is_absolute() or ".." in location.parts or not location.parts:
            raise self._wrong(
                f"{name} is in '{visible(str(location), 80)}'; expected a file beside the model"
            )
        dtype = self._onnx.helper.tensor_dtype_to_np_dtype(proto.data_type)
        size = math.prod(shape) * dtype.itemsize
        offset, length = (
            self._whole(where.get(key, str(default)), f"{name}: {key}")
            for key, default in (("offset", 0), ("length", size))
        )
        if length != size:
            raise self._wrong(f"{name}: {length} bytes of a file; its shape takes {size}")
        folder = self._path.parent.resolve()
        path = (folder / location).resolve()
        if not path.is_relative_to(folder):
            raise self._wrong(
                f"{name} is in '{location}', a link; expected a file beside the model"
            )
        try:
            with opened(path, ONNX_DATA) as stream:
                stream.seek(offset)
                data = read_most(stream, size)
        except InputError as error:
            raise self._wrong(f"{name}: {error}") from None
        if len(data) < size:
            raise self._wrong(
                f"{name}: {display(path)} is truncated: it has {len(data)} bytes from byte "
                f"{offset} on, the constant takes {size_text(size)}"
            )
        return np.frombuffer(data, dtype).reshape(shape)

    def _whole(self, text: str, what: str) -> int:
        """Return a number of bytes that is written as a text."""
        if not re.fullmatch(r"[0-9]{1,15}", text):
            raise self._wrong(f"{what} is '{visible(text, 40)}'; expected a number of bytes")
        return int(text)

    def _input_shape(self, proto: Any) -> Shape:
        name = f"input '{visible(_text(proto.name), 80)}'"
        dims = proto.type.tensor_type.shape.dim
        sizes = [
            each.dim_value if each.HasField("dim_value") else _text(each.dim_param) for each in dims
        ]
        shown = " x ".join(visible(str(size), 40) or "?" for size in sizes) or "nothing"
        if len(sizes) != 2 + _SPATIAL:
            raise self._wrong(
                f"{name} is {shown}; expected batch x maps x rows x columns, as of images"
            )
        types = self._onnx.TensorProto.DataType
        kind = proto.type.tensor_type.elem_type
        word = types.Name(kind) if kind in types.values() else str(kind)
        if word not in _FLOATS:
            raise self._wrong(
                f"{name} holds {word}; expected floating-point numbers: pixel p of 0 to 255 comes "
                "as p / 255"
            )
        known = [size for size in sizes[1:] if isinstance(size, int) and size > 0]
        if len(known) < len(sizes) - 1:
            raise self._wrong(
                f"{name} is {shown}: sizes that are not known; expected numbers for all but the "
                "batch: export the model with fixed maps, rows and columns"
            )
        if math.prod(known) > _MOST_CELLS:
            raise self._wrong(f"{name} is {shown}; expected {_MOST_CELLS:,} cells at most")
        batch = sizes[0] if isinstance(sizes[0], int) else 1
        if batch * math.prod(known) > _MOST_BATCH:
            raise self._wrong(
                f"{name} is {shown}; expected {_MOST_BATCH:,} cells of a batch at most: export the "
                "model for one image, or any number"
            )
        return Shape(*known)

    def _damaged(self, error: Exception) -> InputError:
        return self._wrong(f"not a readable ONNX model: {visible(str(error), 120) or 'damaged'}")

    def _wrong(self, message: str) -> InputError:
        return InputError(f"{self._source}: {message}")


def _package(source: str) -> ModuleType:
    try:
        import onnx  # noqa: PLC0415 - an extra
    except ImportError:
        raise InputError(
            f"{source}: ONNX models need the package 'onnx': pip install 'accelsim[onnx]'"
        ) from None
    return onnx


def _text(name: str | bytes) -> str:
    """Return a name as text; one that is not UTF-8 is given as bytes."""
    return name.decode(errors="replace") if isinstance(name, bytes) else name


def _needed(nodes: list[Node], output: str) -> Iterator[Node]:
    """Give the nodes that the output needs, in order."""
    needed, kept = {output}, []
    for node in reversed(nodes):
        if needed.intersection(node.outputs):
            needed.update(node.inputs)
            kept.append(node)
    yield from reversed(kept)
