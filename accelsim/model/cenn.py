"""CeNN array: the programmable synapses (OTAs) of one lane of one circuit.

Modelled: that an array is busy for the read phase of a step that writes its lane,
and what it counts: a tap-cycle for each tap, cell and read cycle, a static cycle
for each cell that settles. Left out: the transient of the cells (values are
computed by accelsim.values, per step). Time in ps.
"""

from accelsim.compiler import Instruction
from accelsim.compiler.counts import taps_per_cell
from accelsim.kernel import Unit


class CennArray:
    """One array. `busy` is the unit that a step holds for its read phase."""

    def __init__(self, circuit: str, lane: int) -> None:
        self.busy = Unit(f"circuit_{circuit}.lane{lane}.array")


def compute_actions(instruction: Instruction, read_cycles: int) -> dict[str, int]:
    """Return what one lane's synapses count in the read phase of a step."""
    cell_cycles = instruction.rows * instruction.cols * read_cycles
    return {
        "ota_tap_cycle": cell_cycles * taps_per_cell(instruction),
        "cell_static_cycle": cell_cycles,
    }
