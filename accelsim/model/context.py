"""A context of the sequencer: one image in flight, which step is next, what it waits for."""

from collections.abc import Iterator, Mapping, Sequence

from accelsim.kernel import State
from accelsim.model.binding import Binding, owner_of
from accelsim.model.plane import NO_IMAGE
from accelsim.model.rollback import goes_on_at
from accelsim.model.stream import Arrival
from accelsim.records.recorder import NO_CAUSE, Cause, Recorder
from accelsim.records.templates import Row, RowTemplate
from accelsim.topology import QUEUE, context_path
from accelsim.units import render


class Context:
    """One image in flight, with planes of its own.

    programs: of the tenants whose images it runs, as bindings, by their numbers. tenant,
    priority: of the image. bindings: those of its program. next: binding of the next step, None
    when the last was issued. ready_ps: when it may be issued at the earliest. waits_for: since
    wait_since_ps, or None. previous_id: record that the next one follows. freed_by, freed_at_ps:
    the last image's last record, and when it was done. queued: template of an image's time in the
    host's queue. lost_before: steps of the image with records before this one were lost.
    """

    __slots__ = (
        "_place",
        "bindings",
        "freed_at_ps",
        "freed_by",
        "image",
        "index",
        "lost_before",
        "next",
        "path",
        "previous_id",
        "priority",
        "programs",
        "queued",
        "ready_ps",
        "tenant",
        "wait_since_ps",
        "waits_for",
    )

    def __init__(
        self, index: int, programs: Mapping[int, Sequence[Binding]], recorder: Recorder
    ) -> None:
        self.index, self.path = index, context_path(index)
        self.programs = programs
        self.bindings = next(iter(programs.values()))
        self.image = NO_IMAGE
        self.tenant = self.priority = 0
        self.next: Binding | None = None
        self._place = 0
        self.ready_ps = self.wait_since_ps = 0
        self.waits_for: Cause | None = None
        self.previous_id = self.freed_by = self.lost_before = NO_CAUSE
        self.freed_at_ps = 0
        owner = owner_of(self.bindings[0].instruction)
        waits = RowTemplate((Row("wait", QUEUE, {}),), owner, from_arrival=True)
        self.queued = recorder.template(waits)

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        state.images(self, "image")
        if self.image == NO_IMAGE:
            state.records(self, "freed_by")
            state.times(self, "freed_at_ps")
            return
        state.values(self, "_place", "tenant", "priority")
        self.bindings = self.programs[self.tenant]
        state.known(self, "next")
        state.times(self, "ready_ps")
        state.records(self, "previous_id")
        state.absolutes(self, "lost_before")
        state.causes(self, "waits_for")
        if self.waits_for is not None:
            state.times(self, "wait_since_ps")

    def unrest(self) -> Iterator[str]:
        """Give a line for what it waits for, if it does."""
        cause = self.waits_for
        if cause is not None and self.next is not None:
            yield (
                f"{self.path}: {self.next.step_of(self.image)} waits for "
                f"{f'{cause.reason} {cause.resource}'.rstrip()} "
                f"since {render(self.wait_since_ps, 'ps')}"
            )

    def runs(self, tenant: int) -> bool:
        """Tell whether it runs the images of a tenant."""
        return tenant in self.programs

    def admit(self, arrival: Arrival, now: int) -> None:
        """Begin with an image."""
        self.image, self.tenant, self.priority = arrival.image, arrival.tenant, arrival.priority
        self.bindings = self.programs[arrival.tenant]
        self.next, self._place = self.bindings[0], 0
        self.ready_ps, self.previous_id = now, NO_CAUSE
        self.lost_before = NO_CAUSE

    def roll_back(self, now: int, next_id: int) -> None:
        """Go back to where the image can go on, as its steps in flight are lost.

        next_id: of the record that begins next.
        """
        self._place = goes_on_at(self.bindings, self._place, self.image)
        self.next = self.bindings[self._place]
        self.ready_ps, self.lost_before = now, next_id

    def advance(self, ready_ps: int) -> None:
        """Go on to the next step of the program."""
        self._place += 1
        self.next = self.bindings[self._place] if self._place < len(self.bindings) else None
        self.ready_ps = ready_ps

    def free(self, last_id: int, now: int) -> None:
        """End with an image."""
        self.image = NO_IMAGE
        self.freed_by, self.freed_at_ps = last_id, now


def turn_of(idle: Context) -> tuple[int, int, int]:
    """Return what idle contexts are ordered by: tenants' own come first, then those freed first.

    Ties are broken by the number, not by the order of events.
    """
    return len(idle.programs), idle.freed_by, idle.index
