"""One constant of a machine file: its value with unit, its kind, its source and what it is from.

In a file it is a mapping {value, unit, kind, source, from, to}, or the bare value: a count
("28") or a quantity with its unit ("500 aJ"). A bare value is a user's own, so
its kind is `assumed` and its source says that none was given.

`from` lists what the value follows from: dotted keys of the same file, or `published:ID` for a
figure of configs/published. `to` lists the published figures that the value was chosen in view
of: those of a calibrated constant, or of an assumed one.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Literal, TypedDict, cast, get_args

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from accelsim.errors import nearest
from accelsim.units import ENERGY, TIME, Dimension, UnitError, parse, parse_period, parse_real

Kind = Literal["published", "derived", "calibrated", "assumed"]
KINDS: tuple[str, ...] = get_args(Kind)
NO_SOURCE = "no source given"
FROM, TO, PUBLISHED = "from", "to", "published:"
KEYS = ("value", "unit", "kind", "source", FROM, TO)
"""What the mapping of a constant may have."""
_SI = {"ps": "s", "aJ": "J"}


@dataclass(frozen=True)
class Constant:
    """A number of the machine.

    value: integer, in `base` units (a count, ps or aJ).
    text: the value with its unit as the file says it.
    kind: published, derived, calibrated or assumed (docs/machine.md section 9).
    source: where it comes from: a reference, a formula or the reasoning.
    inputs: keys and published figures that it follows from (`from`). aims: the published
    figures that it was chosen in view of (`to`).
    """

    value: int
    base: str
    text: str
    kind: str
    source: str
    inputs: tuple[str, ...] = ()
    aims: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check(BeforeValidator):
    """The check of a field, which also says what it takes.

    unit: of the value, of a physical quantity with any SI prefix; "" for a plain number or a word.
    expected: what messages say is expected.
    """

    unit: str = ""
    expected: str | Callable[[], str] = ""

    @property
    def allowed(self) -> str:
        """What the field takes, in words."""
        return self.expected if isinstance(self.expected, str) else self.expected()


def problem(message: str, *below: str | int) -> PydanticCustomError:
    """Return the error that a check of a schema raises; `below` says at which key below."""
    # Pydantic formats the template itself, so braces of the user's text are data.
    return PydanticCustomError("constant", "{message}", {"message": message, "below": below})


def one_of(names: Callable[[], Iterable[str]]) -> Check:
    """Return the check of a field that is one of some names, which are asked for when it runs."""

    def expected() -> str:
        *others, last = (f"'{name}'" for name in names())
        return f"{', '.join(others)} or {last}" if others else last

    def read(raw: object) -> object:
        known = list(names())
        if raw in known:
            return raw
        raise problem(f"got {raw!r}; expected {expected()}{nearest(str(raw), known)}")

    return Check(read, expected=expected)


def _fields(raw: object, expected: str) -> dict[str, object]:
    """Return the mapping form of a constant, with its keys checked."""
    if not isinstance(raw, dict):
        return {"value": raw, "kind": "assumed", "source": NO_SOURCE}
    for key in raw:
        if key not in KEYS:
            hint = nearest(str(key), KEYS)
            raise problem(f"unknown key '{key}'; allowed: {', '.join(KEYS)}{hint}")
    if "value" not in raw:
        raise problem(f"missing key 'value'; expected {expected}")
    fields = {"kind": "assumed", "source": NO_SOURCE, **raw}
    if fields["kind"] not in KINDS:
        hint = nearest(str(fields["kind"]), KINDS)
        raise problem(f"unknown kind '{fields['kind']}'; allowed: {', '.join(KINDS)}{hint}")
    if not isinstance(fields["source"], str) or not fields["source"].strip():
        raise problem("'source' must say where the value comes from")
    if fields.get(TO) and fields["kind"] not in ("calibrated", "assumed"):
        raise problem(
            f"got 'to' with kind '{fields['kind']}'; a constant that was chosen in view of a "
            "published figure is calibrated or assumed",
            TO,
        )
    return fields


def names(raw: object, key: str) -> tuple[str, ...]:
    """Return the names that `from` or `to` lists, checked; () for none."""
    if raw is None:
        return ()
    good = isinstance(raw, list) and all(isinstance(each, str) and each.strip() for each in raw)
    example = "published:energy" if key == TO else "cell.length, published:volume"
    if not good or not isinstance(raw, list):
        raise problem(f"got {raw!r}; expected a list of names such as [{example}]", key)
    for each in raw:
        if key == TO and not each.startswith(PUBLISHED):
            raise problem(f"got '{each}'; expected a published figure such as '{example}'", key)
        if raw.count(each) > 1:
            raise problem(f"lists '{each}' twice", key)
    return tuple(raw)


class _Origin(TypedDict):
    kind: str
    source: str
    inputs: tuple[str, ...]
    aims: tuple[str, ...]


def _origin(fields: dict[str, object]) -> _Origin:
    """Return what a constant's fields say of where it comes from."""
    return {
        "kind": str(fields["kind"]),
        "source": str(fields["source"]),
        "inputs": names(fields.get(FROM), FROM),
        "aims": names(fields.get(TO), TO),
    }


