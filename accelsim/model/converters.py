"""Converters between planes and the SRAM, and the digital engine that works on maps there.

Modelled: ADCs, DACs and the engine as ways that one step at a time takes for its read phase, which
lasts as long as its cells take (accelsim.compiler.phases); conversions and operations; leakage of
the engine over the run. Left out: leakage of converters, their start-up. Time in ps.
"""

from collections.abc import Iterator

from accelsim.compiler import ContextPlan, Instruction
from accelsim.kernel import Message, Port, Process, Simulation, State
from accelsim.model.binding import Part
from accelsim.model.datapath import Route
from accelsim.model.design import Design
from accelsim.model.messages import Charged, Issued
from accelsim.model.standby import Standby
from accelsim.records.recorder import Recorder
from accelsim.topology import ENGINE


class Converter:
    """The ADCs, the DACs, or the engine, by their path."""

    def __init__(
        self, simulation: Simulation, design: Design, path: str, recorder: Recorder
    ) -> None:
        self.inbox: Port[Message] = Port(simulation, path)
        self.path = path
        computes = path == ENGINE
        self._route = Route(path, recorder, "compute" if computes else "convert")
        self._standby: Standby | None = None
        if computes:
            powered = ("engine_leakage", 1)
            self._standby = Standby(recorder, design.period_ps, [path], powered)

    def part(self, number: int, instruction: Instruction, context: ContextPlan) -> Part | None:  # noqa: ARG002 - it serves every context
        """Return the part in an instruction that goes this way."""
        return self._route.part(number, instruction)

    def run(self) -> Process:
        """Be held from the issue of a step until all its cells are done."""
        inbox = self.inbox
        while True:
            message = yield inbox
            what = type(message)
            if what is Issued:
                self._route.take(message.step)
            elif what is Charged:
                self._route.release(message.step, message.time_ps)

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        self._route.exchange(state)
        if self._standby is not None:
            self._standby.exchange(state)

    def unrest(self) -> Iterator[str]:
        """Give a line for the step that it does."""
        yield from self._route.unrest()

    def close(self, end_ps: int) -> None:
        """Report the leakage up to the end of the run."""
        if self._standby is not None:
            self._standby.report(end_ps)
