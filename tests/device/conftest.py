"""The default cell, its magnet, and magnets of a wanted stability."""

from dataclasses import replace

import pytest

from accelsim.config import load_machine
from accelsim.device import IrmenDevice, Magnet

ROOM = 300.0


@pytest.fixture(scope="session")
def device() -> IrmenDevice:
    return IrmenDevice.of(load_machine("irmen").cell)


@pytest.fixture(scope="session")
def magnet(device) -> Magnet:
    return device.magnet


@pytest.fixture(scope="session")
def with_stability(magnet):
    """Return the default magnet at the temperature where its barrier is so many kT."""

    def make(stability: float, **changes: float) -> Magnet:
        warm = replace(magnet, **changes)
        return replace(warm, temperature=ROOM * warm.stability / stability)

    return make
