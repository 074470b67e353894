"""The run directory: whole or not at all."""

import hashlib
import json
import signal
import subprocess
import sys

import pytest

import accelsim
from accelsim.errors import InputError
from accelsim.runs import RUN_FILES, check_file


def test_files_and_hashes(tmp_path, irmen, mnist):
    outdir = tmp_path / "a" / "run"
    accelsim.simulate(irmen, mnist, 2, outdir=outdir, seed=7, command=["accelsim", "run"])
    assert sorted(path.name for path in outdir.iterdir()) == sorted(RUN_FILES)
    manifest = json.loads((outdir / "manifest.json").read_text())
    assert (manifest["seed"], manifest["images"]) == (7, 2)
    assert manifest["command"] == ["accelsim", "run"]
    assert manifest["accelsim"] == accelsim.__version__
    for name, entry in manifest["files"].items():
        assert hashlib.sha256((outdir / name).read_bytes()).hexdigest() == entry["sha256"]
    assert accelsim.load_machine(outdir / "config.resolved.yaml") == irmen
    assert check_file(outdir) == "run directory: 5 files as the run left them"


def test_a_run_is_replaced_only_by_force(tmp_path, irmen, mnist):
    accelsim.simulate(irmen, mnist, 1, outdir=tmp_path)
    before = (tmp_path / "stats.json").read_text()
    with pytest.raises(InputError, match=r"holds a run already \(trace.parquet, .*force=True"):
        accelsim.simulate(irmen, mnist, 2, outdir=tmp_path)
    assert (tmp_path / "stats.json").read_text() == before
    (tmp_path / "notes.txt").write_text("mine")
    accelsim.simulate(irmen, mnist, 2, outdir=tmp_path, force=True)
    assert (tmp_path / "stats.json").read_text() != before
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert check_file(tmp_path).startswith("run directory")


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_directory_that_cannot_be_written(tmp_path, irmen, mnist, place):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"file.*: cannot be written: "):
        accelsim.simulate(irmen, mnist, 1, outdir=tmp_path / place)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_run_leaves_nothing(tmp_path, irmen, mnist, error):
    def interrupt(_done):
        raise error

    with pytest.raises(error):
        accelsim.simulate(irmen, mnist, 1000, outdir=tmp_path / "a" / "run", progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_run_leaves_an_older_one_as_it_was(tmp_path, irmen, mnist):
    accelsim.simulate(irmen, mnist, 1, outdir=tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def interrupt(_done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        accelsim.simulate(irmen, mnist, 1000, outdir=tmp_path, force=True, progress=interrupt)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


# Simulates, says so on standard output in the middle of it, and goes on for as long as it lives.
_ENDLESS = """
import sys, time, accelsim

def inside(done):
    print("inside", flush=True)
    time.sleep(1000)

accelsim.simulate(
    accelsim.load_machine(), accelsim.load_network(), 2000, outdir=sys.argv[1], progress=inside
)
"""


def test_a_killed_run_leaves_no_file_under_a_final_name(tmp_path):
    outdir = tmp_path / "run"
    process = subprocess.Popen(
        [sys.executable, "-c", _ENDLESS, str(outdir)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == "inside\n"
    assert list(tmp_path.glob(".partial-*/new/trace.parquet"))
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert list(tmp_path.glob(".partial-*"))
    assert not outdir.exists()
    # The next run into the same directory needs no force, and removes what the other left.
    accelsim.simulate(accelsim.load_machine(), accelsim.load_network(), 1, outdir=outdir)
    assert check_file(outdir).startswith("run directory")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda run: (run / "stats.json").unlink(), r"not a complete run: missing stats.json$"),
        (
            lambda run: (run / "ledger.csv").write_text("x"),
            r"ledger.csv: changed since the run: its hash differs$",
        ),
        (lambda run: (run / "manifest.json").write_text("{"), r"manifest.json: damaged: "),
    ],
)
def test_a_damaged_run_is_told_by_validate(tmp_path, irmen, mnist, damage, message):
    accelsim.simulate(irmen, mnist, 1, outdir=tmp_path)
    damage(tmp_path)
    with pytest.raises(InputError, match=message):
        check_file(tmp_path)
