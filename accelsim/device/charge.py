"""The charge-based cell: an RC node behind OTAs, and a sample-and-hold analog memory. SI units.

Read phase: the state node settles with settling_factor x R C (the loop of a CeNN cell is
slower than its RC; the factor is calibrated to the published 8.4 RC at 4 bits). Write
phase: the value is sampled through a switch onto the memory's capacitor, which then droops
by its leakage. Left out: charge injection, slewing, noise of the OTAs beyond kT/C.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from accelsim.device.physics import BOLTZMANN
from accelsim.device.storage import Droop
from accelsim.device.technology import (
    BITS,
    Capacitance,
    Cell,
    CellNoise,
    CellPrice,
    Characterization,
    Current,
    Derived,
    Entry,
    Listing,
    Numerics,
    Phases,
    Power,
    Report,
    Resistance,
    Technology,
    Voltage,
    beyond_half_step,
    figure,
)
from accelsim.documents.constants import Constant, Real, counted, real
from accelsim.documents.validation import says
from accelsim.units import ps_up

# Keys of the machine file that several figures follow from.
_PRECISION = ("cell.swing", "cell.precision")
_MEMORY = ("cell.switch_resistance", "cell.memory_capacitance")
_HEAT = ("cell.temperature", "cell.full_scale")


class ChargeCell(Cell):
    """The charge-based cell: an RC node driven by OTAs, and a sample-and-hold analog memory."""

    full_scale: Annotated[Voltage, says("Voltage of the range from -1 to 1.")]
    cell_resistance: Annotated[Resistance, says("Resistance R of the state node.")]
    cell_capacitance: Annotated[Capacitance, says("Capacitance C of the state node.")]
    settling_factor: Annotated[
        Real, real("", "2.5"), says("Time constant of the settling in units of R C.")
    ]
    synapses: Annotated[Constant, counted("synapses"), says("Synapses of a cell.")]
    ota_power: Annotated[Power, says("Power of a synapse (an OTA).")]
    amplifier_power: Annotated[Power, says("Power of a cell's amplifier.")]
    switch_resistance: Annotated[
        Resistance, says("Resistance of the switch of the sample-and-hold.")
    ]
    memory_capacitance: Annotated[Capacitance, says("Capacitance of the analog memory.")]
    memory_leakage: Annotated[Current, says("Current that leaks from the analog memory.")]


@dataclass(frozen=True)
class ChargeDevice:
    """A charge-based cell of the machine file as numbers, and what follows from them.

    Levels are -1 to 1 across `full_scale` volts, so level 1 is half of it.
    """

    cell: ChargeCell

    @property
    def unit_voltage(self) -> float:
        """Voltage in V of a level of 1."""
        return self.cell.full_scale.value / 2

    @property
    def rc(self) -> float:
        """R C of the state node in s."""
        return self.cell.cell_resistance.value * self.cell.cell_capacitance.value

    @property
    def time_constant(self) -> float:
        """Time constant in s with which the cell settles."""
        return self.cell.settling_factor.value * self.rc

    @property
    def memory_rc(self) -> float:
        """R C of the sample-and-hold in s."""
        return self.cell.switch_resistance.value * self.cell.memory_capacitance.value

    def settling_time(self, bits: int) -> float:
        """Return the time in s until a full swing is within half a step, 1/2^bits."""
        return self.time_constant * self._time_constants(bits)

    def sampling_time(self, bits: int) -> float:
        """Return the time in s in which the memory takes over a full swing to half a step."""
        return self.memory_rc * self._time_constants(bits)

    def _time_constants(self, bits: int) -> float:
        return math.log(2 * self.cell.swing.value * 2**bits)

    @property
    def cell_ktc(self) -> float:
        """kT/C noise of the state node: standard deviation in units of the full scale (1)."""
        return self._ktc(self.cell.cell_capacitance.value)

    @property
    def memory_ktc(self) -> float:
        """kT/C noise of a sample in the memory, in units of the full scale (1)."""
        return self._ktc(self.cell.memory_capacitance.value)

    def _ktc(self, capacitance: float) -> float:
        noise = math.sqrt(BOLTZMANN * self.cell.temperature.value / capacitance)
        return noise / self.unit_voltage

    @property
    def synapse_power(self) -> float:
        """Static power in W of all OTAs of a cell."""
        return self.cell.synapses.value * self.cell.ota_power.value

    @property
    def static_power(self) -> float:
        """Static power in W of a cell that settles: its OTAs and its amplifier."""
        return self.synapse_power + self.cell.amplifier_power.value

    @property
    def droop(self) -> float:
        """Rate in levels/s at which the memory loses its value: I / C over a level's volts."""
        rate = self.cell.memory_leakage.value / self.cell.memory_capacitance.value
        return rate / self.unit_voltage

    def hold_time(self, bits: int) -> float:
        """Return the time in s after which the memory has drooped by half a step."""
        return 1 / (self.droop * float(2**bits))

    @property
    def sample_energy(self) -> float:
        """C V^2 in J of a sample of level 1, without the buffer that drives it."""
        return self.cell.memory_capacitance.value * self.unit_voltage**2


