"""Quantities with units: the one place where text becomes integer ps and aJ.

Simulated time is integer picoseconds and energy integer attojoules everywhere.
A quantity that is not a whole number of its base unit is refused, not rounded.
"""

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from quantiphy import InvalidNumber, Quantity

PS_PER_S = 10**12
AJ_PER_J = 10**18
# Quantities are read as floats; a whole number of base units is met to this precision.
_RELATIVE_TOLERANCE = 4e-16
# Ten days, or a millijoule: sums of what is smaller stay within 64 bits.
_MOST = 10**15
_NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_REAL = re.compile(rf"\s*(?P<number>{_NUMBER})\s*(?P<unit>.*?)\s*")
# Powers of ten, so that 42.4 nm becomes the same float as 4.24e-8 m.
_PREFIXES = {
    "a": -18, "f": -15, "p": -12, "n": -9, "u": -6, "µ": -6, "m": -3,
    "": 0, "k": 3, "M": 6, "G": 9, "T": 12,
}  # fmt: skip


_LONG = 40  # characters of a text that a message repeats
_LEAST_RATE = 1e-30  # and its inverse: of the number before a unit
_SECONDS = {"s": 1, "min": 60, "h": 3600, "day": 86_400}
_YEAR = 365.25 * 86_400
# Unit -> from how many seconds on it is taken, and how many it has.
_LONG_TIMES = {
    "years": (2 * _YEAR, _YEAR), "days": (3 * 86_400, 86_400), "h": (7200, 3600), "min": (120, 60),
}  # fmt: skip
_SHORT_TIMES = {0: "s", -3: "ms", -6: "us", -9: "ns", -12: "ps"}


_WHOLE = re.compile(r"-?[0-9]+")


class UnitError(ValueError):
    """A text that is not a quantity of the wanted dimension; the message says what is."""


@dataclass(frozen=True)
class Dimension:
    """A kind of quantity: its SI symbol, the integer base unit, and an example."""

    name: str
    symbol: str
    base: str
    per_si: int
    example: str


TIME = Dimension("time", "s", "ps", PS_PER_S, "1 ns")
ENERGY = Dimension("energy", "J", "aJ", AJ_PER_J, "500 aJ")


def whole(value: float) -> int | None:
    """Return value as an int if it is whole to float precision, else None."""
    if not math.isfinite(value):
        return None
    nearest = round(value)
    return nearest if abs(value - nearest) <= 1e-6 + _RELATIVE_TOLERANCE * abs(value) else None


def read_whole(text: str, most: int = 19) -> int:
    """Return a number of at most so many plain digits; ValueError for others, such as '1_0'."""
    if not _WHOLE.fullmatch(text) or len(text.removeprefix("-")) > most:
        raise ValueError(f"'{text}' is no whole number")
    return int(text)


def read_quantity(text: str) -> Quantity:
    """Parse "1 GHz" or "500 aJ"; UnitError if text is no number with a unit."""
    if "," in text or "_" in text:  # quantiphy would read 1,5 as 15
        raise UnitError(f"'{text}' is not a number with a unit (decimals follow a point)")
    try:
        quantity = Quantity(text)
    except InvalidNumber:
        raise UnitError(f"'{text}' is not a number with a unit") from None
    if not quantity.units:
        prefix = text.strip()[-1]
        after = f" after its prefix '{prefix}'" if prefix.isalpha() else ""
        raise UnitError(f"'{text}' has no unit{after}")
    return quantity


def parse(text: str, dimension: Dimension) -> int:
    """Return text as an integer number of the dimension's base unit.

    Raises UnitError for another unit, a negative value or a fraction of the base unit.
    """
    expected = f"expected {_article(dimension.name)} such as '{dimension.example}'"
    try:
        quantity = read_quantity(text)
    except UnitError as error:
        raise UnitError(f"{error}; {expected}") from None
    if quantity.units != dimension.symbol:
        raise UnitError(f"'{text}' is not {_article(dimension.name)}; {expected}")
    if not quantity.real >= 0:
        raise UnitError(f"'{text}' is negative; {expected}")
    value = whole(quantity.real * dimension.per_si)
    if value is not None and value > _MOST:
        raise UnitError(
            f"'{text}' is more than {_MOST:.0e} {dimension.base}, the most there can be"
        )
    if value is None:
        raise UnitError(f"'{text}' is not a whole number of {dimension.base}")
    return value