def _text(fields: dict[str, object]) -> str:
    """Join value and unit: {value: 500, unit: aJ} and {value: 500 aJ} are the same."""
    value, unit = fields["value"], fields.get("unit")
    return f"{value} {unit}" if unit is not None else str(value)


def _count(counted: str, most: int | None, least: int) -> Check:
    expected = f"a whole number of {counted}, {least} or more"
    if most is not None:
        expected = f"a whole number of {counted} from {least} to {most}"

    def read(raw: object) -> Constant:
        if isinstance(raw, Constant):
            return raw
        fields = _fields(raw, expected)
        value, unit = fields["value"], fields.get("unit", counted)
        if isinstance(value, bool) or not isinstance(value, int):
            raise problem(f"got {value!r}; expected {expected}")
        if value < least or (most is not None and value > most):
            raise problem(f"got {value}; expected {expected}")
        if unit != counted:
            raise problem(f"got unit '{unit}'; expected '{counted}'")
        return Constant(value, counted, str(value), **_origin(fields))

    return Check(read, unit=counted, expected=expected)


def _quantity(base: str, unit: str, expected: str, convert: Callable[[str], int]) -> Check:
    def read(raw: object) -> Constant:
        if isinstance(raw, Constant):
            return raw
        fields = _fields(raw, expected)
        text = _text(fields)
        try:
            value = convert(text)
        except UnitError as error:
            raise problem(str(error)) from None
        return Constant(value, base, text, **_origin(fields))

    return Check(read, unit=unit, expected=expected)


def _reader(dimension: Dimension, *, zero: bool) -> Check:
    def convert(text: str) -> int:
        value = parse(text, dimension)
        if not value and not zero:
            raise UnitError(f"'{text}' is zero; expected a {dimension.name} above it")
        return value

    above = "" if zero else " above 0"
    unit = _SI[dimension.base]
    return _quantity(
        dimension.base, unit, f"a quantity{above} such as '{dimension.example}'", convert
    )


def counted(what: str, most: int | None = None, least: int = 1) -> Check:
    """Return the check of a field that counts: an integer, `least` or more, at most `most`."""
    return _count(what, most, least)


Period = Annotated[Constant, _quantity("ps", "Hz", "a frequency such as '1 GHz'", parse_period)]
ENERGY_CHECK = _reader(ENERGY, zero=True)
Duration = Annotated[Constant, _reader(TIME, zero=False)]
Span = Annotated[Constant, _reader(TIME, zero=True)]
"""A time of 0 or more."""


def read_energy(raw: object) -> Constant:
    """Return an energy, 0 or more, as `documents.prices` takes it."""
    return cast("Callable[[object], Constant]", ENERGY_CHECK.func)(raw)


@dataclass(frozen=True)
class Real:
    """A physical quantity of a cell, a real number.

    value: in the SI unit `unit` ("" for a plain number). text, kind, source, inputs, aims: as
    in Constant.
    """

    value: float
    unit: str
    text: str
    kind: str
    source: str
    inputs: tuple[str, ...] = ()
    aims: tuple[str, ...] = ()


@dataclass(frozen=True)
class Range:
    """What a real number has to be: positive (or zero, if that is allowed), at most `most`."""

    most: float = math.inf
    zero: bool = False

    def __contains__(self, value: float) -> bool:
        return (value > 0 or (self.zero and value == 0)) and value <= self.most

    def expected(self, unit: str, example: str) -> str:
        """Say it: "a positive number in J/m^3 such as '45 kJ/m^3'"."""
        words = "a number of 0 or more" if self.zero else "a positive number"
        limit = f", at most {self.most:g}," if self.most < math.inf else ""
        measured = f" {unit}" if unit.startswith("of ") else f" in {unit}" if unit else ""
        return f"{words}{limit}{measured} such as '{example}'"


def real(unit: str, example: str, allowed: Range = Range()) -> Check:
    """Make a field that is a physical quantity in a unit, with or without an SI prefix."""
    expected = allowed.expected(unit, example)

    def read(raw: object) -> Real:
        if isinstance(raw, Real):
            return raw
        fields = _fields(raw, expected)
        text = _text(fields)
        try:
            value = parse_real(text, unit)
        except UnitError as error:
            raise problem(f"{error}; expected {expected}") from None
        if value not in allowed or math.isinf(value):
            raise problem(f"got {text}; expected {expected}")
        return Real(value, unit, text, **_origin(fields))

    return Check(read, unit=unit, expected=expected)
