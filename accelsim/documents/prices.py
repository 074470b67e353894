"""A price: an energy that says what it is per, and the integer that a clock makes of it.

In a file it is a constant with one key more, `per`:

- `event`: of one event, such as a cell that is written. It does not depend on the clock.
- `cycle`: of one clock cycle however long, such as C V^2 of what toggles in it.
- a time, such as `1 ns`: of a current through that time. A cycle of another length costs in
  proportion.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from accelsim.documents.constants import (
    ENERGY_CHECK,
    KEYS,
    Check,
    Constant,
    problem,
    read_energy,
)
from accelsim.documents.validation import says
from accelsim.errors import nearest
from accelsim.records.actions import ACTION_MEANINGS
from accelsim.units import TIME, UnitError, parse

EVENT, CYCLE = "event", "cycle"
ONE_NS = "1 ns"
PER = "per"
_KEYS = (*KEYS, PER)


@dataclass(frozen=True)
class Price(Constant):
    """An energy in aJ, as a file quotes it.

    per: 'event', 'cycle', or the time it is quoted for as the file says it, '1 ns'.
    quoted_ps: that time; None for an event or a cycle, whose price no clock changes.
    """

    per: str = EVENT
    quoted_ps: int | None = None

    @property
    def quoted(self) -> str:
        """What the file says: '500 aJ per 1 ns'."""
        return f"{self.text} per {self.per}"

    def exact_aJ(self, period_ps: int) -> Fraction:  # noqa: N802 - aJ is the unit
        """Return what one count costs at a clock period, before it is rounded."""
        return self.value * Fraction(period_ps, self.quoted_ps or period_ps)

    def at_aJ(self, period_ps: int) -> int:  # noqa: N802
        """Return what one count costs at a clock period, to the nearest aJ, halves up."""
        return int(self.exact_aJ(period_ps) + Fraction(1, 2))

    def rounding(self, period_ps: int) -> Fraction:
        """Return by which share of itself the price at a clock period is off by rounding."""
        exact = self.exact_aJ(period_ps)
        return abs(self.at_aJ(period_ps) - exact) / exact if exact else Fraction(0)


def priced(action: str, per: str) -> Check:
    """Return the check of a field that is the price of an action.

    per: what the price is per unless the file says otherwise. An action whose default is
    'event' is counted by events, and its price can be nothing else; the others are counted by
    cycles, and their prices are per cycle or per time.
    """

    def read(raw: object) -> Price:
        if isinstance(raw, Price):
            return raw
        said: object = per
        if isinstance(raw, Mapping):
            _check_keys(raw)
            said = raw.get(PER, per)
            raw = {key: value for key, value in raw.items() if key != PER}
        quoted_ps = _quoted_ps(action, said, by_event=per == EVENT)
        energy = read_energy(raw)
        return Price(**vars(energy), per=str(said), quoted_ps=quoted_ps)

    also = "" if per == EVENT else f" (unless it says: per '{CYCLE}' or a time)"
    return Check(read, unit=ENERGY_CHECK.unit, expected=f"{ENERGY_CHECK.allowed}, per {per}{also}")


def says_action(action: str) -> Any:
    """Return what tells the meaning of the price of an action."""
    return says(f"Energy spent when {ACTION_MEANINGS[action]}.")


def _check_keys(raw: Mapping[object, object]) -> None:
    for key in raw:
        if key not in _KEYS:
            hint = nearest(str(key), _KEYS)
            raise problem(f"unknown key '{key}'; allowed: {', '.join(_KEYS)}{hint}")


def _quoted_ps(action: str, said: object, *, by_event: bool) -> int | None:
    """Return the time that a price is quoted for, None for an event or a cycle."""
    if by_event:
        if said != EVENT:
            raise problem(
                f"got per {said!r}; expected '{EVENT}': {action} is counted by events, "
                "whatever the clock",
                PER,
            )
        return None
    if said == CYCLE:
        return None
    expected = f"expected '{CYCLE}', or the time that the price is quoted for, such as '{ONE_NS}'"
    if said == EVENT:
        raise problem(f"got per '{EVENT}'; {expected}: {action} is counted by cycles", PER)
    try:
        time = parse(str(said), TIME)
    except UnitError:
        raise problem(f"got per {said!r}; {expected}{nearest(str(said), [CYCLE])}", PER) from None
    if not time:
        raise problem(f"got per {said!r}, which is no time; {expected}", PER)
    return time
