"""ONNX models as networks: `-w model.onnx` in place of a network file.

Scales follow from the first images of the data set; without one there are no weights. `accelsim
import` writes both down instead.
"""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from accelsim.config import Document
from accelsim.files import sha256
from accelsim.importer import (
    CALIBRATION,
    LARGEST,
    PLAIN,
    ImportedNetwork,
    Normalization,
    ScaledNetwork,
    import_model,
)
from accelsim.network.dataset import open_dataset
from accelsim.network.graph import Network, build_network
from accelsim.resources import display


def network_of(path: Path, imported: ImportedNetwork) -> Network:
    """Return the network of a model that was read from a path; its weights are the model's."""
    network = build_network(Document(display(path), path.resolve(), imported.data()))
    return replace(network, weights_file=path.resolve())


def with_partials(network: Network, path: Path) -> Network:
    """Return the network of a model with what the images of its data set show of its sums."""
    made = network_of(path, calibrated(path, network).network)
    return replace(made, images_file=network.images_file, labels_file=network.labels_file)


def calibrated(
    path: Path,
    network: Network,
    images: int = CALIBRATION,
    percentile: float = LARGEST,
    normalization: Normalization = PLAIN,
) -> ScaledNetwork:
    """Return a model with scales from so many images of the network's data set."""
    files = network.images_file, network.labels_file
    hashes = tuple(sha256(each) for each in (path, *files) if each is not None)
    return _calibrated(path, *files, images, percentile, normalization, hashes)


@lru_cache(maxsize=2)
def _calibrated(
    path: Path,
    images_file: Path | None,
    labels_file: Path | None,
    images: int,
    percentile: float,
    normalization: Normalization,
    _hashes: tuple[str, ...],
) -> ScaledNetwork:
    """Calibrate once for files of the same hashes: program and values both need it."""
    imported = import_model(path, normalization)
    network = replace(network_of(path, imported), images_file=images_file, labels_file=labels_file)
    return imported.scaled(open_dataset(network).images[:images], percentile)
