"""`accelsim diff` and `accelsim replay`: what they print, their exit codes, their messages."""

import json
import re
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import accelsim


@pytest.fixture(scope="module")
def recorded(tmp_path_factory, irmen, mnist):
    """Return a folder with two runs: a, and b with one more write cycle."""
    folder = tmp_path_factory.mktemp("runs")
    slower = accelsim.load_machine("irmen", {"timing.write_cycles": 3})
    for machine, name in ((irmen, "a"), (slower, "b")):
        accelsim.simulate(machine, mnist, 2, outdir=folder / name)
    return folder


@pytest.fixture
def runs(recorded, command, tmp_path):
    """Leave the two runs where the command is called."""
    shutil.copytree(recorded, tmp_path, dirs_exist_ok=True)


def row(out, name):
    """Return the cells of a row of a table."""
    line = next(line for line in out.splitlines() if line.strip().startswith(name))
    return re.split(r"\s{2,}", line.strip())[1:]


def test_diff_of_the_same(runs, command):
    code, out, err = command("diff", "a", "a/trace.parquet")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "A: a, on irmen",
        "B: a/trace.parquet",
        "The same: 2 images, 773 records aligned",
        "",
    ]


def test_diff_of_others(runs, command):
    code, out, err = command("diff", "a", "b")
    assert (code, err) == (3, "")
    assert "Machine: timing.write_cycles 2 -> 3\n" in out
    assert "First divergence, at 3 ns: t_end_ps of the settle of step 1" in out
    assert "  A         #4 1000..3000 ps circuit_a.lane0.bank.plane0 settle" in out
    assert "  B         #4 1000..4000 ps circuit_a.lane0.bank.plane0 settle" in out
    assert "  led by    #3 0..1000 ps circuit_a.lane0.bank.plane0 write" in out
    assert row(out, "latency") == ["42 ns", "56 ns", "+14 ns", "+33.3 %"]
    assert row(out, "makespan") == ["84 ns", "112 ns", "+28 ns", "+33.3 %"]
    assert row(out, "clock ") == ["1.68 pJ", "2.24 pJ", "+560 fJ", "+33.3 %"]
    assert row(out, "clock_cycle, cycles") == ["84", "112", "+28", "+33.3 %"]
    assert row(out, "14 handoff of output") == ["2.474 pJ", "2.514 pJ", "+40 fJ", "+1.62 %"]
    assert "ota_tap_cycle" not in out
    assert max(map(len, out.split("What changed")[1].splitlines())) <= 100


def test_diff_begins_with_what_moved_and_why(runs, command, monkeypatch):
    """Fourteen steps of a write cycle more, and as many cycles of the clock for 20 fJ each."""
    monkeypatch.setenv("COLUMNS", "80")
    out = command("diff", "a", "b")[1]
    assert out.splitlines()[2:9] == [
        "Machine: timing.write_cycles 2 -> 3",
        "Latency, image 0: 42 ns to 56 ns, +14 cycles",
        "  write cycles 2 to 3: 14 steps x 1 cycle = +14 cycles",
        "Energy per image: 99.72 pJ to 100 pJ, +280 fJ",
        "  clock_cycle 42 to 56: +14 x 20 fJ = +280 fJ",
        "Accuracy: 100 % (ideal cells) in both",
        "They differ: 2 images, 773 records aligned; 769 differ, 550 of them only in when",
    ]
    moved = json.loads(command("diff", "a", "b", "--json")[1])["moved"]
    assert [(each["figure"], each["b"] - each["a"], each["rest"]) for each in moved] == [
        ("latency", 14_000, 0),
        ("energy_per_image", 280_000, 0),
    ]
    assert moved[0]["why"] == [
        {"what": "write cycles 2 to 3", "how": "14 steps x 1 cycle", "amount": 14_000}
    ]


def test_diff_of_other_programs_of_a_network(runs, command):
    """One circuit takes 12 steps more, of 3 cycles: that moved; records are not compared."""
    command("run", "--images", "2", "--set", "circuits=1", "--outdir", "one")
    code, out, err = command("diff", "a", "one")
    assert (code, err) == (3, "")
    text = " ".join(out.split())
    assert "Latency, image 0: 42 ns to 78 ns, +36 cycles " in text
    assert "circuits 2 to 1: 12 steps more, 36 cycles of critical path = +36 cycles" in text
    assert "cannot be aligned: their programs differ: step 3 of image 0 is relu of layer" in text
    assert "What changed" not in text
    tree = json.loads(command("diff", "a", "one", "--json")[1])
    assert (tree["same"], tree["moved"][0]["rest"]) == (False, 0)
    assert tree["unaligned"].startswith("a/trace.parquet and one/trace.parquet cannot be aligned")
    assert tree["accuracy"]["b"] == {"of": {"": 1.0}, "cells": "ideal cells"}


