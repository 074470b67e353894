"""The machine file: its keys, what each may hold, and the integers the model uses."""

from typing import Annotated, Literal

from accelsim.config.cell import ChargeCell, IrmenCell
from accelsim.config.constants import Constant, Duration, Energy, Period, counted
from accelsim.config.device import Noise
from accelsim.config.effects import EffectsSection
from accelsim.config.validation import Strict
from accelsim.records import ACTIONS

# Far above any machine of interest; beyond them a typing error is likelier than a wish.
MOST_CELLS = 10_000
MOST = 4096
MOST_CYCLES = 1_000_000


class Arrays(Strict):
    """CeNN arrays: cells of a plane, arrays of a circuit, source planes of a step."""

    rows: Annotated[Constant, counted("cells", most=MOST_CELLS)]
    cols: Annotated[Constant, counted("cells", most=MOST_CELLS)]
    lanes: Annotated[Constant, counted("lanes", most=MOST)]
    fan_in: Annotated[Constant, counted("planes", most=MOST)]


class Banks(Strict):
    """Memory banks: planes and ports of each; how often a volatile one is refreshed."""

    planes: Annotated[Constant, counted("planes", most=MOST)]
    read_ports: Annotated[Constant, counted("ports", most=MOST)]
    write_ports: Annotated[Constant, counted("ports", most=MOST)]
    refresh_interval: Duration | None = None


class Timing(Strict):
    """Length of the two phases of a step."""

    read_cycles: Annotated[Constant, counted("cycles", most=MOST_CYCLES)]
    write_cycles: Annotated[Constant, counted("cycles", most=MOST_CYCLES)]


class Sequencer(Strict):
    """Control sequencer: images in flight at once."""

    contexts: Annotated[Constant, counted("images", most=MOST)]


class EnergyTable(Strict):
    """Price of each action."""

    ota_tap_cycle: Energy
    cell_read_cycle: Energy
    cell_write: Energy
    cell_static_cycle: Energy
    issue: Energy
    clock_cycle: Energy
    leakage: Energy
    refresh: Energy

    def prices_aJ(self) -> dict[str, int]:  # noqa: N802 - aJ is the unit
        """Return the price of each action in attojoules."""
        return {action: getattr(self, action).value for action in ACTIONS}


class Machine(Strict):
    """A machine file, checked: the design point that a run simulates.

    device: names a device file; None once it is loaded, as timing and noise then say what
    it said. cell: the physics that `accelsim device` starts from.
    """

    name: str
    description: str
    technology: Literal["irmen", "charge"]
    clock: Period
    circuits: Annotated[Constant, counted("circuits", most=2)]
    arrays: Arrays
    banks: Banks
    timing: Timing
    sequencer: Sequencer
    energy: EnergyTable
    device: str | None = None
    noise: Noise | None = None
    effects: EffectsSection | None = None
    cell: IrmenCell | ChargeCell | None = None

    @property
    def period_ps(self) -> int:
        """Length of a clock cycle in ps."""
        return self.clock.value

    @property
    def step_cycles(self) -> int:
        """Cycles from the issue of a step until its result is stored."""
        return self.timing.read_cycles.value + self.timing.write_cycles.value


class IrmenMachine(Machine):
    """A machine of spintronic cells."""

    cell: IrmenCell | None = None


class ChargeMachine(Machine):
    """A machine of charge-based cells."""

    cell: ChargeCell | None = None


def machine_schema(technology: object) -> type[Machine]:
    """Return the schema that a technology's machine files are checked against."""
    schemas: dict[object, type[Machine]] = {"irmen": IrmenMachine, "charge": ChargeMachine}
    return schemas.get(technology, Machine) if isinstance(technology, str) else Machine
