"""Where planes are, what a path is the path of, and how paths are built.

`accelsim.topology` says what each is, and takes them apart.
"""

from enum import StrEnum

SEQUENCER, CLOCK = "sequencer", "clock"
QUEUE, LOAD, HANDOFF, BOUNDARY = "host.queue", "host.load", "host.handoff", "host.boundary"
ADC, DAC, ENGINE, SRAM = "converters.adc", "converters.dac", "digital.engine", "digital.sram"
CLASSIFIER_QUEUE, CLASSIFIER_ADC = "classifier.queue", "classifier.adc"
CLASSIFIER_ENGINE, CLASSIFIER_SRAM = "classifier.engine", "classifier.sram"
CLASSIFIER_PATHS = (CLASSIFIER_QUEUE, CLASSIFIER_ADC, CLASSIFIER_SRAM, CLASSIFIER_ENGINE)
"""What is behind the handoff, in the scope of a classification alone."""


class Place(StrEnum):
    """Where planes are: the banks of circuit A or B, staging planes (one circuit), or the SRAM.

    What the SRAM holds of maps is counted in planes, too, each of as many words as an array has
    cells.
    """

    A = "a"
    B = "b"
    STAGING = "staging"
    SRAM = "sram"

    @property
    def circuit(self) -> str:
        """The circuit whose arrays write these planes: 'a' or 'b'; "" of the SRAM."""
        if self is Place.SRAM:
            return ""
        return "b" if self is Place.B else "a"

    @property
    def described(self) -> str:
        """Where it is, in words: 'circuit A', 'the staging memory'."""
        other = {Place.STAGING: "the staging memory", Place.SRAM: "the SRAM"}
        return other.get(self) or f"circuit {self.value.upper()}"


class PathKind(StrEnum):
    """What a path is the path of."""

    SEQUENCER = "issue slot"
    CONTEXT = "context"
    CLOCK = "clock"
    QUEUE = "host queue"
    LOAD = "load port"
    HANDOFF = "handoff port"
    BOUNDARY = "host boundary"
    BOUNDARY_PLANE = "plane of the host boundary"
    DIRECTION = "datapath direction"
    ADC = "analog-to-digital converters"
    DAC = "digital-to-analog converters"
    ENGINE = "digital engine"
    CLASSIFIER_QUEUE = "results to be converted"
    CLASSIFIER_ADC = "ADC of the classifier"
    CLASSIFIER_ENGINE = "fully-connected engine"
    CLASSIFIER_SRAM = "SRAM of the classifier"
    ARRAY = "CeNN array"
    SRAM = "SRAM"
    BANK = "memory bank"
    PLANE = "plane"
    READ_PORTS = "read ports"
    WRITE_PORTS = "write ports"
    POWER_STATE = "power state"
    FAULT = "fault"


class BlockName(StrEnum):
    """A block of the machine, as readers know it; energy is reported by block."""

    ARRAYS = "CeNN arrays"
    BANKS = "memory banks"
    DATAPATH = "datapath"
    SEQUENCER = "control sequencer"
    CLOCK = "clock"
    HOST = "host boundary"
    CONVERTERS = "converters"
    DIGITAL = "digital engine"
    SRAM = "SRAM"
    CLASSIFIER_ADC = "classifier ADC"
    CLASSIFIER_SRAM = "classifier SRAM"
    CLASSIFIER_ENGINE = "fully-connected engine"
    POWER = "power control"
    FAULTS = "faults"


BLOCK_OF = {
    PathKind.SEQUENCER: BlockName.SEQUENCER,
    PathKind.CONTEXT: BlockName.SEQUENCER,
    PathKind.CLOCK: BlockName.CLOCK,
    PathKind.QUEUE: BlockName.HOST,
    PathKind.LOAD: BlockName.HOST,
    PathKind.HANDOFF: BlockName.HOST,
    PathKind.BOUNDARY: BlockName.HOST,
    PathKind.BOUNDARY_PLANE: BlockName.HOST,
    PathKind.DIRECTION: BlockName.DATAPATH,
    PathKind.ADC: BlockName.CONVERTERS,
    PathKind.DAC: BlockName.CONVERTERS,
    PathKind.ENGINE: BlockName.DIGITAL,
    PathKind.CLASSIFIER_QUEUE: BlockName.CLASSIFIER_ADC,
    PathKind.CLASSIFIER_ADC: BlockName.CLASSIFIER_ADC,
    PathKind.CLASSIFIER_ENGINE: BlockName.CLASSIFIER_ENGINE,
    PathKind.CLASSIFIER_SRAM: BlockName.CLASSIFIER_SRAM,
    PathKind.ARRAY: BlockName.ARRAYS,
    PathKind.SRAM: BlockName.SRAM,
    PathKind.BANK: BlockName.BANKS,
    PathKind.PLANE: BlockName.BANKS,
    PathKind.READ_PORTS: BlockName.BANKS,
    PathKind.WRITE_PORTS: BlockName.BANKS,
    PathKind.POWER_STATE: BlockName.POWER,
    PathKind.FAULT: BlockName.FAULTS,
}
"""The block that each sort of part belongs to; planes of the SRAM are of the SRAM."""


class PowerState(StrEnum):
    """What a machine at rest can be in, beside active."""

    GATED = "clock_gated"
    OFF = "off"


def context_path(index: int) -> str:
    """Return the path of a context: 'sequencer.context0'."""
    return f"{SEQUENCER}.context{index}"


def direction_path(source: Place, to: Place) -> str:
    """Return the path of a direction of the datapath: 'datapath.a_to_b', 'datapath.a_local'.

    To the SRAM it is that of the ADCs, from it that of the DACs, within it that of the engine.
    """
    if Place.SRAM in (source, to):
        return ENGINE if source is to else ADC if to is Place.SRAM else DAC
    return f"datapath.{source}_local" if source is to else f"datapath.{source}_to_{to}"


def array_path(circuit: str, lane: int) -> str:
    """Return the path of a CeNN array: 'circuit_a.lane0.array'."""
    return f"circuit_{circuit}.lane{lane}.array"


def bank_path(place: Place, lane: int) -> str:
    """Return the path of a bank: 'circuit_a.lane0.bank'."""
    if place is Place.SRAM:
        return f"{SRAM}.lane{lane}"
    kind = "staging" if place is Place.STAGING else "bank"
    return f"circuit_{place.circuit}.lane{lane}.{kind}"


def plane_path(bank: str, index: int) -> str:
    """Return the path of a plane of a bank, or of the host's boundary."""
    return f"{bank}.plane{index}"


def read_ports_path(bank: str) -> str:
    """Return the path of a bank's read ports, as a resource."""
    return f"{bank}.read_ports"


def write_ports_path(bank: str) -> str:
    """Return the path of a bank's write ports, as a resource."""
    return f"{bank}.write_ports"


def power_path(state: PowerState) -> str:
    """Return the path of power control in a state: 'power.off'."""
    return f"power.{state}"


def fault_path(number: int) -> str:
    """Return the path of a fault of the machine file: 'faults.fault0'."""
    return f"faults.fault{number}"
