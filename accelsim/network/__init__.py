"""Networks: the layer graph with its shapes, its weights, and the images it classifies."""

from accelsim.files import read_npz
from accelsim.network.dataset import (
    Dataset,
    format_of,
    open_dataset,
    read_dataset,
    read_idx,
    read_npz_dataset,
)
from accelsim.network.graph import Network, Published, build_network
from accelsim.network.load import load_network, with_dataset
from accelsim.network.models import calibrated, network_of
from accelsim.network.tenants import Tenant, is_of_tenants, load_tenants, parse_tenants
from accelsim.network.weights import Weights, load_weights
from accelsim.ops import Layer, Shape
from accelsim.ops.layer import INPUT

__all__ = [
    "INPUT",
    "Dataset",
    "Layer",
    "Network",
    "Published",
    "Shape",
    "Tenant",
    "Weights",
    "build_network",
    "calibrated",
    "format_of",
    "is_of_tenants",
    "load_network",
    "load_tenants",
    "load_weights",
    "network_of",
    "open_dataset",
    "parse_tenants",
    "read_dataset",
    "read_idx",
    "read_npz",
    "read_npz_dataset",
    "with_dataset",
]
