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


def test_a_sweep_with_and_without_workers(repository):
    command = [sys.executable, str(repository / "benchmarks" / "sweep.py")]
    command += ["--points", "4", "--repeats", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rates = [line.split("points/s")[0].split() for line in done.stdout.splitlines()[1:]]
    assert [row[:-1] for row in rates] == [
        ["in", "a", "loop"], ["0", "workers"], ["1", "worker"], ["2", "workers"],
    ]  # fmt: skip
    assert all(float(row[-1]) > 0 for row in rates)


def test_the_order_of_three_networks(repository):
    pytest.importorskip("onnx", reason="the extra onnx is not installed")
    command = [sys.executable, str(repository / "benchmarks" / "order.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = [line.split() for line in done.stdout.replace(",", "").splitlines()[1:]]
    found = {(row[0], row[1]): [float(figure) for figure in row[2:]] for row in rows}
    assert len(found) == 6
    for steps, before, cycles, gain, bound in found.values():
        assert before >= cycles >= bound >= steps
        assert gain == pytest.approx(before / cycles, abs=0.005)
    assert found["LeNet-5", "irmen"] == [36, 67, 67, 1.0, 67]


def test_networks_of_two_widths(repository):
    pytest.importorskip("onnx", reason="the extra onnx is not installed")
    command = [sys.executable, str(repository / "benchmarks" / "networks.py")]
    command += ["small", "--planes", "64"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    # Steps grow with the maps, and all times are there.
    rows = [line.split() for line in done.stdout.splitlines()]
    one, two = (row for row in rows if row[1:3] == ["1", "8"])
    assert int(one[3]) < int(two[3])
    assert len(one) == len(two) == 10
    assert all(float(figure.replace(",", "")) >= 0 for figure in one[4:] + two[4:])
