"""Loads a network file by name or path."""

from dataclasses import replace
from pathlib import Path

from accelsim.config import read_document
from accelsim.errors import InputError
from accelsim.files import is_file, is_folder
from accelsim.importer import SUFFIX, import_model
from accelsim.network.cifar import find_test_batch, has_batches, is_batch
from accelsim.network.dataset import NPY, NPY_LABELS, NPZ, format_of
from accelsim.network.graph import Network, build_network
from accelsim.network.models import network_of, with_partials
from accelsim.network.pngs import has_pngs
from accelsim.network.tenants_file import TENANTS
from accelsim.resources import display, find, shipped
from accelsim.wording import given

IMAGES, MAPS = "t10k-images-idx3-ubyte", "t10k-images-idx4-ubyte"
LABELS = "t10k-labels-idx1-ubyte"


def load_network(workload: str | Path = "mnist", dataset: str | Path | None = None) -> Network:
    """Load a network by the name of one that ships, or from a YAML file or an ONNX model.

    dataset: images and labels in place of those that the file names: an npz archive (`images`,
    `labels`), an npy file of images (labels in `labels.npy` beside it), a folder of PNG files (in
    folders named by their class), a folder with the batches of CIFAR-10, binary or Python (its test
    batch), or one batch, or a folder with IDX files under the usual names, gzipped or not; for
    images of several maps 't10k-images-idx4-ubyte'. Weights and images are read when values are
    asked for. Raises InputError.
    """
    path = find(workload, "workloads", "workload")
    if path.suffix == SUFFIX:
        network = with_dataset(network_of(path, import_model(path)), dataset)
        return network if network.no_weights else with_partials(network, path)
    document = read_document(path)
    if TENANTS in document.data:
        raise InputError(
            f"{document.name}: a file of tenants; expected one network: accelsim run and compile "
            "take tenants, other commands each of their networks"
        )
    return with_dataset(build_network(document), dataset)


def with_dataset(network: Network, dataset: str | Path | None) -> Network:
    """Return a network with other images and labels, as `load_network` takes them, if any."""
    if dataset is None:
        return network
    place = _placed(Path(dataset))
    if (place.suffix in (NPZ, NPY) or is_batch(place)) and not is_folder(place):
        if not is_file(place):
            raise InputError(f"{given('dataset', display(place))}: no such file")
        beside = place.parent / NPY_LABELS
        labels = beside if place.suffix == NPY and is_file(beside) else None
        return replace(network, images_file=place, labels_file=labels, own_dataset=True)
    if has_batches(place):
        return replace(
            network, images_file=find_test_batch(place), labels_file=None, own_dataset=True
        )
    name = MAPS if network.input.maps > 1 else IMAGES
    if _there(place, name) is None and has_pngs(place):
        return replace(network, images_file=place, labels_file=None, own_dataset=True)
    images = _idx(place, name)
    return replace(network, images_file=images, labels_file=_idx(place, LABELS), own_dataset=True)


def _placed(place: Path) -> Path:
    """Return the folder of digits that ships by this name, if there is no such path here."""
    ships = shipped("workloads") / place
    is_here = is_folder(place) or is_file(place)
    return place if is_here or len(place.parts) != 1 or not is_folder(ships) else ships


def dataset_of(images: Path) -> Path:
    """Return what `load_network` takes as the data set whose images are in a file."""
    return images.parent if format_of(images) == "idx" else images


def _there(folder: Path, name: str) -> Path | None:
    """Return the file of this name in a folder, gzipped or not; None without one."""
    paths = (folder / name, folder / f"{name}.gz")
    return next((path for path in paths if is_file(path)), None)


def _idx(folder: Path, name: str) -> Path:
    found = _there(folder, name)
    if found is not None:
        return found
    what = (
        "no such folder, npz or npy file, or batch of CIFAR-10"
        if not is_folder(folder)
        else f"no file {name} or {name}.gz in it, no batches of CIFAR-10 and no PNG files"
    )
    raise InputError(f"{given('dataset', display(folder))}: {what}")
