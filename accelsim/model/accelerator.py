"""The accelerator: declares the blocks, joins their ports, runs them.

Each block is a process; `_connect` and `_bound` make every connection between them.
"""

import random
from collections.abc import Iterable, Iterator, Sequence

from accelsim.compiler import ContextPlan, Program, Tenancy
from accelsim.errors import DeadlockError
from accelsim.kernel import Line, Message, Port, Simulation
from accelsim.model.arbiter import Arbiter
from accelsim.model.bank import Banks
from accelsim.model.binding import Binding
from accelsim.model.block import Block, Worker
from accelsim.model.cenn import Arrays
from accelsim.model.context import Context
from accelsim.model.datapath import Direction
from accelsim.model.design import Design
from accelsim.model.host import HostSink, HostSource
from accelsim.model.messages import Arrival
from accelsim.model.sequencer import Sequencer
from accelsim.records import Sink
from accelsim.records.recorder import Recorder


class Accelerator:
    """A machine with a program, or several that share it, and images; `run` simulates it once.

    arrivals: images in order of arrival, times (ps) not falling; of several tenants, and by
    priority, numbered so, too.
    sinks: receive the records. shuffle: for tests; registers processes, and takes
    events of one instant and priority, in random order, which must change nothing.
    """

    def __init__(
        self,
        design: Design,
        program: Program | Tenancy,
        arrivals: Iterable[Arrival],
        sinks: Sequence[Sink] = (),
        shuffle: random.Random | None = None,
    ) -> None:
        tenancy = Tenancy.of(program)
        self._shuffle = shuffle
        self._simulation = simulation = Simulation(shuffle)
        self._recorder = recorder = Recorder(sinks)
        self._lines: list[Line[Message]] = []
        topology = design.topology
        self._source = HostSource(simulation, design, arrivals, recorder)
        self._sink = HostSink(simulation, design, recorder)
        self._banks = [Banks(simulation, design, place, recorder) for place in topology.places]
        self._workers: list[Worker] = [
            self._source,
            *(Direction(simulation, design, path, recorder) for path in topology.directions),
            *(Arrays(simulation, design, circuit, recorder) for circuit in topology.circuit_names),
            *self._banks,
            self._sink,
        ]
        arbiter = Arbiter(design.arbitration, len(tenancy.programs))
        self._sequencer = Sequencer(simulation, design, self._source.queue, arbiter, recorder)
        self._bindings = 0
        for plan in tenancy.plans(design.contexts):
            programs = {
                number: self._bound(plan, tenancy.programs[number]) for number in plan.programs
            }
            self._sequencer.add(Context(plan.index, programs, recorder))
        self._connect()

    def run(self) -> int:
        """Simulate until every image is done; return when (ps) the last one is.

        Raises DeadlockError if images are left that nothing will ever move.
        """
        blocks: list[Block] = [self._sequencer, *self._workers]
        if self._shuffle is not None:
            self._shuffle.shuffle(blocks)
        self._simulation.start((block.run() for block in blocks), self._lines)
        if not self._simulation.run_to_end():
            raise DeadlockError("\n".join(self._deadlock()))
        end = self._sink.last_done_ps
        self._sequencer.close(end)
        for banks in self._banks:
            banks.close(end)
        self._recorder.close()
        return end

    def _bound(self, plan: ContextPlan, program: Program) -> list[Binding]:
        """Bind a program for a context: connect the sequencer to the blocks of each step."""
        bindings = []
        for instruction in program.instructions:
            number = self._bindings
            self._bindings += 1
            parts = {
                worker.inbox: part
                for worker in self._workers
                if (part := worker.part(number, instruction, plan)) is not None
            }
            binding = Binding(number, plan.index, instruction, parts.values())
            binding.issued = self._line(*parts)
            binding.charged = self._line(*parts, self._sequencer.inbox)
            groups = [group for part in parts.values() for group in part.groups]
            binding.register(groups, self._recorder)
            bindings.append(binding)
        return bindings

    def _connect(self) -> None:
        sequencer = self._sequencer.inbox
        self._source.arrivals_line = self._line(self._source.inbox, sequencer)
        self._source.no_more_line = self._line(self._sink.inbox)
        self._sequencer.admission_line = self._line(self._source.inbox)
        self._sequencer.own_line = self._line(sequencer)
        self._sink.stored_line = self._line(self._sink.inbox, sequencer)
        for banks in self._banks:
            banks.stored_line = self._line(banks.inbox, sequencer)
            banks.refresher.refreshed_line = self._line(banks.inbox, sequencer)
            banks.refresher.own_line = self._line(banks.inbox)
            banks.refresher.begin_line = self._line(banks.inbox, sequencer)

    def _line(self, *ports: Port[Message]) -> Line[Message]:
        line = Line(ports)
        self._lines.append(line)
        return line

    def _deadlock(self) -> Iterator[str]:
        yield "deadlock: nothing can happen any more, and images are in flight"
        for block in (self._sequencer, *self._workers):
            yield from (f"  {line}" for line in block.unrest())
