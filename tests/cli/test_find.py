"""`accelsim list`, `show` and `init` as a user meets them."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import accelsim
from accelsim.config.origins import constants_of


@pytest.mark.parametrize("width", [80, 140])
def test_nothing_is_cut_at_any_width(command, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    for arguments in (["list"], ["show", "energy.issue"], ["show", "irmen", "--full"],
                      ["show", "mnist"], ["show", "issue"]):  # fmt: skip
        code, out, err = command(*arguments)
        assert (code, err) == (0, "")
        assert max(len(line.rstrip()) for line in out.splitlines()) <= width
        assert "…" not in out


def test_list_names_what_ships(command):
    _, out, _ = command("list", "networks")
    assert out.startswith("Networks\n")
    assert "Machines" not in out
    for name in ("cifar", "fashion", "lenet", "mnist", "resnet", "wide"):
        assert f"  {name}" in out
    _, text, _ = command("list", "machines", "--json")
    (charge, irmen, *_) = json.loads(text)["machines"]
    assert (charge["name"], irmen["name"]) == ("charge", "irmen")
    assert set(irmen) == {"name", "about", "file"}


def test_show_says_value_kind_source_and_place(command, tmp_path):
    (tmp_path / "mine.yaml").write_text("extends: irmen\narrays: {lanes: 4}\n")
    code, out, _ = command("show", "lanes", "-m", "mine.yaml", "--machine", "irmen")
    assert code == 0
    lines = [line.strip() for line in out.splitlines()]
    assert lines[:2] == [
        "arrays.lanes, key of a machine file",
        "Arrays, each with a bank, of a circuit; they work in lockstep.",
    ]
    assert lines[lines.index("values") + 1 :][:3] == [
        "mine   4, assumed", "no source given", "mine.yaml:2",
    ]  # fmt: skip
    _, text, _ = command("show", "lanes", "--json", "-m", "mine.yaml")
    (found,) = json.loads(text)
    assert found["values"] == [
        {
            "of": "mine",
            "value": "4",
            "kind": "assumed",
            "source": "no source given",
            "where": "mine.yaml:2",
        }
    ]


def test_show_tells_every_constant_if_asked(command, irmen):
    short, full = command("show", "irmen")[1], command("show", "irmen", "--full")[1]
    assert [key for key in constants_of(irmen) if key not in full] == []
    assert "energy.issue" not in short


def test_show_does_not_know(command):
    assert command("show", "lnes") == (
        2,
        "",
        "error: show: lnes: no such key, name, word or file; `accelsim list` names what ships; "
        "did you mean 'lanes'?\n",
    )
    code, _, err = command("show", "lanes", "-m", "irmne")
    assert (code, err) == (
        2,
        "error: irmne: no such machine: expected a file, or one of charge, irmen, "
        "mixed_signal, mixed_signal_8bit; did you mean "
        "'irmen'?\n",
    )


@pytest.fixture
def project(command, tmp_path):
    """Write the project; return its folder."""
    code, out, err = command("init", "mine")
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "written: mine/machine.yaml"
    return tmp_path / "mine"


def test_a_project_works_as_it_is_written(project, command, monkeypatch):
    monkeypatch.chdir(project)
    lines = re.findall("^accelsim (.*)$", Path("README.md").read_text(), re.MULTILINE)
    said = {words[0]: command(*words) for words in map(shlex.split, lines)}
    assert {name: (code, err) for name, (code, _, err) in said.items()} == dict.fromkeys(
        ("validate", "run", "compare", "show"), (0, "")
    )
    assert "machine file: 'my_machine'" in said["validate"][1]
    assert "Extends: irmen.yaml\n" in said["run"][1]
    assert "my_machine contexts=1" in said["compare"][1]
    machine = accelsim.load_machine(project / "machine.yaml")
    assert [each.name for each in machine.machine_files] == ["machine.yaml", "irmen.yaml"]
    assert command("replay", project / "golden.csv")[0] == 0
    # Five steps of 1 + n cycles: load, conv, relu, avg, handoff.
    done = _run(project, "run.py")
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line.split() for line in done.stdout.splitlines()[1:]]
    assert [row[:2] for row in rows] == [["1", "10"], ["2", "15"], ["3", "20"]]
    tested = _run(project, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist")
    assert tested.returncode == 0, tested.stdout
    assert "1 passed" in tested.stdout


def _run(folder, *arguments):
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def test_a_folder_with_something_in_it_is_refused(project, command, tmp_path):
    before = {path.name: path.read_bytes() for path in project.iterdir()}
    assert command("init", "mine") == (
        2,
        "",
        "error: mine: not empty: it has README.md; expected a folder that is not there yet, or an "
        "empty one\n",
    )
    assert {path.name: path.read_bytes() for path in project.iterdir()} == before
    assert command("init", "mine/README.md")[2] == (
        "error: mine/README.md: a file; expected a folder that is not there yet, or an empty one\n"
    )
    (tmp_path / "empty").mkdir()
    assert command("init", "empty")[0] == 0


def test_show_names_what_is_near_in_any_case(command):
    code, _, err = command("show", "LANES")
    assert (code, err) == (
        2,
        "error: show: LANES: no such key, name, word or file; `accelsim list` names what ships; "
        "did you mean 'lanes'?\n",
    )


def test_show_of_a_group_points_to_the_list(command):
    assert command("show", "machines") == (
        2, "", "error: show: machines: a group; `accelsim list machines` names what is in it\n"
    )  # fmt: skip


@pytest.mark.parametrize("key", ["timing.write_cycles", "noise.write", "timing.write_time"])
def test_what_a_device_file_says_is_where_that_is_named(command, tmp_path, key):
    (tmp_path / "f.yaml").write_text("extends: irmen\nname: f\ndevice: irmen\n")
    _, text, _ = command("show", key, "-m", "f.yaml", "--json")
    (row,) = json.loads(text)[0]["values"]
    assert row["where"] == "f.yaml:3"
