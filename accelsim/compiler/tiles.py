"""Lowers layers tile by tile, where maps are larger than an array (docs/machine.md section 3).

A tile of a layer is a layer of its own, with smaller maps and the padding that is left of them:
what it reads are views, of what the tile itself has computed, or of tiles that others have.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import NamedTuple

from accelsim.compiler.draft import Draft
from accelsim.compiler.drafting import Drafting
from accelsim.compiler.instruction import Tile
from accelsim.compiler.regions import (
    OUTPUT,
    Needs,
    Part,
    Region,
    Span,
    Unit,
    meeting,
    needed,
    whole,
    window_of,
)
from accelsim.network import INPUT
from accelsim.ops import DENSE, Layer, Maps, Pads, Piece, Shape, Value
from accelsim.ops.layer import formed, numbered
from accelsim.ops.value import Passed, Sum

Chain = list[Draft]
"""Steps of which each may need the one before."""
Stage = list[Chain]
"""Steps of all tiles, a chain each: none needs one of another."""
_Size = tuple[int, int]
"""Rows and columns."""


@dataclass(frozen=True)
class Tiled:
    """Maps whose tiles are computed, without overlap. rows, cols: where; maps: of each tile."""

    rows: tuple[Span, ...]
    cols: tuple[Span, ...]
    maps: Mapping[tuple[int, int], Maps]

    def view(self, region: Region) -> Maps:
        """Return a region of the maps."""
        places = [
            (i, j) for i in meeting(self.rows, region.rows) for j in meeting(self.cols, region.cols)
        ]
        values = zip(*(self.maps[place] for place in places), strict=True)
        regions = [Region(self.rows[i], self.cols[j]) for i, j in places]
        return tuple(shown(zip(regions, each, strict=True), region) for each in values)


def shown(pieces: Iterable[tuple[Region, Value]], region: Region) -> Value:
    """Return the view of a region that pieces, values with their places in the map, have."""
    held: dict[Value, Region] = {}
    for place, value in pieces:
        for stored, row, col in value.stored:
            rows, cols = place.rows.first - row, place.cols.first - col
            held[stored] = Region(Span(rows, rows + stored.rows), Span(cols, cols + stored.cols))
    holding = [value for value in held if held[value].holds(region)]
    parts = holding[:1] or [value for value in held if held[value].common(region)]
    first = parts[0]
    cells = sum(held[value].common(region) for value in parts)
    assert cells == region.rows.size * region.cols.size  # noqa: S101 - each cell is read once
    if len(parts) == 1 and held[first] == region:
        return first
    rows, cols = region.rows.first, region.cols.first
    return Value(
        first.place, first.maps, *region.size, DENSE,
        tuple(Piece(v, rows - held[v].rows.first, cols - held[v].cols.first) for v in parts),
    )  # fmt: skip


class Lowered(NamedTuple):
    """Steps of a part, in stages, and what its ends are then.

    grid: tiles below and beside one another. cells: of each unit, that all tiles compute of a map.
    across: sources of which steps read several tiles.
    """

    stages: tuple[Stage, ...]
    ends: Mapping[str, Tiled]
    grid: tuple[int, int]
    cells: Mapping[str, int]
    across: frozenset[str]


def lower(
    part: Part,
    before: Mapping[str, Tiled],
    limits: tuple[int, int],
    drafting: Callable[[], Drafting],
    watch: Callable[[Chain], None] | None = None,
) -> Lowered | None:
    """Lower a part; before: what other parts have computed. None: no tile of it fits.

    drafting: makes what collects the steps of a tile.
    watch: gets the steps of each tile as soon as they are known; what it raises ends the lowering.
    """
    rows, cols = (part.tiles(axis, limit) for axis, limit in enumerate(limits))
    if rows is None or cols is None:
        return None
    return _Lowering(part, before, rows, cols, drafting).lowered(watch)


class _Lowering:
    def __init__(
        self,
        part: Part,
        before: Mapping[str, Tiled],
        rows: Sequence[Needs],
        cols: Sequence[Needs],
        drafting: Callable[[], Drafting],
    ) -> None:
        self._part, self.drafting = part, drafting
        self._rows, self._cols = rows, cols
        self._before = dict(before)
        self._exchanges = {name: (Stage(), Stage()) for name in sorted(part.exchanged)}
        self._joined: dict[tuple[str, int, int], Maps] = {}
        self._across: set[str] = set()
        self._layers: dict[tuple[str, _Size, _Size, Pads | None], Layer] = {}

    def lowered(self, watch: Callable[[Chain], None] | None) -> Lowered:
        ends: dict[str, dict[tuple[int, int], Maps]] = {name: {} for name in self._part.ends}
        tiles: Stage = []
        for i in range(len(self._rows)):
            for name, (down, across) in self._exchanges.items():
                self._exchange(name, i, down, across)
            for j in range(len(self._cols)):
                tile = _TileLowering(self, i, j)
                tiles.append(tile.chain())
                if watch is not None:
                    watch(tiles[-1])
                for name, maps in ends.items():
                    maps[i, j] = tile.maps(name)
        exchanges = (stage for stages in self._exchanges.values() for stage in stages if stage)
        return Lowered(
            (*exchanges, tiles),
            {
                name: Tiled(
                    tuple(needs[name] for needs in self._rows),
                    tuple(needs[name] for needs in self._cols),
                    maps,
                )
                for name, maps in ends.items()
            },
            (len(self._rows), len(self._cols)),
            {unit.name: self._cells(unit.name) for unit in self.units},
            frozenset(self._across),
        )

    def _cells(self, name: str) -> int:
        rows, cols = ([needs[name].size for needs in axis] for axis in (self._rows, self._cols))
        return sum(rows) * sum(cols)

    def region(self, name: str, tile: tuple[int, int]) -> Region:
        return Region(self._rows[tile[0]][name], self._cols[tile[1]][name])

    def at(self, name: str, region: Region) -> Tile | None:
        """Return the name of a tile; None if it is all of a map."""
        if region == whole(self._part.shapes[name]):
            return None
        return Tile(region.rows.first, region.cols.first)

    def of_tile(self, layer: Layer, region: Region, need: Region) -> Layer:
        """Return a layer that computes a region, from the region that it needs."""
        padding = _padding(layer, region, need)
        key = layer.name, region.size, need.size, padding
        if key not in self._layers:
            self._layers[key] = _of_tile(layer, region.size, need.size, padding)
        return self._layers[key]

    def read(self, name: str, tile: tuple[int, int], region: Region) -> Maps:
        """Return a region of a layer that another part has computed."""
        if name in self._exchanges:
            place = self.region(name, tile)
            return tuple(shown([(place, value)], region) for value in self._joined[name, *tile])
        maps = self._before[name].view(region)
        if any(len(value.stored) > 1 for value in maps):
            self._across.add(name)
        return maps

    @property
    def is_whole(self) -> bool:
        return self._part.is_whole

    @property
    def units(self) -> tuple[Unit, ...]:
        return self._part.units

    @property
    def shapes(self) -> Mapping[str, Shape]:
        return self._part.shapes

    def _exchange(self, name: str, i: int, down: Stage, across: Stage) -> None:
        """Join what a row of tiles needs of a layer: what is above and below, then beside that."""
        source, needs = self._before[name], self._rows[i]
        regions = [Region(needs[name], cols) for cols in source.cols]
        strips = [self._copied(name, source.view(each), each, down) for each in regions]
        for j in range(len(self._cols)):
            region = self.region(name, (i, j))
            some = meeting(source.cols, region.cols)
            values = zip(*(strips[place] for place in some), strict=True)
            places = [regions[place] for place in some]
            view = tuple(shown(zip(places, each, strict=True), region) for each in values)
            self._joined[name, i, j] = self._copied(name, view, region, across)

    def _copied(self, name: str, maps: Maps, region: Region, stage: Stage) -> Maps:
        copies = []
        for value, first in numbered(maps):
            drafting = self.drafting()
            drafting.layer, drafting.tile = name, self.at(name, region)
            copies.append(drafting.exchange(value, first))
            if drafting.drafts:
                stage.append(drafting.drafts)
        return tuple(copies)


class _TileLowering:
    """Lowers the units of a part for one tile."""

    def __init__(self, lowering: _Lowering, i: int, j: int) -> None:
        self._lowering, self._tile = lowering, (i, j)
        self._passed: dict[str, Passed] = {}

    def chain(self) -> Chain:
        drafting = self._lowering.drafting()
        for unit in self._lowering.units:
            region = self._lowering.region(unit.name, self._tile)
            drafting.layer, drafting.tile = unit.name, self._lowering.at(unit.name, region)
            if unit.name == INPUT:
                maps = self._lowering.shapes[INPUT].maps
                self._passed[INPUT] = (drafting.load(Shape(maps, *region.size)),)
            elif unit.name == OUTPUT:
                drafting.handoff(formed(self._read(unit.reads[0], region)))
                self._passed[OUTPUT] = ()
            for layer in unit.layers:
                self._passed[layer.name] = self._lowered(layer, region, drafting)
        return drafting.drafts

    def maps(self, name: str) -> Maps:
        """Return what is computed of a layer."""
        return formed(self._passed[name])

    def _lowered(self, layer: Layer, region: Region, drafting: Drafting) -> Passed:
        if self._lowering.is_whole:
            return layer.rule.lower(layer, [self._passed[name] for name in layer.inputs], drafting)
        need = Region(needed(layer, 0, region.rows), needed(layer, 1, region.cols))
        inputs = [self._read(name, need) for name in layer.inputs]
        return layer.rule.lower(self._lowering.of_tile(layer, region, need), inputs, drafting)

    def _read(self, name: str, region: Region) -> Passed:
        """Return a region of a layer, or the sum of one that is not formed yet."""
        if name not in self._passed:
            return self._lowering.read(name, self._tile, region)
        passed = self._passed[name]
        if isinstance(passed, Sum):
            return passed
        held = self._lowering.region(name, self._tile)
        if held == region and not any(value.pieces for value in passed):
            return passed
        return tuple(shown([(held, value)], region) for value in passed)


def _padding(layer: Layer, region: Region, need: Region) -> Pads | None:
    """Return what is outside of the region that a layer needs; None without a window."""
    if not layer.kernel:
        return None
    rows, cols = (window_of(layer, axis, region[axis]) for axis in (0, 1))
    return (
        need.rows.first - rows.first, need.cols.first - cols.first,
        rows.end - need.rows.end, cols.end - need.cols.end,
    )  # fmt: skip


def _of_tile(layer: Layer, size: _Size, need: _Size, padding: Pads | None) -> Layer:
    """Return a layer that computes a region of a size, from a region that it needs."""
    return replace(
        layer,
        in_shapes=tuple(Shape(shape.maps, *need) for shape in layer.in_shapes),
        out_shape=Shape(layer.out_shape.maps, *size),
        form=layer.form if padding is None else layer.form._replace(padding=padding),
    )


def in_groups(stages: Iterable[Stage], tiles: int) -> Iterable[list[Draft]]:
    """Give the steps of stages, of so many tiles at once, and those that do so together."""
    for stage in stages:
        for first in range(0, len(stage), tiles):
            for turn in zip_longest(*stage[first : first + tiles]):
                yield [draft for draft in turn if draft is not None]