def parse_period(text: str) -> int:
    """Return the clock period in ps of a frequency ("1 GHz") or a period ("1 ns").

    Raises UnitError if the period is not a positive whole number of picoseconds.
    """
    expected = "expected a frequency such as '1 GHz' or a period such as '1 ns'"
    try:
        quantity = read_quantity(text)
    except UnitError as error:
        raise UnitError(f"{error}; {expected}") from None
    if quantity.units not in ("Hz", "s"):
        raise UnitError(f"'{text}' is neither a frequency nor a time; {expected}")
    if not 0 < quantity.real < math.inf:
        raise UnitError(f"'{text}' is not positive; {expected}")
    period = PS_PER_S / quantity.real if quantity.units == "Hz" else quantity.real * PS_PER_S
    value = whole(period)
    if not value or value > _MOST:
        raise UnitError(
            f"'{text}' is a period of {period:g} ps, which is not a positive whole number of ps"
        )
    return value


def parse_rate(text: str) -> Fraction:
    """Return "20 MHz", "50/s", "1/h" or the period "50 ns" as a rate a second, exactly.

    Raises UnitError for anything else, for a rate that is not positive, and for more than one
    a ps.
    """
    expected = "expected a rate such as '20 MHz', '50/s' or '1/h', or a period such as '50 ns'"
    match, shown = _REAL.fullmatch(text), text if len(text) <= _LONG else f"{text[:_LONG]}..."
    if match is None:
        raise UnitError(f"'{shown}' is no rate; {expected}")
    if not _LEAST_RATE <= abs(float(match["number"])) <= 1 / _LEAST_RATE:
        raise UnitError(f"'{shown}' is beyond reason, or not positive; {expected}")
    value, unit = Fraction(Decimal(match["number"])), match["unit"].replace(" ", "")
    if value <= 0:
        raise UnitError(f"'{shown}' is not positive; {expected}")
    if unit[:1] == "/" and unit[1:] in _SECONDS:
        rate = value / _SECONDS[unit[1:]]
    elif unit[-2:] == "Hz" and unit[:-2] in _PREFIXES:
        rate = value * Fraction(10) ** _PREFIXES[unit[:-2]]
    elif unit[-1:] == "s" and unit[:-1] in _PREFIXES:
        rate = Fraction(10) ** -_PREFIXES[unit[:-1]] / value
    else:
        raise UnitError(f"'{shown}' is no rate; {expected}")
    if rate > PS_PER_S:
        raise UnitError(f"'{shown}' is more than one a ps; {expected}")
    return rate


def parse_real(text: str, unit: str) -> float:
    """Return "42.4 nm" or "300 K" as a float in a unit ("m", "K", "" for a plain number).

    The unit may carry an SI prefix. Raises UnitError for anything else. (Quantiphy reads
    the K of a bare "300 K" as kilo; here the unit is known.)
    """
    match = _REAL.fullmatch(text)
    if match is None:
        raise UnitError(f"'{text}' is not a number{' with a unit' if unit else ''}")
    number, given = match["number"], match["unit"]
    if given == unit:
        return float(number)
    if unit and given.endswith(unit) and given[: -len(unit)] in _PREFIXES:
        return float(Decimal(number).scaleb(_PREFIXES[given[: -len(unit)]]))
    if not given:
        raise UnitError(f"'{text}' has no unit")
    raise UnitError(f"'{text}' is {f'not in {unit}' if unit else 'not a plain number'}")


def prefix_power(unit: str, symbol: str) -> int:
    """Return the power of ten of a unit's SI prefix: -9 for "ns" of "s".

    Raises UnitError for a unit of another symbol.
    """
    prefix = unit.removesuffix(symbol)
    if prefix == unit or prefix not in _PREFIXES:
        raise UnitError(f"'{unit}' is not {symbol} with a prefix")
    return _PREFIXES[prefix]


def render(value: float, unit: str, digits: int = 4) -> str:
    """Return a value in ps, aJ or an SI unit with its best prefix: 99722040, aJ -> 99.72 pJ."""
    scale, symbol = {"ps": (1e-12, "s"), "aJ": (1e-18, "J")}.get(unit, (1.0, unit))
    return str(Quantity(value * scale, symbol).render(prec=digits - 1))


def in_readable_unit(seconds: float) -> tuple[float, str]:
    """Return a time in s as a number and the unit that suits its size: 26.4 s, 5 min, 57 h.

    SI prefixes up to two minutes, then minutes, hours, days (from three on) and years (from two).
    """
    for unit, (least, size) in _LONG_TIMES.items():
        if seconds >= least:
            return seconds / size, unit
    power = next((p for p in (0, -3, -6, -9) if seconds >= 10.0**p), -12)
    return seconds / 10.0**power, _SHORT_TIMES[power]


def readable_time(seconds: float) -> str:
    """Return a time in s as text in the unit that suits its size: '26.42 s', '57 h'."""
    value, unit = in_readable_unit(seconds)
    return f"{value:,.0f} {unit}" if 1e4 <= value < 1e7 else f"{value:.4g} {unit}"


def _article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def ps_up(time: float) -> int:
    """Return a time in s as whole ps, rounded up; a sample's own rounding is not a ps."""
    return math.ceil(time * PS_PER_S - 1e-6)
