"""What a machine's constants still follow from when some were changed for a run.

A change to the value that the file has is none: its kind, its source, and what it was chosen in
view of stay. A derived constant of which an input was changed, and which nothing derives again, is
assumed from then on; its source says for which value it was derived.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from pydantic import BaseModel

from accelsim.config.device import TIMES
from accelsim.config.origins import AnyConstant, constants_of
from accelsim.config.response import ResponseSection
from accelsim.config.schema import Machine
from accelsim.device.technology import cycles
from accelsim.documents.constants import Constant
from accelsim.documents.prices import Price

SET_BY_USER = "set by the user for this run"
NOT_AGAIN = "Not derived again"
"""Begin of the source of a derived constant whose inputs were changed."""

_TIMES = {time.replace("time", "cycles"): time for time in TIMES}
_RESPONSE = "response"
_PHASE = ("clock", "timing.read_cycles")  # what a response is simulated for

Section = TypeVar("Section", bound=BaseModel)
_Constants = Mapping[str, AnyConstant]


def hold_to_inputs(machine: Machine, before: Machine) -> Machine:
    """Return a machine whose constants say what they follow from after changes.

    before: the same machine without the changes.
    """
    # A response that was simulated anew for another phase is of the file's own again for this one.
    passed = () if keeps_response(before) else _PHASE
    found = dict(_restated(machine, constants_of(machine), constants_of(before), passed))
    return _replaced(machine, "", found) if found else machine


def follows_no_more(machine: Machine, section: str) -> bool:
    """Tell whether a constant of a section was derived from what has been changed since."""
    return any(
        key.startswith(f"{section}.") and constant.source.startswith(NOT_AGAIN)
        for key, constant in constants_of(machine).items()
    )


def keeps_response(machine: Machine) -> bool:
    """Tell whether values have the response of a file: at another clock it is simulated again."""
    known = machine.response
    has = (machine.period_ps, machine.timing.read_cycles.value)
    return known is not None and has == (known.period_ps, known.read_cycles)


def _restated(
    machine: Machine, now: _Constants, then: _Constants, passed: tuple[str, ...]
) -> Iterator[tuple[str, object]]:
    """Give the constants of which something else has to be said, by key.

    passed: keys that the response follows from, and whose changes it does not mind.
    """
    for key, constant in now.items():
        old = then.get(key)
        if old is None or not _same(constant, old):
            continue
        said = old if constant.source.endswith(SET_BY_USER) else constant
        if said == old and old.kind == "derived" and _kept(machine, key):
            but = passed if key == _RESPONSE else ()
            said = _of_the_past(old, _causes(old, now, then, but))
        if said != constant:
            yield key, said


def _same(a: AnyConstant, b: AnyConstant) -> bool:
    """Tell whether two constants have the same value; of a price, for the same time or event."""
    return _value(a) == _value(b)


def _value(constant: AnyConstant) -> tuple[object, ...]:
    if isinstance(constant, Price):
        return (constant.value, constant.quoted_ps or constant.per)
    is_word = isinstance(constant, Constant) and not constant.base
    return (constant.value, constant.text if is_word else "")


def _kept(machine: Machine, key: str) -> bool:
    """Tell whether a derived constant was only kept: cycles that fit their time follow from it."""
    if key == _RESPONSE:
        return keeps_response(machine)
    section, _, name = key.partition(".")
    needed = getattr(machine.timing, _TIMES.get(name, ""), None) if section == "timing" else None
    number = getattr(machine.timing, name).value if needed is not None else None
    return needed is None or cycles(needed.value, machine.period_ps) != number


def _causes(
    constant: AnyConstant, now: _Constants, then: _Constants, but: tuple[str, ...] = ()
) -> list[str]:
    """Say what changed inputs were, as 'clock was 1 GHz'; of one that is gone, its own inputs."""
    found: dict[str, None] = {}
    for name in constant.inputs:
        if name in but:
            continue
        if name in then and name not in now:
            found |= dict.fromkeys(_causes(then[name], now, then))
        elif name in then and not _same(now[name], then[name]):
            found[f"{name} was {then[name].text}"] = None
    return list(found)


def _of_the_past(constant: AnyConstant, causes: list[str]) -> AnyConstant:
    """Return a derived constant that follows from its inputs no more; itself without causes."""
    if not causes:
        return constant
    source = f"{NOT_AGAIN} since {', '.join(causes)}: {constant.source}"
    return replace(constant, kind="assumed", source=source, inputs=(), aims=())


def _replaced(section: Section, above: str, found: Mapping[str, object]) -> Section:
    """Return a section with the constants at some keys replaced."""
    update: dict[str, object] = {}
    for name in type(section).model_fields:
        key, value = f"{above}{name}", getattr(section, name)
        if isinstance(value, ResponseSection) and key in found:
            update[name] = _of_response(value, found[key])
        elif key in found:
            update[name] = found[key]
        elif isinstance(value, BaseModel) and any(each.startswith(f"{key}.") for each in found):
            update[name] = _replaced(value, f"{key}.", found)
    return section.model_copy(update=update)


def _of_response(section: ResponseSection, said: object) -> ResponseSection:
    kind, source = getattr(said, "kind", section.kind), getattr(said, "source", section.source)
    return section.model_copy(update={"kind": kind, "source": source, "inputs": None})
