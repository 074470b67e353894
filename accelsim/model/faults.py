"""Lets the events of a machine file strike, each at its time.

What strikes is not a part of the machine: this process only knows when, and tells the block that
has what is struck, which then does what docs/machine.md section 11 says, as the one writer of its
state. Events of one instant strike after everything of it has ended or arrived, in the order of
their numbers, before banks look for a refresh and the sequencer decides. Time in ps.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from accelsim.config.faults import POWER_FAILURE
from accelsim.kernel import STRIKE, Line, Message, Port, Process, Simulation, State
from accelsim.model.fault_design import FaultDesign, FaultEvent, Strike, Target
from accelsim.model.fault_log import FaultLog
from accelsim.model.messages import FaultDue, Struck


class Injector:
    """Tells blocks of what strikes them.

    own_line: to itself. line_to: says which line reaches the block of a target.
    """

    own_line: Line[Message]
    line_to: Callable[[Target], Line[Message]]

    def __init__(self, simulation: Simulation, design: FaultDesign) -> None:
        self.inbox: Port[Message] = Port(simulation, "faults")
        self._simulation, self._design = simulation, design
        # Of each event: how often it has struck, and when last.
        self._struck = [0] * len(design.events)
        self._last_ps = [0] * len(design.events)
        self._next: list[Strike | None] = [design.first(event) for event in design.events]
        self._goes_on = self._in_background = True

    def run(self) -> Process:
        """Strike when it is time."""
        self._announce()
        while True:
            message = yield self.inbox
            if self._in_background:
                self._simulation.arrived_in_background()
            if not self._simulation.is_over:
                self._strike(message.time_ps)

    @property
    def strikes(self) -> int:
        """How often something struck."""
        return sum(self._struck)

    def next_ps(self) -> int | None:
        """Return when something strikes next; None: nothing will."""
        times = [strike.at_ps for strike in self._next if strike is not None]
        return min(times, default=None) if self._goes_on else None

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        state.lists_of_absolutes(self, "_struck", "_last_ps")
        state.values(self, "_goes_on", "_in_background")
        if state.changes:
            self._next = [self._after(event) for event in self._design.events]

    def unrest(self) -> Iterator[str]:
        """Nothing keeps it from being at rest."""
        yield from ()

    def resume(self) -> None:
        """Announce again what strikes next, after a jump: it is counted already."""
        self._send(self._simulation.send)

    def _strike(self, now: int) -> None:
        if self._simulation.quiet and not self._may_set_going():
            self._goes_on = False
            return
        for event in self._design.events:
            number = event.number
            strike = self._next[number]
            while strike is not None and strike.at_ps == now:
                self._struck[number] += 1
                self._last_ps[number] = now
                self._simulation.tell(Struck(event, strike.target), self.line_to(strike.target))
                strike = self._next[number] = self._after(event)
        self._announce()

    def _may_set_going(self) -> bool:
        """Tell whether a machine in which nothing else will ever happen goes on again.

        Only a supply that goes and comes may do that; that of an event by chance does not count, or
        such a machine would never be done.
        """
        return any(
            event.kind == POWER_FAILURE
            and event.at_ps is not None
            and self._next[event.number] is not None
            for event in self._design.events
        )

    def _after(self, event: FaultEvent) -> Strike | None:
        """Return the next strike of an event; None after the last."""
        count = self._struck[event.number]
        if event.at_ps is None:
            return self._design.drawn(event, count, self._last_ps[event.number])
        return None if count else self._design.first(event)

    def _announce(self) -> None:
        """Announce what strikes next; it keeps a run going only if it may set it going."""
        self._in_background = not self._may_set_going()
        simulation = self._simulation
        self._send(simulation.send_in_background if self._in_background else simulation.send)

    def _send(self, send: Callable[..., None]) -> None:
        time = self.next_ps()
        if time is not None:
            send(FaultDue(), self.own_line, time - self._simulation.now_ps, priority=STRIKE)


class Hits(Protocol):
    """What goes wrong in a block. log: of what was hit."""

    log: FaultLog

    def awaited_images(self) -> list[int]:
        """Return the images whose steps armed events wait for."""


class FaultWatch:
    """What the fast-forward has to know of faults: it must not jump over one.

    blocks: in which something may go wrong.
    """

    def __init__(
        self, injector: Injector, logs: Sequence[FaultLog], blocks: Sequence[Hits]
    ) -> None:
        self._injector, self._logs, self._blocks = injector, logs, blocks

    @property
    def happened(self) -> int:
        """How often something struck, or was hit."""
        return self._injector.strikes + sum(log.hits for log in self._logs)

    def next_ps(self) -> int | None:
        """Return when something strikes next; None: nothing will."""
        return self._injector.next_ps()

    def awaited_images(self) -> list[int]:
        """Return the images whose steps armed events wait for."""
        return [image for block in self._blocks for image in block.awaited_images()]

    def resume(self) -> None:
        """Announce again what strikes next, after a jump."""
        self._injector.resume()
