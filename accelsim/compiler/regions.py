"""Which cells of maps a tile is computed from: spans of rows or columns, an axis at a time.

Rows and columns do not depend on one another, so that a grid of tiles is a list of spans for
each. What lies outside of a map reads 0 and is not needed.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from accelsim.network import INPUT, Network
from accelsim.ops import Layer, Shape

OUTPUT = "output"
"""The layer that a handoff is reported under."""


class Span(NamedTuple):
    """Neighbouring rows or columns of a map: the first, and the one behind the last."""

    first: int
    end: int

    @property
    def size(self) -> int:
        """How many they are."""
        return self.end - self.first

    def with_(self, other: "Span") -> "Span":
        """Return the span from the first to the last of both."""
        return Span(min(self.first, other.first), max(self.end, other.end))

    def holds(self, other: "Span") -> bool:
        """Tell whether all of another is in it."""
        return self.first <= other.first and other.end <= self.end


class Region(NamedTuple):
    """Neighbouring cells of a map."""

    rows: Span
    cols: Span

    @property
    def size(self) -> tuple[int, int]:
        """How many rows and columns they are."""
        return self.rows.size, self.cols.size

    def holds(self, other: "Region") -> bool:
        """Tell whether all of another is in it."""
        return self.rows.holds(other.rows) and self.cols.holds(other.cols)

    def common(self, other: "Region") -> int:
        """Return how many cells are in both."""
        rows, cols = (
            min(own.end, its.end) - max(own.first, its.first)
            for own, its in zip(self, other, strict=True)
        )
        return max(rows, 0) * max(cols, 0)


def whole(shape: Shape) -> Region:
    """Return all cells of maps of a shape."""
    return Region(Span(0, shape.rows), Span(0, shape.cols))


def window_of(layer: Layer, axis: int, span: Span) -> Span:
    """Return what the windows of some cells of a layer cover along an axis, padding included."""
    form = layer.form
    return _covered(form.kernel, form.stride, layer.pads[axis], span) if form.kernel else span


def needed(layer: Layer, axis: int, span: Span) -> Span:
    """Return what some cells of a layer are computed from; one cell where all is padding."""
    return _inside(window_of(layer, axis, span), layer.in_shapes[0][1 + axis])


# Tiles of many parts ask for the same again and again.
@lru_cache(maxsize=4096)
def _covered(kernel: int, stride: int, before: int, span: Span) -> Span:
    first, last = span.first * stride - before, (span.end - 1) * stride - before
    return Span(first, last + kernel)


@lru_cache(maxsize=4096)
def _inside(window: Span, size: int) -> Span:
    first = min(max(window.first, 0), size - 1)
    return Span(first, max(min(window.end, size), first + 1))


class Unit(NamedTuple):
    """Layers whose steps are issued together: one, after those whose sums it ends.

    name: of the last, or of the input or output, which have none. reads: layers that it reads.
    """

    name: str
    layers: tuple[Layer, ...]
    reads: tuple[str, ...]

    @property
    def hands_on(self) -> bool:
        """Whether it has no step, and its maps are those that it reads."""
        return bool(self.layers) and self.layers[-1].rule.hands_on


def units_of(network: Network) -> list[Unit]:
    """Return what the machine computes, from the input to the output, in the order of layers."""
    units, is_open = [Unit(INPUT, (), ())], {INPUT: False}
    pending: dict[str, tuple[Layer, ...]] = {}
    for layer in network.on_machine:
        is_open[layer.name] = layer.rule.is_open([is_open[name] for name in layer.inputs])
        before = [each for name in layer.inputs for each in pending.get(name, ())]
        layers = (*before, layer)
        if is_open[layer.name]:
            pending[layer.name] = layers
            continue
        reads = [name for each in layers for name in each.inputs if not is_open[name]]
        units.append(Unit(layer.name, layers, tuple(dict.fromkeys(reads))))
    last = network.on_machine[-1].name
    return [*units, Unit(OUTPUT, (), (last,))]


Needs = Mapping[str, Span]
"""Of each layer what a tile needs of it, along an axis."""


@dataclass(frozen=True)
class Part:
    """Units that are computed tile by tile, without anything from other tiles of the part.

    ends: units that others read, or the output; a tile has the same cells of each, and none that
    another has. Those that hand on what they read are none of them: they are in each part that
    reads them. exchanged:
    layers before it whose tiles are joined, so that what is needed of them fits into a plane.
    is_whole: there is one tile, of all cells of each map, also those that nothing needs.
    """

    units: tuple[Unit, ...]
    ends: tuple[str, ...]
    shapes: Mapping[str, Shape]
    exchanged: frozenset[str] = frozenset()
    is_whole: bool = False

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of its units."""
        return frozenset(unit.name for unit in self.units)

    @cached_property
    def _stored(self) -> frozenset[str]:
        """Units whose results take planes."""
        names = (unit.name for unit in self.units if not unit.hands_on)
        return frozenset(name for name in names if name != OUTPUT)

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """Layers before it that it reads."""
        names = (name for unit in self.units for name in unit.reads if name not in self.names)
        return tuple(dict.fromkeys(names))

    def tiles(self, axis: int, limit: int) -> list[Needs] | None:
        """Return the fewest tiles that cover the ends along an axis; None if none fit.

        limit: cells of an array along that axis. Each tile but the last is as large as fits.
        """
        if self.is_whole:
            return [{unit.name: whole(self.shapes[unit.name])[axis] for unit in self.units}]
        sizes = {self.shapes[name][1 + axis] for name in self.ends}
        if len(sizes) > 1:
            return None
        (size,), first, tiles = sizes, 0, list[Needs]()
        while first < size:
            ends = range(min(size, first + limit), first, -1)
            found = (self._needs(axis, Span(first, end), limit) for end in ends)
            tile = next((needs for needs in found if needs is not None), None)
            if tile is None:
                return None
            tiles.append(tile)
            first = tile[self.ends[0]].end
        return tiles

    def _needs(self, axis: int, span: Span, limit: int) -> Needs | None:
        """Return what a tile of the ends needs; None if that does not fit."""
        needs = dict.fromkeys(self.ends, span)
        for unit in reversed(self.units):
            if unit.name in self._stored and needs[unit.name].size > limit:
                return None
            if not unit.layers:
                for name in unit.reads:
                    _join(needs, name, needs[unit.name])
            for layer in reversed(unit.layers):
                for name in layer.inputs:
                    need = needed(layer, axis, needs[layer.name])
                    if layer.rule.spreads and need.size > limit:
                        return None
                    _join(needs, name, need)
        return needs if self._fits(needs, span, limit) else None

    def _fits(self, needs: Needs, span: Span, limit: int) -> bool:
        """Tell whether tiles that are joined fit, and whether those of the ends are apart."""
        if any(needs[name].size > limit for name in self.exchanged):
            return False
        return all(needs[name] == span for name in self.ends)


def _join(needs: dict[str, Span], name: str, need: Span) -> None:
    needs[name] = needs[name].with_(need) if name in needs else need


def meeting(spans: Sequence[Span], need: Span) -> range:
    """Return which of some spans, that follow one another, have cells of another."""
    firsts = [span.first for span in spans]
    return range(bisect_right(firsts, need.first) - 1, bisect_right(firsts, need.end - 1))
