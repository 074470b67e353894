"""Tables of steps: those of a long program have a line for each op of a layer."""

import re

import pytest
from typer.testing import CliRunner

from accelsim.cli import step_lines
from accelsim.cli.app import app

NETWORK = """\
name: two-folds
input: [1, 8, 8]
layers:
  - {name: conv1, op: conv, out: 16, kernel: 3, stride: 1, padding: same}
  - {name: relu1, op: relu}
"""
# A load; two folds of the convolution and of its relu; two of the handoff.
STEPS = ["1 load", "2 conv", "3 conv", "4 relu", "5 relu", "6 handoff_more", "7 handoff"]
LINES = [
    ("1", "load", 1),
    ("2-3", "conv", 2),
    ("4-5", "relu", 2),
    ("6", "handoff_more", 1),
    ("7", "handoff", 1),
]


@pytest.fixture
def network(tmp_path, monkeypatch):
    """Return a network of seven steps, where more than six are many."""
    monkeypatch.setattr(step_lines, "MOST_STEPS", 6)
    path = tmp_path / "two-folds.yaml"
    path.write_text(NETWORK)
    return path


@pytest.fixture
def run(network, tmp_path):
    """Return the folder of a run of it, and what the command printed."""
    folder = tmp_path / "run"
    return folder, _told("run", "-w", network, "--images", 1, "--outdir", folder)


def _told(*words):
    result = CliRunner().invoke(app, list(map(str, words)), catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def _found(pattern, text):
    return re.findall(pattern, text, re.MULTILINE)


def _lines(text):
    """Return step, op and number of each line of the first table."""
    rows = re.findall(
        r"^ +(\d+(?:-\d+)?) +(\w+) +\w+ +(?:[\d,]+-[\d,]+ +)?(\d+) ", text, re.MULTILINE
    )
    return [(step, op, int(number)) for step, op, number in rows]


def test_the_steps_of_an_op_of_a_layer_are_one_line(network):
    text = _told("compile", "-w", network)
    assert _lines(text) == LINES
    said = " ".join(text.split())
    assert "7 steps in 5 lines, one for each op of a layer" in said
    assert "Each: --full; as data: --json." in said


def test_full_has_a_line_for_each(network):
    text = _told("compile", "-w", network, "--full")
    assert _found(r"^ +(\d \w+)", text) == STEPS
    assert "in 5 lines" not in text


def test_a_short_program_is_as_it_was(network, monkeypatch):
    monkeypatch.setattr(step_lines, "MOST_STEPS", 7)
    text = _told("compile", "-w", network)
    assert text == _told("compile", "-w", network, "--full")


def test_the_schedule_of_a_run_adds_up(run):
    _, text = run
    assert _lines(text) == LINES
    # load@0, conv@3,4, relu@6,7, handoff@9,10, stored at 13.
    assert _found(r"(\d+-\d+) +\d+ +[\d,]+ +[\d.]+ *$", text) == [
        "0-3", "3-7", "6-10", "9-12", "10-13",
    ]  # fmt: skip
    # One map of 64 cells has 9 taps and a bias, of 16 maps; the total is of all.
    assert re.search(r"2-3 +conv +conv1 +3-7 +2 +10,240 ", text)
    assert re.search(r"total +13 +7 ", text)


def test_explain_folds_the_path_and_full_has_each(run):
    folder, _ = run
    text = _told("explain", folder)
    assert [step for step, _, _ in _lines(text)] == [step for step, _, _ in LINES]
    assert "7 steps in 5 lines" in " ".join(text.split())
    each = _told("explain", folder, "--full")
    assert [line for line in _found(r"^ +(\d \w+)", each) if line in STEPS] == STEPS
    assert "settled:circuit_b.lane0.bank.plane0" in "".join(each.split())


def test_waits_are_folded_too(network, tmp_path, monkeypatch):
    # With two read cycles the second fold waits for the way that the first one takes.
    monkeypatch.setattr(step_lines, "MOST_STEPS", 5)
    folder = tmp_path / "run"
    _told("run", "-w", network, "--images", 1, "--set", "timing.read_cycles=2", "--outdir", folder)
    text = _told("explain", folder, "stalls").partition("Waits before each step")[2]
    folded = _found(r"^ +(\d+(?:-\d+)?) +(\w+) +\w+ +(\d) +(\d) ", text)
    assert folded == [
        ("2-3", "conv", "2", "2"), ("4-5", "relu", "2", "2"),
        ("6", "handoff_more", "1", "1"), ("7", "handoff", "1", "1"),
    ]  # fmt: skip
    each = _told("explain", folder, "stalls", "--full").partition("Waits before each step")[2]
    steps = _found(r"^ +(\d) +(\w+)", each)
    assert [f"{step} {op}" for step, op in steps] == STEPS[1:]
