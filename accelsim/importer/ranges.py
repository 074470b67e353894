"""Scales of layers, so that what cells store lies within [0, 1].

A layer whose ReLU gives values up to s is stored divided by s. The scale goes into the weights:
those of the convolution before it are divided by s, those of what reads it multiplied, so that
the network computes the same, but for values above s, which are clipped. s is the largest value
that calibration images show, or a percentile. Maps that are added as they are have one scale.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from accelsim.errors import InputError
from accelsim.importer.evaluate import at_once, evaluate
from accelsim.importer.layers import Floats, ImportedLayer
from accelsim.importer.partials import PartialSizes
from accelsim.ops import Pixels
from accelsim.ops.layer import INPUT

_Values = dict[str, NDArray[np.float32]]
_BINS = 10_000


@dataclass(frozen=True)
class Range:
    """What calibration found of a layer's values.

    highest: of all images. scale: what is stored as 1. clipped: share of values above it.
    largest_weight: of the weights that lead to it, as the synapses have them. partial: the largest
    partial sum, in what is stored as 1.
    """

    layer: str
    highest: float
    scale: float
    clipped: float
    largest_weight: float
    partial: float


def scaled(
    layers: Sequence[ImportedLayer], images: NDArray[np.uint8], percentile: float, pixels: Pixels
) -> tuple[list[ImportedLayer], list[Range]]:
    """Return layers with scales in their weights, and the ranges that they follow from.

    images: (images, maps, rows, cols), bytes. percentile: of a layer's values above 0 that is
    stored as 1; 100: the largest. pixels: as the layers read them.
    """
    groups = _Groups(layers)
    partials = PartialSizes(layers, groups.ends)
    batches = partial(_batches, layers, images, pixels)
    histograms = _histograms(groups.members, batches, partials)
    scale: dict[str, float] = {}
    for group in groups.together():
        found = max(histograms[name].percentile(percentile) for name in group)
        scale.update(dict.fromkeys(group, found or 1.0))
    vectors = _vectors(layers, scale, stored_as_one(pixels))
    done = [_rescaled(layer, groups, vectors, scale) for layer in layers]
    for layer in done:
        if partials.largest.get(layer.name):
            layer.partial = partials.largest[layer.name] / scale[groups.ends[layer.name]]
    largest = _largest_weights(done, groups)
    sums = {groups.ends[each.name]: each.partial for each in done if each.partial}
    ranges = [
        Range(
            name, histograms[name].highest, scale[name], histograms[name].above(scale[name]),
            largest.get(name, 1.0), sums.get(name, 0.0),
        )
        for name in groups.members
    ]  # fmt: skip
    return done, ranges


class _Groups:
    """Layers that end sums: each has a scale, those that are added as they are the same one.

    members: relus and sums of maps. ends: of each convolution, and each sum that is not formed, the
    one that ends it.
    """

    def __init__(self, layers: Sequence[ImportedLayer]) -> None:
        by_name = {layer.name: layer for layer in layers}
        self._is_open: dict[str, bool] = {INPUT: False}
        host: set[str] = set()
        self.members: list[str] = []
        for layer in layers:
            if layer.op == "fc" or host.intersection(layer.inputs):
                host.add(layer.name)
            opened = [self._is_open[name] for name in layer.inputs]
            self._is_open[layer.name] = layer.op == "conv" or (layer.op == "add" and any(opened))
            ends = layer.op == "relu" or (layer.op == "add" and not any(opened))
            if ends and layer.name not in host:
                self.members.append(layer.name)
        self.ends = {name: name for name in self.members}
        for layer in reversed(layers):
            for name in layer.inputs:
                if self._is_open[name] and layer.name in self.ends:
                    self.ends[name] = self.ends[layer.name]
        self._graph = nx.Graph()
        self._graph.add_nodes_from(self.members)
        for layer in layers:
            if layer.op == "add":
                as_they_are = [name for name in layer.inputs if not self._is_open[name]]
                for origin in _origins(by_name, as_they_are, set(self.members)):
                    self._graph.add_edge(origin, self.ends[layer.name])

    def together(self) -> Iterator[set[str]]:
        """Give the layers that have one scale."""
        yield from nx.connected_components(self._graph)


def _origins(
    by_name: Mapping[str, ImportedLayer], names: Sequence[str], members: set[str]
) -> Iterator[str]:
    """Give the layers whose scale maps have: through pools and concats."""
    left, seen = [*names], {INPUT}
    while left:
        name = left.pop()
        if name in members:
            yield name
        elif name not in seen:
            left.extend(by_name[name].inputs)
        seen.add(name)


class _Histogram:
    """How many values of a layer there are, by size; 0 is left out."""

    def __init__(self, highest: float) -> None:
        self.highest = highest
        self._counts = np.zeros(_BINS, np.int64)

    def add(self, values: NDArray[np.float32]) -> None:
        """Count values."""
        if self.highest > 0:
            some = values[values > 0]
            bins = np.minimum((some / self.highest * _BINS).astype(np.int64), _BINS - 1)
            self._counts += np.bincount(bins, minlength=_BINS)

    def percentile(self, percentile: float) -> float:
        """Return the value that so many percent of those above 0 do not exceed, rounded up."""
        if percentile >= 100 or not self._counts.sum():
            return self.highest
        reached = np.cumsum(self._counts) >= self._counts.sum() * percentile / 100
        return float((reached.argmax() + 1) / _BINS * self.highest)

    def above(self, value: float) -> float:
        """Return the share of values above 0 that exceed one."""
        total = self._counts.sum()
        if value >= self.highest or not total:
            return 0.0
        first = int(np.ceil(value / self.highest * _BINS - 1e-9))
        return float(self._counts[first:].sum() / total)


def stored_as_one(pixels: Pixels) -> Floats:
    """Return what is stored as 1 of each map of the images, (maps,): of p / 255 that is 1."""
    if pixels.is_plain:
        return np.ones(len(pixels.scale))
    found = np.maximum(-pixels.lowest, pixels.highest)
    return np.where(found > 0, found, 1.0)


def _histograms(
    members: Sequence[str], batches: Callable[[], Iterator[_Values]], partials: PartialSizes
) -> dict[str, _Histogram]:
    """Go through the images twice: for the largest values, and for how many there are of each."""
    highest = dict.fromkeys(members, 0.0)
    for values in batches():
        partials.add(values)
        for name in members:
            highest[name] = max(highest[name], float(values[name].max()))
    found = {name: _Histogram(highest[name]) for name in members}
    for values in batches():
        for name in members:
            found[name].add(values[name])
    return found


def _batches(
    layers: Sequence[ImportedLayer], images: NDArray[np.uint8], pixels: Pixels
) -> Iterator[_Values]:
    size = at_once(layers, images.shape[1:])
    for start in range(0, len(images), size):
        part = pixels.of(images[start : start + size], np.float32)
        with np.errstate(over="ignore", invalid="ignore"):
            values = evaluate(layers, part)
        for name, array in values.items():
            if not np.isfinite(array).all():
                raise InputError(
                    f"layer '{name}': its values overflow for images {start} to "
                    f"{start + len(part) - 1}; expected finite numbers"
                )
        yield values


def _vectors(
    layers: Sequence[ImportedLayer], scale: Mapping[str, float], images: Floats
) -> dict[str, Floats]:
    """Return what is stored as 1 of each map of each layer that hands over maps, and of images."""
    found = {INPUT: images}
    for layer in layers:
        inputs = [found[name] for name in layer.inputs if name in found]
        if layer.name in scale:
            found[layer.name] = np.full(layer.shape.maps, scale[layer.name])
        elif layer.op == "concat":
            found[layer.name] = np.concatenate([found[name] for name in layer.inputs])
        elif layer.op in {"maxpool", "avgpool"} and inputs:
            found[layer.name] = inputs[0]
    return found


def _rescaled(
    layer: ImportedLayer, groups: _Groups, vectors: Mapping[str, Floats], scale: Mapping[str, float]
) -> ImportedLayer:
    """Return a layer whose weights are for scaled values."""
    if layer.weight is None or layer.bias is None:
        return replace(layer)
    read = vectors.get(layer.inputs[0])
    weight, bias = layer.weight, layer.bias
    if layer.op == "fc":
        if read is not None:
            weight = weight * np.repeat(read, weight.shape[1] // len(read))
        return replace(layer, weight=weight)
    if read is not None:
        outputs = len(weight) // layer.groups
        each = read.reshape(layer.groups, 1, -1).repeat(outputs, axis=1)
        weight = weight * each.reshape(*weight.shape[:2], 1, 1)
    written = scale[groups.ends[layer.name]]
    return replace(layer, weight=weight / written, bias=bias / written)


def _largest_weights(layers: Sequence[ImportedLayer], groups: _Groups) -> dict[str, float]:
    """Return the largest weight of the convolutions that each layer ends."""
    found: dict[str, float] = {}
    for layer in layers:
        if layer.op == "conv" and layer.weight is not None:
            end, size = groups.ends[layer.name], float(np.abs(layer.weight).max())
            found[end] = max(found.get(end, 0.0), size)
    return found
