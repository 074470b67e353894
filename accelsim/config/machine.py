"""Loads a machine file, with changes from the command line, and writes it resolved."""

import io
import json
from collections.abc import Collection, Iterable, Mapping
from copy import deepcopy
from functools import lru_cache, partial
from pathlib import Path

from ruamel.yaml import YAML

from accelsim.config.cell_prices import follow_cell
from accelsim.config.cells import hold_to_cell
from accelsim.config.derivation import SET_BY_USER, hold_to_inputs
from accelsim.config.device import FoundDevice, apply_device, apply_needs
from accelsim.config.origins import unknown_inputs
from accelsim.config.schema import Machine, machine_schema
from accelsim.device.technologies import check_cell, storage_of
from accelsim.device.technology import ImpossibleCell
from accelsim.documents.constants import FROM, PUBLISHED
from accelsim.documents.document import Document, read_scalar
from accelsim.documents.layers import EXTENDS, lay, merged, own_keys, read_layers
from accelsim.documents.plain import numbers, tree
from accelsim.documents.prices import PER
from accelsim.documents.validation import PROGRAM, said_by, validate
from accelsim.errors import InputError, nearest
from accelsim.files import sha256
from accelsim.resources import find, find_beside
from accelsim.wording import changed, is_change

Override = int | float | str
_NEEDS = "timing.needs"
_FILES = ("device", "technology", _NEEDS)
_RECORDED = tuple(name for name, field in Machine.model_fields.items() if said_by(field) == PROGRAM)
"""Sections that a loaded machine has of the files it is from."""
_DERIVED = ("timing", "noise", "response", "cell")  # what a device file gives
_BEFORE_DEVICE = (*_FILES, "clock")
CHOICES = (
    "timing.needs", "effects.active", "cell.shape", "cell.criterion", "cell.storage",
    "power.policy", "sequencer.arbitration", "energy.model", "scope", "maps.memory",
    "maps.digital",
)  # fmt: skip
"""Keys whose value is a word, not a constant."""
_TEXTS = ("name", "description", "technology", "device", *CHOICES)


def load_machine(
    machine: str | Path = "irmen", changes: Mapping[str, Override] | None = None
) -> Machine:
    """Load a machine by the name of one that ships, or from a YAML file.

    changes: dotted key -> new value, as `--set` takes it: {"clock": "2 GHz"}.
    A file may extend another (`extends`): it is that machine with changes that have a kind and a
    source of their own. Raises InputError for a file or a change that the schema does not allow.
    """
    path = find(machine, "configs", "machine")
    layers = machine_layers(path)
    document, above = _one_machine(layers), own_keys(layers[:-1])
    own = deepcopy(layers[-1].data.get("cell"))
    changes = dict(changes or {})
    _refuse_extends(changes)
    files = {key: changes[key] for key in _FILES if key in changes}
    by_user, said = frozenset(changes), frozenset([*changes, *above])
    # A device file needs the clock, and a change of what it derived wins over it.
    for key in [key for key in changes if key in _BEFORE_DEVICE]:
        _change(document, key, changes.pop(key))
    found = _apply_files(document, layers, by_user)
    described = found.device.cell if found else deepcopy(document.data.get("cell"))
    for key, value in changes.items():
        _change(document, key, value)
    loaded = validate(machine_schema(document.data.get("technology")), document)
    _check_inputs(loaded, document)
    _check_cell(loaded, document)
    loaded = follow_cell(loaded, own if isinstance(own, dict) else None, said)
    loaded = hold_to_cell(loaded, described if isinstance(described, dict) else None, said)
    # What a change makes of constants that follow from it: of the files below, then of this one.
    for before in (
        _loaded(layers[1].path) if above else None,
        _loaded(path, files) if by_user - files.keys() else None,
    ):
        loaded = hold_to_inputs(loaded, before) if before else loaded
    return loaded


def read_machine(path: Path) -> Document:
    """Return what a machine file says, with those that it extends and its device file.

    Each place in it is where its key stands, of whichever file.
    """
    layers = machine_layers(path)
    document = _one_machine(layers)
    _apply_files(document, layers, ())
    return document


def machine_layers(path: Path) -> list[Document]:
    """Return a machine file and those that it extends, one after another.

    Raises InputError as `read_layers` does, and for one of another technology than the last.
    """
    layers = read_layers(path, partial(find_beside, shipped_folder="configs", what="machine"))
    technology = layers[-1].data.get("technology")
    for layer in layers[:-1]:
        given = layer.data.get("technology", technology)
        if given != technology:
            raise InputError(
                f"{layer.where(('technology',))}: technology: got {given!r}; expected none, or "
                f"'{technology}' as {layers[-1].name} has, which it extends"
            )
    return layers


def _one_machine(layers: list[Document]) -> Document:
    """Return the document of a machine; one that extends another has a name of its own."""
    document, (first, *below) = merged(layers), layers
    if below:
        document.data["name"] = first.data.get("name", first.path.stem)
        document.data["machine_files"] = [
            {"name": each.path.name, "sha256": sha256(each.path)} for each in layers
        ]
    return document


def _apply_files(
    document: Document, layers: list[Document], by_user: Collection[str]
) -> FoundDevice | None:
    """Put what device files say into a machine's document; what files above say wins.

    Of the files that extend one another the first that names a device file counts.
    """
    names = [_names_device(layer) for layer in layers]
    at = 0 if "device" in by_user else next((n for n, named in enumerate(names) if named), 0)
    if names[at] == _NEEDS and "device" not in by_user:
        document.data.pop("device", None)
    device = document.data.get("device")
    if device is None:
        return apply_needs(document)
    found = apply_device(document, device)
    for layer in reversed(layers[:at]):
        lay(document, layer, _DERIVED)
    return found