def test_diff_for_programs(runs, command):
    code, out, _ = command("diff", "a", "b", "--json")
    assert code == 3
    found = json.loads(out)
    assert found["same"] is False
    assert found["images"] == {"both": 2, "only_a": [], "only_b": []}
    assert found["records"]["aligned"] == 773
    assert found["machine"] == {"timing.write_cycles": {"a": 2, "b": 3}}
    first = found["first_divergence"]
    assert (first["moment_ps"], first["fields"]) == (3_000, ["t_end_ps"])
    assert (first["a"]["t_end_ps"], first["b"]["t_end_ps"]) == (3_000, 4_000)
    assert [record["id"] for record in first["led_by_a"]] == [0, 3]
    figures = found["figures"]
    assert figures["run"]["energy"] == {"a": 199_444_000, "b": 200_004_000, "unit": "aJ"}
    assert figures["energy_by_component"]["clock"]["b"] == 2 * 56 * 20_000
    # Every view of the energy sums to the total.
    for view in ("energy_by_block", "energy_by_component", "energy_by_layer", "energy_by_step"):
        for side in "ab":
            assert (
                sum(each[side] for each in figures[view].values())
                == (figures["run"]["energy"][side])
            ), view
    code, out, _ = command("diff", "a", "a", "--json")
    assert code == 0
    assert json.loads(out)["first_divergence"] is None


@pytest.fixture(scope="module")
def noisy(tmp_path_factory, mnist):
    """Return a folder with runs of 20 images on the same schedule: ideal cells, and effects."""
    folder = tmp_path_factory.mktemp("noisy")
    for name, effects, seed in (
        ("ideal", "none", 0), ("ideal5", "none", 5), ("seed3", "all", 3), ("seed4", "all", 4),
    ):  # fmt: skip
        stuck = {} if effects == "none" else {"effects.stuck_cells": 0.4}
        machine = accelsim.load_machine("irmen", {"effects.active": effects, **stuck})
        accelsim.simulate(machine, mnist, 20, seed=seed, outdir=folder / name)
    return folder


def test_diff_of_runs_with_other_values(noisy, command):
    code, out, err = command("diff", noisy / "seed3", noisy / "ideal")
    assert (code, err) == (3, "")
    assert "The same schedule and energy: 20 images, 7,595 records aligned\n" in out
    shown = (
        r"Values differ: accuracy \d+ % -> \d+ %, cells with weight_bits, .* -> ideal cells, "
        "seed 3 -> 0, effects.active all -> none, "
    )
    assert re.search(shown + "effects.stuck_cells 0.4 -> ", " ".join(out.split()))
    code, out, _ = command("diff", noisy / "seed3", noisy / "seed4", "--json")
    assert code == 3
    tree = json.loads(out)
    assert tree["same"] is False
    assert tree["records"]["differing"] == 0
    assert tree["values"]["seed"] == {"a": 3, "b": 4}


def test_a_seed_decides_nothing_without_effects(noisy, command):
    code, out, _ = command("diff", noisy / "ideal", noisy / "ideal5")
    assert code == 0
    assert "The same: 20 images" in out
    assert "Values" not in out


def test_diff_of_runs_with_other_weights(recorded, command, repository, tmp_path):
    (tmp_path / "mnist").mkdir()
    for path in (repository / "workloads" / "mnist").iterdir():
        (tmp_path / "mnist" / path.name).write_bytes(path.read_bytes())
    (tmp_path / "my.yaml").write_text((repository / "workloads" / "mnist.yaml").read_text())
    weights = dict(np.load(tmp_path / "mnist" / "weights.npz"))
    for name in (name for name, each in weights.items() if each.dtype.kind == "f"):
        weights[name] = -weights[name]
    np.savez(tmp_path / "mnist" / "weights.npz", **weights)
    command("run", "-w", "my.yaml", "--images", "2", "--outdir", "other")
    code, out, _ = command("diff", recorded / "a", "other")
    assert code == 3
    assert "The same schedule and energy: 2 images" in out
    assert re.search(r"Values differ: .*weights [0-9a-f]{12} -> [0-9a-f]{12}", out)


def test_sums_over_other_images_are_said_to_be(recorded, noisy, command):
    out = command("diff", recorded / "a", noisy / "ideal")[1]
    said, table = out.index("Over different images, 2 in A and 20 in B"), out.index("What changed")
    assert said < table
    assert "Over different images" not in command("diff", recorded / "a", recorded / "b")[1]


