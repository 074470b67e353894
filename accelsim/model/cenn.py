"""CeNN arrays of a circuit: the programmable synapses (OTAs) of each of its lanes.

Modelled: that an array is busy for the read phase of a step that writes its lane,
and what it counts: a tap-cycle for each tap, cell and read cycle, a static cycle
for each cell that settles. Lanes work in lockstep. Left out: the transient of the
cells (values are computed by accelsim.values, per step). Time in ps.
"""

from collections.abc import Iterator

from accelsim.compiler import Instruction
from accelsim.compiler.counts import taps_per_cell
from accelsim.kernel import (
    Message,
    Port,
    Process,
    Resource,
    Simulation,
    State,
    first_of,
    lanes_of,
)
from accelsim.model.binding import Act, Group, Part, Rank, Slots, Stage
from accelsim.model.design import Design
from accelsim.model.messages import Issued
from accelsim.records.recorder import Recorder
from accelsim.topology import array_path


class Arrays:
    """The arrays of one circuit; each lane's is taken by one step at a time."""

    def __init__(
        self, simulation: Simulation, design: Design, circuit: str, recorder: Recorder
    ) -> None:
        self.inbox: Port[Message] = Port(simulation, f"arrays of circuit {circuit}")
        self.busy = Resource()
        self._circuit = circuit
        self._recorder = recorder
        self._read_cycles, self._read_ps = design.read_cycles, design.read_ps
        self._uses: dict[int, tuple[int, Group]] = {}

    def part(self, number: int, instruction: Instruction, context: int) -> Part | None:  # noqa: ARG002 - arrays serve every context
        """Return the part in an instruction that writes this circuit's lanes."""
        to = instruction.destination
        if not to or to[0].place.circuit != self._circuit:
            return None
        paths = {ref.lane: array_path(self._circuit, ref.lane) for ref in to}
        actions = compute_actions(instruction, self._read_cycles)
        group = Group(Act("compute", path, actions, (path,)) for path in paths.values())
        self._uses[number] = lanes_of(paths), group
        rank = Rank(Stage.COMPUTE)
        return Part([(rank, Slots(self.busy, paths))], [(rank, group)])

    def run(self) -> Process:
        """Be busy from the issue of a step until its destination is charged."""
        while True:
            message = yield self.inbox
            step = message.step
            lanes, group = self._uses[step.binding.number]
            if type(message) is Issued:
                self.busy.take(step, lanes)
            else:
                self.busy.release(step, lanes)
                if self._recorder.keeps:
                    now = message.time_ps
                    since = now - self._read_ps
                    self._recorder.phase((group.template, step.first_id, step.image, since, now))

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        self.busy.exchange(state)

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
