"""The manifest of a run: what went in, so that the run can be made again.

The network is named so that it is found on another machine: by the name of one that ships,
or by its path from the run directory. Weights, images and labels are named by the network
file. Each has its hash.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from accelsim.config import Machine
from accelsim.errors import InputError
from accelsim.files import is_file, sha256
from accelsim.network import Network, load_network
from accelsim.resources import display, escaped, find, names, shipped
from accelsim.runs.directory import read_recorded
from accelsim.simulation.images import Images
from accelsim.version import __version__

DEVICE = "device"
"""The input that is the device file."""


def run_manifest(
    network: Network, images: Images, seed: int, command: Sequence[str], outdir: Path
) -> dict[str, object]:
    """Return the manifest of a run, without its files."""
    inputs: dict[str, dict[str, str]] = {
        what: {"sha256": sha256(path)} for what, path in _files(network)
    }
    if network.file is not None:
        inputs["network"] |= place_of(network.file, outdir)
    return {
        "accelsim": __version__,
        "command": [escaped(part) for part in command],
        "seed": seed,
        "workload": network.name,
        "first_image": int(images.numbers[0]),
        "images": len(images.numbers),
        "inputs": inputs,
    }


def with_machine(manifest: Mapping[str, Any], machine: Machine) -> dict[str, Any]:
    """Return a manifest whose inputs name the device file behind a machine, if there is one.

    It is an input that a replay does not need: the resolved machine has what it said.
    """
    inputs = {what: entry for what, entry in manifest["inputs"].items() if what != DEVICE}
    if machine.device_file is not None:
        inputs[DEVICE] = {"name": machine.device_file.name, "sha256": machine.device_file.sha256}
    return {**manifest, "inputs": inputs}


def place_of(network: Path, folder: Path) -> dict[str, str]:
    """Return where a network file is: the name of one that ships, or its path from a folder."""
    if network.parent == shipped("workloads").resolve() and network.stem in names("workloads"):
        return {"shipped": network.stem}
    try:
        path = os.path.relpath(network, folder.resolve())
    except ValueError:  # another drive: only the name is left to say
        path = network.name
    return {"path": Path(path).as_posix()}


def recorded_network(
    manifest: Mapping[str, Any],
    folder: Path,
    workload: str | None = None,
    dataset: Path | None = None,
) -> Network:
    """Return the network of a run, as it was: every input file found, and its hash the same.

    workload: where the network file is now, if not where the manifest says. dataset: where its
    images are, if the run had others than the network file names. Raises InputError that says
    which input is gone or changed.
    """
    recorded = read_recorded(manifest, folder)
    hashes = {what: entry.get("sha256", "") for what, entry in recorded.inputs.items()}
    entry = recorded.inputs.get("network", {})
    place: str | Path = workload or entry.get("shipped", recorded.workload)
    if workload is None and "path" in entry:
        place = (folder / entry["path"]).resolve()
        if not is_file(place):
            raise InputError(f"the network file is gone: {display(place)}; give --workload FILE")
    path = find(place, "workloads", "workload")
    _check_hash("network", path, hashes)
    network = load_network(path, dataset)
    for what, each in _files(network):
        _check_hash(what, each, hashes)
    return network


def _check_hash(what: str, path: Path, hashes: Mapping[str, str]) -> None:
    if not is_file(path):
        raise InputError(f"the {what} file is gone: {display(path)}")
    if sha256(path) != hashes.get(what):
        other = ", or the run had another --dataset" if what in ("images", "labels") else ""
        raise InputError(
            f"the {what} file changed since the run{other}: the hash of {display(path)} differs"
        )


def network_place(manifest: Mapping[str, Any], run: Path, folder: Path) -> dict[str, str]:
    """Return where the network file of a run is, as seen from another folder."""
    recorded = read_recorded(manifest, run)
    entry = recorded.inputs.get("network", {})
    if "path" in entry:
        return place_of((run / entry["path"]).resolve(), folder)
    return {"shipped": entry.get("shipped", recorded.workload)}


def moved_inputs(manifest: Mapping[str, Any], run: Path, folder: Path) -> dict[str, dict[str, str]]:
    """Return the inputs of a manifest for a run directory elsewhere."""
    inputs = dict(read_recorded(manifest, run).inputs)
    if "network" in inputs:
        place = network_place(manifest, run, folder)
        inputs["network"] = {"sha256": inputs["network"].get("sha256", "")} | place
    return inputs


def _files(network: Network) -> Iterator[tuple[str, Path]]:
    for what, path in (
        ("network", network.file),
        ("weights", network.weights_file),
        ("images", network.images_file),
        ("labels", network.labels_file),
    ):
        if path is not None:
            yield what, path
