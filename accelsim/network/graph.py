"""The layer graph: a networkx digraph with inferred shapes, or a clear refusal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import networkx as nx

from accelsim.config import Document, validate
from accelsim.documents.constants import NO_SOURCE
from accelsim.documents.document import Location
from accelsim.errors import InputError, nearest
from accelsim.importer import SUFFIX
from accelsim.network.schema import LAYER_KEYS, LayerEntry, NetworkFile, PublishedEntry
from accelsim.ops import LAYER_OPS, Layer, LayerOp, Pads, Shape
from accelsim.ops.layer import INPUT, RESERVED
from accelsim.units import ENERGY, TIME, UnitError, parse
from accelsim.wording import given

ORIGINS = ("layers", "weights", "dataset")
"""What of a network has an origin."""


@dataclass(frozen=True)
class Published:
    """A published figure: `value` in ps (latency) or aJ (energy_per_image).

    id: its name, for `published:ID`; "" without one.
    """

    machine: str
    figure: str
    relation: str
    value: int
    text: str
    source: str
    id: str = ""


class Origin(NamedTuple):
    """Where a part of a network comes from: kind and source, as those of a constant."""

    kind: str = "assumed"
    source: str = NO_SOURCE


@dataclass(frozen=True)
class Network:
    """A checked layer graph. `layers` is in topological order; `source` names the file.

    origins: of 'layers', 'weights' and 'dataset', where the file has one.
    The paths of the file and of what it names are absolute; None where it names none.
    own_dataset: whether images and labels are others than the file names.
    """

    name: str
    source: str
    input: Shape
    layers: tuple[Layer, ...]
    graph: nx.DiGraph = field(repr=False, compare=False)
    file: Path | None = None
    weights_file: Path | None = None
    images_file: Path | None = None
    labels_file: Path | None = None
    own_dataset: bool = False
    published: tuple[Published, ...] = ()
    origins: Mapping[str, Origin] = field(default_factory=dict, compare=False)

    @property
    def no_weights(self) -> str:
        """Why there are no weights, or ""; those of an ONNX model need images to scale them."""
        if self.weights_file is None:
            return f"network '{self.name}' names no weights"
        if self.weights_file.suffix == SUFFIX and self.images_file is None:
            return f"the scales of ONNX model '{self.name}' follow from images ({given('dataset')})"
        return ""

    @cached_property
    def on_host(self) -> tuple[Layer, ...]:
        """Layers that the host computes of what the machine hands over: a classifier and after."""
        names: set[str] = set()
        for layer in self.layers:
            if layer.rule.on_host or names.intersection(layer.inputs):
                names.add(layer.name)
        return tuple(layer for layer in self.layers if layer.name in names)

    @cached_property
    def on_machine(self) -> tuple[Layer, ...]:
        """Layers that the machine computes."""
        on_host = self.on_host
        return tuple(layer for layer in self.layers if layer not in on_host)

    @property
    def classifier(self) -> Layer | None:
        """The first layer that the host computes of what the machine hands over, or None."""
        return self.on_host[0] if self.on_host else None

    @property
    def classes(self) -> int | None:
        """Number of classes that the host tells apart, or None."""
        return self.layers[-1].out_shape.maps if self.on_host else None

    def layer(self, name: str) -> Layer:
        """Return the layer of a name; KeyError if there is none."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise KeyError(name)


def build_network(document: Document) -> Network:
    """Return the network of a document.

    Raises InputError for keys or values the schema refuses, unknown or repeated
    names, a cycle, a layer that nothing reads, or shapes that do not follow.
    """
    entries = validate(NetworkFile, document)
    builder = _GraphBuilder(document, entries)
    graph = builder.graph()
    layers = builder.layers(graph)
    folder = document.path.parent
    dataset = entries.dataset
    return Network(
        name=entries.name,
        source=document.name,
        input=Shape(*entries.input),
        layers=layers,
        graph=graph,
        file=document.path,
        weights_file=folder / entries.weights if entries.weights else None,
        images_file=folder / dataset.images if dataset else None,
        labels_file=folder / dataset.labels if dataset and dataset.labels else None,
        published=tuple(
            _published(document, index, entry) for index, entry in enumerate(entries.published)
        ),
        origins={
            part: Origin(origin.kind, origin.source)
            for part in ORIGINS
            if (origin := getattr(entries.origins, part)) is not None
        },
    )


def _published(document: Document, index: int, entry: PublishedEntry) -> Published:
    dimension = TIME if entry.figure == "latency" else ENERGY
    try:
        value = parse(entry.value, dimension)
    except UnitError as error:
        place = document.where(("published", index, "value"))
        raise InputError(f"{place}: published[{index}].value: {error}") from None
    return Published(
        entry.machine, entry.figure, entry.relation, value, entry.value, entry.source, entry.id
    )


