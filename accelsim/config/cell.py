"""The `cell:` section of a machine file: the physics that the schedule follows from.

Lengths in m and everything else in SI units; what each constant means is in docs/device.md.
"""

from typing import Annotated

from accelsim.config.constants import Constant, Range, Real, counted, real
from accelsim.config.validation import Strict

Length = Annotated[Real, real("m", "40 nm")]
Voltage = Annotated[Real, real("V", "100 mV")]
Current = Annotated[Real, real("A", "8 uA")]
Resistance = Annotated[Real, real("Ohm", "50 kOhm")]
Capacitance = Annotated[Real, real("F", "1 fF")]
Power = Annotated[Real, real("W", "3 uW")]
Temperature = Annotated[Real, real("K", "300 K")]
RealTime = Annotated[Real, real("s", "1 ns")]
Fraction = Annotated[Real, real("", "0.9", Range(most=1.0))]
Level = Annotated[Real, real("", "0.9", Range(most=0.99))]
Bits = Annotated[Constant, counted("bits", most=8)]


class IrmenCell(Strict):
    """The spintronic cell: nanomagnet, magnetoelectric (ME) write, inverse-Rashba (IR) read."""

    precision: Bits
    swing: Level
    temperature: Temperature
    length: Length
    width: Length
    thickness: Length
    saturation_magnetization: Annotated[Real, real("A/m", "1.7 MA/m")]
    anisotropy: Annotated[Real, real("J/m^3", "45 kJ/m^3")]
    damping: Annotated[Real, real("", "0.01", Range(most=1.0))]
    attempt_time: RealTime
    me_coefficient: Annotated[Real, real("s/m", "3.34e-8 s/m")]
    me_layer_thickness: Length
    me_capacitance: Capacitance
    write_voltage: Voltage
    write_resistance: Resistance
    supply_voltage: Voltage
    read_current: Current
    spin_injection_efficiency: Fraction
    ir_length: Length
    ir_resistivity: Annotated[Real, real("Ohm m", "100 uOhm m")]
    ir_layer_thickness: Length
    readout_capacitance: Capacitance


class ChargeCell(Strict):
    """The charge-based cell: an RC node driven by OTAs, and a sample-and-hold analog memory."""

    precision: Bits
    swing: Level
    temperature: Temperature
    full_scale: Voltage
    cell_resistance: Resistance
    cell_capacitance: Capacitance
    settling_factor: Annotated[Real, real("", "2.5")]
    synapses: Annotated[Constant, counted("synapses")]
    ota_power: Power
    amplifier_power: Power
    switch_resistance: Resistance
    memory_capacitance: Capacitance
    memory_leakage: Current