def test_replay(runs, command):
    code, out, err = command("replay", "b")
    assert (code, err) == (0, "")
    assert "b: irmen, mnist, 2 images, 773 records, run again from what it recorded" in out
    assert row(out, "trace.parquet") == ["same bytes"]
    assert "The run came out as it was recorded." in out
    code, out, _ = command("replay", "b", "--json")
    assert json.loads(out)["same"] is True


def test_replay_without_the_weights(command, repository, tmp_path):
    (tmp_path / "mnist").mkdir()
    for path in (repository / "workloads" / "mnist").iterdir():
        (tmp_path / "mnist" / path.name).write_bytes(path.read_bytes())
    (tmp_path / "my.yaml").write_text((repository / "workloads" / "mnist.yaml").read_text())
    command("run", "-w", "my.yaml", "--images", "2", "--outdir", "a")
    (tmp_path / "mnist" / "weights.npz").unlink()
    code, out, _ = command("replay", "a")
    assert code == 0
    assert row(out, "stats.json") == ["same, values not replayed"]
    assert (
        "Values were not replayed, only schedule and energy: the weights file is gone: "
        "mnist/weights.npz" in " ".join(out.split())
    )
    assert out.splitlines()[-1] == "Schedule and energy came out as they were recorded."
    code, out, err = command("replay", "a", "-w", "my.yaml")  # asked for: no longer a note
    assert (code, out) == (2, "")
    assert "error: the weights file is gone: mnist/weights.npz" in err


@pytest.mark.parametrize("machine", [(), ("--machine", "charge"), ("--set", "circuits=1")])
@pytest.mark.parametrize("place", ["a", "./b/../a", "link"])
def test_replay_keeps_the_recorded_run(runs, command, tmp_path, machine, place):
    (tmp_path / "link").symlink_to("a")
    before = {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()}
    code, out, err = command("replay", "a", *machine, "--outdir", place, "--force")
    assert (code, out) == (2, "")
    assert "this is the run that is replayed; expected another folder" in err
    assert {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()} == before


def test_replay_with_a_workload_of_no_use(runs, command, tmp_path):
    (tmp_path / "other.yaml").write_text("name: other\n")
    code, out, err = command("replay", "a", "-w", "other.yaml")
    assert (code, out) == (2, "")
    assert "the network file changed since the run: the hash of other.yaml differs" in err
    code, out, err = command("replay", "a", "-w", "mnst")
    assert (code, out) == (2, "")
    assert "did you mean 'mnist'?" in err
    code, out, _ = command("replay", "a", "-w", "mnist")
    assert (code, out.splitlines()[-1]) == (0, "The run came out as it was recorded.")


def test_replay_of_another_outcome(command, monkeypatch, runs):
    from accelsim.compiler import fit  # noqa: F401, PLC0415 - loaded before the model changes
    from accelsim.model.bank import Banks  # noqa: PLC0415

    isolate = Banks._isolate

    def slower(self, step, now):
        usual = step.binding.write_ps
        if step.image == 1:
            step.binding.write_ps = 3_000
        isolate(self, step, now)
        step.binding.write_ps = usual

    monkeypatch.setattr(Banks, "_isolate", slower)
    code, out, _ = command("replay", "a")
    assert code == 3
    assert row(out, "trace.parquet") == ["differs"]
    # The second image is loaded at 42 ns; its load settles from 43 to 45 ns, or to 46 ns.
    assert "First divergence, at 45 ns: t_end_ps of the settle of step 1" in out
    assert "  recorded  #" in out
    assert "  replay    #" in out
    # Thirteen of its steps write a bank, each a cycle longer; the handoff does not.
    assert row(out, "latency, max") == ["42 ns", "55 ns", "+13 ns", "+31 %"]


def test_replay_elsewhere(runs, command, tmp_path):
    code, out, err = command("replay", "a", "--machine", "charge", "--outdir", "there")
    assert (code, err) == (0, "")
    assert "a: irmen, mnist; its 14 instructions an image, as the images arrived, on charge" in out
    assert "Machine: technology irmen -> charge, timing.read_cycles 1 -> 9" in out
    cells = row(out, "latency")
    assert cells == ["42 ns", "154 ns", "+112 ns", "+267 %"]
    assert row(out, "energy per image")[1:] == ["12.2 nJ", "+12.1 nJ", "x 122"]
    cells = "Accuracy: recorded 100.00 % (ideal cells), replayed 100.00 % (ideal cells)"
    assert cells in " ".join(out.split())
    assert command("validate", "there")[1].startswith("there: run directory: 5 files")
    code, out, _ = command("diff", "a", "there")
    assert code == 3
    code, out, _ = command("replay", "a", "--set", "timing.write_cycles=3", "--json")
    assert code == 0
    tree = json.loads(out)
    assert tree["machine"] == {"timing.write_cycles": {"recorded": 2, "replayed": 3}}
    makespan = tree["figures"]["run"]["makespan"]
    assert makespan == {"recorded": 84_000, "replayed": 112_000, "unit": "ps"}
    assert tree["accuracy"] == {"recorded": 1.0, "replayed": 1.0}
    assert tree["no_values"] is None
    assert command("replay", "a", "--machine", "charge", "--outdir", "there")[0] == 2
    assert command("replay", "a", "--machine", "charge", "--outdir", "there", "--force")[0] == 0


