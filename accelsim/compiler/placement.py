"""The last passes: an order of folded steps that the planes suffice for, and planes for them.

The order of layers, or a better one; if that takes too many planes, one that takes fewer; if that
does, too, maps are spilled to the host where the machine file allows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from accelsim.compiler.allocate import instructions_of
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
        pace, room = Pace.of(self.machine), self.machine.banks.planes.value // self.contexts
        work = work_of(folded, Phases.of_machine(self.machine))
        if self.in_layer_order:
            order = as_given(work, pace)
        else:
            order = ordered(work, pace, room, spares=self.spares)
        enough, steps = order.most, folded
        if enough > room and self.machine.spill is not None and not self.in_layer_order:
            enough = least_room(folded)
            found = self._spilled(folded, work, pace, room)
            if found is not None:
                steps, work, order = found
        instructions = instructions_of(steps, work, order.steps, order.planes)
        return Placed(instructions, order.needed, enough)

    def _spilled(
        self, folded: Sequence[FoldedDraft], given: Work, pace: Pace, room: int
    ) -> tuple[Sequence[FoldedDraft], Work, Order] | None:
        """Return steps with spills, of two orders the one that then takes fewer cycles."""
        best = None
        few = order_of_few_planes(given, dependencies(given.uses, pace))
        for steps in (range(len(folded)), few):
            try:
                drafts = spilled([folded[step] for step in steps], room)
            except SpillError:
                continue
            work = work_of(drafts, Phases.of_machine(self.machine))
            order = ordered(work, pace, room, spares=self.spares)
            if best is None or order.cycles < best[-1].cycles:
                best = drafts, work, order
        return best
