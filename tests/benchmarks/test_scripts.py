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
