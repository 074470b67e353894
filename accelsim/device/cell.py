"""The IRMEN cell around its magnet: write, hold, read and standby. SI units.

Write: the access transistor connects the magnetoelectric (ME) capacitor to the OTAs, which
charge it (R C); it is then isolated and the magnet relaxes to the field it holds.
Hold, standby: what holds the level is chosen by `storage` (accelsim/device/storage.py). By
default no mechanism is modelled: that the cell is nonvolatile is published, how is not.
Read: a supply pulse drives a current through magnet and tunnel barrier (`readstack`). A share
of it is polarized along m, and the inverse Rashba-Edelstein (IR) layer turns its y component
into a charge current along x: a voltage, which the read-out capacitance smooths.
"""

import math
import warnings
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accelsim.device.irmencell import IrmenCell
from accelsim.device.magnet import Magnet
from accelsim.device.physics import BOLTZMANN, ELEMENTARY_CHARGE, MU_0
from accelsim.device.rcs import Pair
from accelsim.device.readstack import ReadStack
from accelsim.errors import InputError
from accelsim.units import render

Floats = NDArray[np.float64]
# A write voltage this close to saturation saturates: rounding of the layer thickness.
_SAME = 1e-3


class DeviceWarning(UserWarning):
    """Input that works, but not as it says."""


