"""The accelerator: declares the blocks, joins their ports, runs them.

Each block is a process; `_connect` and a `Binder` make every connection between them.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from accelsim.compiler import Program, Tenancy
from accelsim.errors import DeadlockError
from accelsim.kernel import (
    Exchanges,
    Known,
    Line,
    Message,
    Plain,
    Port,
    Reader,
    Scheduled,
    Simulation,
    State,
    Stop,
    Writer,
)
from accelsim.model.arbiter import Arbiter
from accelsim.model.bank import Banks
from accelsim.model.bank_faults import Stuck
from accelsim.model.binder import Binder
from accelsim.model.binding import Step
from accelsim.model.block import Block, Closing, Worker
from accelsim.model.cenn import Arrays
from accelsim.model.classifier import Classifier
from accelsim.model.classifier_job import Job
from accelsim.model.context import Context
from accelsim.model.converters import Converter
from accelsim.model.datapath import Direction
from accelsim.model.design import Design
from accelsim.model.fault_wiring import FaultWiring, FaultyBlocks
from accelsim.model.faults import Injector
from accelsim.model.forward import Forward
from accelsim.model.hits import Armed, Hit
from accelsim.model.host import HostSink, HostSource
from accelsim.model.messages import IN_FLIGHT
from accelsim.model.power import Oracle, PowerControl
from accelsim.model.refresh import Refresh
from accelsim.model.sequencer import Sequencer
from accelsim.model.sram import Sram
from accelsim.model.stream import Arrival, Stream
from accelsim.model.supply import Sleeper, Supply
from accelsim.records import Sink
from accelsim.records.recorder import Recorder
from accelsim.topology import CONVERSIONS


class Checkpoint(NamedTuple):
    """A machine at one moment, as plain data. reported: what was, and is not passed on yet."""

    state: list[Plain]
    reported: dict[str, list[int]]

    @property
    def records(self) -> int:
        """How many records have been passed on."""
        return self.reported["ids"][1]


class Accelerator:
    """A machine with a program, or several that share it, and images; `run` simulates it once.

    arrivals: images in order of arrival, times (ps) not falling; of several tenants, and by
    priority, numbered so, too.
    sinks: receive the records. oracle: of a machine whose policy asks for one. shuffle: for
    tests; registers processes, and takes events of one instant and priority, in random order,
    which must change nothing. fast_forward: whether to skip what repeats itself, which changes
    nothing either. Images of several tenants or priorities are run event by event.
    """

    def __init__(  # noqa: PLR0913 - given by name
        self,
        design: Design,
        program: Program | Tenancy,
        arrivals: Iterable[Arrival],
        sinks: Sequence[Sink] = (),
        *,
        oracle: Oracle | None = None,
        shuffle: random.Random | None = None,
        fast_forward: bool = True,
    ) -> None:
        tenancy = Tenancy.of(program)
        self._instructions = sum(len(each.instructions) for each in tenancy.programs)
        self._shuffle = shuffle
        self._simulation = simulation = Simulation(shuffle)
        self._recorder = recorder = Recorder(sinks)
        self._lines: list[Line[Message]] = []
        topology = design.topology
        self._source = HostSource(simulation, Stream.of(arrivals), recorder)
        self._sink = HostSink(simulation, design, recorder)
        self._source.spilled = self._sink.spilled
        self._banks = [Banks(simulation, design, place, recorder) for place in topology.places]
        self._arrays = [
            Arrays(simulation, design, circuit, recorder) for circuit in topology.circuit_names
        ]
        self._directions = [
            Direction(simulation, design, path, recorder) for path in topology.directions
        ]
        self._sram: list[Sram] = []
        self._converters: list[Converter] = []
        if design.codes is not None:
            self._sram = [Sram(simulation, design, design.codes, recorder)]
            self._converters = [
                Converter(simulation, design, path, recorder) for path in CONVERSIONS
            ]
        self._workers: list[Worker] = [
            self._source,
            *self._directions,
            *self._converters,
            *self._arrays,
            *self._banks,
            *self._sram,
            self._sink,
        ]
        self._classifier: Classifier | None = None
        if design.classifier is not None:
            (alone,) = tenancy.programs
            self._classifier = Classifier(simulation, design, design.classifier, alone, recorder)
        arbiter = Arbiter(design.arbitration, len(tenancy.programs))
        self._sequencer = Sequencer(simulation, design, self._source.queue, arbiter, recorder)
        binder = Binder(self._workers, self._sequencer.inbox, self._line, recorder, design.phases)
        for plan in tenancy.plans(design.contexts):
            programs = {
                number: binder.bind(plan, tenancy.programs[number]) for number in plan.programs
            }
            self._sequencer.add(Context(plan.index, programs, recorder))
        self._power: PowerControl | None = None
        if design.power is not None:
            queue = self._source.queue
            self._power = PowerControl(simulation, design, design.power, queue, recorder)
            self._power.oracle = oracle
        self._supply: Supply | None = None
        self._injector: Injector | None = None
        watch = None
        if design.faults is not None:
            blocks = FaultyBlocks(self._sequencer, self._sink, self._banks, self._directions)
            wiring = FaultWiring(simulation, design, design.faults, blocks, recorder)
            watch = wiring.connect(self._line, self._sleepers)
            self._injector, self._supply = wiring.injector, wiring.supply
        self._connect()
        self._known = self._named()
        self._forward = None
        if fast_forward and shuffle is None and self._source.queue.is_in_order:
            self._forward = Forward(
                self,
                known=self._known,
                simulation=simulation,
                source=self._source,
                sequencer=self._sequencer,
                recorder=recorder,
                refresh_interval_ps=design.refresh_interval_ps,
                faults=watch,
            )
        self._started = False

    def exchange(self, state: State) -> None:
        """Name what may change while the machine runs: all of its state."""
        parts: list[Exchanges] = [self._simulation, *self._blocks()]
        for part in parts:
            part.exchange(state)

    @property
    def skipped(self) -> int:
        """Images that were not run event by event."""
        return 0 if self._forward is None else self._forward.skipped

    def run(self, pause: Callable[[int], bool] | None = None) -> int | None:
        """Simulate until every image is done; return when (ps) the last one is.

        pause: given how many images are done, after each but the last; when it returns true, so
        does this, None, and running again goes on from there.

        Raises DeadlockError if images are left that nothing will ever move.
        """
        self._start()
        while (stop := self._simulation.go_on()) is Stop.PAUSED:
            if self._simulation.is_over:
                continue
            if self._forward is not None:
                self._forward.look()
            if pause is not None and pause(self._sink.completed):
                return None
        if stop is Stop.STUCK:
            raise DeadlockError("\n".join(self._deadlock()))
        end = self._sink.last_done_ps
        self._sequencer.close(end)
        closing: list[Closing] = [*self._banks, *self._arrays, *self._sram, *self._converters]
        for part in closing:
            part.close(end)
        if self._classifier is not None:
            self._classifier.drain(end)
        self._recorder.close()
        return end

    def checkpoint(self) -> Checkpoint:
        """Return the state of a run that paused, as plain data, for `restore`.

        Records before `Checkpoint.records` have been passed on, and no others.
        """
        writer = Writer(self._known)
        self.exchange(writer)
        return Checkpoint(writer.data, self._recorder.save())

    def restore(self, checkpoint: Checkpoint) -> None:
        """Continue from a checkpoint of a machine with the same design, program and arrivals.

        Only before the first `run`, which then passes on the records that follow. Raises
        ValueError if the checkpoint is not of such a machine.
        """
        self._start()
        flights = (Scheduled, Step, Refresh, Hit, Armed, Stuck, Job, *IN_FLIGHT)
        kinds = {kind.__name__: kind for kind in flights}
        reader = Reader(checkpoint.state, self._known, kinds)
        try:
            self.exchange(reader)
            self._recorder.load(checkpoint.reported)
        except (KeyError, IndexError, TypeError, AttributeError, StopIteration) as error:
            raise ValueError(f"a checkpoint of another machine: {error!r}") from None
        if not reader.is_at_end:
            raise ValueError("a checkpoint of another machine: it holds more state")
        self._source.resume()
        if self._injector is not None:
            self._injector.resume()

    def _start(self) -> None:
        if self._started:
            return
        self._started = True
        blocks = list(self._blocks())
        if self._shuffle is not None:
            self._shuffle.shuffle(blocks)
        self._simulation.start((block.run() for block in blocks), self._lines)

    def _blocks(self) -> Iterator[Block]:
        yield self._sequencer
        yield from self._workers
        for block in (self._power, self._supply, self._injector):
            if block is not None:
                yield block
        if self._classifier is not None:
            yield from self._classifier.blocks()

    def _connect(self) -> None:
        sequencer = self._sequencer.inbox
        listening = (sequencer,) if self._power is None else (sequencer, self._power.inbox)
        self._source.arrivals_line = self._line(self._source.inbox, *listening)
        self._source.no_more_line = self._line(self._sink.inbox)
        self._sequencer.admission_line = self._line(self._source.inbox)
        self._sequencer.own_line = self._line(sequencer)
        self._sink.stored_line = self._line(self._sink.inbox, sequencer)
        for sram in self._sram:
            sram.stored_line = self._line(sram.inbox, sequencer)
        for banks in self._banks:
            banks.stored_line = self._line(banks.inbox, sequencer)
            banks.refresher.refreshed_line = self._line(banks.inbox, sequencer)
            banks.refresher.own_line = self._line(banks.inbox)
            banks.refresher.begin_line = self._line(banks.inbox, sequencer)
            banks.refresher.resting_until = self._resting_until
        if self._power is not None:
            self._connect_power(self._power)
        if self._classifier is not None:
            self._classifier.connect(self._line, self._sink, self._sequencer)

    def _connect_power(self, power: PowerControl) -> None:
        """Connect power control; the order of sleepers is that of their records."""
        sequencer = self._sequencer
        power.own_line = self._line(power.inbox)
        power.sequencer_line = self._line(sequencer.inbox)
        power.awake_line = self._line(power.inbox, sequencer.inbox)
        power.next_arrival = self._source.next_arrival_ps
        power.rounds_due = self._banks[0].refresher.rounds_due
        sequencer.rested_line = self._line(power.inbox)
        power.coming_back.sleepers = self._sleepers(power.sequencer_line)

    def _sleepers(self, sequencer_line: Line[Message]) -> list[Sleeper]:
        """Return the blocks that change state, in the order of their records."""
        words = self._sequencer.hold_instructions(self._instructions)
        return [
            Sleeper(sequencer_line, words, 1),
            *(
                Sleeper(self._line(arrays.inbox), *arrays.hold_templates())
                for arrays in self._arrays
            ),
            *(Sleeper(self._line(banks.inbox)) for banks in self._banks),
        ]

    def _resting_until(self, now: int) -> int | None:
        """Return until when (ps) a machine at rest stays as it is; None if it does not rest."""
        arrival = self._source.next_arrival_ps()
        if not self._sequencer.is_resting or arrival is None:
            return None
        times = [
            arrival,
            None if self._power is None else self._power.next_ps(now),
            None if self._injector is None else self._injector.next_ps(),
        ]
        return min(time for time in times if time is not None)

    def _named(self) -> Known:
        """Return what blocks and messages refer to, by names that do not depend on the run."""
        known = Known()
        for context in self._sequencer.contexts:
            known.add(f"context {context.index}", context)
            for binding in chain(*context.programs.values()):
                known.add(f"binding {binding.number}", binding)
        for banks in self._banks:
            for number, activity in enumerate(banks.refresher.activities):
                known.add(f"refresh {banks.place} {number}", activity)
        for number, line in enumerate(self._lines):
            known.add(f"line {number}", line)
        return known

    def _line(self, *ports: Port[Message]) -> Line[Message]:
        line = Line(ports)
        self._lines.append(line)
        return line

    def _deadlock(self) -> Iterator[str]:
        yield "deadlock: nothing can happen any more, and images are in flight"
        for block in self._blocks():
            yield from (f"  {line}" for line in block.unrest())
