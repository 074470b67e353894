"""Tenants: networks that share a machine, as options or a file of them say.

An option is NAME=WORKLOAD, and perhaps ,contexts=N ,priority=N ,dataset=PATH. A file has the same
under `tenants:`, with paths that start from its folder.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from accelsim.arrivals.columns import HIGHEST
from accelsim.config import Document, read_document, validate
from accelsim.documents.validation import Strict, says
from accelsim.errors import InputError, nearest
from accelsim.files import is_file
from accelsim.importer import SUFFIX
from accelsim.network.graph import Network
from accelsim.network.load import TENANTS, load_network
from accelsim.resources import find, visible

MOST = 64
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}")
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


class TenantEntry(Strict):
    """A tenant in a file."""

    name: Annotated[str, Field(pattern=f"^{_NAME.pattern}$"), says("Name of the tenant.")]
    workload: Annotated[
        str, Field(min_length=1), says("Network: a name that ships, or a path from the file.")
    ]
    contexts: Annotated[
        Annotated[int, Field(ge=1, le=4096)] | None,
        says("Contexts of its own; without it, it runs in those that are shared."),
    ] = None
    priority: Annotated[
        Annotated[int, Field(ge=0, le=HIGHEST)] | None,
        says("Priority of its images, the greatest first."),
    ] = None
    dataset: Annotated[str | None, says("Its images, instead of those of the network file.")] = None


class TenantsFile(Strict):
    """A file of tenants."""

    name: Annotated[str, says("Name of the file.")] = ""
    description: Annotated[str, says("What the tenants are, in a line.")] = ""
    tenants: Annotated[
        list[TenantEntry],
        Field(min_length=1, max_length=MOST),
        says("Networks that share a machine."),
    ]


def is_name(text: str) -> bool:
    """Tell whether a tenant may have a name."""
    return bool(_NAME.fullmatch(text)) and text not in _TAKEN


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
    if not _NAME.fullmatch(name):
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
