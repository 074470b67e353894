"""The constants of a machine by their keys, and whether what they name in `from` exists.

A choice in words (`cell.shape`) counts as an assumed constant.
"""

from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from accelsim.config.response import ResponseSection
from accelsim.config.schema import Machine
from accelsim.device.technologies import TECHNOLOGIES
from accelsim.documents.constants import PUBLISHED, Constant, Real

AnyConstant = Constant | Real
CHOICE = "A choice of the machine file; docs/device.md has the others"
"""Source of a choice in words."""
_NO_CONSTANTS = (
    "extends", "name", "description", "technology", "device", "device_file", "machine_files",
    "timing.needs", "effects.active", "power.policy", "faults.events", "scope", "maps.memory",
    "maps.digital",
)  # fmt: skip


def constants_of(machine: Machine) -> dict[str, AnyConstant]:
    """Return the constants of a machine by dotted key, in the order of its file."""
    return dict(_walk(machine, ""))


def _walk(section: BaseModel, above: str) -> Iterator[tuple[str, AnyConstant]]:
    for name in type(section).model_fields:
        value, key = getattr(section, name), f"{above}{name}"
        if isinstance(value, Constant | Real):
            yield key, value
        elif isinstance(value, ResponseSection):
            text = f"{len(value.mean)} levels"
            inputs = tuple(value.inputs or ())
            yield key, Constant(len(value.mean), "levels", text, value.kind, value.source, inputs)
        elif isinstance(value, BaseModel) and name != "device_file":
            yield from _walk(value, f"{key}.")
        elif isinstance(value, str) and above == "cell.":
            yield key, Constant(0, "", value, "assumed", CHOICE)


def known_keys(machine: Machine) -> tuple[str, ...]:
    """Return the keys that a `from` may name, also of sections that the machine is without."""
    return tuple(_keys(type(machine), "", TECHNOLOGIES[machine.technology].cell))


def _keys(schema: type[BaseModel], above: str, cell: type[BaseModel]) -> Iterator[str]:
    for name, field in schema.model_fields.items():
        if above + name in _NO_CONSTANTS:
            continue
        inner = cell if above + name == "cell" else _section(field.annotation)
        if inner is None or inner is ResponseSection:
            yield f"{above}{name}"
        else:
            yield from _keys(inner, f"{above}{name}.", cell)


def _section(annotation: Any) -> type[BaseModel] | None:
    if get_origin(annotation) in (Union, UnionType):
        found = (_section(each) for each in get_args(annotation))
        return next((each for each in found if each is not None), None)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return None


def unknown_inputs(machine: Machine) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Give (key, what its `from` names, all that it could) for each name that is no key."""
    known = known_keys(machine)
    for key, constant in constants_of(machine).items():
        for name in constant.inputs:
            if not name.startswith(PUBLISHED) and name not in known:
                yield key, name, known


def kind_with_weakest(constants: Mapping[str, AnyConstant], key: str) -> str:
    """Return the kind of a constant; of a derived one also the weakest kind behind it.

    'derived from assumed' if anything that it follows from is assumed, or unknown; else 'derived
    from calibrated' where something is; 'derived' if all is published.
    """
    kind = constants[key].kind
    if kind != "derived":
        return kind
    behind = _behind(constants, key)
    weakest = next((each for each in ("assumed", "calibrated") if each in behind), "")
    return f"derived from {weakest}" if weakest else kind


def _behind(constants: Mapping[str, AnyConstant], key: str) -> frozenset[str]:
    """Return the kinds of all that a constant follows from."""
    kinds: set[str] = set()
    seen, waiting = {key}, [key]
    while waiting:
        for name in constants[waiting.pop()].inputs:
            if name in seen or name.startswith(PUBLISHED):
                continue
            seen.add(name)
            if name in constants:
                waiting.append(name)
            kinds.add(constants[name].kind if name in constants else "assumed")
    return frozenset(kinds)
