"""Examples of docstrings and the notebook run, and show what they say."""

import doctest
from importlib import import_module

import pytest

from tests.api import user
from tests.notebook import code_cells, kept_in, shown_by

MODULES = ["analysis.figure", *(f"api.{name}" for name in (
    "asking", "devices", "drawing", "inputs", "result", "running", "studies",
))]  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    module = import_module(f"accelsim.{name}")
    found = doctest.testmod(module)
    assert found.attempted
    assert not found.failed


def test_the_notebook_shows_what_it_says(repository, monkeypatch, tmp_path):
    path = repository / "docs" / "notebooks" / "first.ipynb"
    monkeypatch.chdir(tmp_path)
    assert shown_by(path) == kept_in(path)
    assert all(cell["execution_count"] is None for cell in code_cells(path))


def test_a_users_script_runs():
    latency, no_values, summary = user.script()
    assert (latency, no_values) == ("56.0 ns", "")
    assert summary.startswith("mnist on irmen, 2 images\n")
