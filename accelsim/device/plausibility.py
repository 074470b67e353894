"""Whether an IRMEN cell can be, and where it is no memory cell: closed forms against limits.

What contradicts itself is refused: a supply that cannot drive the read current, a magnet without
two directions. What works, but not as a cell of its precision should, is a warning with the figure
and the limit.
"""

import math
from collections.abc import Iterator

from accelsim.device.cell import IrmenDevice
from accelsim.device.irmencell import IrmenCell
from accelsim.device.melayer import inconsistencies
from accelsim.device.technology import ImpossibleCell, beyond_half_step
from accelsim.units import render

# A supply may be short of what it drives by the rounding of the barrier.
_SAME = 0.01
NO_DIRECTION, STABLE = 1.0, 5.0
"""Delta in kT: up to the first there are no two directions; from the second on m_y is held to a
third of saturation, 1/sqrt(2 Delta)."""


def check(cell: IrmenCell) -> tuple[str, ...]:
    """Return what has to be said of a cell, a sentence each; ImpossibleCell if it cannot be."""
    device = IrmenDevice.quietly(cell)
    _check_supply(device)
    _check_directions(device)
    return (*_unstable(device), *_moved(device), *_noisy(device), *inconsistencies(cell))


def _check_supply(device: IrmenDevice) -> None:
    stack, cell = device.stack, device.cell
    supply, needed = cell.supply_voltage.value, stack.supply_needed
    if needed <= supply * (1 + _SAME):
        return
    path = "the barrier" if stack.return_drop is None else "barrier and return path"
    raise ImpossibleCell(
        f"cell.supply_voltage: the read current of {cell.read_current.text} drops "
        f"{render(needed, 'V')} across {path}, and the supply has {cell.supply_voltage.text}; "
        f"expected a supply of {render(needed, 'V')} or more, or a read current of "
        f"{render(stack.current * supply / needed, 'A')} at most",
        ("supply_voltage", "read_current", "barrier_resistance_area", "length", "width",
         "return_sheet_resistance", "return_length"),
    )  # fmt: skip


def _check_directions(device: IrmenDevice) -> None:
    stability = device.magnet.stability
    if stability <= NO_DIRECTION:
        raise ImpossibleCell(
            f"cell: the barrier between the two directions of the magnet is {stability:.3g} kT; "
            f"expected more than {NO_DIRECTION:g} kT, below which it has none: a larger "
            "anisotropy or volume",
            ("anisotropy", "length", "width", "thickness", "temperature"),
        )


def _unstable(device: IrmenDevice) -> Iterator[str]:
    stability = device.magnet.stability
    if stability < STABLE:
        yield (
            f"cell.anisotropy: Delta is {stability:.3g} kT, and the magnet has no stable state "
            f"(limit: {STABLE:g} kT): at rest m_y moves by {1 / math.sqrt(2 * stability):.2g} of "
            "saturation"
        )


def _moved(device: IrmenDevice) -> Iterator[str]:
    """Warn of a read that turns the magnet by more than half a step, without overshoot."""
    field = device.read_field + device.stack.torque_field
    tilt = field / (device.magnet.hard_stiffness * device.full_scale)
    yield from beyond_half_step("read_current", "a read moves the level by", tilt, device.cell)


def _noisy(device: IrmenDevice) -> Iterator[str]:
    cell, readout = device.cell, device.readout_ktc
    yield from beyond_half_step("me_capacitance", "kT/C of a write is", device.write_ktc, cell)
    if readout > 1:
        output = device.read_voltage * device.full_scale
        yield (
            f"cell.readout_capacitance: the output of {render(output, 'V')} is below its noise, "
            f"kT/C of {render(readout * output, 'V')}"
        )
    else:
        yield from beyond_half_step("readout_capacitance", "kT/C of the read-out is", readout, cell)
    yield from beyond_half_step("read_current", "shot noise of a read is", device.shot_noise, cell)
