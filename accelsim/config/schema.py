"""The machine file: its keys, what each may hold, and the integers the model uses."""

from functools import cache
from typing import Annotated, Any, Self

from pydantic import create_model, model_validator

from accelsim.config.device import Noise
from accelsim.config.digital import (
    CLASSIFICATION,
    PUBLISHED_SCOPE,
    SCOPES,
    SRAM,
    Codes,
    ConvertersSection,
    DigitalSection,
    MapsSection,
)
from accelsim.config.effects import EffectsSection
from accelsim.config.energy import EnergyTable
from accelsim.config.faults import MISSED_REFRESH, POWER_FAILURE, Fault, FaultsSection, wrong_events
from accelsim.config.host import SPILL_PRICE, HostSection, SpillSection
from accelsim.config.maps import wrong_parts
from accelsim.config.power import ALWAYS_ON, PowerSection
from accelsim.config.response import ResponseSection
from accelsim.config.sections import (
    ArraysSection,
    BanksSection,
    DeviceSource,
    MachineSource,
    SequencerSection,
    Timing,
)
from accelsim.device.technologies import TECHNOLOGIES
from accelsim.device.technology import Cell
from accelsim.documents.constants import (
    Constant,
    Period,
    counted,
    one_of,
    problem,
)
from accelsim.documents.prices import Price
from accelsim.documents.validation import FILE, PROGRAM, Strict, says
from accelsim.topology import Topology


class Machine(Strict):
    """A machine file, checked: the design point that a run simulates."""

    extends: Annotated[
        str | None,
        says(
            "Machine that the file takes over what it does not say itself from: a name that "
            "ships, or a path from its folder.",
            by=FILE,
        ),
    ] = None
    name: Annotated[str, says("Name of the machine, as reports have it.")]
    description: Annotated[str, says("What the machine is, in a line.")]
    technology: Annotated[str, one_of(lambda: TECHNOLOGIES), says("Technology of its cells.")]
    clock: Annotated[Period, says("Frequency of the clock. Its period is a whole number of ps.")]
    circuits: Annotated[
        Constant,
        counted("circuits", most=2),
        says(
            "Circuits of arrays and banks. With two, steps go from one to the other; with one, "
            "each step takes a copy more."
        ),
    ]
    arrays: Annotated[ArraysSection, says("CeNN arrays: cells, lanes, fan-in.")]
    banks: Annotated[BanksSection, says("Memory banks: planes, ports, refresh.")]
    timing: Annotated[Timing, says("Length of the two phases of a step.")]
    sequencer: Annotated[SequencerSection, says("Control sequencer: images in flight.")]
    energy: Annotated[EnergyTable, says("Price of each action that the machine counts.")]
    power: Annotated[
        PowerSection | None, says("What the machine does at rest; without it, it stays active.")
    ] = None
    faults: Annotated[
        FaultsSection | None, says("What goes wrong while it runs; without it, nothing.")
    ] = None
    host: Annotated[
        HostSection | None,
        says("What crosses the link to the host beside images and results; without it, nothing."),
    ] = None
    scope: Annotated[
        str,
        one_of(lambda: SCOPES),
        says(
            "How far a run goes: published, to the handoff; classification, through converters "
            "and the fully-connected layer to the class label, reported apart."
        ),
    ] = PUBLISHED_SCOPE
    maps: Annotated[
        MapsSection | None,
        says("Where feature maps are between layers; without it, in the banks."),
    ] = None
    converters: Annotated[
        ConvertersSection | None, says("Converters between analog planes and digital words.")
    ] = None
    digital: Annotated[DigitalSection | None, says("Digital engine and its SRAM.")] = None
    device: Annotated[
        str | None,
        says("Device file whose timing, noise, response and cell the machine takes over."),
    ] = None
    device_file: Annotated[
        DeviceSource | None, says("Device file behind a machine that was loaded.", by=PROGRAM)
    ] = None
    machine_files: Annotated[
        list[MachineSource] | None,
        says("Files of a machine that was loaded and extends another.", by=PROGRAM),
    ] = None
    noise: Annotated[Noise | None, says("What a value suffers in a step, of the cell.")] = None
    response: Annotated[
        ResponseSection | None,
        says("What a read sees of a written value, by level; without it, cells are linear."),
    ] = None
    effects: Annotated[
        EffectsSection | None, says("Which non-ideal effects the values of a run have.")
    ] = None
    cell: Annotated[Cell | None, says("Physics of the cell, of its technology.")] = None
    variation: Annotated[Any, says("How the cells of a die differ, of their technology.")] = None

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
    def _writes_once(self) -> Self:
        """Refuse energy by value where steps are lost with the supply, and executed again."""
        if self.energy.follows_values and self.has_power_failures:
            raise problem(
                "got 'by_value' with a fault 'power_failure'; expected 'by_count': what cells hold "
                "of a step that was lost is not modelled",
                "energy",
                "model",
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

    @model_validator(mode="after")
    def _has_digital_parts(self) -> Self:
        """Refuse a scope, or maps in the SRAM, without what it takes, or beside what it cannot."""
        for error in wrong_parts(self):
            raise error
        return self

    def _refuses(self, fault: Fault) -> tuple[str, str] | None:
        """Return the key and the reason if the machine cannot have a fault."""
        if fault.kind == MISSED_REFRESH and self.banks.refresh_interval is None:
            return "kind", "got 'missed_refresh'; the machine has no banks.refresh_interval"
        if fault.kind != POWER_FAILURE:
            return None
        for there, beside, whose in (
            (self.spill is not None, "host.spill", "maps on their way to the host"),
            (self.scope == CLASSIFICATION, "scope classification", "results behind the handoff"),
        ):
            if there:
                return "kind", (
                    f"got 'power_failure' beside {beside}; expected one of them alone: what "
                    f"becomes of {whose} is not modelled"
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
            self.sram_planes,
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
        if self.scope == CLASSIFICATION or self.keeps_maps_in_sram:
            for section in (self.converters, self.digital):
                found |= {} if section is None else section.prices
        return found

    @property
    def keeps_maps_in_sram(self) -> bool:
        """Whether feature maps leave the analog memory between layers."""
        return self.maps is not None and self.maps.memory == SRAM

    @property
    def codes(self) -> Codes | None:
        """How the SRAM holds maps; None if they stay in planes."""
        if not self.keeps_maps_in_sram or self.converters is None or self.digital is None:
            return None
        arrays, sram = self.arrays, self.digital.sram
        return Codes(
            self.converters.adc.bits.value, sram.word.value,
            arrays.rows.value * arrays.cols.value, arrays.lanes.value, sram.size.value,
        )  # fmt: skip

    @property
    def sram_planes(self) -> int:
        """Planes that the SRAM has room for; 0 if maps stay in those of the banks."""
        return 0 if self.codes is None else self.codes.planes

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
    return create_model(
        "Machine",
        __base__=Machine,
        cell=(_said("cell", cell), None),
        variation=(_said("variation", variation), None),
    )


def _said(key: str, annotation: Any) -> Any:
    """Return an annotation with the meaning that the key has in any machine file."""
    return Annotated[annotation, says(Machine.model_fields[key].description or "")]


def machine_schema(technology: object) -> type[Machine]:
    """Return the schema that a technology's machine files are checked against."""
    return _schema_of(technology if isinstance(technology, str) else "")
