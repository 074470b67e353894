"""The read path: supply, magnet, tunnel barrier, IR layer, and what comes out of it. SI units.

Modelled: a current I from the supply crosses the barrier under the magnet everywhere alike;
its spins become a sheet current lambda P I / area in the IR layer; that drives a voltage along
the layer, which barrier and magnet shunt in part (two sheets that a conductance couples, a
transmission line). Nothing is drawn at the ends of the layer.

How the current returns is open. Laterally, through the IR layer, it would drop `lateral_drop`,
more than the supply. A path of its own has a sheet resistance and a length, as wide as the magnet
(`return_drop`); without these a contact below that does not shunt the layer, and drops nothing, is
assumed. Left out: what the path couples into the layer.
Noise of the supply; a share P that depends on the voltage across the barrier.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from accelsim.device.magnet import Magnet
from accelsim.device.physics import ELEMENTARY_CHARGE, HBAR
from accelsim.device.technology import Entry, figure

if TYPE_CHECKING:
    from accelsim.device.cell import IrmenDevice
    from accelsim.device.irmencell import IrmenCell

BEST_MEASURED = 1.5e-3
"""Largest spin-to-charge output in V found in the literature, of an MTJ-enhanced MESO device
(Nat. Commun. 2026, s41467-026-73382-9, abstract); two orders above earlier ones."""


@dataclass(frozen=True)
class ReadStack:
    """The read path of a cell as numbers.

    current: of the supply in A. polarization: P. conversion: lambda in m. sheet, metal: sheet
    resistances of IR layer and magnet in Ohm. barrier: resistance x area in Ohm m^2.
    returning: sheet resistance in Ohm x length in m of the return path; None: not modelled.
    """

    magnet: Magnet
    current: float
    polarization: float
    conversion: float
    sheet: float
    metal: float
    barrier: float
    returning: float | None = None

    @classmethod
    def of(cls, cell: "IrmenCell", magnet: Magnet) -> Self:
        """Return the read path of a cell."""
        sheet, length = cell.return_sheet_resistance, cell.return_length
        return cls(
            magnet=magnet,
            current=cell.read_current.value,
            polarization=cell.spin_injection_efficiency.value,
            conversion=cell.ir_length.value,
            sheet=cell.ir_resistivity.value / cell.ir_layer_thickness.value,
            metal=cell.magnet_resistivity.value / magnet.thickness,
            barrier=cell.barrier_resistance_area.value,
            returning=sheet.value * length.value if sheet and length else None,
        )

    @property
    def barrier_resistance(self) -> float:
        """Resistance of the tunnel barrier in Ohm."""
        return self.barrier / self.magnet.area

    @property
    def layer_resistance(self) -> float:
        """Resistance in Ohm of the IR layer under the magnet, along its length, by itself."""
        return self.sheet * self.magnet.length / self.magnet.width

    @property
    def generated(self) -> float:
        """Charge current in A along the IR layer at m_y = 1: lambda P I / l."""
        return self.conversion * self.polarization * self.current / self.magnet.length

    @property
    def unshunted(self) -> float:
        """Share of the voltage, and of the resistance, that barrier and magnet leave.

        1 - R_IR / (R_IR + R_m) (1 - tanh(a) / a), with a half the length over the length in
        which the current changes sheets, sqrt(RA / (R_IR + R_m)); RA is that of the barrier
        spread over the rectangle around the magnet.
        """
        total = self.sheet + self.metal
        spread = self.barrier * self.magnet.length * self.magnet.width / self.magnet.area
        if not spread:
            return self.metal / total
        half = self.magnet.length / 2 / math.sqrt(spread / total)
        return 1 - self.sheet / total * (1 - math.tanh(half) / half)

    @property
    def resistance(self) -> float:
        """Resistance in Ohm between the ends of the IR layer."""
        return self.layer_resistance * self.unshunted

    @property
    def voltage(self) -> float:
        """Open-circuit voltage in V at m_y = 1."""
        return self.generated * self.resistance

    @property
    def drop(self) -> float:
        """Voltage in V that the current drops across the barrier."""
        return self.current * self.barrier_resistance

    @property
    def return_drop(self) -> float | None:
        """Voltage in V that the current drops on its return path; None: not modelled."""
        if self.returning is None:
            return None
        return self.current * self.returning / self.magnet.width

    @property
    def supply_needed(self) -> float:
        """Voltage in V that drives the current through barrier and return path."""
        return self.drop + (self.return_drop or 0.0)

    @property
    def lateral_drop(self) -> float:
        """Voltage in V that the current would drop if it returned through the IR layer."""
        return self.current * self.layer_resistance / 2

    @property
    def torque_field(self) -> float:
        """Field in T along y that has the torque of the reciprocal effect, at worst.

        By reciprocity a charge current in the IR layer drives spins into the magnet through
        the barrier: lambda P R_IR / (l R_barrier) of it. The current is `generated`. Without
        a barrier the resistance of the magnet's own length of sheet stands for it.
        """
        magnet = self.magnet
        resistance = max(self.barrier_resistance, self.metal)
        transfer = self.conversion * self.polarization * self.layer_resistance / magnet.length
        spins = self.generated * transfer / resistance
        return HBAR / (2 * ELEMENTARY_CHARGE) * spins / magnet.moment


def stack_figures(device: "IrmenDevice") -> Entry:
    """Return the figures of the read path."""
    stack = device.stack
    back = stack.return_drop
    returned = {} if back is None else {"return_drop": figure(back * 1e3, "mV")}
    return {
        "barrier_resistance": figure(stack.barrier_resistance / 1e3, "kOhm"),
        "barrier_drop": figure(stack.drop * 1e3, "mV"),
        "unshunted_share": figure(stack.unshunted, ""),
        "readout_voltage": figure(stack.voltage * 1e3, "mV"),
        "best_measured_output": figure(BEST_MEASURED * 1e3, "mV"),
        **returned,
        "supply_needed": figure(
            stack.supply_needed * 1e3, "mV" if returned else "mV; the return is not modelled"
        ),
        "lateral_return_drop": figure(stack.lateral_drop * 1e3, "mV, if through the IR layer"),
        "reciprocal_torque": figure(stack.torque_field * 1e3, "mT"),
        "readout_ktc": figure(device.readout_ktc, "of full scale"),
        "shot_noise": figure(device.shot_noise, "of full scale"),
    }
