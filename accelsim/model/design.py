"""The integers of a machine that the model works with."""

from dataclasses import dataclass

from accelsim.compiler import ClassifierDesign, Phases
from accelsim.config import Codes, Machine
from accelsim.config.sections import OLDEST
from accelsim.model.fault_design import FaultDesign
from accelsim.model.power_design import PowerDesign
from accelsim.topology import Topology


@dataclass(frozen=True)
class Design:
    """A machine without its prices and sources. Times in ps, phases in clock cycles.

    power: its states at rest; None for a machine that is always on. arrays_leak: whether the
    leakage of arrays is modelled. classifier: what is behind the handoff; None for a run that ends
    with it. faults: what goes wrong, None if nothing does. supply: what a
    supply that fails costs; None if it does not fail. spill_cycles: of the way to the host and
    back. codes: of maps in the SRAM, which has room for sram_planes a lane;
    None: they stay in banks.
    """

    period_ps: int
    circuits: int
    rows: int
    cols: int
    lanes: int
    planes: int
    read_ports: int
    write_ports: int
    refresh_interval_ps: int | None
    refresh_cycles: int
    phases: Phases
    contexts: int
    arbitration: str = OLDEST
    power: PowerDesign | None = None
    arrays_leak: bool = False
    faults: FaultDesign | None = None
    supply: PowerDesign | None = None
    spill_cycles: int = 0
    codes: Codes | None = None
    sram_planes: int = 0
    classifier: ClassifierDesign | None = None

    @property
    def read_cycles(self) -> int:
        """Cycles in which a cell is read, or charged."""
        return self.phases.usual.read

    @property
    def topology(self) -> Topology:
        """The parts that the machine has."""
        return Topology(
            self.circuits,
            self.lanes,
            self.planes,
            self.read_ports,
            self.write_ports,
            self.contexts,
            self.sram_planes,
        )

    @classmethod
    def of(cls, machine: Machine) -> "Design":
        """Return the design of a machine file."""
        banks = machine.banks
        return cls(
            period_ps=machine.period_ps,
            circuits=machine.circuits.value,
            rows=machine.arrays.rows.value,
            cols=machine.arrays.cols.value,
            lanes=machine.arrays.lanes.value,
            planes=banks.planes.value,
            read_ports=banks.read_ports.value,
            write_ports=banks.write_ports.value,
            refresh_interval_ps=banks.refresh_interval.value if banks.refresh_interval else None,
            refresh_cycles=banks.refresh_cycles.value if banks.refresh_cycles else 0,
            phases=Phases.of_machine(machine),
            contexts=machine.sequencer.contexts.value,
            arbitration=machine.sequencer.policy,
            power=PowerDesign.of(machine),
            faults=FaultDesign.of(machine),
            supply=PowerDesign.of_supply(machine) if machine.has_power_failures else None,
            spill_cycles=0 if machine.spill is None else machine.spill.cycles.value,
            codes=machine.codes,
            sram_planes=machine.sram_planes,
            classifier=ClassifierDesign.of(machine),
            arrays_leak=machine.power is not None and machine.power.arrays is not None,
        )
