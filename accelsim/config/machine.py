"""Loads a machine file, with changes from the command line, and writes it resolved."""

import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel
from ruamel.yaml import YAML

from accelsim.config.constants import Constant
from accelsim.config.document import Document, read_document, read_scalar
from accelsim.config.schema import Machine
from accelsim.config.validation import validate
from accelsim.errors import InputError
from accelsim.resources import find

Override = int | float | str


def load_machine(
    machine: str | Path = "irmen", changes: Mapping[str, Override] | None = None
) -> Machine:
    """Load a machine by the name of one that ships, or from a YAML file.

    changes: dotted key -> new value, as `--set` takes it: {"clock": "2 GHz"}.
    Raises InputError for a file or a change that the schema does not allow.
    """
    document = read_document(find(machine, "configs", "machine"))
    for key, value in (changes or {}).items():
        _change(document, key, value)
    return validate(Machine, document)


def parse_changes(settings: list[str]) -> dict[str, Override]:
    """Return the changes of `--set key=value` options; a later one of a key wins."""
    changes: dict[str, Override] = {}
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals or not key.strip() or not text.strip():
            raise InputError(f"--set {setting}: expected key=value, such as timing.write_cycles=3")
        value = read_scalar(text)
        changes[key.strip()] = value if isinstance(value, int | float | str) else text
    return changes


def _change(document: Document, key: str, value: Override) -> None:
    place, parts = f"--set {key}={value}", key.split(".")
    if not all(parts):
        raise InputError(f"{place}: '{key}' is not a key: expected names joined by dots")
    node = document.data
    for depth, part in enumerate(parts[:-1], start=1):
        if part not in node:
            document.places[tuple(parts[:depth])] = place
        inner = node.setdefault(part, {})
        if not isinstance(inner, dict) or "value" in inner:
            above = ".".join(parts[:depth])
            raise InputError(f"{place}: '{above}' has no keys below it; set {above} itself")
        node = inner
    last = parts[-1]
    present = node.get(last)
    if isinstance(present, dict) and "value" not in present:
        raise InputError(f"{place}: {key}: a group of keys: {', '.join(present)}; set one of these")
    is_text = key in ("name", "description", "technology")
    node[last] = value if is_text else _set_by_user(value)
    document.places[tuple(parts)] = place


def _set_by_user(value: Override) -> dict[str, object]:
    return {"value": value, "kind": "assumed", "source": "set by the user for this run"}


def resolved_yaml(machine: Machine) -> str:
    """Return the machine as YAML that `load_machine` reads back to an equal machine."""
    stream = io.StringIO()
    yaml = YAML()
    yaml.width = 100
    yaml.dump(_tree(machine), stream)
    return stream.getvalue()


def _tree(model: BaseModel) -> dict[str, object]:
    return dict(_entries(model))


def _entries(model: BaseModel) -> Iterator[tuple[str, object]]:
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, Constant):
            yield name, _mapping(value)
        elif isinstance(value, BaseModel):
            yield name, _tree(value)
        elif value is not None:
            yield name, value


def _mapping(constant: Constant) -> dict[str, object]:
    quantity = constant.base in ("ps", "aJ")
    value: dict[str, object] = (
        {"value": constant.text} if quantity else {"value": constant.value, "unit": constant.base}
    )
    return {**value, "kind": constant.kind, "source": constant.source}
