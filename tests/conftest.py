"""Fixtures that every test folder uses."""

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import accelsim
from accelsim.cli import main
from accelsim.config import Document, Machine, cells
from accelsim.config.faults import FaultsSection
from accelsim.device import Numerics
from accelsim.device import irmen as irmen_technology
from accelsim.network import Network, build_network

Command = Callable[..., tuple[int, str, str]]
REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Command:
    """Run the command in an empty directory; return exit code, output, errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["accelsim", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            main()
        out, err = capfd.readouterr()
        return int(caught.value.code or 0), out, err

    return run


@pytest.fixture(scope="module")
def few_cells() -> Iterator[None]:
    """Simulate few cells, where a test asks for no more; other tests begin anew."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(irmen_technology, "_SAMPLES", 16)
        *numerics, _ = Numerics.__init__.__defaults__ or ()
        patch.setattr(Numerics.__init__, "__defaults__", (*numerics, 64))
        cells._simulated.cache_clear()
        yield
    cells._simulated.cache_clear()


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


def with_faults(machine: Machine, *events: Mapping[str, Any], seed: int = 0) -> Machine:
    """Return a machine with faults, checked as a machine file is."""
    seeded = {"seed": seed, "events": [dict(event) for event in events]}
    return machine.model_copy(
        update={"faults": FaultsSection.model_validate(seeded)}
    )._has_what_faults_strike()


CONV = {"op": "conv", "out": 1, "kernel": 3}
RELU = {"op": "relu"}
MAX2 = {"op": "maxpool", "kernel": 2}
MAX3 = {"op": "maxpool", "kernel": 3, "stride": 1}
AVG2 = {"op": "avgpool", "kernel": 2}
