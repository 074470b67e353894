"""Which columns a file of arrivals has, and in which units."""

from collections.abc import Sequence
from dataclasses import dataclass

from accelsim.arrivals.columns import DEADLINE, IMAGE, NETWORK, PRIORITY, TENANT, TIME, UNITS
from accelsim.errors import InputError, nearest
from accelsim.resources import visible

_TIMED = {f"{name}_{unit}": (name, unit) for name in (TIME, DEADLINE) for unit in UNITS}
TEXTS = (IMAGE, TENANT, NETWORK)
KNOWN = (*_TIMED, *TEXTS, PRIORITY)
"""Names that a column may have."""


@dataclass(frozen=True)
class Layout:
    """The columns of a file. names: all of them, in order. time, deadline: "" without one."""

    names: tuple[str, ...]
    time: str
    deadline: str

    def unit(self, name: str) -> str:
        """Return the unit of a time."""
        return _TIMED[name][1]


def layout_of(names: Sequence[str], where: str) -> Layout:
    """Return the layout of some names; where: the file, and the line of a CSV.

    Raises InputError for a name that is unknown or twice there, a time without its unit, and
    without a time.
    """
    columns: dict[str, str] = {}
    if not any(names):
        raise InputError(f"{where}: no names of columns: expected {_expected()}")
    for name in names:
        if name in (TIME, DEADLINE):
            raise InputError(
                f"{where}: column '{name}' has no unit: expected "
                f"{', '.join(f'{name}_{unit}' for unit in UNITS)}"
            )
        if name not in KNOWN:
            raise InputError(
                f"{where}: unknown column '{visible(name[:40])}': expected {_expected()}"
                f"{nearest(name, KNOWN)}"
            )
        meaning = _TIMED.get(name, (name, ""))[0]
        if meaning in columns:
            raise InputError(f"{where}: columns '{columns[meaning]}' and '{name}': expected one")
        columns[meaning] = name
    if TIME not in columns:
        raise InputError(f"{where}: no column of times: expected {_expected()}")
    return Layout(tuple(names), columns[TIME], columns.get(DEADLINE, ""))


def _expected() -> str:
    units = ", ".join(UNITS)
    others = f"{IMAGE}, {DEADLINE}_UNIT, {TENANT}, {NETWORK} and {PRIORITY}"
    return f"time_UNIT, and perhaps {others} (units: {units})"
