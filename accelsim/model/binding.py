"""What an instruction is to the blocks of a machine: claims, records, and a step in flight.

Before the run each block that takes part in an instruction contributes a `Part`: claims,
which the sequencer checks before it issues, and groups of rows, which the block itself
reports when it has done them. A `Binding` holds the parts of one instruction in one context
together, and `Common` what is the same in every context: all but the image's own planes. A
`Step` is one execution of a binding.
"""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import NamedTuple, Protocol

from accelsim.compiler import Instruction
from accelsim.kernel import Line, Message, Resource, State, first_of, lanes_of
from accelsim.records.reasons import BUSY, FAULTY, ISSUE, WRITE
from accelsim.records.recorder import NO_CAUSE, Cause, Recorder
from accelsim.records.templates import ISSUE_ROW, Owner, Row


class Stage(IntEnum):
    """Order of the claims of a step, planes first, and of the records of its blocks."""

    SOURCE = 0
    DESTINATION = 1
    ROUTE = 2
    READ = 3
    COMPUTE = 4
    WRITE = 5


class Rank(NamedTuple):
    """Where a claim or group comes in a step: its stage, then the number of its operand."""

    stage: Stage
    number: int = 0


class Claim(Protocol):
    """Something of a block that has to be free, or stored, for a step to be issued.

    paths: of all that may turn out to be in the way, in the order in which it is looked at.
    """

    @property
    def paths(self) -> Mapping[int, str]:
        """Paths by lane."""

    def obstacle(self, image: int) -> Cause | None:
        """Return what keeps a step of an image from being issued now, or None."""


class Slots:
    """A claim of a number of slots of a resource in each of some lanes.

    paths: of the resource in each lane, in the order in which lanes are looked at.
    """

    __slots__ = ("lanes", "level", "levels", "paths", "resource")

    def __init__(self, resource: Resource, paths: dict[int, str], slots: int = 1) -> None:
        self.resource, self.paths = resource, paths
        self.lanes = lanes_of(paths)
        # As Resource.full does, without a call: claims are looked at in every deciding cycle.
        self.levels, self.level = resource.levels_for(slots)

    def obstacle(self, image: int) -> Cause | None:  # noqa: ARG002 - whoever it is for
        """Return the first lane without a free slot, with its oldest holder."""
        full = self.levels[self.level] & self.lanes
        if not full:
            return None
        lane = first_of(self.paths, full)
        reason, path, holder = BUSY, self.paths[lane], self.resource.oldest(lane)
        if holder is None and (blocker := self.resource.blocker(lane)) is not None:
            reason, holder = FAULTY, blocker
        return Cause(reason, path, NO_CAUSE if holder is None else holder.record(path))


class Act(NamedTuple):
    """Something that a block does in each step of a binding: a record.

    holds: paths for which it is the record that shows a holder. before_ps: it begins so long
    before the start of the line that reports it, and then ends there; None: it lasts as long as
    the line says. after: place in its group of what it follows; None: the issue.
    """

    kind: str
    path: str
    actions: dict[str, int]
    holds: tuple[str, ...] = ()
    before_ps: int | None = None
    after: int | None = None


class Acts:
    """What a block does in each step of a binding, together; the same in many bindings.

    number: how many there are. holds: place among them of the first that shows the holder of a
    path.
    """

    __slots__ = ("_acts", "_rows", "holds", "number")

    def __init__(self, acts: Iterable[Act]) -> None:
        self._acts = list(acts)
        self._rows = -1
        self.number = len(self._acts)
        self.holds: dict[str, int] = {}
        for place, act in enumerate(self._acts):
            for path in act.holds:
                self.holds.setdefault(path, place)

    def rows(self, recorder: Recorder) -> int:
        """Return the number of the rows, which a recorder keeps since this was asked first."""
        if self._rows < 0:
            self._rows = recorder.share([_row(*each) for each in enumerate(self._acts)])
        return self._rows


def _row(place: int, act: Act) -> Row:
    return Row(
        act.kind,
        act.path,
        act.actions,
        ISSUE if act.after is None else WRITE,
        ISSUE_ROW if act.after is None else place - act.after,
        after_start=-(act.before_ps or 0),
        ends_at_start=act.before_ps is not None,
    )


class Group:
    """Acts of one instruction, perhaps the same in all contexts.

    `template`, and `place`, of the first among the records of the step, are known once a binding
    is complete.
    """

    __slots__ = ("acts", "place", "template")

    def __init__(self, acts: Acts) -> None:
        self.acts = acts
        self.place = self.template = -1


def owner_of(instruction: Instruction) -> Owner:
    """Return what the rows of an instruction belong to."""
    return Owner(instruction.op, instruction.layer, instruction.step)


class Part(NamedTuple):
    """What one block contributes to an instruction."""

    claims: list[tuple[Rank, Claim]]
    groups: list[tuple[Rank, Group]]