class _GraphBuilder:
    def __init__(self, document: Document, entries: NetworkFile) -> None:
        self.document = document
        self.entries = entries
        self.index: dict[str, int] = {}
        for index, entry in enumerate(entries.layers):
            if entry.name in RESERVED or entry.name in self.index:
                raise self.error(entry.name, "name", "the name is taken", index)
            self.index[entry.name] = index

    def error(self, name: str, key: str, message: str, index: int | None = None) -> InputError:
        """Return an InputError at a key of a layer."""
        number = self.index[name] if index is None else index
        location: Location = ("layers", number, key)
        return InputError(f"{self.document.where(location)}: layer '{name}': {message}")

    def graph(self) -> nx.DiGraph:
        graph = nx.DiGraph()
        graph.add_node(INPUT)
        previous = INPUT
        for entry in self.entries.layers:
            for source in entry.inputs or [previous]:
                if source != INPUT and source not in self.index:
                    known = [INPUT, *self.index]
                    hint = nearest(source, known)
                    raise self.error(entry.name, "inputs", f"no layer '{source}'{hint}")
                graph.add_edge(source, entry.name)
            previous = entry.name
        self._check_shape_of(graph)
        return graph

    def _check_shape_of(self, graph: nx.DiGraph) -> None:
        if not nx.is_directed_acyclic_graph(graph):
            cycle = [edge[0] for edge in nx.find_cycle(graph)]
            first = min(range(len(cycle)), key=lambda place: self.index[cycle[place]])
            cycle = cycle[first:] + cycle[:first]
            path = " -> ".join([*cycle, cycle[0]])
            raise self.error(cycle[0], "inputs", f"the layers form a cycle: {path}")
        ends = [name for name in graph if graph.out_degree(name) == 0]
        last = self.entries.layers[-1].name
        for name in ends:
            if name != last:
                message = f"dangling: no layer reads it, and the output is '{last}'"
                raise (
                    self.error(name, "name", message)
                    if name != INPUT
                    else InputError(f"{self.document.name}: no layer reads the input")
                )

    def layers(self, graph: nx.DiGraph) -> tuple[Layer, ...]:
        shapes = {INPUT: Shape(*self.entries.input)}
        layers = []
        for name in nx.lexicographical_topological_sort(graph, key=lambda n: self.index.get(n, -1)):
            if name != INPUT:
                layer = self._layer(self.entries.layers[self.index[name]], graph, shapes)
                shapes[name] = layer.out_shape
                layers.append(layer)
        return tuple(layers)

    def _layer(self, entry: LayerEntry, graph: nx.DiGraph, shapes: Mapping[str, Shape]) -> Layer:
        rule = LAYER_OPS[entry.op]
        inputs = self._inputs(entry, graph, rule)
        self._check_keys(entry, rule)
        padding = self._padding(entry)
        form, in_shapes = rule.form(entry.kernel, entry.stride, padding), self._in(inputs, shapes)
        try:
            out = rule.out_shape(in_shapes, form, entry.out)
        except ValueError as error:
            raise self.error(entry.name, "inputs", str(error)) from None
        groups = entry.groups or 1
        if out.rows < 1 or out.cols < 1:
            window = f"{form.kernel} x {form.kernel}"
            into = f"a {window} window does not fit into {in_shapes[0]}"
            raise self.error(entry.name, "kernel", into)
        try:
            rule.check_groups(in_shapes[0], out, groups)
        except ValueError as error:
            raise self.error(entry.name, "groups", str(error)) from None
        return Layer(entry.name, rule, inputs, in_shapes, out, form, groups, entry.partial)

    def _inputs(self, entry: LayerEntry, graph: nx.DiGraph, rule: LayerOp) -> tuple[str, ...]:
        """Return the layers that a layer reads, in the order of the file."""
        inputs = tuple(entry.inputs or graph.predecessors(entry.name))
        least, most = rule.inputs
        if len(set(inputs)) < len(inputs):
            raise self.error(entry.name, "inputs", "reads a layer twice")
        if not least <= len(inputs) <= (most or len(inputs)):
            reads = "one layer" if most == 1 else f"{least} layers or more"
            raise self.error(entry.name, "inputs", f"{entry.op} reads {reads}, got {len(inputs)}")
        return inputs

    @staticmethod
    def _in(inputs: tuple[str, ...], shapes: Mapping[str, Shape]) -> tuple[Shape, ...]:
        return tuple(shapes[name] for name in inputs)

    @staticmethod
    def _padding(entry: LayerEntry) -> str | Pads | None:
        if entry.padding is None or isinstance(entry.padding, str):
            return entry.padding
        above, left, below, right = entry.padding
        return above, left, below, right

    def _check_keys(self, entry: LayerEntry, rule: LayerOp) -> None:
        for key in LAYER_KEYS:
            given = getattr(entry, key) is not None
            if given and key not in (*rule.needs, *rule.takes):
                raise self.error(entry.name, key, f"{entry.op} has no '{key}'")
            if not given and key in rule.needs:
                raise self.error(entry.name, "op", f"{entry.op} needs '{key}'")