def _names_device(layer: Document) -> str:
    """Return the key with which a file names a device file, "" if it does not."""
    if layer.data.get("device") is not None:
        return "device"
    timing = layer.data.get("timing")
    return _NEEDS if isinstance(timing, dict) and timing.get("needs") is not None else ""


def _refuse_extends(changes: Mapping[str, Override]) -> None:
    """Refuse changes of which files a machine is from."""
    for key, value in changes.items():
        section = key.partition(".")[0]
        if section == EXTENDS:
            raise InputError(
                f"{changed(key, value)}: a machine file extends another, a change cannot; "
                "expected the machine itself in place of CONFIG"
            )
        if section in _RECORDED:
            raise InputError(
                f"{changed(key, value)}: {section} is recorded by a run, and no change; expected "
                "device, or another machine in place of CONFIG"
            )


def can_be_changed(key: str) -> bool:
    """Tell whether a key of a machine file may be changed, or belongs to files alone."""
    return key.partition(".")[0] not in (EXTENDS, *_RECORDED)


def _loaded(path: Path, files: Mapping[str, Override] | None = None) -> Machine | None:
    """Return a machine without the changes of its constants; None if it cannot be without them."""
    try:
        return load_machine(path, files)
    except InputError:
        return None


def _check_inputs(machine: Machine, document: Document) -> None:
    """Refuse a constant whose `from` names what is no key of a machine file."""
    lines = []
    for key, name, known in unknown_inputs(machine):
        place = document.where((*key.split("."), FROM))
        lines.append(
            f"{place}: {key}.{FROM}: no key '{name}'; expected keys of this file such as "
            f"cell.precision, or '{PUBLISHED}ID'{nearest(name, known)}"
        )
    if lines:
        raise InputError("\n".join(lines))


def _check_cell(machine: Machine, document: Document) -> None:
    """Refuse a cell that cannot be, or cannot hold a level by the storage that it names."""
    cell = machine.cell
    if cell is None:
        return
    try:
        check_cell(machine)
    except InputError as error:
        keys = error.keys if isinstance(error, ImpossibleCell) else type(cell).model_fields
        blamed = _to_blame(document, keys, document.where(("cell",)))
        raise InputError(f"{blamed}: {error}") from None
    try:
        storage_of(machine)
    except InputError as error:
        # The message begins with a key of the cell, or follows from its storage.
        named = str(error).partition(":")[0].removeprefix("cell.")
        blamed = _to_blame(document, (named, "storage"), document.where(("cell", named)))
        raise InputError(f"{blamed}: {error}") from None


def _to_blame(document: Document, keys: Iterable[str], otherwise: str) -> str:
    """Return the place of the first key of the cell that the user set for this run."""
    places = (document.where(("cell", key)) for key in keys)
    return next((place for place in places if is_change(place)), otherwise)


def parse_changes(settings: list[str]) -> dict[str, Override]:
    """Return the changes of `--set key=value` options; a later one of a key wins."""
    changes: dict[str, Override] = {}
    for setting in settings:
        key, equals, text = setting.partition("=")
        if equals and key.strip() and not text.strip():
            raise InputError(f"--set {setting}: no value after '='; expected {key.strip()}=VALUE")
        if not equals or not key.strip():
            raise InputError(f"--set {setting}: expected key=value, such as timing.write_cycles=3")
        if not setting.isprintable():
            raise InputError(f"--set {setting!a:.80}: expected printable text")
        value = read_scalar(text)
        changes[key.strip()] = value if isinstance(value, int | float | str) else text
    return changes


def _change(document: Document, key: str, value: Override) -> None:
    place, parts = changed(key, value), key.split(".")
    if not all(parts):
        raise InputError(f"{place}: '{key}' is not a key: expected names joined by dots")
    if len(parts) > 2 and parts[0] in ("energy", "power") and parts[-1] == PER:
        _change_per(document, tuple(parts[:-1]), value, place)
        return
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
    node[last] = value if key in _TEXTS else _set_by_user(value, present)
    document.places[tuple(parts)] = place


def _set_by_user(value: Override, present: object = None) -> dict[str, object]:
    """Return a constant that the user set; what a price is per stays as the file has it."""
    per = {PER: present[PER]} if isinstance(present, dict) and PER in present else {}
    return {"value": value, **per, "kind": "assumed", "source": SET_BY_USER}


def _change_per(document: Document, key: tuple[str, ...], value: Override, place: str) -> None:
    """Change what the price at a key is per; its value stays."""
    *above, name = key
    prices: object = document.data
    for part in above:
        prices = prices.get(part) if isinstance(prices, dict) else None
    if not isinstance(prices, dict) or name not in prices:
        raise InputError(f"{place}: the machine has no '{'.'.join(key)}'")
    present = prices[name]
    price = dict(present) if isinstance(present, dict) else {"value": present}
    price |= {PER: value, "kind": "assumed", "source": f"per {SET_BY_USER}"}
    prices[name] = price
    document.places[key] = place
    document.places[(*key, PER)] = place


def resolved_yaml(machine: Machine) -> str:
    """Return the machine as YAML that `load_machine` reads back to an equal machine."""
    return _written(json.dumps(tree(machine)))


@lru_cache(maxsize=16)
def _written(data: str) -> str:
    """Return JSON as YAML: many runs are of the same machine, and YAML is slow to write."""
    stream = io.StringIO()
    yaml = YAML()
    yaml.width = 100
    yaml.dump(_in_lines(json.loads(data)), stream)
    return stream.getvalue()


def _in_lines(data: object) -> object:
    """Return plain data whose innermost lists are written in a line each."""
    if isinstance(data, dict):
        return {key: _in_lines(value) for key, value in data.items()}
    return numbers(data) if isinstance(data, list) else data
