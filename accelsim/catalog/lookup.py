"""What is told of a key, a name that ships, a file, or a word: `accelsim show`."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from accelsim.catalog import shipped
from accelsim.catalog.entry import Entry
from accelsim.catalog.keys import FileKey, file_keys, key_entry, shipped_machines
from accelsim.catalog.words import words
from accelsim.config import read_document
from accelsim.errors import InputError, nearest
from accelsim.files import what_is
from accelsim.network.tenants_file import TENANTS
from accelsim.resources import visible

_MOST_KEYS = 12
_THINGS = (
    shipped.MACHINES, shipped.NETWORKS, shipped.DEVICES, shipped.DATA, shipped.ARRIVALS,
)  # fmt: skip


def look_up(name: str, machines: Sequence[str] = ()) -> list[Entry]:
    """Return all that is told of a key, a name, a path or a word.

    machines: whose values of a key are told, names or paths; those that ship if none. A key may be
    given by its last names alone if no other key ends so. Raises InputError for what nothing is
    known of, with the nearest right name, and for an end that several keys have.
    """
    chosen = list(machines) or shipped_machines()
    found = [
        *(_thing(item.group, item.file, item.about) for item in _items(name) if item.file),
        *(key_entry(each, chosen) for each in file_keys() if name in _spelled(each)),
        *(entry for entry in words() if entry.name == name),
    ]
    if found:
        return found
    match _what_is(name):
        case "a file":
            return [_file_entry(Path(name))]
        case "a folder":
            return [_folder_entry(Path(name))]
    return [key_entry(each, chosen) for each in _ending_in(name)]


def _thing(group: str, path: Path, about: str = "") -> Entry:
    """Return what is told of a file of a group."""
    from accelsim.catalog import things  # noqa: PLC0415 - loads networks and arrivals

    told: dict[str, Callable[[Path, str], Entry]] = {
        shipped.MACHINES: things.machine_entry,
        shipped.NETWORKS: things.network_entry,
        shipped.DEVICES: things.device_entry,
        shipped.DATA: things.dataset_entry,
        shipped.ARRIVALS: things.arrivals_entry,
    }
    return told[group](path, about)


def _items(name: str) -> Iterator[shipped.Item]:
    for group in _THINGS:
        yield from shipped.items(group, name)


def _spelled(found: FileKey) -> tuple[str, str]:
    """Return a key as the schema has it, and without the signs of lists."""
    return found.key.key, found.key.key.replace("[]", "")


def _what_is(name: str) -> str:
    """Return what a path is, "" for nothing and for what no path can be."""
    try:
        return what_is(Path(name))
    except InputError:
        return ""


def _folder_entry(path: Path) -> Entry:
    """Return what is told of a folder of images; InputError for any other."""
    from accelsim.network.pngs import has_pngs  # noqa: PLC0415 - loads networkx

    if not has_pngs(path):
        raise InputError(
            f"show: {visible(str(path))}: a folder; `accelsim explain` says why a run is what it is"
        )
    return _thing(shipped.DATA, path)


def _file_entry(path: Path) -> Entry:
    """Return what is told of a file: a machine, a network, a device file or a data set."""
    from accelsim.network.dataset import NPY, NPZ  # noqa: PLC0415 - loads networkx

    if path.suffix in (NPZ, NPY):
        return _thing(shipped.DATA, path)
    if path.suffix not in (".yaml", ".yml"):
        raise InputError(
            f"{visible(str(path))}: expected a machine, network or device file (.yaml), or a data "
            "set (.npz, .npy, a folder of PNG files); `accelsim validate` checks any file"
        )
    data = read_document(path).data
    if TENANTS in data:
        raise InputError(f"{visible(str(path))}: a file of tenants; expected one of its networks")
    if "origin" in data:
        return _thing(shipped.DEVICES, path)
    if "layers" in data:
        return _thing(shipped.NETWORKS, path, str(data.get("description", "")))
    return _thing(shipped.MACHINES, path)


def _ending_in(name: str) -> list[FileKey]:
    """Return the key, of however many kinds of files, that ends in some names."""
    ending = [each for each in file_keys() if f".{_spelled(each)[1]}".endswith(f".{name}")]
    keys = list(dict.fromkeys(each.key.key for each in ending))
    if len(keys) == 1:
        return ending
    if keys:
        more = f" and {len(keys) - _MOST_KEYS} more" if len(keys) > _MOST_KEYS else ""
        raise InputError(
            f"show: {visible(name)}: {len(keys)} keys end so; expected one of "
            f"{', '.join(keys[:_MOST_KEYS])}{more}"
        )
    group = name.casefold()
    if group in shipped.GROUPS:
        raise InputError(
            f"show: {visible(name)}: a group; `accelsim list {group}` names what is in it"
        )
    raise InputError(
        f"show: {visible(name)}: no such key, name, word or file; `accelsim list` names what "
        f"ships{nearest(name[:80], _known())}"
    )


def _known() -> list[str]:
    keys = [spelling for each in file_keys() for spelling in _spelled(each)]
    ends = [each.rpartition(".")[2] for each in keys]
    named = [item.name for group in _THINGS for item in shipped.items(group)]
    return list(dict.fromkeys([*keys, *named, *(entry.name for entry in words()), *ends]))
