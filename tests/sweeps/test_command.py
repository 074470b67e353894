"""What `accelsim sweep` and `accelsim.sweep` print, leave and refuse."""

import csv
import json
import shlex
import sys

import pytest

import accelsim
from accelsim.errors import InputError

SPACE = """description: Two lanes and a fan-in that is too small
axes:
  arrays.lanes: [4, 8]
  arrays.fan_in: [1, 4]
values: false
"""


@pytest.fixture
def space(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "two.yaml").write_text(SPACE)
    return tmp_path / "two.yaml"


def test_it_prints_the_front_and_says_what_failed(command, space, tmp_path):
    code, out, err = command("sweep", "two.yaml", "--workers", "0")
    assert (code, err) == (0, "")
    lines = [line.rstrip() for line in out.splitlines()]
    assert lines[0] == "two: 4 points, 2 failed"
    assert lines[1].startswith("failed: 2 as point 0: mnist.yaml: layer 'pool1': a step reads 2")
    assert "Pareto front: latency min, energy per image min" in lines
    (row,) = [line.split() for line in lines if line.strip().startswith("3 ")]
    assert row == ["3", "8", "4", "42", "ns", "99.72", "pJ"]
    folder = tmp_path / "runs" / "sweep" / "two"
    names = ("front.csv", "front.png", "front.svg", "index.html")
    assert lines[-4:] == [f"written: runs/sweep/two/{name}" for name in names]
    (found,) = csv.DictReader((folder / "front.csv").read_text().splitlines())
    assert found["latency_ps"] == "42000.0"
    assert shlex.split(found["command"])[:3] == ["accelsim", "run", "irmen"]
    assert "Two lanes and a fan-in that is too small." in (folder / "front.svg").read_text()


def test_json_has_the_front(command, space):
    code, out, _ = command("sweep", "two.yaml", "--workers", "0", "--json", "--outdir", "o")
    assert code == 0
    tree = json.loads(out)
    assert tree["files"] == ["o/front.csv", "o/front.png", "o/front.svg", "o/index.html"]
    assert [row["point"] for row in tree["rows"]] == [3]


def test_a_done_sweep_starts_no_workers(command, space, monkeypatch):
    assert command("sweep", "two.yaml", "--workers", "0")[0] == 0
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert command("sweep", "two.yaml", "--workers", "2")[0] == 0
    assert command("sweep", "two.yaml", "--workers", "2", "--outdir", "other")[2] == (
        "error: --workers 2: needs Dask: pip install 'accelsim[sweep]'; or --workers 0\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "nothing: no such space: expected a file, or one of "),
        (["two.yaml", "--budget", "0"], "--budget 0: expected a whole number from 1"),
        (["two.yaml", "--workers", "-1"], "--workers -1: expected a whole number from 0"),
        (
            ["two.yaml", "--workers", "2", "--scheduler", "tcp://127.0.0.1:9"],
            "--workers 2: the cluster of --scheduler has its own; leave one out",
        ),
    ],
)
def test_bad_options_leave_nothing(command, space, tmp_path, arguments, message):
    code, out, err = command("sweep", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {message}")
    assert [path.name for path in tmp_path.iterdir()] == ["two.yaml"]


def test_validate_and_list_know_spaces(command, space):
    assert command("validate", "two.yaml")[1] == (
        "two.yaml: space: 'two', 4 points (grid) of 2 axes\n"
    )
    assert "lanes" in command("list", "spaces")[1]


def test_interrupted_it_says_what_is_kept(command, space, monkeypatch):
    monkeypatch.setattr("accelsim.sweeps.work.Evaluation.run", _interrupt)
    code, _, err = command("sweep", "two.yaml", "--workers", "0")
    assert code == 130
    assert err == ("interrupted: 0 of 4 points are kept; the same command goes on from there\n")


def _interrupt(_):
    raise KeyboardInterrupt


def test_from_python_an_arrow_table(space, tmp_path):
    rows = accelsim.sweep(space, "kept")
    assert rows.column("latency_ps").to_pylist() == [None, 43_000, None, 42_000]
    assert rows.to_pandas().loc[3, "arrays.lanes"] == 8
    told = []
    again = accelsim.sweep(space, "kept", progress=lambda *what: told.append(what))
    assert again.equals(rows)
    assert told == [("evaluating", 4, 4)]
    (tmp_path / "two.yaml").write_text(SPACE.replace("[1, 4]", "[4]"))
    with pytest.raises(InputError, match=r"choose another outdir, or force to replace it$"):
        accelsim.sweep(space, "kept")
