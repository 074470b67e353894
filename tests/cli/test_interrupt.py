"""Ctrl-C ends the command with one line and exit code 130, whenever it comes; SIGTERM too."""

import signal
import subprocess
import sys
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
    assert _end(process, stop) == (code, "", said)
    assert list(tmp_path.iterdir()) == []


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
