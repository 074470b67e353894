"""The ME layer of an IRMEN cell as what holds its level: the storage that the cell names."""

from collections.abc import Callable
from statistics import NormalDist
from typing import TYPE_CHECKING

from accelsim.device.cell import IrmenCell, IrmenDevice
from accelsim.device.physics import BOLTZMANN, ELEMENTARY_CHARGE, EPSILON_0
from accelsim.device.storage import CHARGE, HELD, REMANENT, Charge, Held, Remanent, Storage
from accelsim.errors import InputError
from accelsim.units import render

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
    assert cell.grains is not None  # noqa: S101 - the schema looked
    return Remanent(
        swing=swing,
        share=share,
        grains=cell.grains.value,
        barrier=_value(cell.grain_barrier)
        * ELEMENTARY_CHARGE
        / (BOLTZMANN * cell.temperature.value),
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


def _value(constant: "Real | None") -> float:
    assert constant is not None  # noqa: S101 - the schema looked
    return constant.value


_MODELS: dict[str, Callable[[IrmenCell, IrmenDevice | None], Storage]] = {
    HELD: _held,
    CHARGE: _charge,
    REMANENT: _remanent,
}
