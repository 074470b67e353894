"""What a sweep is of: a digest of its space and of every file that its points use."""

import json
from dataclasses import dataclass
from hashlib import sha256 as digest_of
from pathlib import Path

from accelsim.config.machine import load_machine, resolved_yaml
from accelsim.errors import InputError
from accelsim.files import is_file, sha256
from accelsim.network import load_network
from accelsim.resources import display, find
from accelsim.sweeps.space import Space
from accelsim.version import __version__


@dataclass(frozen=True)
class Files:
    """Machines, networks and device files of a space, as commands take them."""

    machines: tuple[str, ...]
    workloads: tuple[str, ...]
    devices: tuple[str, ...]
    dataset: str | None

    def shown(self) -> dict[str, str]:
        """Return how messages show the files here -> their names, which are the same anywhere."""
        paths = [
            *(find(name, "configs", "machine") for name in self.machines),
            *(find(name, "workloads", "workload") for name in self.workloads),
        ]
        return {display(path): path.name for path in paths}


@dataclass(frozen=True)
class Fingerprint:
    """What files hold. entries: what each is, and its digest."""

    entries: tuple[tuple[str, str], ...]

    @property
    def digest(self) -> str:
        """Of all entries, and of this version."""
        return digest_of(json.dumps([__version__, self.entries]).encode()).hexdigest()

    def hold_to(self, expected: str) -> None:
        """Raise InputError unless the files are those of the process that made a digest."""
        if self.digest != expected:
            names = ", ".join(name for name, _ in self.entries)
            raise InputError(
                f"this worker has other files, or another version of accelsim ({__version__}), "
                f"than the sweep: {names}; expected the same on every computer"
            )


def fingerprint(files: Files) -> Fingerprint:
    """Return what files hold now; InputError if one cannot be read."""
    entries = [
        (f"machine {name}", _of_text(resolved_yaml(load_machine(name)))) for name in files.machines
    ]
    for name in files.workloads:
        network = load_network(name, files.dataset)
        parts = (network.file, network.weights_file, network.images_file, network.labels_file)
        entries += [(f"network {name}", _of_file(path)) for path in parts if path is not None]
    entries += [(f"device {name}", _of_file(Path(name))) for name in files.devices]
    return Fingerprint(tuple((Path(name).name, digest) for name, digest in entries))


def space_digest(space: Space, found: Fingerprint) -> str:
    """Return what names a space with all files that its rows follow from.

    Where files are, and what is said for readers, does not matter.
    """
    return _of_text(json.dumps([found.digest, _plain(space)], sort_keys=True))


def _plain(space: Space) -> dict[str, object]:
    def name(text: object) -> object:
        return Path(text).name if isinstance(text, str) and Path(text).is_absolute() else text

    axes = [
        [axis.name, [name(value) for value in axis.values], axis.low, axis.high, axis.unit,
         axis.is_log, axis.step, axis.grid_points]
        for axis in space.axes
    ]  # fmt: skip
    return {
        "axes": axes,
        "run": [name(space.machine), name(space.workload), name(space.dataset), space.seed],
        "images": [space.images.start, space.images.stop, space.values],
        "arrivals": None if space.arrivals is None else space.arrivals.model_dump(),
        "changes": [[key, name(value)] for key, value in space.changes.items()],
        "derived": [[key, formula.text] for key, formula in space.derived.items()],
        "constraints": [formula.text for formula in space.constraints],
        "sample": space.sample.model_dump(),
        "objectives": list(space.objectives.items()),
        "characterize": space.characterize.model_dump(),
        "chunk": space.chunk,
    }


def _of_file(path: Path) -> str:
    """Return the digest of a file; of a folder of images, of its name alone."""
    return sha256(path) if is_file(path) else _of_text(path.name)


def _of_text(text: str) -> str:
    return digest_of(text.encode()).hexdigest()
