"""The command as a user meets it: what it prints, its exit codes, its messages."""

import json
from pathlib import Path

import pytest

from accelsim.cli import device_tasks
from accelsim.device import Numerics
from accelsim.energy import Ledger
from accelsim.errors import ReconciliationError


def test_run_without_arguments(command, tmp_path):
    code, out, err = command("run")
    assert code == 0
    assert err == ""
    for expected in (
        "mnist on it, 100 images, clock period 1 ns, 1 in flight",
        "14 handoff output 39-42 8 392 392 392 1.2371",
        "Latency              42 ns (42 cycles)",
        "Energy per image     99.72 pJ",
        "about 42 ns",
        "about 100 pJ",
        "below 0.14 nJ",
        "60.7 % calibrated",
        "Accuracy: ",
        "Not modelled: ",
        "Run directory: runs/irmen-mnist-1",
    ):
        assert " ".join(expected.split()) in " ".join(out.split()), expected
    assert (tmp_path / "runs" / "irmen-mnist-1" / "manifest.json").is_file()
    assert "runs/irmen-mnist-2" in command("run", "--images", "1")[1]


def test_run_charge(command):
    code, out, _ = command("run", "charge", "--workload", "mnist", "--images", "40:42")
    assert code == 0
    assert "Schedule of image 40" in out
    assert "Latency              154 ns (154 cycles)" in out
    assert "over 12 nJ" in out
    assert "12.2 nJ" in out


def test_run_writes_its_command_line(command, tmp_path):
    arguments = ("run", "--images", "2", "--set", "timing.write_cycles=3", "--seed", "5")
    code, out, _ = command(*arguments, "--outdir", "here")
    assert code == 0
    assert "56 ns (56 cycles)" in out
    manifest = json.loads((tmp_path / "here" / "manifest.json").read_text())
    assert manifest["command"] == ["accelsim", *arguments, "--outdir", "here"]
    assert manifest["seed"] == 5


def test_run_without_values(command, tmp_path):
    (tmp_path / "net.yaml").write_text(
        "name: net\ninput: [1, 4, 4]\nlayers:\n- {name: p, op: maxpool, kernel: 2}\n"
    )
    code, out, _ = command("run", "-w", "net.yaml", "--images", "2")
    assert code == 0
    assert "No values: network 'net' names no weights; schedule and energy only." in out


def test_compile(command):
    code, out, _ = command("compile")
    assert code == 0
    assert "14 steps of 3 cycles" in out
    row = "8 conv conv2 a0[0-3] b0[0-7] 14x14 37 +z 1,568 784 58,016"
    assert row in " ".join(out.split())
    code, out, _ = command("compile", "charge", "--set", "circuits=1", "--json")
    program = json.loads(out)
    assert len(program["instructions"]) == 26
    assert program["instructions"][2]["op"] == "copy"


def test_validate(command, repository):
    command("run", "--images", "1", "--outdir", "run")
    files = [
        repository / "configs" / "irmen.yaml",
        repository / "workloads" / "mnist.yaml",
        repository / "workloads" / "mnist" / "weights.npz",
        repository / "workloads" / "mnist" / "t10k-labels-idx1-ubyte.gz",
        repository / "traces" / "golden" / "irmen-mnist.csv",
        "run/trace.parquet",
        "run",
    ]
    code, out, _ = command("validate", *map(str, files))
    assert code == 0
    assert [line.split(": ", 1)[1] for line in out.splitlines()] == [
        "machine file: 'irmen'",
        "network file: 'mnist', 7 layers, weights fit, 10000 images fit",
        "weights: 7 arrays",
        "IDX file: 10000 bytes",
        "trace: 394 records",
        "trace: 394 records",
        "run directory: 5 files as the run left them",
    ]


def test_validate_tells_all_that_is_wrong(command, tmp_path, repository):
    (tmp_path / "machine.yaml").write_text("clock: 1 nm\n")
    (tmp_path / "note.txt").write_text("hello")
    good = str(repository / "configs" / "charge.yaml")
    code, out, err = command("validate", "machine.yaml", good, "note.txt", "none")
    assert code == 2
    assert out == f"{good}: machine file: 'charge'\n"
    assert "machine.yaml:1:1: clock: '1 nm' is neither a frequency nor a time" in err
    assert "note.txt: not a file of accelsim: expected a machine or network file" in err
    assert "none: no such file" in err


