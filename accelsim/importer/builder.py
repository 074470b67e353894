"""Goes through the nodes of a model and makes layers of them, or says which one cannot be."""

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
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
from accelsim.ops import Pixels, Shape
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
_MOST_WHOLES = 8
_MOST_CELLS = 1 << 26
"""Of the maps of a layer."""
MOST_WEIGHTS = 1 << 28
"""Numbers in the weights of a layer."""
LARGEST = float(np.finfo(np.float32).max)
# What attributes and constants raise that are not of the kind, shape or size that they should be.
_DAMAGE = (TypeError, ValueError, LookupError, ArithmeticError, MemoryError)


class NormalizedAsLoadedError(Exception):
    """Images are padded behind what normalizes them: they have to be so when they are loaded."""


class Builder:
    """Layers that a model becomes, so far. rows: of the table of nodes.

    found: what is known of each tensor. terms: convolutions in a sum that is not ended. pixels: as
    the layers read them. is_loaded: what scales and shifts the images is done as they are loaded;
    otherwise the convolutions behind take it in, and NormalizedAsLoadedError is raised where they
    cannot.
    """

    def __init__(self, model: OnnxModel, pixels: Pixels, *, is_loaded: bool) -> None:
        self.model = model
        self.pixels = pixels
        self.is_loaded = is_loaded
        self.layers: dict[str, ImportedLayer] = {}
        self.rows: list[Row] = []
        self.found: dict[str, Found] = {
            name: Constants(array) for name, array in model.constants.items()
        }
        self.found[model.input] = Mapped(INPUT, model.input_shape)
        self.terms = Counter[str]()
        self._readers = Counter(name for node in model.nodes for name in node.inputs)
        self._readers[model.output] += 1

    def build(self, operators: "dict[str, Operator]", advice: Mapping[str, str]) -> None:
        """Make layers of all nodes, in order. advice: for operators that there are no steps for."""
        for node in self.model.nodes:
            operator = operators.get(node.op)
            if operator is None:
                known = f"; {advice[node.op]}" if node.op in advice else nearest(node.op, operators)
                self.refuse(
                    node,
                    "the machine has no steps for this operator"
                    f"{known or '; expected one of ' + ', '.join(sorted(operators))}",
                )
            for name in node.outputs:
                if name in self.found:
                    self.refuse(
                        node,
                        f"computes '{visible(name, 60)}', which is there already; expected "
                        "a name for each tensor",
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
            self._check_weights(node, row.layer or getattr(found, "layer", ""))
            self.found[node.outputs[0]] = found
            self.rows.append(row)

    def _check_weights(self, node: Node, name: str) -> None:
        """Refuse weights that are not finite in single precision, in which they are used."""
        layer = self.layers.get(name)
        for array in (layer.weight, layer.bias) if layer is not None else ():
            if array is not None and not np.abs(array).max(initial=0) <= LARGEST:
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

    def whole(self, node: Node, name: str, default: int) -> int:
        """Return an attribute that has to be a whole number."""
        value = node.attributes.get(name, default)
        if not isinstance(value, int):
            self.refuse(node, f"{name} {_shown(value)}; expected a whole number")
        return value

    def wholes(self, node: Node, name: str, default: Sequence[int]) -> list[int]:
        """Return an attribute that has to be some whole numbers."""
        values = node.attributes.get(name, default)
        is_list = isinstance(values, list | tuple) and len(values) <= _MOST_WHOLES
        if not is_list or not all(isinstance(each, int) for each in values):
            some = f"up to {_MOST_WHOLES} whole numbers"
            self.refuse(node, f"{name} {_shown(values)}; expected {some}")
        return [*values]

    def real(self, node: Node, name: str, default: float) -> float:
        """Return an attribute that has to be a finite number."""
        value = node.attributes.get(name, default)
        if not isinstance(value, float | int) or not math.isfinite(value):
            self.refuse(node, f"{name} {_shown(value)}; expected a finite number")
        return float(value)

    def check_numbers(self, node: Node, *sizes: int, most: int) -> None:
        """Refuse what would take more numbers than a computer should have to hold."""
        if math.prod(sizes) > most:
            shown = " x ".join(map(str, sizes))
            self.refuse(node, f"makes {shown} numbers; expected {most:,} at most")

    def number(self, node: Node, number: int, default: float) -> float:
        """Return a constant that is one number, and may be left out."""
        array = self.optional(node, number)
        if array is not None and array.size != 1:
            self.refuse(node, f"input {number} holds {array.size} numbers; expected one")
        return default if array is None else float(array.reshape(()))

    def maps(self, node: Node, number: int = 0) -> Mapped:
        """Return an input that has to be maps as they are."""
        advice = ": a cell can clip at 0 only in the step that ends a sum; put a Relu before it"
        found = self.expect(node, number, Mapped, advice=advice)
        if found.scale is not None or any(found.pads):
            what = "padded" if any(found.pads) else "scaled or shifted"
            self.refuse(node, f"reads {what} maps, which only a Conv can take in")
        if self.has_negative(found):
            self.refuse(
                node, "reads normalized images, some below 0, which only a Conv can take in"
            )
        return found

    def has_negative(self, found: Mapped) -> bool:
        """Tell whether maps are images that have values below 0."""
        return found.layer == INPUT and bool((self.pixels.lowest < 0).any())

    def refuse_pads(self, node: Node, found: Mapped, message: str) -> NoReturn:
        """Refuse zeros around maps that were shifted; of images, shift them as they are loaded."""
        if found.layer == INPUT and not self.is_loaded:
            raise NormalizedAsLoadedError
        self.refuse(node, message)

    def is_read_once(self, node: Node, number: int = 0) -> bool:
        """Tell whether no other node reads an input."""
        return self._readers[node.inputs[number]] == 1

    def add(self, node: Node, op: str, inputs: Sequence[str], shape: Shape) -> ImportedLayer:
        """Make a layer, named after its node."""
        self.check_numbers(node, *shape, most=_MOST_CELLS)
        stem = re.sub(r"[^A-Za-z0-9_.-]+", "_", node.name).strip("_")[-_LONGEST_NAME:] or op
        name, number = stem, 2
        while name in self.layers or name in RESERVED:
            name, number = f"{stem}_{number}", number + 1
        layer = self.layers[name] = ImportedLayer(name, op, tuple(inputs), shape)
        self.terms[name] = 1
        return layer

    @staticmethod
    def row(node: Node, became: str, layer: str = "") -> Row:
        """Return the row of a node in the table, and of the layer that it is."""
        return Row(visible(node.name, 80), visible(node.op, 40), became, layer)


def _shown(value: object) -> str:
    """Return an attribute as messages show it; of a long one, how long it is."""
    if isinstance(value, list | tuple) and len(value) > _MOST_WHOLES:
        return f"of {len(value)} numbers"
    return f"'{visible(value, 40)}'" if isinstance(value, str) else visible(str(value), 80)


Operator = Callable[[Builder, Node], tuple[Found, Row]]
"""Makes layers of a node, and says what it became."""