class Common:
    """What an instruction has in every context alike.

    claims: of what contexts share, in the order in which they are looked at; they are looked at
    once in every deciding cycle, so whether none is in the way is told without a call each. issued,
    charged:
    lines to its blocks, the sequencer among them for the latter. issuing, cycles: templates of
    what the sequencer reports of it. phases_ps: lengths of its read and write phase.
    """

    __slots__ = (
        "_others", "_slots", "charged", "claims", "cycles", "issued", "issuing", "phases_ps",
    )  # fmt: skip

    def __init__(
        self,
        claims: Iterable[Claim],
        issued: Line[Message],
        charged: Line[Message],
        phases_ps: tuple[int, int],
    ) -> None:
        self.phases_ps = phases_ps
        self.claims = tuple(claims)
        slots = [each for each in self.claims if isinstance(each, Slots)]
        self._slots = tuple((each.levels, each.level, each.lanes) for each in slots)
        self._others = tuple(each for each in self.claims if not isinstance(each, Slots))
        self.issued, self.charged = issued, charged
        self.issuing = self.cycles = -1

    def obstacle(self, image: int) -> Cause | None:
        """Return the first thing of what contexts share that is not free, or None."""
        for levels, level, lanes in self._slots:
            if levels[level] & lanes:
                return self._first(image)
        for claim in self._others:
            if claim.obstacle(image) is not None:
                return self._first(image)
        return None

    def _first(self, image: int) -> Cause | None:
        for claim in self.claims:
            found = claim.obstacle(image)
            if found is not None:
                return found
        return None


Seen = dict[Common, Cause | None]
"""What was found to be in the way of instructions in any context, since the last issue."""


class Binding:
    """An instruction of one context, bound to the blocks that take part in it.

    number: of the binding, by which blocks know it. claims: of planes of the context's own, in
    the order in which they are looked at; those of `common` come after them. groups: of rows, in
    the order of their stages. rows: number of records of a step, the issue first. waiting:
    template of a wait for it. read_ps, write_ps: its phases.
    """

    __slots__ = (
        "_places",
        "claims",
        "common",
        "context",
        "groups",
        "instruction",
        "number",
        "read_ps",
        "rows",
        "waiting",
        "write_ps",
    )

    def __init__(
        self,
        number: int,
        context: int,
        instruction: Instruction,
        *,
        claims: Iterable[Claim],
        groups: Iterable[Group],
        common: Common,
    ) -> None:
        self.number, self.context, self.instruction = number, context, instruction
        self.claims, self.groups, self.common = tuple(claims), tuple(groups), common
        self.rows = 1 + sum(group.acts.number for group in self.groups)
        self.waiting = -1
        self.read_ps, self.write_ps = common.phases_ps
        self._places: dict[str, int] | None = None

    def place(self, path: str) -> int:
        """Return which of a step's records shows that it holds what has a path."""
        places = self._places
        if places is None:  # most bindings of many contexts are never waited for
            places = self._places = {}
        found = places.get(path)
        if found is None:
            found = places[path] = self._find(path)
        return found

    def _find(self, path: str) -> int:
        for group in self.groups:
            place = group.acts.holds.get(path)
            if place is not None:
                return group.place + place
        raise KeyError(path)

    def obstacle(self, image: int, seen: Seen | None) -> Cause | None:
        """Return the first thing that keeps a step of an image from being issued now.

        This runs for every waiting context in every deciding cycle, so what is the same for all
        of them is looked at once, and kept in `seen`; None where there is but one.
        """
        for claim in self.claims:
            found = claim.obstacle(image)
            if found is not None:
                return found
        common = self.common
        if seen is None:
            return common.obstacle(image)
        if common in seen:
            return seen[common]
        found = seen[common] = common.obstacle(image)
        return found

    def step_of(self, image: int) -> str:
        """Return the step for an image as messages name it."""
        instruction = self.instruction
        return (
            f"image {image}, step {instruction.step} "
            f"({instruction.op} of layer '{instruction.layer}')"
        )


class Step:
    """One execution of a binding for an image; `first_id` is the id of its first record."""

    __slots__ = ("binding", "first_id", "image")

    def __init__(self, binding: Binding, image: int, first_id: int) -> None:
        self.binding, self.image, self.first_id = binding, image, first_id

    def __str__(self) -> str:
        return self.binding.step_of(self.image)

    def exchange(self, state: State) -> None:
        """Name what tells it from other steps."""
        state.known(self, "binding")
        state.images(self, "image")
        state.records(self, "first_id")

    @property
    def last_id(self) -> int:
        """Id of the step's last record: a settling of its destination."""
        return self.first_id + self.binding.rows - 1

    def record(self, path: str) -> int:
        """Return the id of the record in which the step holds a plane or resource."""
        return self.first_id + self.binding.place(path)
