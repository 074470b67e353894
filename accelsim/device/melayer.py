"""The ME layer of an IRMEN cell as what holds its level: the storage that the cell names."""

from collections.abc import Callable, Iterator
from statistics import NormalDist
from typing import TYPE_CHECKING

from accelsim.device.cell import IrmenDevice
from accelsim.device.irmencell import IrmenCell
from accelsim.device.physics import BOLTZMANN, ELEMENTARY_CHARGE, EPSILON_0
from accelsim.device.storage import CHARGE, HELD, REMANENT, Charge, Held, Remanent, Storage
from accelsim.errors import InputError
from accelsim.units import render

# Constants of one layer that are further apart than this share contradict each other.
_APART = 0.1

if TYPE_CHECKING:
    from accelsim.documents.constants import Real


def storage_of(cell: IrmenCell, device: IrmenDevice | None = None) -> Storage:
    """Return the storage of a cell. device: with a magnet of its own; None: that of the cell.

    Raises InputError for an impossible magnet, and for grains that the write voltage cannot turn.
    """
    return _MODELS[cell.storage](cell, device)


def _held(cell: IrmenCell, device: IrmenDevice | None) -> Storage:  # noqa: ARG001
    return Held(cell.swing.value)


def _charge(cell: IrmenCell, device: IrmenDevice | None, share: float = 1.0) -> Charge:
    """Return the leak. share: of the ME effect that is the voltage's, so that it acts on m.

    The magnet binds charge in the same share, and is turned by it in the same share again.
    """
    device = device or IrmenDevice.quietly(cell)
    back_action = share * share * device.back_action
    return Charge(cell.swing.value, leak_time(cell), back_action, 1 / device.full_scale)


def leak_time(cell: IrmenCell) -> float:
    """Return R C in s of the ME capacitor: the layer's resistance, the access switch beside it."""
    layer = EPSILON_0 * _value(cell.me_permittivity) * _value(cell.me_resistivity)
    switch = cell.access_conductance.value if cell.access_conductance else 0.0
    return 1 / (1 / layer + switch / cell.me_capacitance.value)


def _remanent(cell: IrmenCell, device: IrmenDevice | None) -> Storage:
    share, swing = _value(cell.remanent_share), cell.swing.value
    voltage, limit = switching_voltage(cell), cell.drive_limit.value * cell.write_voltage.value
    if voltage > limit:
        raise InputError(
            f"cell.coercive_field: to turn the grains of a level of {swing:g} takes "
            f"{render(voltage, 'V')}, and the output of the OTAs goes to {render(limit, 'V')} "
            "(cell.drive_limit x cell.write_voltage)"
        )
    barrier = ELEMENTARY_CHARGE * cell.grain_barrier.value if cell.grain_barrier else None
    return Remanent(
        swing=swing,
        share=share,
        grains=_grains(cell),
        barrier=(barrier or grain_barrier(cell)) / (BOLTZMANN * cell.temperature.value),
        relative_spread=_value(cell.coercive_spread),
        attempt_time=_value(cell.grain_attempt_time),
        leak=_charge(cell, device, 1 - share),
    )


def switching_voltage(cell: IrmenCell) -> float:
    """Return the voltage in V that turns as many grains as a level of the swing needs.

    Their switching fields are normally distributed; the weakest turn first.
    """
    fields = NormalDist(1, _value(cell.coercive_spread))
    field = _value(cell.coercive_field) * fields.inv_cdf(cell.swing.value)
    return field * cell.me_layer_thickness.value


def grain_volume(cell: IrmenCell) -> float:
    """Return the volume in m^3 of a grain: of the layer under an electrode of C t / eps."""
    thickness = cell.me_layer_thickness.value
    area = cell.me_capacitance.value * thickness / (EPSILON_0 * _value(cell.me_permittivity))
    return area * thickness / _grains(cell)


def grain_barrier(cell: IrmenCell) -> float:
    """Return what a grain has to cross in J, by its polarization: P_r E_c V.

    A field along the other direction lowers the barrier by P_r E V, and at E_c none is left.
    """
    polarization, field = _value(cell.remanent_polarization), _value(cell.coercive_field)
    return polarization * field * grain_volume(cell)


def polarization_at_full_scale(cell: IrmenCell) -> float:
    """Return the polarization in C/m^2 that level 1 has: eps V / t, remanent and voltage's."""
    eps = EPSILON_0 * _value(cell.me_permittivity)
    return eps * cell.write_voltage.value / cell.me_layer_thickness.value


def inconsistencies(cell: IrmenCell) -> Iterator[str]:
    """Give what of remanent grains cannot be in one ME layer of this thickness and voltage."""
    if cell.storage != REMANENT:
        return
    derived, stated = grain_barrier(cell) / ELEMENTARY_CHARGE, cell.grain_barrier
    if stated and abs(stated.value / derived - 1) > _APART:
        yield (
            f"cell.grain_barrier: {stated.text} is stated, and remanent_polarization x "
            f"coercive_field x volume of a grain ({grain_volume(cell) * 1e27:.4g} nm^3) is "
            f"{render(derived, 'eV')}: not in one layer; without the key it is the latter"
        )
    polarization, share = _value(cell.remanent_polarization), _value(cell.remanent_share)
    held = share * polarization_at_full_scale(cell)
    if abs(polarization / held - 1) > _APART:
        yield (
            f"cell.remanent_polarization: {polarization:.3g} C/m^2 is stated, and a layer of "
            f"{cell.me_layer_thickness.text} at {cell.write_voltage.text} has {held:.3g} C/m^2 of "
            f"it, remanent_share ({share:g}) x permittivity x field: not in one layer"
        )


def _grains(cell: IrmenCell) -> int:
    assert cell.grains is not None  # noqa: S101 - the schema looked
    return cell.grains.value


def _value(constant: "Real | None") -> float:
    assert constant is not None  # noqa: S101 - the schema looked
    return constant.value


_MODELS: dict[str, Callable[[IrmenCell, IrmenDevice | None], Storage]] = {
    HELD: _held,
    CHARGE: _charge,
    REMANENT: _remanent,
}
