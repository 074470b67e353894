"""The cell technologies by name: what `technology:` in a machine file may say.

A new one is a module beside `irmen` and `charge`, with a subclass of `Technology`, and its
line here.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from accelsim.device.cell import IrmenDevice
from accelsim.device.charge import Charge
from accelsim.device.irmen import Irmen
from accelsim.device.storage import Storage
from accelsim.device.technology import (
    Cell,
    CellPrice,
    Characterization,
    Numerics,
    Progress,
    Report,
    Technology,
)
from accelsim.errors import InputError

TECHNOLOGIES: Mapping[str, Technology[Any]] = {
    technology.name: technology for technology in (Irmen(), Charge())
}


class CellMachine(Protocol):
    """What is asked of a machine here: its cell and its clock."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def technology(self) -> str:
        """A key of TECHNOLOGIES."""

    @property
    def period_ps(self) -> int:
        """Length of a clock cycle in ps."""

    @property
    def cell(self) -> Cell | None:
        """The section of its file; None without one."""


def magnet_cell(machine: CellMachine) -> IrmenDevice | None:
    """Return the cell of a machine around its magnet; None if it has no cell with one.

    Raises InputError for an impossible magnet.
    """
    if machine.cell is None:
        return None
    return TECHNOLOGIES[machine.technology].magnet_cell(machine.cell)


def storage_of(machine: CellMachine) -> Storage | None:
    """Return what holds a level in the banks of a machine; None if it has no cell.

    Raises InputError for a cell that cannot be.
    """
    if machine.cell is None:
        return None
    return TECHNOLOGIES[machine.technology].storage(machine.cell)


def check_cell(machine: CellMachine) -> tuple[str, ...]:
    """Return what has to be said of the cell of a machine; () for a machine without one.

    Raises ImpossibleCell, and InputError, as `Technology.check` does.
    """
    if machine.cell is None:
        return ()
    return TECHNOLOGIES[machine.technology].check(machine.cell)


def prices_of(machine: CellMachine) -> tuple[CellPrice, ...]:
    """Return the prices that follow from the cell of a machine; () for one without a cell.

    Raises InputError for a magnet that cannot be.
    """
    if machine.cell is None:
        return ()
    return TECHNOLOGIES[machine.technology].prices(machine.cell)


def _silent(_: str) -> Progress | None:
    return None


def characterize(
    machine: CellMachine, numerics: Numerics | None = None, report: Report = _silent
) -> Characterization:
    """Characterize the cell of a machine at its clock and precision.

    report: called with the name of each part, returns what takes its progress.
    Raises InputError for a machine without a cell, and for a cell that cannot be.
    """
    if machine.cell is None:
        raise InputError(
            f"machine '{machine.name}' has no section 'cell': nothing to characterize; "
            f"configs/{machine.technology}.yaml shows one"
        )
    technology = TECHNOLOGIES[machine.technology]
    return technology.characterize(machine.cell, machine.period_ps, numerics or Numerics(), report)
