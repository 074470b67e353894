"""Loads a machine file, with changes from the command line, and writes it resolved."""

import io
from collections.abc import Mapping
from pathlib import Path

from ruamel.yaml import YAML

from accelsim.config.device import apply_device
from accelsim.config.schema import Machine, machine_schema
from accelsim.documents.document import Document, read_document, read_scalar
from accelsim.documents.plain import tree
from accelsim.documents.validation import validate
from accelsim.errors import InputError
from accelsim.resources import find

Override = int | float | str
_TEXTS = ("name", "description", "technology", "device", "effects.active", "cell.shape")
_BEFORE_DEVICE = ("device", "technology", "clock")


def load_machine(
    machine: str | Path = "irmen", changes: Mapping[str, Override] | None = None
) -> Machine:
    """Load a machine by the name of one that ships, or from a YAML file.

    changes: dotted key -> new value, as `--set` takes it: {"clock": "2 GHz"}.
    Raises InputError for a file or a change that the schema does not allow.
    """
    document = read_document(find(machine, "configs", "machine"))
    changes = dict(changes or {})
    # A device file needs the clock, and a change of what it derived wins over it.
    for key in [key for key in changes if key in _BEFORE_DEVICE]:
        _change(document, key, changes.pop(key))
    if document.data.get("device") is not None:
        apply_device(document, document.data["device"])
    for key, value in changes.items():
        _change(document, key, value)
    return validate(machine_schema(document.data.get("technology")), document)


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
    is_text = key in _TEXTS
    node[last] = value if is_text else _set_by_user(value)
    document.places[tuple(parts)] = place


def _set_by_user(value: Override) -> dict[str, object]:
    return {"value": value, "kind": "assumed", "source": "set by the user for this run"}


def resolved_yaml(machine: Machine) -> str:
    """Return the machine as YAML that `load_machine` reads back to an equal machine."""
    stream = io.StringIO()
    yaml = YAML()
    yaml.width = 100
    yaml.dump(tree(machine), stream)
    return stream.getvalue()
