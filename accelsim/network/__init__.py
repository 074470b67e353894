"""Networks: the layer graph with its shapes, its weights, and the images it classifies."""

from typing import TYPE_CHECKING

from accelsim.lazy import lazy_names
from accelsim.ops import Layer, Shape
from accelsim.ops.layer import INPUT

if TYPE_CHECKING:
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
    "read_npz_dataset",
    "with_dataset",
]

# Loaded when first used: the schemas of files do without networkx.
_LAZY = {
    "Dataset": "dataset",
    "Network": "graph",
    "Published": "graph",
    "Tenant": "tenants",
    "Weights": "weights",
    "build_network": "graph",
    "calibrated": "models",
    "format_of": "dataset",
    "is_of_tenants": "tenants",
    "load_network": "load",
    "load_tenants": "tenants",
    "load_weights": "weights",
    "network_of": "models",
    "open_dataset": "dataset",
    "parse_tenants": "tenants",
    "read_dataset": "dataset",
    "read_idx": "dataset",
    "read_npz_dataset": "dataset",
    "with_dataset": "load",
}

__getattr__, __dir__ = lazy_names(globals(), _LAZY)
