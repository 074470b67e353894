"""Whether what a machine knows of its cell is of the cell that it has.

The times that the phases need come from a device file, which has the cell they are of. A cell
that the user changed beside it needs other times, which nobody knows yet.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

from accelsim.config.device import TIMES
from accelsim.config.schema import Machine
from accelsim.device.technologies import TECHNOLOGIES
from accelsim.documents.document import Document
from accelsim.documents.validation import validate


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
    return [key for key in schema.model_fields if _value(machine.cell, key) != _value(other, key)]


def _value(cell: object, key: str) -> object:
    constant = getattr(cell, key)
    return getattr(constant, "value", constant)
