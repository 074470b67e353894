"""The machine file: its keys, what each may hold, and the integers the model uses."""

from functools import cache
from typing import Annotated, Any, Literal, Self

from pydantic import StringConstraints, create_model, model_validator

from accelsim.config.device import Noise
from accelsim.config.effects import EffectsSection
from accelsim.config.energy import EnergyTable
from accelsim.config.faults import MISSED_REFRESH, POWER_FAILURE, Fault, FaultsSection, wrong_events
from accelsim.config.host import SPILL_PRICE, HostSection, SpillSection
from accelsim.config.power import ALWAYS_ON, PowerSection
from accelsim.config.response import ResponseSection
from accelsim.device.technologies import TECHNOLOGIES
from accelsim.device.technology import Cell
from accelsim.documents.constants import (
    Constant,
    Duration,
    Period,
    Real,
    counted,
    one_of,
    problem,
    real,
)
from accelsim.documents.prices import Price
from accelsim.documents.validation import Strict
from accelsim.topology import Topology

# Far above any machine of interest; beyond them a typing error is likelier than a wish.
MOST_CELLS = 10_000
MOST = 4096
MOST_CYCLES = 1_000_000
OLDEST, PRIORITY, FAIR = "oldest", "priority", "fair"
ARBITRATION = (OLDEST, PRIORITY, FAIR)
"""Which image goes first: that which came first, that of the highest priority, tenants in turn."""


class ArraysSection(Strict):
    """CeNN arrays: cells of a plane, arrays of a circuit, source planes of a step.

    synapse_range: the largest weight that a synapse can be set to, in times that of 1; None if
    nobody says. Values are computed as if there were none.
    """

    rows: Annotated[Constant, counted("cells", most=MOST_CELLS)]
    cols: Annotated[Constant, counted("cells", most=MOST_CELLS)]
    lanes: Annotated[Constant, counted("lanes", most=MOST)]
    fan_in: Annotated[Constant, counted("planes", most=MOST)]
    synapse_range: Annotated[Real, real("", "8")] | None = None


class BanksSection(Strict):
    """Memory banks: planes and ports of each, and what the refresh of a volatile one takes.

    refresh_interval: time in which each plane is refreshed once. refresh_cycles: cycles for
    which the refresh of one plane holds a read port and a write port of its bank. Both are
    None for a bank that keeps its values.
    """

    planes: Annotated[Constant, counted("planes", most=MOST)]
    read_ports: Annotated[Constant, counted("ports", most=MOST)]
    write_ports: Annotated[Constant, counted("ports", most=MOST)]
    refresh_interval: Duration | None = None
    refresh_cycles: Annotated[Constant, counted("cycles", most=MOST_CYCLES)] | None = None

    @model_validator(mode="after")
    def _refresh_is_whole(self) -> Self:
        """Refuse one of the two keys of a refresh without the other."""
        keys = ("refresh_interval", "refresh_cycles")
        given = [key for key in keys if getattr(self, key) is not None]
        if len(given) == 1:
            missing = next(key for key in keys if key not in given)
            raise problem(
                f"missing key '{missing}' beside it; a bank that is refreshed needs both, "
                "and one that keeps its values neither",
                *given,
            )
        return self


class Timing(Strict):
    """Length of the two phases of a step, and the times that the cell needs for them.

    needs: names the device file that says the times; None once it is loaded. read_time,
    write_time: what a read and a write of the cell need; None if that is not known.
    """

    read_cycles: Annotated[Constant, counted("cycles", most=MOST_CYCLES)]
    write_cycles: Annotated[Constant, counted("cycles", most=MOST_CYCLES)]
    needs: str | None = None
    read_time: Duration | None = None
    write_time: Duration | None = None


