"""A few cases of every kind; `python -m tests.fuzz` runs as many as wanted."""

import warnings

import pytest

from tests.fuzz.__main__ import try_case
from tests.fuzz.targets import TARGETS

CASES = 4
FOUND = (("traces", 2068), ("traces", 3355), ("models", 5745), ("models", 20634))
"""Cases that showed a defect once."""


@pytest.fixture(autouse=True)
def apart(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


@pytest.mark.parametrize("kind", TARGETS)
def test_no_input_shows_a_defect(kind):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries; the command shows none
        faults = [try_case(kind, seed) for seed in range(CASES)]
    assert [fault for fault in faults if fault] == []


@pytest.mark.parametrize(("kind", "seed"), FOUND)
def test_what_was_found_stays_mended(kind, seed):
    assert try_case(kind, seed) == ""