def test_replay_elsewhere_says_why_there_is_no_accuracy(command):
    command("run", "-w", "fashion", "--images", "2", "--outdir", "plain")
    code, out, _ = command("replay", "plain", "--machine", "charge")
    assert code == 0
    assert "Accuracy was not computed, only schedule and energy: the run recorded none" in out
    tree = json.loads(command("replay", "plain", "--machine", "charge", "--json")[1])
    assert tree["accuracy"] == {"recorded": None, "replayed": None}
    assert tree["no_values"] == "the run recorded none"
    code, _, err = command("replay", "plain", "--machine", "charge", "-w", "fashion")
    assert code == 2
    assert "--workload fashion: plain recorded no accuracy" in err


def test_replay_of_a_golden_trace(command, repository):
    golden = repository / "traces" / "golden" / "irmen-mnist.csv"
    code, out, _ = command("replay", golden)
    assert code == 0
    verdict = "came out as it was recorded: 1 image, 394 records aligned"
    assert verdict in " ".join(out.split())
    code, out, _ = command("replay", golden, "--machine", "charge", "--workload", "mnist")
    assert code == 3
    assert "  golden    #1 0..1000 ps host.load transfer" in out
    assert "  replay    #1 0..9000 ps host.load transfer" in out
    code, out, _ = command("replay", golden, "--set", "energy.issue=1 fJ", "--json")
    assert code == 3
    assert json.loads(out)["records"]["by_field"] == {"energy_aJ": 14}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("diff", "a", "nowhere"), r"nowhere: no such file; expected a run directory or a trace"),
        (("diff", "a", "note.txt"), r"note.txt: not a readable trace: "),
        (("diff", "a", "note.csv"), r"note.csv:1: expected the header id,"),
        (("diff", "a", "old.parquet"), r"trace schema version none; this accelsim reads 3"),
        (("diff", "a", "empty"), r"empty: not a complete run: missing trace.parquet"),
        (("diff", "a", "broken"), r"broken/trace.parquet: changed since the run"),
        (
            ("diff", "a", "one/trace.parquet"),
            r"cannot be aligned: their programs differ: step 3 of image 0 is",
        ),
        (("diff", "a", "later"), r"no image in common: images 0 to 1 in the one, image 7 in the"),
        (("replay", "nowhere"), r"nowhere: no such folder; expected the folder of a run"),
        (("replay", "note.txt"), r"note.txt: a trace alone does not say what was run"),
        (("replay", "none.csv"), r"none.csv: no such file"),
        (("replay", "broken"), r"broken/trace.parquet: changed since the run"),
        (("replay", "a", "--machine", "chrge"), r"chrge: no such machine.*did you mean 'charge'"),
        (("replay", "a", "--set", "x=1"), r"x: unknown key|x=1: "),
        (("replay", "a", "--set", "arrays.lanes=4"), r"step 8 \(conv of layer 'conv2'\) needs 8 l"),
        (("replay", "a", "--outdir", "b"), r"b: holds a run already"),
        (("replay", "x.csv", "--outdir", "z"), r"--outdir: a golden trace is compared"),
    ],
)
def test_bad_input(runs, command, tmp_path, arguments, message):
    (tmp_path / "note.txt").write_text("hello")
    (tmp_path / "note.csv").write_text("hello")
    pq.write_table(pa.table({"id": [1]}), tmp_path / "old.parquet")
    (tmp_path / "empty").mkdir()
    if "broken" in arguments:
        command("run", "--images", "1", "--outdir", "broken")
        with (tmp_path / "broken" / "trace.parquet").open("ab") as stream:
            stream.write(b"x")
    if "one/trace.parquet" in arguments:
        command("run", "--images", "1", "--set", "circuits=1", "--outdir", "one")
    if "later" in arguments:
        command("run", "--images", "7:8", "--outdir", "later")
    code, out, err = command(*arguments)
    assert (code, out) == (2, "")
    assert re.search(message, err), err
    assert "Traceback" not in err
