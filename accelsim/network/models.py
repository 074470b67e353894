"""ONNX models as networks: `-w model.onnx` in place of a network file.

The weights are made when values are asked for: their scales follow from the first images of the
data set. `accelsim import` writes both down instead.
"""

from pathlib import Path

from accelsim.config import Document
from accelsim.importer import CALIBRATION, LARGEST, ImportedNetwork, Range, import_model
from accelsim.importer.layers import Floats
from accelsim.network.dataset import open_dataset
from accelsim.network.graph import Network, build_network
from accelsim.resources import display


def network_of(path: Path, imported: ImportedNetwork) -> Network:
    """Return the network of a model that was read from a path, without data set."""
    return build_network(Document(display(path), path.resolve(), imported.data()))


def read_network(path: Path) -> Network:
    """Read an ONNX model as a network; InputError names the node that cannot be."""
    return network_of(path, import_model(path))


def calibrated(
    imported: ImportedNetwork,
    network: Network,
    images: int = CALIBRATION,
    percentile: float = LARGEST,
) -> tuple[dict[str, Floats], list[Range]]:
    """Return weights and ranges, from so many images of the network's data set."""
    return imported.scaled(open_dataset(network).images[:images], percentile)
