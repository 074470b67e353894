"""Whether what a machine knows of its cell is of the cell that it has.

The times that the phases need come from a device file, which has the cell they are of. A cell
that the user changed beside it needs other times, which nobody knows yet.
"""

from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path

from accelsim.config.device import TIMES
from accelsim.config.schema import Machine
from accelsim.device.response_tables import Response
from accelsim.device.technologies import TECHNOLOGIES
from accelsim.device.technology import Cell
from accelsim.documents.document import Document
from accelsim.documents.plain import tree
from accelsim.documents.validation import validate
from accelsim.errors import InputError


def hold_to_cell(
    machine: Machine, described: Mapping[str, object] | None, set_by_user: Collection[str]
) -> Machine:
    """Return a machine without times that are of another cell than its own.

    described: the `cell:` section that the times are of, as a file has it; None if there is
    none. set_by_user: keys that the user changed for this run; times among them stay.
    Which constants differ is kept in `device_file.differs`.
    """
    origin = machine.device_file
    if origin is None or machine.cell is None or described is None:
        return machine
    changed = _differing(machine, described, origin.name)
    if not changed:
        return machine
    known = origin.differs.split(", ") if origin.differs else []
    differs = list(dict.fromkeys([*known, *changed]))
    unknown = [key for key in TIMES if f"timing.{key}" not in set_by_user]
    timing = machine.timing.model_copy(update=dict.fromkeys(unknown))
    origin = origin.model_copy(update={"differs": ", ".join(differs)})
    return machine.model_copy(update={"timing": timing, "device_file": origin})


def _differing(machine: Machine, described: Mapping[str, object], name: str) -> list[str]:
    """Return the constants of the machine's cell that have another value in `described`."""
    schema = TECHNOLOGIES[machine.technology].cell
    other = validate(schema, Document(name, Path(name), dict(described)))
    keys = [key for key in schema.model_fields if key not in schema.of_storage]
    return [key for key in keys if _value(machine.cell, key) != _value(other, key)]


def _value(cell: object, key: str) -> object:
    constant = getattr(cell, key)
    return getattr(constant, "value", constant)


def response_of(machine: Machine) -> Response | None:
    """Return the response of a machine's cell at its clock and read cycles.

    It is that of the device file, or else simulated from the machine's cell, which takes some
    seconds. None for a machine without a response, whose cells are linear. Raises InputError
    if it has to be simulated and there is no cell.
    """
    if machine.response is None:
        return None
    period_ps, read_cycles = machine.period_ps, machine.timing.read_cycles.value
    known = machine.response.response()
    if (known.period_ps, known.read_cycles) == (period_ps, read_cycles):
        return known
    if machine.cell is None:
        raise InputError(
            f"machine '{machine.name}': response: it is for {known.read_cycles} read cycles of "
            f"{known.period_ps} ps, and the machine has {read_cycles} of {period_ps} ps; without "
            "a section 'cell' it cannot be simulated for these"
        )
    return _simulated(_Key(machine.technology, machine.cell, period_ps, read_cycles))


class _Key:
    """A cell and the phase that it is read in, as a key of what was simulated."""

    def __init__(self, technology: str, cell: Cell, period_ps: int, read_cycles: int) -> None:
        self.technology, self.cell = technology, cell
        self.period_ps, self.read_cycles = period_ps, read_cycles
        self._text = repr((technology, tree(cell), period_ps, read_cycles))

    def __hash__(self) -> int:
        return hash(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._text == other._text


@lru_cache(maxsize=64)
def _simulated(key: _Key) -> Response | None:
    return TECHNOLOGIES[key.technology].respond(key.cell, key.period_ps, key.read_cycles)
