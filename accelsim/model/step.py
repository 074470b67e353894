"""An instruction bound to the units and planes it uses, and a step in flight."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from accelsim.compiler import Instruction
from accelsim.kernel import Unit

if TYPE_CHECKING:
    from accelsim.model.irmen import Plane

# Moments of a step that a record begins or ends at.
ISSUED, SLOT_FREE, CHARGED, SETTLED = range(4)
NO_CAUSE = -1


class Row(NamedTuple):
    """A record that every execution of an instruction makes, with times still open.

    begin, end: moments. follows: offset of the row of the same step that causes it.
    """

    component: str
    kind: str
    begin: int
    end: int
    cause: str
    follows: int
    actions: dict[str, int]


class Use(NamedTuple):
    """A slot of a unit that a step holds for its read phase, and the row that shows it."""

    unit: Unit
    row: int


class Binding:
    """An instruction of one context, bound to the planes and units of a machine."""

    __slots__ = (
        "demands",
        "destinations",
        "instruction",
        "rows",
        "rows_of",
        "sources",
        "template",
        "units",
    )

    def __init__(
        self,
        instruction: Instruction,
        sources: Iterable[tuple["Plane", int]],
        destinations: Iterable[tuple["Plane", int]],
        uses: Iterable[Use],
        rows: list[Row],
    ) -> None:
        sources, destinations, uses = list(sources), list(destinations), list(uses)
        self.instruction = instruction
        self.sources = [plane for plane, _ in sources]
        self.destinations = [plane for plane, _ in destinations]
        self.units = [use.unit for use in uses]
        self.rows = rows
        self.template = NO_CAUSE
        self.rows_of: dict[object, int] = {}
        for subject, row in [*sources, *destinations, *uses]:
            self.rows_of.setdefault(subject, row)
        self.demands = [
            (unit, unit.capacity - self.units.count(unit)) for unit in dict.fromkeys(self.units)
        ]

    def blocker(self, image: int) -> "Plane | Unit | None":
        """Return the first plane or unit that keeps the step from being issued now.

        Planes come first, then units, each in the order of the instruction. This runs
        for every waiting context in every deciding cycle.
        """
        for plane in self.sources:
            if plane.writer is not None or plane.image != image:
                return plane
        for plane in self.destinations:
            if plane.writer is not None or plane.readers:
                return plane
        for unit, most_held in self.demands:
            if len(unit.holders) > most_held:
                return unit
        return None


class Step:
    """One execution of a binding for an image. Times in ps; `first_id` is its first record."""

    __slots__ = (
        "binding",
        "cause",
        "cause_id",
        "first_id",
        "image",
        "t_charged_ps",
        "t_issued_ps",
        "t_settled_ps",
    )

    def __init__(
        self,
        binding: Binding,
        image: int,
        t_issued_ps: int,
        first_id: int,
        cause: int,
        cause_id: int,
    ) -> None:
        self.binding = binding
        self.image = image
        self.t_issued_ps = t_issued_ps
        self.t_charged_ps = self.t_settled_ps = -1
        self.first_id = first_id
        self.cause = cause
        self.cause_id = cause_id

    @property
    def last_id(self) -> int:
        """Id of the step's last record: a settling of its destination."""
        return self.first_id + len(self.binding.rows) - 1

    def row_id(self, subject: object) -> int:
        """Return the id of the record in which the step holds a plane or unit."""
        return self.first_id + self.binding.rows_of[subject]
