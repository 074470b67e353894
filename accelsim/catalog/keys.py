"""Keys of machine, device, network and tenant files: meaning, and values in machines."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel

from accelsim.catalog.entry import SOURCED, Entry, Facts
from accelsim.config import Machine, load_machine
from accelsim.config.device import DeviceFile
from accelsim.config.machine import read_machine
from accelsim.config.origins import constants_of
from accelsim.config.schema import machine_schema
from accelsim.device.technologies import TECHNOLOGIES
from accelsim.documents.keys import Key, keys_of
from accelsim.documents.plain import tree
from accelsim.network.schema import NetworkFile
from accelsim.network.tenants_file import TenantsFile
from accelsim.resources import display, find, names

MACHINE_FILE = "machine file"
_OTHERS: dict[str, type[BaseModel]] = {
    "device file": DeviceFile,
    "network file": NetworkFile,
    "file of tenants": TenantsFile,
}


@dataclass(frozen=True)
class FileKey:
    """A key of a kind of file. technologies: whose machine files have it; () where all have."""

    file: str
    key: Key
    technologies: tuple[str, ...] = ()


@cache
def file_keys() -> tuple[FileKey, ...]:
    """Return the keys of every kind of file; of machine files those of each technology."""
    by_name: dict[str, dict[str, Key]] = {}
    for technology in TECHNOLOGIES:
        for key in keys_of(machine_schema(technology)):
            if key.key == "variation" and TECHNOLOGIES[technology].variation is None:
                continue
            by_name.setdefault(key.key, {})[technology] = key
    found = []
    for of in by_name.values():
        for key in dict.fromkeys(of.values()):
            have = tuple(name for name, each in of.items() if each == key)
            some = have if len(have) < len(TECHNOLOGIES) else ()
            found.append(FileKey(MACHINE_FILE, key, some))
    found += [FileKey(name, key) for name, schema in _OTHERS.items() for key in keys_of(schema)]
    return tuple(found)


def key_entry(found: FileKey, machines: Sequence[str | Path]) -> Entry:
    """Return what is told of a key, with its value in some machines."""
    key, facts = found.key, {}
    if found.technologies:
        facts["technology"] = ", ".join(found.technologies)
    if key.unit:
        facts["unit"] = key.unit
    facts["allowed"] = key.allowed
    facts["default"] = "none, a file needs it" if key.default is None else key.default
    if key.constant:
        facts["form"] = "a value, or {value, unit, kind, source, from, to}"
    tables = []
    if found.file == MACHINE_FILE and not key.section and "[]" not in key.key:
        rows = [row for name in machines for row in _values(key.key, name)]
        tables.append(Facts("values", SOURCED, rows))
    return Entry(f"key of a {found.file}", key.key, key.meaning, facts, tables)


def shipped_machines() -> list[str]:
    """Return the names of machines that ship."""
    return names("configs")


def _values(key: str, name: str | Path) -> Iterator[tuple[str, ...]]:
    """Give the row of a machine that has the key."""
    machine = load_machine(name)
    constant = constants_of(machine).get(key)
    value = constant.text if constant is not None else _plain(machine, key)
    if value is None:
        return
    quoted = getattr(constant, "quoted", value)
    kind, source = (constant.kind, constant.source) if constant else ("", "")
    place = places_of(find(name, "configs", "machine"))(key)
    yield machine.name, str(quoted), kind, " ".join(source.split()), place


def _plain(machine: Machine, key: str) -> str | None:
    """Return a value that is no constant, such as a policy; None for a key it is without."""
    node: object = tree(machine)
    for part in key.split("."):
        node = node.get(part) if isinstance(node, dict) else None
    return node if isinstance(node, str) else None


def places_of(path: Path) -> Callable[[str], str]:
    """Return what tells where a machine has a key, or the section of it: 'file:line'.

    What a device file says is where that is named; of what no file says, the file alone.
    """
    document, file = read_machine(path), display(path)

    def place_of(key: str) -> str:
        return document.where(tuple(key.split("."))).rpartition(":")[0] or file

    return place_of
