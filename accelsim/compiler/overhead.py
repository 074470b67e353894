"""What tiles cost beyond arrays that hold each map whole: steps, cells and energy, by layer."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from accelsim.compiler.cost import Costs
from accelsim.compiler.counts import Counts, cells_of
from accelsim.compiler.draft import Draft
from accelsim.compiler.folding import Folding
from accelsim.compiler.instruction import Instruction
from accelsim.compiler.lower import planned
from accelsim.compiler.partial import PartialSums
from accelsim.compiler.planning import Found, Plan, Planner
from accelsim.compiler.regions import Unit
from accelsim.compiler.tiles import Stage
from accelsim.config import Machine
from accelsim.network import INPUT, Network
from accelsim.ops import HANDOFF_MORE_STEP, HANDOFF_STEP, LOAD_MORE_STEP, LOAD_STEP, Shape

RECOMPUTED, LOADED_AGAIN = "recomputed", "loaded again"
EXCHANGED, ACROSS = "exchanged", "read across"
_MORE = {LOAD_MORE_STEP: LOAD_STEP, HANDOFF_MORE_STEP: HANDOFF_STEP}
_Kind = tuple[str, str]
"""Layer and op."""


class Taken(NamedTuple):
    """Instructions, cells that they write, and their energy in aJ, without that of the clock."""

    steps: int = 0
    cells: int = 0
    energy_aJ: int = 0  # noqa: N815 - aJ is the unit

    def plus(self, other: "Taken") -> "Taken":
        """Return what both take."""
        return Taken(*(own + its for own, its in zip(self, other, strict=True)))

    def minus(self, other: "Taken") -> "Taken":
        """Return what is taken beyond another."""
        return Taken(*(own - its for own, its in zip(self, other, strict=True)))


class LayerTiles(NamedTuple):
    """Tiles of a layer, with those whose sums it ends.

    grid: tiles below and beside one another. edges: in which ways cells beside a tile are had;
    none: no tile needs any, or there is one. over: beyond what arrays take that hold it whole.
    """

    layers: tuple[str, ...]
    shape: Shape
    grid: tuple[int, int]
    edges: tuple[str, ...]
    taken: Taken
    over: Taken


def tiles_of(network: Network, machine: Machine) -> list[LayerTiles]:
    """Return the tiles of a network's layers; none if all maps fit. Raises as compiling does."""
    plan = planned(network, machine, machine.sequencer.contexts.value, None).plan
    if not plan.is_tiled:
        return []
    large = _large(network, machine)
    whole = _taken(Planner(network, large).whole(), large)
    return list(_rows(plan, _taken(plan, machine), whole))


class Again(NamedTuple):
    """What tiles do again: instructions beyond those of whole maps, tap-cycles of cells."""

    steps: int
    tap_cycles: int


def done_again(
    network: Network, machine: Machine, counted: Iterable[tuple[Instruction, Counts]]
) -> Again:
    """Return what tiles do that arrays which hold each map whole would not.

    counted: the steps that these have, too, with their counts: no exchange, partial sum, copy, or
    spill. Cells that a tile computes as its neighbour does cost what its other cells cost.
    """
    steps, cells, taps = Counter[_Kind](), Counter[_Kind](), Counter[_Kind]()
    for step, counts in counted:
        kind = step.layer, _MORE.get(step.op, step.op)
        steps[kind] += 1
        cells[kind] += cells_of(step)
        taps[kind] += counts.tap_cycles
    whole = _whole(network, _large(network, machine))
    again = sum(
        taps[kind] * max(0, found - whole[kind].cells) // found for kind, found in cells.items()
    )
    return Again(sum(steps[kind] - whole[kind].steps for kind in steps), again)


def _whole(network: Network, large: Machine) -> Mapping[_Kind, Taken]:
    """Return instructions and cells of each kind where each map fits; partial sums left out."""
    folding, found = Folding(large, PartialSums({}, lambda: None)), defaultdict[_Kind, Taken](Taken)
    for draft in (
        draft for stage in Planner(network, large).whole().stages for draft in _drafts(stage)
    ):
        taken = Taken(len(folding.chains(draft)), draft.rows * draft.cols * draft.maps)
        found[draft.layer, draft.op] = found[draft.layer, draft.op].plus(taken)
    return found


def _large(network: Network, machine: Machine) -> Machine:
    """Return a machine whose arrays hold each map."""
    shapes = [network.input, *(layer.out_shape for layer in network.on_machine)]
    most = {"rows": max(s.rows for s in shapes), "cols": max(s.cols for s in shapes)}
    arrays = machine.arrays
    sizes = {key: replace(getattr(arrays, key), value=size) for key, size in most.items()}
    return machine.model_copy(update={"arrays": arrays.model_copy(update=sizes)})


def _taken(plan: Plan, machine: Machine) -> dict[str, Taken]:
    """Return what the steps of each layer take."""
    costs, found = Costs(machine), dict[str, Taken]()
    for draft in (draft for stage in plan.stages for draft in _drafts(stage)):
        each = costs.of_draft(draft)
        taken = Taken(each.steps, each.written, each.energy_aJ)
        found[draft.layer] = found.get(draft.layer, Taken()).plus(taken)
    return found


def _drafts(stage: Stage) -> Iterator[Draft]:
    return (draft for chain in stage for draft in chain)


def _rows(
    plan: Plan, taken: Mapping[str, Taken], whole: Mapping[str, Taken]
) -> Iterator[LayerTiles]:
    for found in plan.parts:
        for unit in found.part.units:
            if unit.hands_on:
                continue
            names = tuple(layer.name for layer in unit.layers) or (unit.name,)
            own, other = Taken(), Taken()
            for name in names:
                own = own.plus(taken.get(name, Taken()))
                other = other.plus(whole.get(name, Taken()))
            shape = found.part.shapes[unit.name]
            edges = tuple(_edges(plan, found, unit))
            yield LayerTiles(names, shape, found.lowered.grid, edges, own, own.minus(other))


def _edges(plan: Plan, found: Found, unit: Unit) -> Iterator[str]:
    """Give the ways in which cells beside the tiles of a unit are had."""
    _, rows, cols = found.part.shapes[unit.name]
    if found.lowered.cells[unit.name] > rows * cols:
        yield LOADED_AGAIN if unit.name == INPUT else RECOMPUTED
    if any(unit.name in each.part.exchanged for each in plan.parts):
        yield EXCHANGED
    if any(unit.name in each.lowered.across for each in plan.parts):
        yield ACROSS
