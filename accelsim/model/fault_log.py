"""What faults hit in one block: numbered and reported after everything of an instant has ended.

Hits of one instant come in the order of their events, whatever the order in which the block came
upon them. Time in ps.
"""

from collections.abc import Iterable

from accelsim.compiler import Instruction
from accelsim.kernel import Line, Message, Simulation, State, maintain
from accelsim.model.binding import Step, owner_of
from accelsim.model.fault_design import FaultEvent
from accelsim.model.hits import Hit
from accelsim.model.messages import HitsDue
from accelsim.records.reasons import INJECTED
from accelsim.records.recorder import Cause, Recorder
from accelsim.records.templates import Row, RowTemplate
from accelsim.topology import fault_path


class FaultLog:
    """The hits of one block.

    hits: so many so far. own_line: to the block, which answers `HitsDue` with `report`. rank: of
    the block among those that decide what concerns them alone.
    """

    own_line: Line[Message]

    def __init__(
        self, simulation: Simulation, recorder: Recorder, period_ps: int, rank: int
    ) -> None:
        self._simulation, self._recorder = simulation, recorder
        self._period_ps, self._priority = period_ps, maintain(rank)
        self._plain: dict[int, int] = {}
        self._of_steps: dict[tuple[int, int], int] = {}
        self._of_instructions: dict[tuple[int, int], int] = {}
        self._noted: list[Hit] = []
        self._ended: list[Hit] = []
        self.hits = 0

    def know(self, event: FaultEvent, paths: Iterable[str]) -> None:
        """Register, before the run, an event that may strike the block, and what it may hit."""
        row = Row("fault", fault_path(event.number), {})
        self._plain[event.number] = self._recorder.template(RowTemplate((row,)))
        self._recorder.know(paths)

    def know_step(self, event: FaultEvent, number: int, instruction: Instruction) -> None:
        """Register the record of an event that strikes a step, the same in all contexts.

        number: of the binding.
        """
        key = event.number, id(instruction)
        if key not in self._of_instructions:
            row = Row("fault", fault_path(event.number), {})
            template = RowTemplate((row,), owner_of(instruction))
            self._of_instructions[key] = self._recorder.template(template)
        self._of_steps[event.number, number] = self._of_instructions[key]

    def note(self, event: int, path: str) -> Hit:
        """Take note that an event has hit something in this instant."""
        return self._noted_as(Hit(event, path, self._plain[event]))

    def note_step(self, event: int, path: str, step: Step, follows: int) -> Hit:
        """Take note that an event has hit what a step does. follows: id of its record."""
        template = self._of_steps[event, step.binding.number]
        return self._noted_as(Hit(event, path, template, step.image, follows))

    def hit(self, event: int, path: str, now: int) -> Hit:
        """Report at once what an event has hit, where what it hits comes in a fixed order."""
        hit = Hit(event, path, self._plain[event])
        self.report_one(hit, now)
        return hit

    def report(self, now: int) -> None:
        """Report what was noted in this instant, and give it ids."""
        for hit in sorted(self._noted, key=_order):
            self.report_one(hit, now)
        for hit in sorted(self._ended, key=_order):
            self.report_span(hit, now)
        self._noted.clear()
        self._ended.clear()

    def report_one(self, hit: Hit, now: int) -> None:
        """Report a hit, for the cycle in which it is, and give it an id."""
        self.hits += 1
        hit.id = self._recorder.reserve()
        cause, interval = Cause(INJECTED, hit.path, hit.follows), (now, now + self._period_ps)
        self._recorder.report(hit.template, hit.id, interval, cause, image=hit.image)

    def report_span(self, hit: Hit, now: int) -> None:
        """Report how long what was hit did not go on as it should."""
        if now > hit.since_ps:
            number = self._recorder.reserve()
            interval = (hit.since_ps, now)
            self._recorder.report(hit.template, number, interval, hit.cause, image=hit.image)

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        state.lists_of_flights(self, "_noted", "_ended")
        state.absolutes(self, "hits")

    def end(self, hit: Hit) -> None:
        """Take note that what was hit goes on from now on."""
        self._look()
        self._ended.append(hit)

    def _noted_as(self, hit: Hit) -> Hit:
        self._look()
        self._noted.append(hit)
        return hit

    def _look(self) -> None:
        if not self._noted and not self._ended:
            self._simulation.send(HitsDue(), self.own_line, 0, self._priority)


def _order(hit: Hit) -> tuple[int, str, int]:
    return hit.event, hit.path, hit.image
