"""The accelerator: declares the components, joins them, runs them.

Everything that connects two components is in `_connect`; everything that a step
holds, and every record it makes, is in `_bind`.
"""

import random
from collections.abc import Callable, Iterable, Sequence

from accelsim.compiler import Instruction, Place, PlaneRef, Program
from accelsim.compiler.counts import cells_read
from accelsim.errors import DeadlockError
from accelsim.kernel import Clock, Process, Simulation, Unit
from accelsim.model.cenn import CennArray, compute_actions
from accelsim.model.datapath import Datapath
from accelsim.model.design import Design
from accelsim.model.host import Arrival, Host
from accelsim.model.irmen import IrmenBank, Memory, Plane
from accelsim.model.recorder import Recorder
from accelsim.model.sequencer import Context, Sequencer
from accelsim.model.step import CHARGED, ISSUED, NO_CAUSE, SETTLED, SLOT_FREE, Binding, Row, Use
from accelsim.records import Sink
from accelsim.units import render


class Accelerator:
    """A machine with a program and a stream of images; `run` simulates it once.

    arrivals: images in order of arrival, times (ps) not falling.
    sinks: receive the records. shuffle: for tests; registers processes, and takes
    events of one instant and priority, in random order, which must change nothing.
    """

    def __init__(
        self,
        design: Design,
        program: Program,
        arrivals: Iterable[Arrival],
        sinks: Sequence[Sink] = (),
        shuffle: random.Random | None = None,
    ) -> None:
        self._design = design
        self._program = program
        self._shuffle = shuffle
        self._simulation = Simulation(shuffle)
        self._recorder = Recorder(design.period_ps, sinks)
        self._host = Host(self._simulation, arrivals)
        self._datapath = Datapath(self._simulation, design)
        self._memory = Memory(self._simulation, design)
        circuits = ("a", "b")[: design.circuits]
        self._arrays = {
            (circuit, lane): CennArray(circuit, lane)
            for circuit in circuits
            for lane in range(design.lanes)
        }
        places = (Place.A, Place.B) if design.circuits == 2 else (Place.A, Place.STAGING)
        paths = [PlaneRef(place, lane, 0).bank for place in places for lane in range(design.lanes)]
        self._banks = {path: IrmenBank(path, design) for path in paths}
        self._units = {
            unit.path: unit
            for unit in (*self._datapath.directions, self._host.load, self._host.handoff)
        }
        contexts = [Context(index, self._bindings(index)) for index in range(design.contexts)]
        self._sequencer = Sequencer(
            self._simulation, Clock(design.period_ps), contexts, self._host, self._recorder
        )
        self._connect()

    def run(self) -> None:
        """Simulate until every image is done.

        Raises DeadlockError if images are left that nothing will ever move.
        """
        processes: list[Callable[[], Process]] = [self._host.run, self._sequencer.run]
        if self._shuffle is not None:
            self._shuffle.shuffle(processes)
        for process in processes:
            self._simulation.process(process())
        self._simulation.run()
        if self._host.completed < self._host.admitted:
            raise DeadlockError(self._deadlock())
        end = self._host.last_done_ps
        self._sequencer.close(end)
        for path, bank in self._banks.items():
            actions = bank.standby_actions(end, self._design.period_ps)
            self._recorder.standby(path, end, actions)
        self._recorder.close()

    def _connect(self) -> None:
        self._host.arrived.to(self._sequencer.on_arrival)
        self._sequencer.issued.to(self._datapath.carry)
        self._datapath.charged.to(self._memory.isolate)
        self._datapath.released.to(self._sequencer.on_release)
        self._memory.stored.to(self._sequencer.on_stored)
        self._sequencer.finished.to(self._host.take)

    def _bindings(self, context: int) -> list[Binding]:
        bindings = [self._bind(instruction, context) for instruction in self._program.instructions]
        for binding in bindings:
            self._recorder.add_template(binding)
        return bindings

    def _plane(self, ref: PlaneRef, context: int) -> Plane:
        """Return the plane of a context: each has a range of planes of its own."""
        first = context * self._program.planes[ref.place]
        return self._banks[ref.bank].planes[first + ref.plane]

    def _bind(self, instruction: Instruction, context: int) -> Binding:
        """Bind an instruction of a context: what it holds, and the rows it makes."""
        read_cycles = self._design.read_cycles
        rows = [Row("sequencer", "issue", ISSUED, SLOT_FREE, "", NO_CAUSE, {"issue": 1})]
        uses: list[Use] = []
        sources: list[tuple[Plane, int]] = []
        destinations: list[tuple[Plane, int]] = []

        def add(kind: str, component: str, actions: dict[str, int], *units: Unit) -> int:
            rows.append(Row(component, kind, ISSUED, CHARGED, "issue", 0, actions))
            uses.extend(Use(unit, len(rows) - 1) for unit in units)
            return len(rows) - 1

        for route in instruction.routes:
            add("transfer", route, {}, self._units[route])
        for operand in instruction.operands:
            actions = {"cell_read_cycle": cells_read(operand, instruction) * read_cycles}
            for ref in operand.planes:
                plane = self._plane(ref, context)
                row = add("read", plane.path, actions, self._banks[ref.bank].read_ports)
                sources.append((plane, row))
        compute = compute_actions(instruction, read_cycles)
        write = {"cell_write": instruction.rows * instruction.cols}
        for ref in instruction.destination:
            array = self._arrays[ref.place.circuit, ref.lane].busy
            add("compute", array.path, compute, array)
        charged: list[tuple[str, Plane | None, int]] = []
        for ref in instruction.destination:
            plane = self._plane(ref, context)
            row = add("write", plane.path, write, self._banks[ref.bank].write_ports)
            charged.append((plane.path, plane, row))
        if not instruction.destination:
            # The boundary is the host's: drivers and a place for each context's results.
            boundary = f"{self._host.boundary}.plane{context}"
            add("compute", self._host.boundary, _times(compute, instruction.maps))
            row = add("write", boundary, _times(write, instruction.maps))
            charged.append((boundary, None, row))
        for path, target, row in charged:
            rows.append(Row(path, "settle", CHARGED, SETTLED, "write", row, {}))
            if target is not None:
                destinations.append((target, len(rows) - 1))
        return Binding(instruction, sources, destinations, uses, rows)

    def _deadlock(self) -> str:
        lines = ["deadlock: nothing can happen any more, and images are in flight"]
        for wait in self._sequencer.waiting():
            instruction = wait.binding.instruction
            lines.append(
                f"  {wait.component}: image {wait.image}, step {instruction.step} "
                f"({instruction.op} of layer '{instruction.layer}') waits for {wait.reason} "
                f"since {render(wait.since_ps, 'ps')}"
            )
        return "\n".join(lines)


def _times(actions: dict[str, int], lanes: int) -> dict[str, int]:
    return {action: number * lanes for action, number in actions.items()}
