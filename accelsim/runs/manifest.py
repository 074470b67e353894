"""The manifest of a run: what went in, so that the run can be made again.

The network is named so that it is found on another machine: by the name of one that ships,
or by its path from the run directory. Weights, images and labels are named by the network
file; images that a run had in place of those have their path, too. Each has its hash.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from accelsim.config import Machine
from accelsim.errors import InputError
from accelsim.files import is_file, sha256, what_is
from accelsim.network import Network, Tenant, load_network
from accelsim.network.dataset import IMAGES
from accelsim.network.load import dataset_of
from accelsim.resources import display, escaped, find, names, shipped
from accelsim.runs.directory import read_recorded
from accelsim.simulation.images import Images
from accelsim.version import __version__
from accelsim.wording import given

NETWORK, DEVICE, MACHINE = "network", "device", "machine["
"""Inputs: network, device file; 'machine[0]', 'machine[1]': files that extend one another."""


def run_manifest(
    network: Network | Sequence[Tenant],
    images: Sequence[Images],
    seed: int,
    command: Sequence[str],
    outdir: Path,
) -> dict[str, object]:
    """Return the manifest of a run, without its files. images: of each tenant.

    The inputs of a tenant are named 'cam.network', 'cam.weights'.
    """
    tenants = () if isinstance(network, Network) else network
    alone = network.name if isinstance(network, Network) else ""
    networks = {each.name: each.network for each in tenants}
    inputs: dict[str, dict[str, str]] = {}
    for name, each in networks.items() or {"": network}.items():
        assert isinstance(each, Network)  # noqa: S101 - for the type checker
        inputs |= _inputs(each, f"{name}." if name else "", outdir)
    found: dict[str, object] = {
        "accelsim": __version__,
        "command": [escaped(part) for part in command],
        "seed": seed,
        "workload": alone or ", ".join(f"{name}={each.name}" for name, each in networks.items()),
        "first_image": min(int(some.numbers[0]) for some in images if len(some.numbers)),
        "images": sum(len(some.numbers) for some in images),
    }
    if tenants:
        found["tenants"] = [
            {"name": each.name, "workload": each.network.name}
            | ({} if each.priority is None else {"priority": each.priority})
            for each in tenants
        ]
    return found | {"inputs": inputs}


def _inputs(network: Network, prefix: str, outdir: Path) -> dict[str, dict[str, str]]:
    inputs = {f"{prefix}{what}": {"sha256": sha256(path)} for what, path in _files(network)}
    if network.file is not None:
        inputs[f"{prefix}{NETWORK}"] |= place_of(network.file, outdir)
    if network.own_dataset and network.images_file is not None:
        inputs[f"{prefix}{IMAGES}"]["path"] = _path_from(outdir, network.images_file)
    return inputs


def with_machine(manifest: Mapping[str, Any], machine: Machine) -> dict[str, Any]:
    """Return a manifest whose inputs name the files behind a machine: device, and what it extends.

    A replay needs none of them: the resolved machine has what they said.
    """
    inputs = {
        what: entry
        for what, entry in manifest["inputs"].items()
        if what != DEVICE and not what.startswith(MACHINE)
    }
    for number, source in enumerate(machine.machine_files or []):
        inputs[f"{MACHINE}{number}]"] = {"name": source.name, "sha256": source.sha256}
    if machine.device_file is not None:
        inputs[DEVICE] = {"name": machine.device_file.name, "sha256": machine.device_file.sha256}
    return {**manifest, "inputs": inputs}


def place_of(network: Path, folder: Path) -> dict[str, str]:
    """Return where a network file is: the name of one that ships, or its path from a folder."""
    if network.parent == shipped("workloads").resolve() and network.stem in names("workloads"):
        return {"shipped": network.stem}
    return {"path": _path_from(folder, network)}


def _path_from(folder: Path, file: Path) -> str:
    try:
        path = os.path.relpath(file, folder.resolve())
    except ValueError:  # another drive: only the name is left to say
        path = file.name
    return Path(path).as_posix()


def recorded_network(
    manifest: Mapping[str, Any],
    folder: Path,
    workload: str | None = None,
    dataset: Path | None = None,
    tenant: str = "",
) -> Network:
    """Return the network of a run, as it was: every input file found, and its hash the same.

    workload: where the network file is now, if not where the manifest says. dataset: where its
    images are now, if the run had others than the network file names, and they are no longer there.
    tenant: whose; "" for a network alone. Raises InputError that says which input is gone or
    changed.
    """
    recorded, prefix = read_recorded(manifest, folder), f"{tenant}." if tenant else ""
    hashes = {what: entry.get("sha256", "") for what, entry in recorded.inputs.items()}
    entry = recorded.inputs.get(f"{prefix}{NETWORK}", {})
    usual = next((e.workload for e in recorded.tenants if e.name == tenant), recorded.workload)
    place: str | Path = workload or entry.get("shipped", usual)
    if workload is None and "path" in entry:
        place = (folder / entry["path"]).resolve()
        if not is_file(place):
            hint = "" if tenant else f"; give {given('workload')} FILE"
            raise InputError(f"the {prefix}{NETWORK} file is gone: {display(place)}{hint}")
    path = find(place, "workloads", "workload")
    _check_hash(f"{prefix}{NETWORK}", path, hashes)
    own = recorded.inputs.get(f"{prefix}{IMAGES}", {}).get("path")
    if dataset is None and own is not None:
        images = (folder / own).resolve()
        _check_hash(f"{prefix}{IMAGES}", images, hashes)
        dataset = dataset_of(images)
    network = load_network(path, dataset)
    for what, each in _files(network):
        _check_hash(f"{prefix}{what}", each, hashes)
    return network


def _check_hash(what: str, path: Path, hashes: Mapping[str, str]) -> None:
    if not what_is(path):
        raise InputError(f"the {what} file is gone: {display(path)}")
    if sha256(path) != hashes.get(what):
        data = what.endswith((IMAGES, "labels"))
        other = f", or the run had another {given('dataset')}" if data else ""
        raise InputError(
            f"the {what} file changed since the run{other}: the hash of {display(path)} differs"
        )


def network_place(
    manifest: Mapping[str, Any], run: Path, folder: Path, what: str = NETWORK
) -> dict[str, str]:
    """Return where the network file of a run is, as seen from another folder."""
    recorded = read_recorded(manifest, run)
    entry = recorded.inputs.get(what, {})
    if "path" in entry:
        return place_of((run / entry["path"]).resolve(), folder)
    return {"shipped": entry.get("shipped", recorded.workload)}


def moved_inputs(manifest: Mapping[str, Any], run: Path, folder: Path) -> dict[str, dict[str, str]]:
    """Return the inputs of a manifest for a run directory elsewhere."""
    inputs = dict(read_recorded(manifest, run).inputs)
    for what in [what for what in inputs if what.split(".")[-1] == NETWORK]:
        place = network_place(manifest, run, folder, what)
        inputs[what] = {"sha256": inputs[what].get("sha256", "")} | place
    for what in [what for what in inputs if what.split(".")[-1] == IMAGES]:
        if "path" in inputs[what]:
            path = _path_from(folder, (run / inputs[what]["path"]).resolve())
            inputs[what] = inputs[what] | {"path": path}
    return inputs


def _files(network: Network) -> Iterator[tuple[str, Path]]:
    for what, path in (
        (NETWORK, network.file),
        ("weights", network.weights_file),
        (IMAGES, network.images_file),
        ("labels", network.labels_file),
    ):
        if path is not None:
            yield what, path
