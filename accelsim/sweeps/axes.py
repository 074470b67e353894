"""Axes of a space: what each takes, listed or between two ends."""

import math
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field
from pydantic_core import PydanticCustomError

from accelsim.config.machine import Override
from accelsim.documents.document import Document
from accelsim.documents.validation import Strict, says, validate
from accelsim.errors import InputError
from accelsim.sweeps.amounts import CLOCK, FREQUENCY, Amount, amount, written
from accelsim.sweeps.keys import machine_keys
from accelsim.sweeps.schema import MOST_POINTS
from accelsim.units import PS_PER_S, UnitError, parse_period


class _Between(Strict):
    """The ends of an axis."""

    low: Annotated[int | float | str, Field(alias="from"), says("Its least value.")]
    high: Annotated[int | float | str, Field(alias="to"), says("Its largest value.")]
    points: Annotated[int | None, says("How many values a grid has of it.")] = None
    scale: Annotated[Literal["linear", "log"], says("How they are spread.")] = "linear"
    step: Annotated[int | float | str | None, says("What values are whole multiples of.")] = None


@dataclass(frozen=True)
class Axis:
    """An axis. values: in order, of one that lists them; () of one between two ends.

    name: a key, or a parameter. place: in the file. low, high, step: in `unit`; step 0: none.
    grid_points: of a range, 0 if it does not say.
    """

    name: str
    place: str
    values: tuple[Override, ...] = ()
    low: float = 0.0
    high: float = 0.0
    unit: str = ""
    is_log: bool = False
    step: float = 0.0
    grid_points: int = 0

    def at(self, share: float) -> Override:
        """Return the value at a share, 0 to 1, of the axis."""
        if self.values:
            return self.values[min(int(share * len(self.values)), len(self.values) - 1)]
        if self.is_log:
            return self.written(self.low * (self.high / self.low) ** share)
        if self.step:  # each multiple has an equal part
            return self.at_step(min(int(share * (self.steps + 1)), self.steps))
        return self.written(self.low + share * (self.high - self.low))

    def at_step(self, number: int) -> Override:
        """Return the value so many steps above the least one."""
        return self.written(self.low + number * self.step)

    def written(self, value: float) -> Override:
        """Return a number between the ends as files have it, on the step of the axis.

        A clock has a period of whole ps, the nearest one.
        """
        if self.name == CLOCK:
            return _clock(value)
        if self.step:
            value = round(value / self.step) * self.step
        return written(value, self.unit)

    def grid(self) -> tuple[Override, ...]:
        """Return its values for a grid, each once."""
        if self.values:
            return self.values
        number = self.grid_points or self.steps + 1
        last = max(1, number - 1)
        ends = [self._between(place / last) for place in range(number)]
        return tuple(dict.fromkeys(self.written(each) for each in ends))

    @property
    def has_grid(self) -> bool:
        """Whether it says which values a grid has."""
        return bool(self.values or self.grid_points or (self.step and not self.is_log))

    @property
    def steps(self) -> int:
        """How many steps there are between the ends of a range with a step."""
        return math.floor((self.high - self.low) / self.step * (1 + 1e-12))

    def _between(self, share: float) -> float:
        if self.is_log:
            return float(self.low * (self.high / self.low) ** share)
        return self.low + share * (self.high - self.low)


def read_axis(name: str, raw: object, document: Document) -> Axis:
    """Return an axis of a space; InputError says where and what is wrong with it."""
    at = ("axes", name)
    if isinstance(raw, list):
        return _listed(name, raw, document)
    if isinstance(raw, dict):
        return _between(name, raw, document)
    raise InputError(
        f"{document.where(at)}: axes.{name}: got {raw!r}; expected a list of values, or "
        "{from: 1, to: 8, points: 8}"
    )