@dataclass(frozen=True)
class IrmenDevice:
    """A cell of the machine file as numbers, and what follows from them.

    Levels are values of the CeNN, -1 to 1: `full_scale` x level is m_y.
    """

    magnet: Magnet
    cell: IrmenCell

    @classmethod
    def of(cls, cell: IrmenCell) -> "IrmenDevice":
        """Return the device of a machine file's cell; InputError for an impossible magnet."""
        device = cls.quietly(cell)
        device.field(cell.write_voltage.value)  # warns if it is beyond saturation
        return device

    @classmethod
    def quietly(cls, cell: IrmenCell) -> "IrmenDevice":
        """Return the device as `of` does, without a warning about its write voltage."""
        keys = [entry.name for entry in fields(Magnet) if entry.name != "shape"]
        try:
            numbers = {key: getattr(cell, key).value for key in keys}
            magnet = Magnet(**numbers, shape=cell.shape)
        except InputError as error:
            raise InputError(f"cell: {error}") from None
        return cls(magnet, cell)

    def with_volume(self, volume: float) -> "IrmenDevice":
        """Return the cell with a magnet of another volume (m^3), a disc or a square."""
        return replace(self, magnet=self.magnet.with_volume(volume))

    @cached_property
    def stack(self) -> "ReadStack":
        """The read path."""
        return ReadStack.of(self.cell, self.magnet)

    @property
    def saturation_voltage(self) -> float:
        """ME voltage in V whose field Bk saturates the magnet: Bk t / alpha_ME."""
        thickness, coefficient = self.cell.me_layer_thickness, self.cell.me_coefficient
        return self.magnet.hard_stiffness * thickness.value / coefficient.value

    @cached_property
    def full_scale(self) -> float:
        """m_y that the write voltage (level 1) reaches: at most 1."""
        ratio = self.cell.write_voltage.value / self.saturation_voltage
        return min(1.0, ratio)

    @property
    def full_scale_voltage(self) -> float:
        """ME voltage in V of level 1: the write voltage, or saturation if that is less."""
        return min(self.cell.write_voltage.value, self.saturation_voltage)

    def field(self, voltage: float) -> float:
        """Return the ME field in T of a voltage in V, alpha_ME V / t, clipped to +-Bk.

        Warns (DeviceWarning) if the voltage is beyond saturation.
        """
        limit = self.saturation_voltage
        if abs(voltage) > limit * (1 + _SAME):
            warnings.warn(
                f"write voltage {render(voltage, 'V')} is beyond saturation; "
                f"clipped to {render(math.copysign(limit, voltage), 'V')}, "
                f"where the ME field reaches Bk = {render(self.magnet.hard_stiffness, 'T')}",
                DeviceWarning,
                stacklevel=2,
            )
        return self.magnet.hard_stiffness * min(1.0, max(-1.0, voltage / limit))

    def level_field(self, level: ArrayLike) -> Floats:
        """Return the field in T along y that stands for a level."""
        return np.asarray(level, float) * self.full_scale * self.magnet.hard_stiffness

    @property
    def write_rc(self) -> float:
        """Time constant in s with which the ME capacitor charges."""
        return self.cell.write_resistance.value * self.cell.me_capacitance.value

    @property
    def back_action(self) -> float:
        """Stiffness in units of Bk that the magnet gains when its capacitor is isolated.

        The magnet moves charge on the ME capacitor: alpha_ME Ms V m_y / t. With the charge
        held instead of the voltage that charge works against the magnet, as a stiffness of
        (alpha_ME / t)^2 Ms V / C_ME; relative to Bk it is 2 Delta kT / (C V^2) at saturation.
        """
        cell = self.cell
        gain = cell.me_coefficient.value / cell.me_layer_thickness.value
        added = gain * gain * self.magnet.moment / cell.me_capacitance.value
        return added / self.magnet.hard_stiffness

    @property
    def read_voltage(self) -> float:
        """Open-circuit read-out voltage in V at m_y = 1."""
        return self.stack.voltage

    @property
    def readout_rc(self) -> float:
        """Time constant in s of the read-out: resistance of the stack x read-out capacitance."""
        return self.stack.resistance * self.cell.readout_capacitance.value

    @property
    def shot_noise(self) -> float:
        """Shot noise of a read-out value, in units of the full scale.

        Each electron brings one spin, up or down along y: the spin current has the noise
        2 e I whatever m_y, of which the RC lets sqrt(e / (2 I RC)) through; the signal is P.
        """
        cell = self.cell
        electrons = 2 * cell.read_current.value * self.readout_rc / ELEMENTARY_CHARGE
        return 1 / (math.sqrt(electrons) * cell.spin_injection_efficiency.value * self.full_scale)

    @property
    def read_field(self) -> float:
        """Field in T along y during a read, at worst: the disturbance.

        As if the whole read current returned through the IR layer under the magnet: a
        current sheet, mu0 I / (2 w). The injected spins are along m and exert no torque; the
        reciprocal torque of the IR layer is `stack.torque_field`.
        """
        return MU_0 * self.cell.read_current.value / (2 * self.magnet.width)

    @property
    def write_ktc(self) -> float:
        """kT/C noise of the ME capacitor: standard deviation in units of the full scale."""
        return self._ktc(self.cell.me_capacitance.value) / self.full_scale_voltage

    @property
    def readout_ktc(self) -> float:
        """kT/C noise of the read-out node, in units of the full scale."""
        voltage = self.read_voltage * self.full_scale
        return self._ktc(self.cell.readout_capacitance.value) / voltage

    @property
    def write_noise(self) -> float:
        """Deviation of a level by the kT/C noise that a write leaves, in units of the full scale.

        The charge that the noise leaves acts on the magnet against `back_action`, as that of
        a level does not: of it the magnet had its part before.
        """
        return self.write_ktc / (1 + self.back_action)

    @property
    def rcs(self) -> Pair:
        """Read-out and write in a row."""
        return Pair.of(self.readout_rc, self.write_rc)

    def _ktc(self, capacitance: float) -> float:
        return math.sqrt(BOLTZMANN * self.magnet.temperature / capacitance)

    def write_energy(self, swing: float = 1.0) -> float:
        """Return C V^2 in J for a change of the level by `swing` (1: from 0 to full scale)."""
        return self.cell.me_capacitance.value * (swing * self.full_scale_voltage) ** 2

    def read_energy(self, duration: float) -> float:
        """Return the energy in J of a read pulse of a duration in s: I V t."""
        return self.cell.read_current.value * self.cell.supply_voltage.value * duration

    def charging(self, time: ArrayLike, old: float, new: float) -> Floats:
        """Return the level on the ME capacitor at times (s) after a read phase began.

        The source's read-out starts from 0 with its RC, and the OTAs that follow it charge
        the capacitor from `old` with its own: two RCs in a row.
        """
        t = np.asarray(time, float)
        kept = np.exp(-t / self.write_rc)
        return np.asarray(old * kept + new * self.rcs.followed(t))

    def charging_time(self, swing: float, tolerance: float) -> float:
        """Return the time in s after which the worst charging stays within a tolerance.

        swing: from -swing, which leaves with the RC of the write, to +swing, which the read-out
        reaches from 0. Both in levels.
        """
        scale = self.readout_rc + self.write_rc
        low, high = 0.0, scale
        while self._off(high, swing) > tolerance:
            low, high = high, high + scale / 16
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self._off(middle, swing) > tolerance else (low, middle)
        return high

    def _off(self, time: float, swing: float) -> float:
        return abs(float(self.charging(time, -swing, swing)) - swing)
