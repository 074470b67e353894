"""What a program is made of, where its planes are at their peak, and how far it is from bounds.

All of it follows from the instructions and the machine. Cycles are those of an image that is alone,
on a machine that is not refreshed.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from accelsim.compiler.bounds import Bound, bounds
from accelsim.compiler.counts import Counts, count
from accelsim.compiler.instruction import Instruction, Program
from accelsim.compiler.issue import issue_cycles, length_of
from accelsim.compiler.overhead import done_again
from accelsim.compiler.phases import Phases
from accelsim.compiler.use import Pace, work_of_program
from accelsim.config import Machine
from accelsim.network import Network
from accelsim.ops import (
    COPY_STEP,
    EXCHANGE_STEP,
    FETCH_STEP,
    FILL_STEP,
    PARTIAL_STEP,
    SPILL_STEP,
    STORE_STEP,
)
from accelsim.topology import Place

_OVERHEADS = {
    PARTIAL_STEP: "partial sums",
    COPY_STEP: "copies back from staging",
    EXCHANGE_STEP: "edges of tiles",
    SPILL_STEP: "maps spilled to the host",
    FILL_STEP: "maps brought back",
    STORE_STEP: "maps stored in the SRAM",
    FETCH_STEP: "maps fetched from the SRAM",
}
"""Ops whose steps are there because of the machine, and would not be on a large enough one."""
_TILES = "tiles, and cells computed again"
_SPILLED = {SPILL_STEP, FILL_STEP, STORE_STEP, FETCH_STEP}
"""Ops that move maps and compute none."""


@dataclass(frozen=True)
class LayerReport:
    """Steps of a layer. folds: groups of its maps, each with instructions of its own.

    partial: steps of its sums before the last. first, last: cycles in which one is issued.
    """

    layer: str
    steps: int
    folds: int
    partial: int
    first: int
    last: int


@dataclass(frozen=True)
class Peak:
    """Planes that an image takes in the banks of a place, and the first step that needs all."""

    place: Place
    planes: int
    step: int
    op: str
    layer: str


@dataclass(frozen=True)
class Overhead:
    """Steps that are due to the size of the machine, and their tap-cycles."""

    what: str
    steps: int
    tap_cycles: int


@dataclass(frozen=True)
class ProgramReport:
    """A program on a machine.

    cycles: of one image. layer_order: cycles in the order of layers and folds; None where that
    order takes too many planes.
    """

    network: str
    machine: str
    steps: int
    tap_cycles: int
    cycles: int
    layer_order: int | None
    layers: tuple[LayerReport, ...]
    peaks: tuple[Peak, ...]
    overheads: tuple[Overhead, ...]
    bounds: tuple[Bound, ...]

    @property
    def bound(self) -> int:
        """The largest of the lower bounds."""
        return max(bound.cycles for bound in self.bounds)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data: the fields by their names, bounds with the ratio of the cycles."""
        plain = asdict(self)
        plain["bounds"] = [
            {
                "what": bound.what or "critical path",
                "cycles": bound.cycles,
                "ratio": round(self.cycles / bound.cycles, 4),
            }
            for bound in self.bounds
        ]
        return plain


def report_on(
    program: Program, network: Network, machine: Machine, layer_order: Program | None
) -> ProgramReport:
    """Return the report on the program of a network.

    layer_order: the same in the order of layers, if it fits.
    """
    pace, work = Pace.of(machine), work_of_program(program, Phases.of_machine(machine))
    issued = issue_cycles(work.uses, work.places, pace)
    read = machine.timing.read_cycles.value
    counts = [count(step, read) for step in program.instructions]
    return ProgramReport(
        network=program.network,
        machine=machine.name,
        steps=len(program.instructions),
        tap_cycles=sum(each.tap_cycles for each in counts),
        cycles=length_of(work.uses, issued, pace),
        layer_order=None if layer_order is None else cycles_of(layer_order, machine),
        layers=_layers(program, issued),
        peaks=tuple(_peak(program, place) for place in program.planes),
        overheads=_overheads(program, network, machine, counts),
        bounds=tuple(bounds(work, pace)),
    )


def cycles_of(program: Program, machine: Machine) -> int:
    """Return the cycles of an image that is alone, from the issue of its load to its result."""
    pace, work = Pace.of(machine), work_of_program(program, Phases.of_machine(machine))
    return length_of(work.uses, issue_cycles(work.uses, work.places, pace), pace)


def _layers(program: Program, issued: list[int]) -> tuple[LayerReport, ...]:
    found: dict[str, list[tuple[Instruction, int]]] = {}
    for step, cycle in zip(program.instructions, issued, strict=True):
        found.setdefault(step.layer, []).append((step, cycle))
    return tuple(
        LayerReport(
            layer=layer,
            steps=len(steps),
            folds=len({step.first_map for step, _ in steps if step.op not in _SPILLED}),
            partial=sum(step.op == PARTIAL_STEP for step, _ in steps),
            first=steps[0][1],
            last=steps[-1][1],
        )
        for layer, steps in found.items()
    )


def _peak(program: Program, place: Place) -> Peak:
    planes = program.planes[place]
    return next(
        Peak(place, planes, step.step, step.op, step.layer)
        for step in program.instructions
        if any(ref.place is place and ref.plane == planes - 1 for ref in step.destination)
    )


def _overheads(
    program: Program, network: Network, machine: Machine, counts: Sequence[Counts]
) -> tuple[Overhead, ...]:
    """Return the overheads that a program has."""
    steps, cost = Counter[str](), Counter[str]()
    counted = list(zip(program.instructions, counts, strict=True))
    for step, each in counted:
        steps[step.op] += 1
        cost[step.op] += each.tap_cycles
    found = [Overhead(what, steps[op], cost[op]) for op, what in _OVERHEADS.items() if steps[op]]
    if any(step.tile for step in program.instructions):
        rest = [(step, each) for step, each in counted if step.op not in _OVERHEADS]
        found.append(Overhead(_TILES, *done_again(network, machine, rest)))
    return tuple(found)
