"""Loads a network file by name or path."""

from dataclasses import replace
from pathlib import Path

from accelsim.config import read_document
from accelsim.errors import InputError
from accelsim.network.graph import Network, build_network
from accelsim.resources import display, find

IMAGES, LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"


def load_network(workload: str | Path = "mnist", dataset: str | Path | None = None) -> Network:
    """Load a network by the name of one that ships, or from a YAML file.

    dataset: a folder with images and labels under the usual IDX names, gzipped or not, in
    place of those that the file names. Weights and images are read when values are asked
    for. Raises InputError.
    """
    network = build_network(read_document(find(workload, "workloads", "workload")))
    if dataset is None:
        return network
    folder = Path(dataset)
    return replace(network, images_file=_idx(folder, IMAGES), labels_file=_idx(folder, LABELS))


def _idx(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    what = "no such folder" if not folder.is_dir() else f"no file {name} or {name}.gz in it"
    raise InputError(f"--dataset {display(folder)}: {what}")
