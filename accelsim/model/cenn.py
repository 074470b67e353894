"""CeNN arrays of a circuit: the programmable synapses (OTAs) of each of its lanes.

Modelled: that an array is busy for the read phase of a step that writes its lane,
and what it counts: a tap-cycle for each tap, cell and read cycle, a static cycle
for each cell that settles; the templates that it holds for the program (a word for each tap
and bias of each instruction that it executes), which cells may lose without a supply; its
leakage, if the machine file says any. Lanes work in lockstep. Left out: the transient of the
cells (values are computed by accelsim.values, per step). Time in ps.
"""

from collections import Counter
from collections.abc import Iterator

from accelsim.compiler import ContextPlan, Instruction
from accelsim.compiler.counts import taps_per_cell
from accelsim.kernel import (
    Message,
    Port,
    Process,
    Resource,
    Simulation,
    State,
    first_of,
)
from accelsim.model.binding import Act, Acts, Group, Part, Rank, Slots, Stage
from accelsim.model.design import Design
from accelsim.model.messages import Charged, Issued, Restoring, Slept, SupplyLost, Waking
from accelsim.model.power_design import Words
from accelsim.model.standby import Standby
from accelsim.records.reasons import LOST
from accelsim.records.recorder import Cause, Recorder
from accelsim.records.templates import Row, RowTemplate
from accelsim.topology import PowerState, array_path


class Arrays:
    """The arrays of one circuit; each lane's is taken by one step at a time."""

    def __init__(
        self, simulation: Simulation, design: Design, circuit: str, recorder: Recorder
    ) -> None:
        self.inbox: Port[Message] = Port(simulation, f"arrays of circuit {circuit}")
        self.busy = Resource()
        self._circuit = circuit
        self._recorder = recorder
        self._read_cycles = design.read_cycles
        self._uses: dict[int, tuple[int, Group]] = {}
        self._programmed: dict[int, Instruction] = {}
        self._parts: dict[int, Part] = {}
        self._held: dict[int, tuple[int, Group]] = {}
        self._slots: dict[tuple[int, ...], Slots] = {}
        self._acts: dict[tuple[object, ...], Acts] = {}
        self._restoring: int | None = None
        self._standby: Standby | None = None
        if design.arrays_leak:
            paths, powered = design.topology.arrays(circuit), ("array_leakage", 1)
            self._standby = Standby(recorder, design.period_ps, paths, powered, "off_array")

    def part(self, number: int, instruction: Instruction, context: ContextPlan) -> Part | None:  # noqa: ARG002 - arrays serve every context
        """Return the part in an instruction that writes this circuit's lanes: in all contexts."""
        to = instruction.destination
        if not to or instruction.touches_sram or to[0].place.circuit != self._circuit:
            return None
        part = self._parts.get(id(instruction))
        if part is None:
            actions = compute_actions(instruction, self._read_cycles)
            slots, acts = self._use(tuple(ref.lane for ref in to), actions)
            rank, group = Rank(Stage.COMPUTE), Group(acts)
            part = self._parts[id(instruction)] = Part([(rank, slots)], [(rank, group)])
            self._held[id(instruction)] = slots.lanes, group
            self._programmed[id(instruction)] = instruction
        self._uses[number] = self._held[id(instruction)]
        return part

    def _use(self, lanes: tuple[int, ...], actions: dict[str, int]) -> tuple[Slots, Acts]:
        """Return what steps take of some lanes, and report, that count the same in each."""
        slots = self._slots.get(lanes)
        if slots is None:
            paths = {lane: array_path(self._circuit, lane) for lane in lanes}
            slots = self._slots[lanes] = Slots(self.busy, paths)
        key = lanes, *actions.values()
        acts = self._acts.get(key)
        if acts is None:
            paths = slots.paths
            acts = Acts(Act("compute", path, actions, (path,)) for path in paths.values())
            self._acts[key] = acts
        return slots, acts

    def run(self) -> Process:
        """Be busy from the issue of a step until its destination is charged."""
        inbox = self.inbox
        while True:
            message = yield inbox
            what = type(message)
            if what is Issued:
                step = message.step
                self.busy.take(step, self._uses[step.binding.number][0])
            elif what is Charged:
                step = message.step
                lanes, group = self._uses[step.binding.number]
                self.busy.release(step, lanes)
                if self._recorder.keeps:
                    now = message.time_ps
                    since = now - step.binding.read_ps
                    self._recorder.phase((group.template, step.first_id, step.image, since, now))
            elif what is Slept:
                self._sleep(message)
            elif what is Waking:
                self._wake(message)
            elif what is Restoring:
                self._restore(message)
            elif what is SupplyLost and self._standby is not None:
                self._standby.cut(message.time_ps)

    def hold_templates(self) -> tuple[Words, int]:
        """Return the words of the templates that are held, and in how many lanes.

        Before the run, when the programs of all contexts are bound.
        """
        words = Counter[int]()
        for instruction in self._programmed.values():
            words.update(
                dict.fromkeys(
                    (to.lane for to in instruction.destination), taps_per_cell(instruction)
                )
            )
        rows = tuple(
            Row("restore", array_path(self._circuit, lane), {"restore_template": number})
            for lane, number in sorted(words.items())
        )
        if rows:
            self._restoring = self._recorder.template(RowTemplate(rows))
        return Words(cells=words.total()), len(rows)

    def close(self, end_ps: int) -> None:
        """Report the leakage up to the end of the run."""
        if self._standby is not None:
            self._standby.report(end_ps)

    def _sleep(self, message: Slept) -> None:
        if self._standby is not None and message.state == PowerState.OFF:
            self._standby.switch_off(message.time_ps, message.entry)

    def _wake(self, message: Waking) -> None:
        if self._standby is not None and message.state == PowerState.OFF:
            self._standby.switch_on(message.time_ps)

    def _restore(self, message: Restoring) -> None:
        """Report that templates are written again."""
        if self._restoring is not None:
            cause = Cause(LOST, "", message.exit)
            self._recorder.report(self._restoring, message.first_id, message.interval, cause)

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        self.busy.exchange(state)
        if self._standby is not None:
            self._standby.exchange(state)

    def unrest(self) -> Iterator[str]:
        """Give a line for each step that computes."""
        for holder, lanes in self.busy.holders():
            lane = first_of(range(lanes.bit_length()), lanes)
            yield f"{array_path(self._circuit, lane)}: busy with {holder}"


def compute_actions(instruction: Instruction, read_cycles: int) -> dict[str, int]:
    """Return what one lane's synapses count in the read phase of a step."""
    cell_cycles = instruction.rows * instruction.cols * read_cycles
    return {
        "ota_tap_cycle": cell_cycles * taps_per_cell(instruction),
        "cell_static_cycle": cell_cycles,
    }
