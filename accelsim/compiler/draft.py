"""Instructions on their way: as layers ask for them, folded onto the lanes, not yet in planes."""

from dataclasses import dataclass
from typing import NamedTuple

from accelsim.compiler.instruction import Bias, Kernel, Tile
from accelsim.ops import DENSE, Grid, Tap, Value


@dataclass(frozen=True)
class DraftOperand:
    """Maps of a value as an operand, however many; the others are as of an `Operand`.

    first: the first map that is read. maps: how many are, each by all maps that are computed; or
    None: each of these reads the map of its own place, counted from `first`. is_part: whether
    there are others for cells of the same maps, in other tiles.
    """

    value: Value
    taps: tuple[Tap, ...]
    kernel: Kernel
    grid: Grid
    first: int = 0
    maps: int | None = None
    is_part: bool = False


@dataclass(frozen=True)
class Draft:
    """An instruction for any number of maps and operands.

    result: the value whose maps it writes, from `at` on; None: the host takes them. first_map: the
    first of them among those of the layer. tile: of the layer's maps; None: they are whole.
    """

    op: str
    layer: str
    sources: tuple[DraftOperand, ...]
    result: Value | None
    rows: int
    cols: int
    maps: int
    grid: Grid = DENSE
    bias: Bias | None = None
    first_map: int = 0
    at: int = 0
    tile: Tile | None = None

    @property
    def is_across(self) -> bool:
        """Whether it reads cells of several tiles: some with a part of a template."""
        return any(source.is_part for source in self.sources)


class Fold(NamedTuple):
    """Maps of a value that live in one plane, one a lane: map m is in lane m mod lanes.

    number: m div lanes. partial: of what is no map yet but a part of its sum, the first map and the
    number of the step that forms it. filled: how often the host gave it back.
    """

    value: Value
    number: int
    partial: tuple[int, int] | None = None
    filled: int = 0


class Run(NamedTuple):
    """Maps of a fold in neighbouring lanes: the first lane, and how many."""

    fold: Fold
    lane: int
    maps: int


@dataclass(frozen=True)
class FoldedOperand:
    """An `Operand` whose maps have lanes, and no planes yet."""

    runs: tuple[Run, ...]
    taps: tuple[Tap, ...]
    kernel: Kernel
    grid: Grid
    extent: tuple[int, int]
    shared: bool

    @property
    def planes(self) -> int:
        """Number of planes that are read."""
        return sum(run.maps for run in self.runs)


@dataclass(frozen=True)
class FoldedDraft:
    """An `Instruction` whose maps have lanes, and no planes yet. to: what it writes, or None."""

    op: str
    layer: str
    operands: tuple[FoldedOperand, ...]
    to: Run | None
    grid: Grid
    rows: int
    cols: int
    maps: int
    bias: Bias | None
    first_map: int
    tile: Tile | None = None
