"""Loads a network file by name or path."""

from pathlib import Path

from accelsim.config import read_document
from accelsim.network.graph import Network, build_network
from accelsim.resources import find


def load_network(workload: str | Path = "mnist") -> Network:
    """Load a network by the name of one that ships, or from a YAML file.

    Weights and images are read when values are asked for. Raises InputError.
    """
    return build_network(read_document(find(workload, "workloads", "workload")))