BAD_RUNS = {
    "unknown machine": (["irmem"], "irmem: no such machine: expected a file, or one of charge, "
                        "irmen, mixed_signal, mixed_signal_8bit; did you mean 'irmen'?"),
    "unknown workload": (["-w", "mnits"], "mnits: no such workload: expected a file, or one of "
                         "cifar, fashion, lenet, mnist, resnet, wide; did you mean 'mnist'?"),
    "unknown key": (["--set", "timing.writecycles=2"], "--set timing.writecycles=2: "
                    "timing.writecycles: unknown key; allowed here: read_cycles, write_cycles, "
                    "needs, read_time, write_time; did you mean 'write_cycles'?"),
    "wrong unit": (["--set", "clock=1 nm"], "clock: '1 nm' is neither a frequency nor a time"),
    "no whole ps": (["--set", "clock=3 GHz"], "which is not a positive whole number of ps"),
    "negative count": (["--set", "arrays.lanes=-1"], "arrays.lanes: got -1; expected a whole "
                       "number of lanes from 1 to 4096"),
    "no equals sign": (["--set", "clock"], "--set clock: expected key=value"),
    "too small": (["--set", "arrays.rows=1"], "layer 'pool1': a window of 2 rows, which no "
                  "tile has: the machine has arrays.rows = 1"),
    "no image": (["--images", "0"], "images 0: expected 1 or more images"),
    "image out of range": (["--images", "9999:10001"], "image 10000 is out of range"),
    "more images than 64 bits number": (["--images", "9223372036854775808"],
                                        "image 9223372036854775807 is out of range"),
    "no number": (["--images", "ten"], "--images ten: expected a number such as 100, or a range "
                  "such as 40:60"),
    "outdir is a file": (["--outdir", "plain"], "plain: cannot be written: File exists"),
    "outdir holds a run": (["--outdir", "old"], "old: holds a run already (manifest.json); choose "
                           "another --outdir, or --force to replace it"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_RUNS)
def test_bad_input_gives_one_message_and_writes_nothing(command, tmp_path, case):
    (tmp_path / "plain").write_text("")
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "manifest.json").write_text("{}")
    before = sorted(tmp_path.rglob("*"))
    arguments, message = BAD_RUNS[case]
    code, out, err = command("run", *arguments)
    assert code == 2
    assert out == ""
    assert err.startswith("error: ")
    assert message in err
    assert "Traceback" not in err
    assert sorted(tmp_path.rglob("*")) == before


def test_damaged_files_of_a_workload(command, tmp_path, repository):
    shipped = repository / "workloads"
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist.yaml").write_text((shipped / "mnist.yaml").read_text())
    for path in (shipped / "mnist").iterdir():
        (tmp_path / "mnist" / path.name).write_bytes(path.read_bytes())
    for name, message in (
        ("weights.npz", "not a readable npz archive"),
        ("t10k-images-idx3-ubyte.gz", "cannot be read, truncated or damaged"),
        ("t10k-labels-idx1-ubyte.gz", "cannot be read, truncated or damaged"),
    ):
        path = tmp_path / "mnist" / name
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        code, _, err = command("run", "-w", "mnist.yaml")
        assert code == 2, name
        assert message in err
        path.write_bytes(whole)
    assert not (tmp_path / "runs").exists()
    assert command("run", "-w", "mnist.yaml", "--images", "1")[0] == 0


def test_a_defect_of_the_model_is_exit_code_1(command, monkeypatch):
    def fail(_self):
        raise ReconciliationError("off by one")

    monkeypatch.setattr(Ledger, "reconcile", fail)
    code, _, err = command("run", "--images", "1")
    assert (code, err) == (1, "error: off by one\n")


def test_version(command):
    code, out, _ = command("--version")
    assert code == 0
    assert out.startswith("accelsim 0.")


def test_unknown_option(command):
    code, _, err = command("run", "--imgs", "3")
    assert code == 2
    assert "--imgs" in err
    assert "Traceback" not in err


def test_from_magnet_to_digit(command, tmp_path, monkeypatch):
    # Noise of fewer cells: cycles follow from how the magnet settles.
    monkeypatch.setattr(device_tasks, "Numerics", lambda: Numerics(samples=64))
    # Half the damping takes twice as long to settle: 1 + 4 cycles, 14 steps of 5.
    arguments = ("--images", "2", "--set", "cell.damping=0.005", "--outdir", "out")
    code, out, err = command("run", "--characterize", "cell.yaml", *arguments)
    assert (code, err) == (0, "")
    assert out.startswith("written: cell.yaml\n")
    assert "Latency              70 ns (70 cycles)" in out
    resolved = (tmp_path / "out" / "config.resolved.yaml").read_text()
    assert "cell.yaml: write_time" in resolved
    code, out, _ = command("validate", "cell.yaml", "out/config.resolved.yaml")
    assert (
        out == "cell.yaml: device file: 'irmen'\nout/config.resolved.yaml: machine file: 'irmen'\n"
    )


def test_a_changed_cell_alone_is_pointed_out(command):
    code, out, err = command("run", "--images", "1", "--set", "cell.damping=0.005")
    assert code == 0
    assert "42 ns (42 cycles)" in out
    assert err == ""
    assert " ".join(out.split()).startswith(
        "warning: cell.damping does not change timing and response by itself "
        "(that is of the cell of "
        "irmen.yaml); add --characterize FILE to derive the cycles from the cell "
    )


def test_files_are_the_same_without_fast_forward(command):
    options = ("--images", 20, "--workload", "mnist")
    assert command("run", *options, "--outdir", "one")[0] == 0
    assert command("run", *options, "--no-fast-forward", "--outdir", "two")[0] == 0
    for path in Path("one").iterdir():
        if path.name != "manifest.json":  # it has the command line
            assert path.read_bytes() == (Path("two") / path.name).read_bytes(), path.name
