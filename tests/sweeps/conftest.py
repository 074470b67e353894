"""Spaces of tests, written as users write them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from accelsim.sweeps.space import Space, load_space
from accelsim.sweeps.work import release


@pytest.fixture(autouse=True)
def _released():
    """Let no test know what another one evaluated."""
    yield
    release()


@pytest.fixture
def make_space(tmp_path: Path) -> Callable[..., Space]:
    """Write a space file of these lines, and load it."""

    def make(*lines: str, name: str = "space.yaml") -> Space:
        path = tmp_path / name
        path.write_text("\n".join([*lines, ""]))
        return load_space(path)

    return make