def _listed(name: str, raw: list[object], document: Document) -> Axis:
    place = document.where(("axes", name))
    if not raw or len(raw) > MOST_POINTS:
        raise InputError(
            f"{place}: axes.{name}: got {len(raw)} values; expected 1 to {MOST_POINTS:,}"
        )
    values: list[Override] = []
    for index, value in enumerate(raw):
        spot = f"{document.where(('axes', name, index))}: axes.{name}[{index}]"
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise InputError(f"{spot}: got {value!r}; expected a number or text")
        if value in values:
            raise InputError(f"{spot}: got {value!r} twice; leave one out")
        check_value(name, value, spot)
        values.append(value)
    return Axis(name, place, tuple(values))


def _between(name: str, raw: dict[str, object], document: Document) -> Axis:
    at = ("axes", name)
    inner = Document(document.name, document.path, raw)
    inner.places = {
        location[2:]: place for location, place in document.places.items() if location[:2] == at
    }
    try:
        found = validate(_Between, inner)
    except InputError as error:
        raise InputError(str(error).replace(": ", f": axes.{name}.", 1)) from None
    place = document.where(at)
    ends = [_end(name, end, document) for end in ("from", "to")]
    low, high = ends
    if low.unit != high.unit:
        raise InputError(f"{place}: axes.{name}: from is in '{low.unit}' and to in '{high.unit}'")
    first, last = sorted((float(low.value), float(high.value)))  # a clock's periods fall
    if not first < last or (found.scale == "log" and first <= 0):
        above = "above 0 and " if found.scale == "log" else ""
        raise InputError(f"{place}: axes.{name}: got {raw['from']} to {raw['to']}; expected from "
                         f"{above}below to")  # fmt: skip
    step = 0.0 if found.step is None else _step(name, document)
    if found.points is not None and not 2 <= found.points <= MOST_POINTS:
        raise InputError(
            f"{document.where((*at, 'points'))}: axes.{name}.points: got {found.points}; expected "
            f"2 to {MOST_POINTS:,}"
        )
    if step and (last - first) / step > MOST_POINTS:
        raise InputError(
            f"{document.where((*at, 'step'))}: axes.{name}.step: got {raw['step']}, of which there "
            f"are {(last - first) / step:,.0f}; expected {MOST_POINTS:,} at most"
        )
    return Axis(
        name, place, low=first, high=last, unit=low.unit, is_log=found.scale == "log", step=step,
        grid_points=found.points or 0,
    )  # fmt: skip


def _step(name: str, document: Document) -> float:
    place = f"{document.where(('axes', name, 'step'))}: axes.{name}.step"
    if name == CLOCK:
        raise InputError(f"{place}: a clock takes the nearest period of whole ps; leave it out")
    step = float(_end(name, "step", document).value)
    if not step > 0:
        raise InputError(f"{place}: got {step:g}; expected a step above 0")
    return step


def _clock(frequency: float) -> Override:
    """Return a clock as its frequency, where its period is whole ps, or as the nearest period."""
    text = str(written(frequency, FREQUENCY))
    try:
        parse_period(text)
    except UnitError:
        return f"{max(1, round(PS_PER_S / frequency))} ps"
    return text


def _end(name: str, end: str, document: Document) -> Amount:
    """Return an end of a range, or its step, as a number."""
    at = ("axes", name, end)
    section = document.data["axes"]
    assert isinstance(section, dict)  # noqa: S101 - for the type checker; callers looked
    raw = section[name][end]
    spot = f"{document.where(at)}: axes.{name}.{end}"
    found = None if isinstance(raw, bool) else amount(raw, name)
    if found is None or not math.isfinite(found.value):
        raise InputError(f"{spot}: got {raw!r}; expected a number, or one with a unit")
    if end != "step":
        check_value(name, raw, spot)
    return found


def check_value(name: str, value: Override, place: str) -> None:
    """Refuse a value that no machine has at a key; what is no key passes."""
    key = machine_keys().get(name)
    if key is None or key.check is None:
        return
    try:
        key.check.func(value)  # type: ignore[call-arg]
    except PydanticCustomError as error:
        raise InputError(f"{place}: {error}") from None
