"""The charge-based cell: an RC node behind OTAs, and a sample-and-hold analog memory. SI units.

Read phase: the state node settles with settling_factor x R C (the loop of a CeNN cell is
slower than its RC; the factor is calibrated to the published 8.4 RC at 4 bits). Write
phase: the value is sampled through a switch onto the memory's capacitor, which then droops
by its leakage. Left out: charge injection, slewing, noise of the OTAs beyond kT/C.
"""

import math
from dataclasses import dataclass

from accelsim.config.cell import ChargeCell
from accelsim.device.physics import BOLTZMANN


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