@dataclass(frozen=True)
class ChargeResult(Characterization):
    """Characterization of a charge-based cell: everything is closed form."""

    device: ChargeDevice

    read_source = "settling factor x R C x ln(2 swing 2^bits): a full swing to half a step"
    write_source = "sample-and-hold R C x ln(2 swing 2^bits): a full swing to half a step"
    read_inputs = (
        "cell.cell_resistance",
        "cell.cell_capacitance",
        "cell.settling_factor",
        *_PRECISION,
    )
    write_inputs = (*_MEMORY, *_PRECISION)
    no_figure = "a charge-based cell is closed form, its table says all"

    def cell_noise(self) -> CellNoise:
        """Return the kT/C noise of node and memory."""
        device = self.device
        return CellNoise(
            read=Derived(0.0, "not modelled: noise of the OTAs beyond kT/C"),
            readout_ktc=Derived(
                device.cell_ktc, "kT/C of the state node", ("cell.cell_capacitance", *_HEAT)
            ),
            write=Derived(
                device.memory_ktc, "kT/C of the analog memory", ("cell.memory_capacitance", *_HEAT)
            ),
            settling=Derived(device.memory_rc, "R C of the sample-and-hold", _MEMORY),
        )

    def figures(self) -> Entry:
        """Return time constants, noise, powers, energies, droop, and settling by precision."""
        device = self.device
        period = self.timing.period_ps / 1e12
        operation = self.timing.read_ps / 1e12
        return {
            "rc": figure(device.rc * 1e9, "ns"),
            "settling_in_rc": figure(operation / device.rc, "RC"),
            "memory_rc": figure(device.memory_rc * 1e9, "ns"),
            "cell_ktc": figure(device.cell_ktc * device.unit_voltage * 1e3, "mV"),
            "memory_ktc": figure(device.memory_ktc * device.unit_voltage * 1e3, "mV"),
            "ota_power": figure(device.cell.ota_power.value * 1e6, "uW"),
            "synapse_power": figure(device.synapse_power * 1e6, "uW"),
            "static_power": figure(device.static_power * 1e6, "uW"),
            "ota_energy_per_cycle": figure(device.cell.ota_power.value * period * 1e18, "aJ"),
            "amplifier_energy_per_cycle": figure(
                device.cell.amplifier_power.value * period * 1e18, "aJ"
            ),
            "operation_energy": figure(device.static_power * operation * 1e15, "fJ"),
            "sample_energy": figure(device.sample_energy * 1e15, "fJ"),
            "droop": figure(device.droop, "of full scale per s"),
            "hold_time": figure(device.hold_time(self.timing.precision) * 1e3, "ms"),
            "settling": [
                {
                    "bits": bits,
                    "cell": figure(read / 1e3, "ns"),
                    "memory": figure(write / 1e3, "ns"),
                }
                for bits, read, write in self._settling()
            ],
        }

    def listings(self) -> Sequence[Listing]:
        """Return the settling times of cell and memory by precision, in ns."""
        rows = [
            (str(bits), f"{read / 1e3:.3f}", f"{write / 1e3:.3f}")
            for bits, read, write in self._settling()
        ]
        columns = ("bits", "cell (read)", "memory (write)")
        marked = BITS.index(self.timing.precision)
        return [Listing("Settling to half a step, ns", columns, rows, marked)]

    def _settling(self) -> list[tuple[int, int, int]]:
        """Return (bits, read phase in ps, write phase in ps)."""
        device = self.device
        return [
            (bits, ps_up(device.settling_time(bits)), ps_up(device.sampling_time(bits)))
            for bits in BITS
        ]


class Charge(Technology[ChargeCell]):
    """Charge-based cells: an analog memory that droops, and is refreshed."""

    name = "charge"
    title = "charge-based cell"
    cell = ChargeCell

    def storage(self, cell: ChargeCell) -> Droop:
        """Return the analog memory that droops."""
        return Droop(cell.swing.value, ChargeDevice(cell).droop)

    def check(self, cell: ChargeCell) -> tuple[str, ...]:
        """Hold the noise of node and memory against half a step."""
        device = ChargeDevice(cell)
        return (
            *beyond_half_step("cell_capacitance", "kT/C of the node is", device.cell_ktc, cell),
            *beyond_half_step("memory_capacitance", "kT/C of a write is", device.memory_ktc, cell),
        )

    def prices(self, cell: ChargeCell) -> tuple[CellPrice, ...]:
        """Return what a tap and an amplifier draw in 1 ns."""
        return tuple(
            CellPrice(action, power.value * 1e-9, f"{power.text} x 1 ns", (f"cell.{key}",))
            for action, key, power in (
                ("ota_tap_cycle", "ota_power", cell.ota_power),
                ("cell_static_cycle", "amplifier_power", cell.amplifier_power),
            )
        )

    def characterize(
        self,
        cell: ChargeCell,
        period_ps: int,
        numerics: Numerics,  # noqa: ARG002 - closed form
        report: Report,  # noqa: ARG002
    ) -> ChargeResult:
        """Compute settling and noise of node and memory."""
        device, bits = ChargeDevice(cell), cell.precision.value
        read, write = device.settling_time(bits), device.sampling_time(bits)
        timing = Phases(period_ps, bits, ps_up(read), ps_up(write))
        return ChargeResult(timing, Numerics(samples=0), device)
