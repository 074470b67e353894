"""Studies that characterize the same magnet share what came out.

Noise is of 256 cells a level, what a read sees of 64: no test here asks for more.
"""

import pytest

from accelsim.config.machine import tree
from accelsim.device import Numerics
from accelsim.study import catalog


@pytest.fixture(scope="session", autouse=True)
def characterized_once():
    """Characterize each cell at each clock once in all tests of studies."""
    real, known = catalog.characterize, {}

    def characterize(machine, *_choices):
        key = repr((tree(machine.cell), machine.period_ps))
        if key not in known:
            known[key] = real(machine, Numerics(samples=256))
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalog, "characterize", characterize)
        yield


@pytest.fixture(autouse=True)
def read_by_few(few_cells):
    """Simulate what a read sees by few cells."""
