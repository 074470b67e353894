"""The last passes: an order of folded steps that the planes suffice for, and planes for them.

The order of layers, or a better one; if that takes too many planes, one that takes fewer; if that
does, too, maps are spilled to the host where the machine file allows it, or to the SRAM.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from accelsim.compiler.allocate import instructions_of
from accelsim.compiler.blocks import in_blocks
from accelsim.compiler.dependencies import dependencies
from accelsim.compiler.draft import FoldedDraft
from accelsim.compiler.instruction import Instruction
from accelsim.compiler.ordering import Order, as_given, ordered
from accelsim.compiler.phases import Phases
from accelsim.compiler.scheduler import order_of_few_planes
from accelsim.compiler.spilling import SpillError, least_room, spilled
from accelsim.compiler.use import Pace, Work, work_of
from accelsim.config import Machine
from accelsim.topology import Place


class Placed(NamedTuple):
    """Instructions, and the planes that an image needs in each place.

    enough: planes in a bank that would do for an image, if there are not as many.
    """

    instructions: tuple[Instruction, ...]
    planes: dict[Place, int]
    enough: int


@dataclass(frozen=True)
class Placement:
    """How steps get order and planes. contexts: images in flight, which share the planes.

    in_layer_order: steps stay as they are. spares: planes that they do not need are left to others.
    """

    machine: Machine
    contexts: int
    in_layer_order: bool = False
    spares: bool = False

    def place(self, folded: Sequence[FoldedDraft]) -> Placed:
        """Return instructions; they may need more planes than there are."""
        pace = Pace.of(self.machine)
        work = work_of(folded, Phases.of_machine(self.machine))
        order = as_given(work, pace) if self.in_layer_order else self._ordered(work, pace)
        enough, steps = order.most, folded
        if enough > self._room and self._may_spill and not self.in_layer_order:
            enough = least_room(folded)
            found = self._spilled(folded, work, pace)
            if found is not None:
                steps, work, order = found
        instructions = instructions_of(steps, work, order.steps, order.planes)
        return Placed(instructions, order.needed, enough)

    @property
    def _room(self) -> int:
        """Planes of a bank for an image."""
        return self.machine.banks.planes.value // self.contexts

    @property
    def _may_spill(self) -> bool:
        return self.machine.spill is not None or self.machine.keeps_maps_in_sram

    def _ordered(self, work: Work, pace: Pace) -> Order:
        return ordered(work, pace, self._room, spares=self.spares, sram=self._words)

    @property
    def _words(self) -> int:
        """Maps of a lane that the SRAM holds for an image."""
        return self.machine.sram_planes // self.contexts

    def _spilled(
        self, folded: Sequence[FoldedDraft], given: Work, pace: Pace
    ) -> tuple[Sequence[FoldedDraft], Work, Order] | None:
        """Return steps with spills, of several orders the one that then takes fewest cycles."""
        best = None
        to_sram = self.machine.keeps_maps_in_sram
        for steps in self._orders(folded, given, pace):
            try:
                drafts = spilled([folded[step] for step in steps], self._room, to_sram=to_sram)
            except SpillError:
                continue
            work = work_of(drafts, Phases.of_machine(self.machine))
            order = self._ordered(work, pace)
            if best is None or order.cycles < best[-1].cycles:
                best = drafts, work, order
        return best

    def _orders(
        self, folded: Sequence[FoldedDraft], given: Work, pace: Pace
    ) -> Iterator[Sequence[int]]:
        """Give the orders that are tried: that of layers, and one of few planes.

        With an SRAM to go to, those of some folds at a time, too.
        """
        edges = dependencies(given.uses, pace)
        yield range(len(folded))
        yield order_of_few_planes(given, edges)
        if self.machine.keeps_maps_in_sram:
            for folds in range(1, self._room):
                yield in_blocks(folded, edges, folds)
