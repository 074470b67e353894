"""Ctrl-C ends the command with one line and exit code 130, whenever it comes; SIGTERM too.

A run first comes to the end of a block of records, and keeps what it has done; a second signal
does not wait for that.
"""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-c", "from accelsim.__main__ import main; main()"]


def _started(folder: Path, *arguments: str, before: str = "") -> "subprocess.Popen[str]":
    # A shell may have started the tests with interrupts ignored, which is inherited.
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    command = [*COMMAND[:2], heed + before + COMMAND[2], *arguments]
    return subprocess.Popen(
        command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def _end(
    process: "subprocess.Popen[str]", stop: signal.Signals = signal.SIGINT
) -> tuple[int, str, str]:
    process.send_signal(stop)
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


def test_while_modules_are_imported(tmp_path):
    # The first module that the command imports tells that it is being imported, and stays so.
    (tmp_path / "typer.py").write_text(
        "import time\nprint('importing', flush=True)\n"
        "try:\n    time.sleep(20)\nexcept BaseException:\n    pass\n"
    )
    process = _started(tmp_path, before="import sys; sys.path.insert(0, '.'); ")
    assert process.stdout is not None
    assert process.stdout.readline() == "importing\n"
    assert _end(process) == (130, "", "interrupted\n")


# The trace's first block says that the run is in its middle, and keeps it there.
INSIDE = """
from accelsim.trace import ParquetTrace

def stay(trace, block):
    import time
    print("inside", flush=True)
    time.sleep(60)

ParquetTrace.write = stay
"""


@pytest.mark.parametrize(
    ("stop", "code", "said"),
    [(signal.SIGINT, 130, "interrupted\n"), (signal.SIGTERM, 128 + signal.SIGTERM, "")],
)
def test_while_a_run_goes_on(tmp_path, stop, code, said):
    process = _started(tmp_path, "run", "--images", "10", "--outdir", "out", before=INSIDE)
    assert process.stdout is not None
    assert process.stdout.readline() == "inside\n"
    assert list(tmp_path.glob(".partial-*/new/trace.parquet"))
    process.send_signal(stop)
    time.sleep(0.2)  # until the first is taken note of: two at once may be one
    assert _end(process, stop) == (code, "", said)
    assert list(tmp_path.iterdir()) == []


# Says so at the begin of each block, and goes on when it is told to: a signal comes before.
SLOW = """
from accelsim.runs.record import RunOutput

passed = RunOutput.passed

def slow(output, position):
    print(position.blocks, flush=True)
    input()
    passed(output, position)

RunOutput.passed = slow
"""


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_is_kept_and_completed(tmp_path, stop):
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    process = subprocess.Popen(
        [*COMMAND[:2], heed + SLOW + COMMAND[2], "run", "--images", "300", "--outdir", "out"],
        cwd=tmp_path, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == "1\n"
    process.send_signal(stop)
    time.sleep(0.2)
    out, err = process.communicate("\n", timeout=30)
    assert (process.returncode, out) == (128 + stop, "")
    assert err.startswith("interrupted: out is a partial run, ")
    assert err.endswith(" of 300 images; accelsim run --resume out completes it\n")
    done = subprocess.run(
        [*COMMAND, "run", "--resume", "out"], cwd=tmp_path, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert "300 images" in done.stdout
    assert done.stdout.endswith("Run directory: out\n")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("entry", [COMMAND[1:], ["-m", "accelsim"]])
def test_without_one_it_is_the_command(entry):
    done = subprocess.run(
        [sys.executable, *entry, "run", "--images", "x"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
