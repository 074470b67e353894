"""Goes through the nodes of a model and makes layers of them, or says which one cannot be."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeVar, overload

import numpy as np

from accelsim.errors import nearest
from accelsim.importer.layers import (
    Constants,
    Features,
    Floats,
    Found,
    ImportedLayer,
    Logits,
    Mapped,
    Open,
    Row,
)
from accelsim.importer.model import Node, OnnxModel
from accelsim.ops import Shape
from accelsim.ops.layer import INPUT, RESERVED
from accelsim.resources import visible

One = TypeVar("One", bound=Found)
Two = TypeVar("Two", bound=Found)
Three = TypeVar("Three", bound=Found)
_WORDS: dict[type[Found], str] = {
    Constants: "a constant",
    Mapped: "maps after a Relu",
    Open: "a sum that no Relu has ended",
    Features: "flattened maps",
    Logits: "what a Gemm computes",
}
_LONGEST_NAME = 60
_LARGEST = float(np.finfo(np.float32).max)
# What attributes and constants raise that are not of the kind, shape or size that they should be.
_DAMAGE = (TypeError, ValueError, LookupError, ArithmeticError, MemoryError)


class Builder:
    """Layers that a model becomes, so far. rows: of the table of nodes.

    found: what is known of each tensor.
    """

    def __init__(self, model: OnnxModel) -> None:
        self.model = model
        self.layers: dict[str, ImportedLayer] = {}
        self.rows: list[Row] = []
        self.found: dict[str, Found] = {
            name: Constants(array) for name, array in model.constants.items()
        }
        self.found[model.input] = Mapped(INPUT, model.input_shape)
        self._readers = Counter(name for node in model.nodes for name in node.inputs)
        self._readers[model.output] += 1

    def build(self, operators: "dict[str, Operator]") -> None:
        """Make layers of all nodes, in order."""
        for node in self.model.nodes:
            operator = operators.get(node.op)
            if operator is None:
                known = nearest(node.op, operators)
                self.refuse(
                    node,
                    "the machine has no steps for this operator"
                    f"{known or '; expected one of ' + ', '.join(sorted(operators))}",
                )
            try:
                with np.errstate(divide="raise", over="raise", invalid="raise"):
                    found, row = operator(self, node)
            except _DAMAGE as error:
                self.refuse(
                    node,
                    "its attributes and constants do not go together: "
                    f"{visible(f'{type(error).__name__}: {error}', 120)}",
                )
            self._check_weights(node, row)
            self.found[node.outputs[0]] = found
            self.rows.append(row)

    def _check_weights(self, node: Node, row: Row) -> None:
        """Refuse weights that are not finite in single precision, in which they are used."""
        layer = self.layers.get(row.layer)
        for array in (layer.weight, layer.bias) if layer is not None else ():
            if array is not None and not np.abs(array).max(initial=0) <= _LARGEST:
                self.refuse(node, "weights beyond single precision; expected finite numbers")

    def refuse(self, node: Node, message: str) -> NoReturn:
        """Raise the refusal of a node."""
        raise self.model.error(node, message)

    def read(self, node: Node, number: int) -> Found:
        """Return what is known of an input of a node."""
        if number >= len(node.inputs) or not node.inputs[number]:
            self.refuse(node, f"input {number} is missing")
        found = self.found.get(node.inputs[number])
        if found is None:
            self.refuse(
                node,
                f"reads '{visible(node.inputs[number], 60)}', which no node before it computes",
            )
        return found

    @overload
    def expect(self, node: Node, number: int, kinds: type[One], advice: str = "") -> One: ...

    @overload
    def expect(
        self, node: Node, number: int, kinds: tuple[type[One], type[Two]], advice: str = ""
    ) -> One | Two: ...

    @overload
    def expect(
        self,
        node: Node,
        number: int,
        kinds: tuple[type[One], type[Two], type[Three]],
        advice: str = "",
    ) -> One | Two | Three: ...

    def expect(self, node: Node, number: int, kinds: Any, advice: str = "") -> Any:
        """Return an input that has to be of some kinds."""
        found = self.read(node, number)
        allowed = kinds if isinstance(kinds, tuple) else (kinds,)
        if not isinstance(found, allowed):
            expected = " or ".join(_WORDS[kind] for kind in allowed)
            self.refuse(node, f"reads {_WORDS[type(found)]}; expected {expected}{advice}")
        return found

    def constant(self, node: Node, number: int) -> Floats:
        """Return an input that has to be a constant."""
        return np.asarray(self.expect(node, number, Constants).array, np.float64)

    def optional(self, node: Node, number: int) -> Floats | None:
        """Return a constant that may be left out."""
        if number >= len(node.inputs) or not node.inputs[number]:
            return None
        return self.constant(node, number)

    def maps(self, node: Node, number: int = 0) -> Mapped:
        """Return an input that has to be maps as they are."""
        advice = ": a cell can clip at 0 only in the step that ends a sum; put a Relu before it"
        found = self.expect(node, number, Mapped, advice=advice)
        if found.scale is not None or any(found.pads):
            what = "padded" if any(found.pads) else "scaled or shifted"
            self.refuse(node, f"reads {what} maps, which only a Conv can take in")
        return found

    def is_read_once(self, node: Node, number: int = 0) -> bool:
        """Tell whether no other node reads an input."""
        return self._readers[node.inputs[number]] == 1

    def add(self, node: Node, op: str, inputs: Sequence[str], shape: Shape) -> ImportedLayer:
        """Make a layer, named after its node."""
        stem = re.sub(r"[^A-Za-z0-9_.-]+", "_", node.name).strip("_")[-_LONGEST_NAME:] or op
        name, number = stem, 2
        while name in self.layers or name in RESERVED:
            name, number = f"{stem}_{number}", number + 1
        layer = self.layers[name] = ImportedLayer(name, op, tuple(inputs), shape)
        return layer

    @staticmethod
    def row(node: Node, became: str, layer: str = "") -> Row:
        """Return the row of a node in the table, and of the layer that it is."""
        return Row(visible(node.name, 80), visible(node.op, 40), became, layer)


Operator = Callable[[Builder, Node], tuple[Found, Row]]
"""Makes layers of a node, and says what it became."""
