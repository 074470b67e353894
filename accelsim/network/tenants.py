"""Tenants: networks that share a machine, as options or a file of them say.

An option is NAME=WORKLOAD, and perhaps ,contexts=N ,priority=N ,dataset=PATH. A file has the same
under `tenants:`, with paths that start from its folder.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from accelsim.arrivals.columns import HIGHEST
from accelsim.config import Document, read_document, validate
from accelsim.errors import InputError, nearest
from accelsim.files import is_file
from accelsim.importer import SUFFIX
from accelsim.network.graph import Network
from accelsim.network.load import load_network
from accelsim.network.tenants_file import MOST, NAME, TENANTS, TenantEntry, TenantsFile
from accelsim.resources import find, visible

_TAKEN = ("standby", "total", "shared")
_NUMBERS = {"contexts": (1, 4096), "priority": (0, HIGHEST)}
_KEYS = (*_NUMBERS, "dataset")
_FORM = "NAME=WORKLOAD, and perhaps ,contexts=N ,priority=N ,dataset=PATH"


@dataclass(frozen=True)
class Tenant:
    """A network that shares a machine with others.

    contexts: of its own; 0: it runs in those that are shared. priority: of its images, the
    greatest first; None: only their own say.
    """

    name: str
    network: Network
    contexts: int = 0
    priority: int | None = None


def is_name(text: str) -> bool:
    """Tell whether a tenant may have a name."""
    return bool(NAME.fullmatch(text)) and text not in _TAKEN


def is_of_tenants(workload: str | Path) -> bool:
    """Tell whether a workload is a file of tenants; InputError if there is no such file."""
    path = find(workload, "workloads", "workload")
    return path.suffix != SUFFIX and TENANTS in read_document(path).data


def load_tenants(workload: str | Path) -> tuple[Tenant, ...]:
    """Load a file of tenants, and their networks; InputError for one that cannot be used."""
    document = read_document(find(workload, "workloads", "workload"))
    entries = validate(TenantsFile, document).tenants
    found = [
        Tenant(
            each.name,
            load_network(*_places(document, each)),
            each.contexts or 0,
            each.priority,
        )
        for each in entries
    ]
    return _checked(found, [document.where((TENANTS, row)) for row in range(len(entries))])


def _places(document: Document, entry: TenantEntry) -> tuple[str | Path, Path | None]:
    """Return the workload of an entry, a path from its file or a name, and its data set."""
    folder = document.path.parent
    near = folder / entry.workload
    data = None if entry.dataset is None else folder / entry.dataset
    return (near if is_file(near) else entry.workload), data


def parse_tenants(options: Sequence[str]) -> tuple[Tenant, ...]:
    """Return the tenants of `--tenant` options; InputError for one that cannot be used."""
    return _checked([_parsed(option) for option in options], [f"--tenant {o}" for o in options])


def _parsed(option: str) -> Tenant:
    place = f"--tenant {visible(option)}"
    first, *others = option.split(",")
    name, equals, workload = (part.strip() for part in first.partition("="))
    if not equals or not workload:
        raise InputError(f"{place}: expected {_FORM}")
    if not NAME.fullmatch(name):
        raise InputError(
            f"{place}: '{visible(name)}' is no name: expected a letter, then letters, digits, "
            "'-' or '_', up to 32"
        )
    given: dict[str, str] = {}
    for part in others:
        key, equals, value = (text.strip() for text in part.partition("="))
        if key not in _KEYS or not equals:
            raise InputError(
                f"{place}: '{visible(part)}': expected {', '.join(_KEYS)} with '='"
                f"{nearest(key, _KEYS)}"
            )
        if key in given:
            raise InputError(f"{place}: '{key}' twice: expected it once")
        given[key] = value
    contexts, priority = (_number(place, key, given.get(key)) for key in _NUMBERS)
    return Tenant(name, load_network(workload, given.get("dataset")), contexts or 0, priority)


def _number(place: str, key: str, text: str | None) -> int | None:
    least, most = _NUMBERS[key]
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,6}", text) or not least <= int(text) <= most:
        raise InputError(
            f"{place}: {key}: got '{visible(text)}', expected a whole number {least} to {most}"
        )
    return int(text)


def _checked(tenants: Sequence[Tenant], places: Sequence[str]) -> tuple[Tenant, ...]:
    """Return tenants; InputError for a name that is taken, and for too many of them."""
    if len(tenants) > MOST:
        raise InputError(f"{len(tenants)} tenants: expected up to {MOST}")
    names: set[str] = set()
    for tenant, place in zip(tenants, places, strict=True):
        if tenant.name in names or tenant.name in _TAKEN:
            why = "another tenant has it" if tenant.name in names else "it stands for something"
            raise InputError(f"{place}: the name '{tenant.name}' is taken: {why}")
        names.add(tenant.name)
    return tuple(tenants)
