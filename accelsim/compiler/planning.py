"""Chooses how a network is cut into tiles: fewest cycles first, then least energy.

Layers one after another make a part. Within it a tile computes all that it needs, also cells that
a neighbour computes, too (their edges are recomputed). What a part reads of others is joined
tile by tile in planes of its own (the edges are exchanged), or read where it is, in steps with more
operands (the edges are read across). A network whose maps fit is one part of one tile.

The parts are found from the input on: for each place between two layers the cheapest way to get
there is kept, and built on. All that are looked at are lowered, so that costs are those of steps;
tile by tile, until they take more cycles than a way that is known.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import combinations
from typing import NamedTuple

from accelsim.compiler.cost import AtOnce, Cost, Costs
from accelsim.compiler.drafting import Drafting
from accelsim.compiler.regions import OUTPUT, Part, Unit, units_of
from accelsim.compiler.room import RoomError
from accelsim.compiler.tiles import Chain, Lowered, Stage, Tiled, lower
from accelsim.config import Machine
from accelsim.network import INPUT, Network
from accelsim.ops import Value

_NOTHING = Cost()
_MOST_AT_ONCE = 12
"""Tiles at once that are looked at, beside all of them."""
_MOST_JOINED = 2
"""Sources that a part may read in so many ways that all are bounded first; each doubles them."""


class Found(NamedTuple):
    """A part and what it is lowered to."""

    part: Part
    lowered: Lowered


class _OverError(Exception):
    """A part takes more cycles than another way that is known."""


@dataclass(frozen=True, eq=False)
class Plan:
    """Parts of a network from its input on. tiled: what they hand over to others."""

    cost: Cost = _NOTHING
    parts: tuple[Found, ...] = ()
    tiled: Mapping[str, Tiled] = field(default_factory=dict)

    @cached_property
    def stages(self) -> list[Stage]:
        """The steps of all parts, without tiles that no step reads."""
        read: set[Value] = set()
        stages = [
            _read_later(stage, read)
            for each in reversed(self.parts)
            for stage in reversed(each.lowered.stages)
        ]
        return [stage for stage in reversed(stages) if stage]

    @property
    def most_tiles(self) -> int:
        """Number of tiles of the part that has most."""
        return max(rows * cols for rows, cols in (each.lowered.grid for each in self.parts))

    @property
    def is_tiled(self) -> bool:
        """Whether any map is cut into tiles."""
        return self.most_tiles > 1 or len(self.parts) > 1

    def then(self, found: Found, cost: Cost) -> "Plan":
        """Return the plan with one part more."""
        tiled = {**self.tiled, **found.lowered.ends}
        return Plan(self.cost.plus(cost), (*self.parts, found), tiled)


def _read_later(stage: Stage, read: set[Value]) -> Stage:
    """Return the steps of which some read the results; adds to these what the steps read."""
    chains = []
    for chain in stage:
        kept = []
        for draft in reversed(chain):
            if draft.result is None or draft.result in read:
                kept.append(draft)
                read.update(source.value for source in draft.sources)
        chains.append(kept[::-1])
    return [chain for chain in chains if chain]


class Planner:
    """Finds plans of a network for a machine."""

    def __init__(self, network: Network, machine: Machine) -> None:
        units = units_of(network)
        self._place = {unit.name: place for place, unit in enumerate(units)}
        self._handing = {unit.name: unit for unit in units if unit.hands_on}
        self._units = [unit for unit in units if not unit.hands_on]
        self._limits = machine.arrays.rows.value, machine.arrays.cols.value
        maps = machine.maps
        digital = frozenset[str]() if maps is None else maps.digital_ops
        self._drafting = partial(Drafting, machine.circuits.value, digital)
        self._costs = Costs(machine)
        self._lack: RoomError | None = None
        self._shapes = {INPUT: network.input}
        self._shapes |= {layer.name: layer.out_shape for layer in network.on_machine}
        self._shapes[OUTPUT] = network.on_machine[-1].out_shape

    @property
    def fits(self) -> bool:
        """Whether no map is larger than an array."""
        return self._fit(self._shapes)

    def whole(self) -> Plan:
        """Return the plan of one tile, of maps that fit; what it costs is not looked at."""
        part = replace(self._part(0, len(self._units)), is_whole=True)
        lowered = lower(part, {}, self._limits, self._drafting)
        assert lowered is not None  # noqa: S101 - all maps fit
        return Plan().then(Found(part, lowered), _NOTHING)

    def one_part(self) -> Plan | None:
        """Return the plan in which nothing is read from another tile; None if none fits."""
        return self._with(Plan(), self._part(0, len(self._units)))

    def groups(self, plan: Plan) -> list[int]:
        """Return how many tiles may be computed at once, the cheapest number first.

        Of those that cost the same the smallest is first: it takes the fewest planes.
        """
        most = plan.most_tiles
        sizes = {most, *range(1, min(most, _MOST_AT_ONCE) + 1)}
        return sorted(sizes, key=lambda tiles: (self._costs.of(plan.stages, tiles), tiles))

    def best(self) -> Plan:
        """Return the cheapest of all plans that are looked at.

        Layers without a pool whose window is larger than an array have one. Raises the RoomError of
        a step if each way has one that reads too much.
        """
        last = len(self._units)
        best: list[Plan | None] = [Plan(), *[None] * last]
        for end in range(1, last + 1):
            # Short parts first: what they cost bounds what is lowered of the longer ones.
            for begin in reversed(range(end)):
                plan, known = best[begin], best[end]
                if plan is None or not self._may_end(end):
                    continue
                most = None if known is None else known.cost
                longer = self._with(plan, self._part(begin, end), most)
                if longer is not None and (most is None or longer.cost <= most):
                    best[end] = longer
        found = best[last]
        if found is None:
            raise self._first_lack(best)
        return found

    def _first_lack(self, best: Sequence[Plan | None]) -> RoomError:
        """Return the error of the first step without room, in the order of layers."""
        self._lack = None
        for begin, plan in enumerate(best):
            for end in range(begin + 1, len(best)):
                if plan is not None and self._lack is None and self._may_end(end):
                    self._with(plan, self._part(begin, end))
        assert self._lack is not None  # noqa: S101 - else a unit alone is a part
        return self._lack

    def _may_end(self, end: int) -> bool:
        """Tell whether a part may end there: not among layers that fit from there to the output."""
        return end <= self._fitting or end == len(self._units)

    @cached_property
    def _fitting(self) -> int:
        """The first unit from which on none reads or stores maps larger than an array."""
        large = [n for n, unit in enumerate(self._units) if not self._fit((unit.name, *unit.reads))]
        return min(large[-1] + 1 if large else 0, len(self._units) - 1)

    def _fit(self, names: Iterable[str]) -> bool:
        return all(
            size <= limit
            for name in names
            for size, limit in zip(self._shapes[name][1:], self._limits, strict=True)
        )

    def _part(self, begin: int, end: int) -> Part:
        own = self._units[begin:end]
        units = sorted((*own, *self._handed(own)), key=lambda unit: self._place[unit.name])
        after = self._units[end:]
        later = {name for unit in (*after, *self._handed(after)) for name in unit.reads}
        ends = tuple(unit.name for unit in own if unit.name in later or unit.name == OUTPUT)
        return Part(tuple(units), ends, self._shapes)

    def _handed(self, units: Iterable[Unit]) -> list[Unit]:
        """Return the units without steps that some units read, one through another, too."""
        names = [name for unit in units for name in unit.reads]
        found: dict[str, Unit] = {}
        while names:
            unit = self._handing.get(names.pop())
            if unit is not None and unit.name not in found:
                found[unit.name] = unit
                names += unit.reads
        return list(found.values())

    def _with(self, plan: Plan, part: Part, most: Cost | None = None) -> Plan | None:
        """Return a plan with a part more, in the cheaper way to read each of its sources.

        most: None may be returned in place of a plan that takes more cycles.
        """
        try:
            best = self._read_so(plan, part, most)
        except _OverError:
            if not self._is_within(plan, part, most):
                return None
            best = self._read_so(plan, part)
        if best is None:
            return None
        for name in sorted(best.parts[-1].lowered.across):
            exchanged = best.parts[-1].part.exchanged | {name}
            with suppress(_OverError):
                bound = None if most is None else best.cost
                other = self._read_so(plan, replace(part, exchanged=exchanged), bound)
                if other is not None and other.cost < best.cost:
                    best = other
        return best

    def _is_within(self, plan: Plan, part: Part, most: Cost | None) -> bool:
        """Tell whether a part, if it joins the tiles of some sources, may cost that at most."""
        sources = part.sources
        if len(sources) > _MOST_JOINED:
            return True
        for number in range(len(sources), 0, -1):
            for some in combinations(sources, number):
                with suppress(_OverError):
                    if self._read_so(plan, replace(part, exchanged=frozenset(some)), most):
                        return True
        return False

    def _read_so(self, plan: Plan, part: Part, most: Cost | None = None) -> Plan | None:
        """Return a plan with a part more; None if it does not fit.

        Raises _OverError, and lowers no tile more, when it takes more cycles than `most`.
        """
        try:
            lowered = lower(part, plan.tiled, self._limits, self._drafting, self._watch(plan, most))
            if lowered is None:
                return None
            rows, cols = lowered.grid
            cost = self._costs.of(lowered.stages, rows * cols)
        except RoomError as error:
            self._lack = self._lack or error
            return None
        return plan.then(Found(part, lowered), cost)

    def _watch(self, plan: Plan, most: Cost | None) -> Callable[[Chain], None] | None:
        """Return what raises _OverError when a plan takes more cycles with the steps of a part."""
        if most is None:
            return None
        tiles, left = AtOnce(self._costs), most.cycles - plan.cost.cycles

        def watch(chain: Chain) -> None:
            tiles.add(chain)
            if tiles.cycles > left:
                raise _OverError

        return watch
