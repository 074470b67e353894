"""Values of axes as numbers: '2 GHz' is 2e9 Hz, and a word is none."""

import math
from functools import lru_cache
from typing import NamedTuple

from accelsim.config.machine import Override
from accelsim.sweeps.keys import unit_of
from accelsim.units import UnitError, parse_real, read_quantity, render

CLOCK, FREQUENCY, PERIOD = "clock", "Hz", "s"
_DIGITS = 8


class Amount(NamedTuple):
    """A number in an SI unit, "" for a plain one."""

    value: float | int
    unit: str


def amount(value: Override, key: str = "") -> Amount | None:
    """Return the number of a value, in the unit of the key if that has one; None for a word.

    A clock is a frequency, also where its period is given.
    """
    if not isinstance(value, str):
        return Amount(value, "")
    return _of_text(value, key)


@lru_cache(maxsize=4096)
def _of_text(text: str, key: str) -> Amount | None:
    found = _in_unit(text, unit_of(key)) or _in_any(text)
    if found is None or key != CLOCK or found.unit != PERIOD or not found.value:
        return found
    return Amount(1 / found.value, FREQUENCY)


def _in_unit(text: str, unit: str) -> Amount | None:
    try:
        return Amount(parse_real(text, unit), unit)
    except UnitError:
        return None


def _in_any(text: str) -> Amount | None:
    try:
        found = read_quantity(text)
    except UnitError:
        return None
    return Amount(float(found.real), found.units) if math.isfinite(found.real) else None


def written(value: float, unit: str) -> Override:
    """Return a number as files and --set have it: 500e-12, s -> '500 ps'; 4.0 -> 4."""
    if unit:
        return render(value, unit, _DIGITS)
    rounded = float(f"{value:.{_DIGITS}g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 2**53 else rounded
