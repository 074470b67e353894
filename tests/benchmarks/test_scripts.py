"""Each benchmark that needs nothing beyond the package runs, and prints what it measured."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("script", "options", "expected"),
    [
        (
            "throughput.py",
            ("--images", "20", "--repeats", "1"),
            ("events alone, no sinks", "events, ledger and trace to disk", "values, all effects"),
        ),
    ],
)
def test_a_benchmark_runs(repository, script, options, expected):
    command = [sys.executable, str(repository / "benchmarks" / script), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    for text in expected:
        (line,) = (line for line in done.stdout.splitlines() if line.startswith(text))
        assert "images/s" in line


def test_networks_of_two_widths(repository):
    pytest.importorskip("onnx", reason="the extra onnx is not installed")
    command = [sys.executable, str(repository / "benchmarks" / "networks.py")]
    command += ["--widths", "1", "2", "--side", "8", "--planes", "64"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    # Steps grow with the maps, and all four times are there.
    rows = [line.split() for line in done.stdout.splitlines()]
    one, two = (row for row in rows if row[0] in {"1", "2"} and len(row) == 6 and row[1].isdigit())
    assert int(one[1]) < int(two[1])
    assert all(float(seconds) >= 0 for seconds in one[2:] + two[2:])
