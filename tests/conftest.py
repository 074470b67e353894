"""Fixtures that every test folder uses."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import accelsim
from accelsim.config import Document, Machine
from accelsim.network import Network, build_network

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def irmen() -> Machine:
    return accelsim.load_machine("irmen")


@pytest.fixture(scope="session")
def charge() -> Machine:
    return accelsim.load_machine("charge")


@pytest.fixture(scope="session")
def mnist() -> Network:
    return accelsim.load_network("mnist")


@pytest.fixture(scope="session")
def make_network() -> Callable[..., Network]:
    """Build a network of an input shape and layers, without weights or images."""

    def make(shape: list[int], *layers: Mapping[str, Any], **keys: Any) -> Network:
        named = [{"name": f"{layer['op']}{n}", **layer} for n, layer in enumerate(layers)]
        data = {"name": "test", "input": shape, "layers": named, **keys}
        return build_network(Document("test.yaml", Path("test.yaml").resolve(), data))

    return make


CONV = {"op": "conv", "out": 1, "kernel": 3}
RELU = {"op": "relu"}
MAX2 = {"op": "maxpool", "kernel": 2}
MAX3 = {"op": "maxpool", "kernel": 3, "stride": 1}
AVG2 = {"op": "avgpool", "kernel": 2}