class SequencerSection(Strict):
    """Control sequencer: images in flight at once, and which of them goes first.

    arbitration: one of ARBITRATION, of the issue slot and of free contexts; None: the oldest.
    """

    contexts: Annotated[Constant, counted("images", most=MOST)]
    arbitration: Annotated[str, one_of(lambda: ARBITRATION)] | None = None

    @property
    def policy(self) -> str:
        """Which image goes first: one of ARBITRATION."""
        return self.arbitration or OLDEST


class DeviceSource(Strict):
    """The device file behind a machine, which the loaded machine no longer needs.

    name: of the file, without its folder. gives: what was taken from it: 'needs', the times
    alone, or 'timing, noise, cell'. differs: constants in which the machine's cell is not the
    file's, separated by commas; None for the same cell. instead_of: the cycles of read and write
    that the machine file had, '1 and 2'; None if the file's cycles were not taken.
    """

    name: str
    sha256: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
    gives: Literal["needs", "timing, noise, cell"]
    differs: str | None = None
    instead_of: str | None = None


class MachineSource(Strict):
    """A file that a machine is made of. name: of the file, without its folder."""

    name: str
    sha256: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]


class Machine(Strict):
    """A machine file, checked: the design point that a run simulates.

    extends: names the machine file that it takes over what it does not say itself from; None once
    it is loaded. machine_files: it, and those that it extends; None: it alone.
    device: names a device file; None once it is loaded, as timing, noise and cell then say
    what it said. device_file: which file that was. power: what the machine does at rest; None: it
    stays active. faults: what goes wrong; None: nothing. host: what its link does beside bringing
    images in and taking results out; None: nothing. cell: the physics that `accelsim device`
    starts from. variation: how its cells differ on a die, the technology's own section.
    """

    extends: str | None = None
    name: str
    description: str
    technology: Annotated[str, one_of(lambda: TECHNOLOGIES)]
    clock: Period
    circuits: Annotated[Constant, counted("circuits", most=2)]
    arrays: ArraysSection
    banks: BanksSection
    timing: Timing
    sequencer: SequencerSection
    energy: EnergyTable
    power: PowerSection | None = None
    faults: FaultsSection | None = None
    host: HostSection | None = None
    device: str | None = None
    device_file: DeviceSource | None = None
    machine_files: list[MachineSource] | None = None
    noise: Noise | None = None
    response: ResponseSection | None = None
    effects: EffectsSection | None = None
    cell: Cell | None = None
    variation: Any = None

    @model_validator(mode="after")
    def _has_one_response(self) -> Self:
        """Refuse noise that a response tells already, and noise that tells too little."""
        if self.noise is None:
            return self
        for key in ("read", "settling"):
            given = getattr(self.noise, key)
            if self.response is not None and given is not None:
                raise problem(
                    f"got {given.text}; expected no such key: the response of the device file "
                    "tells it by level",
                    "noise",
                    key,
                )
            if self.response is None and given is None:
                raise problem(
                    f"missing key '{key}'; a machine without a 'response' needs it", "noise"
                )
        return self

    @model_validator(mode="after")
    def _has_cells_that_differ(self) -> Self:
        """Refuse a variation of cells that are all alike."""
        if self.variation is not None and TECHNOLOGIES[self.technology].variation is None:
            raise problem(
                f"cells of technology '{self.technology}' are all alike; expected no such section",
                "variation",
            )
        return self

    @model_validator(mode="after")
    def _refresh_fits(self) -> Self:
        """Refuse a bank whose refresh leaves no clock cycle of the interval to steps.

        Below that a step gets its port only where rounding to clock edges leaves a cycle over,
        once in many intervals: a run of 42 cycles would take thousands.
        """
        banks = self.banks
        if banks.refresh_interval is None or banks.refresh_cycles is None:
            return self
        planes, cycles = banks.planes.value, banks.refresh_cycles.value
        needed_ps = (planes * cycles + 1) * self.clock.value
        if needed_ps > banks.refresh_interval.value:
            raise problem(
                f"got {banks.refresh_interval.text}; expected at least (banks.planes x "
                f"banks.refresh_cycles + 1) x the clock period = ({planes} x {cycles} + 1) x "
                f"{self.clock.value} ps = {needed_ps} ps: one round over its planes, and a cycle "
                "in which a step can begin",
                "banks",
                "refresh_interval",
            )
        return self

    @model_validator(mode="after")
    def _has_what_faults_strike(self) -> Self:
        """Refuse a fault of a part that the machine does not have, or cannot come back from."""
        if self.faults is not None:
            for error in wrong_events(self.faults, self.topology, self._refuses):
                raise error
        return self

    def _refuses(self, fault: Fault) -> tuple[str, str] | None:
        """Return the key and the reason if the machine cannot have a fault."""
        if fault.kind == MISSED_REFRESH and self.banks.refresh_interval is None:
            return "kind", "got 'missed_refresh'; the machine has no banks.refresh_interval"
        if fault.kind != POWER_FAILURE:
            return None
        if self.spill is not None:
            return "kind", (
                "got 'power_failure' beside host.spill; expected one of them alone: what becomes "
                "of maps on their way to the host is not modelled"
            )
        if self.power is None:
            return "kind", (
                "got 'power_failure'; expected a section 'power' beside it, which says what it "
                "takes to come back (configs/irmen.yaml shows one)"
            )
        if self.power.policy != ALWAYS_ON:
            return "kind", (
                f"got 'power_failure' with power.policy {self.power.policy}; expected "
                f"{ALWAYS_ON}: a failure in a power state is not modelled"
            )
        return None

    @property
    def has_power_failures(self) -> bool:
        """Whether the supply may fail."""
        return self.faults is not None and self.faults.has(POWER_FAILURE)

    @property
    def spill(self) -> SpillSection | None:
        """What spilling takes; None where it is not allowed."""
        return None if self.host is None else self.host.spill

    @property
    def topology(self) -> Topology:
        """The parts that the machine has."""
        banks = self.banks
        return Topology(
            self.circuits.value,
            self.arrays.lanes.value,
            banks.planes.value,
            banks.read_ports.value,
            banks.write_ports.value,
            self.sequencer.contexts.value,
        )

    @property
    def period_ps(self) -> int:
        """Length of a clock cycle in ps."""
        return self.clock.value

    @property
    def prices(self) -> dict[str, Price]:
        """The price of each action that the machine counts, as its file quotes it."""
        found = dict(self.energy.prices)
        if self.power is not None:
            found |= self.power.prices_of(switched=self.has_power_failures)
        if self.spill is not None:
            found |= dict.fromkeys(SPILL_PRICE, self.spill.cell)
        return found

    @property
    def quoted(self) -> dict[str, str]:
        """What the file says of the price of each: '500 aJ per 1 ns'."""
        return {action: price.quoted for action, price in self.prices.items()}

    @property
    def prices_aJ(self) -> dict[str, int]:  # noqa: N802 - aJ is the unit
        """What one count of each action costs at the machine's clock, in attojoules.

        The one place where a price meets the clock: runs, studies, comparisons and explanations
        count with it.
        """
        return {action: price.at_aJ(self.period_ps) for action, price in self.prices.items()}

    @property
    def step_cycles(self) -> int:
        """Cycles from the issue of a step until its result is stored."""
        return self.timing.read_cycles.value + self.timing.write_cycles.value


@cache
def _schema_of(technology: str) -> type[Machine]:
    """Return the schema with the technology's own cell; with any cell for an unknown one."""
    known = TECHNOLOGIES.get(technology)
    cell: Any = known.cell | None if known else Any
    variation: Any = known.variation | None if known and known.variation else Any
    return create_model("Machine", __base__=Machine, cell=(cell, None), variation=(variation, None))


def machine_schema(technology: object) -> type[Machine]:
    """Return the schema that a technology's machine files are checked against."""
    return _schema_of(technology if isinstance(technology, str) else "")
