"""What ships, and what effects there are: a name, one line and a file of each."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from accelsim.config.effects import EFFECT_MEANINGS
from accelsim.documents.document import Document, read_document
from accelsim.errors import InputError, nearest
from accelsim.files import TEXT, read_text
from accelsim.resources import names, shipped

MACHINES, NETWORKS, DEVICES = "machines", "networks", "devices"
DATA, EFFECTS, ARRIVALS, SPACES = "data", "effects", "arrivals", "spaces"
_MADE_BY = re.compile(r"^# (accelsim [^:]*: )?")


@dataclass(frozen=True)
class Item:
    """One of what ships. group: one of GROUPS. file: None of an effect, which has none."""

    group: str
    name: str
    about: str
    file: Path | None


def items(group: str, only: str = "") -> list[Item]:
    """Return what there is of a group, by name; InputError for an unknown group.

    only: the name of what is wanted, so that no other file is read; "" for all.
    """
    if group not in _OF_GROUP:
        raise InputError(
            f"list: got '{group:.80}'; expected one of {', '.join(GROUPS)}{nearest(group, GROUPS)}"
        )
    return [item for item in _OF_GROUP[group](only) if only in ("", item.name)]


def _machines(only: str) -> Iterator[Item]:
    yield from _described(MACHINES, "configs", only)


def _networks(only: str) -> Iterator[Item]:
    yield from _described(NETWORKS, "workloads", only)


def _described(group: str, folder: str, only: str) -> Iterator[Item]:
    for name, document in _documents(folder, only):
        yield Item(group, name, str(document.data.get("description", "")), document.path)


def _documents(folder: str, only: str = "") -> Iterator[tuple[str, Document]]:
    for name in [name for name in names(folder) if only in ("", name)]:
        yield name, read_document(shipped(folder) / f"{name}.yaml")


def _spaces(only: str) -> Iterator[Item]:
    yield from _described(SPACES, "configs/spaces", only)


def _devices(only: str) -> Iterator[Item]:
    for name, document in _documents("configs/devices", only):
        timing = document.data["timing"]
        assert isinstance(timing, dict)  # noqa: S101 - of a file that ships
        read, write = (timing[f"{phase}_time"]["value"] for phase in ("read", "write"))
        about = (
            f"Times and noise of the {document.data['technology']} cell: read {read}, write {write}"
        )
        yield Item(DEVICES, name, about, document.path)


def _data(only: str) -> Iterator[Item]:
    """Give each data set that a network of ours names, by the folder that it is in."""
    if only and only not in {path.name for path in shipped("workloads").iterdir()}:
        return
    uses: dict[Path, list[str]] = {}
    for name, document in _documents("workloads"):
        dataset = document.data.get("dataset")
        if isinstance(dataset, dict):
            uses.setdefault(document.path.parent / dataset["images"], []).append(name)
    for path, networks in sorted(uses.items()):
        yield Item(DATA, path.parent.name, f"Images and labels of {', '.join(networks)}", path)


def _effects(only: str) -> Iterator[Item]:  # noqa: ARG001 - read from no file
    for name, meaning in sorted(EFFECT_MEANINGS.items()):
        yield Item(EFFECTS, name, f"{meaning[0].upper()}{meaning[1:]}", None)


def _arrivals(only: str) -> Iterator[Item]:
    for path in sorted((shipped("workloads") / "arrivals").glob("*.csv")):
        if only not in ("", path.stem):
            continue
        about = _MADE_BY.sub("", read_text(path, TEXT).partition("\n")[0])
        yield Item(ARRIVALS, path.stem, about, path)


_OF_GROUP: dict[str, Callable[[str], Iterator[Item]]] = {
    MACHINES: _machines,
    NETWORKS: _networks,
    DEVICES: _devices,
    DATA: _data,
    EFFECTS: _effects,
    ARRIVALS: _arrivals,
    SPACES: _spaces,
}
GROUPS = tuple(_OF_GROUP)
"""Groups of what there is."""
