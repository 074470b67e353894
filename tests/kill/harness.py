"""Starts a command, kills it after some time, and holds what is left to what was promised."""

import csv
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from accelsim.documents.document import read_document
from accelsim.errors import InputError
from accelsim.runs import open_partial, open_run

LONGEST = 120
SPELL = [sys.executable, "-c", "from accelsim.__main__ import main; main()"]


@dataclass(frozen=True)
class Job:
    """A command, and what its files have to be under their final names, if they are there.

    again: exit codes of the same command after a kill. whole: raises for files by half. end:
    what ends it. before: Python that the command runs first. resumes: whether a partial run is
    resumed instead, to the bytes of one that nobody stopped.
    """

    arguments: tuple[str, ...]
    whole: Callable[[Path], None]
    again: tuple[int, ...] = (0,)
    end: signal.Signals = signal.SIGKILL
    before: str = ""
    resumes: bool = False


def _runs(folder: Path) -> None:
    for path in folder.glob("out*"):
        try:
            open_run(path)
        except InputError as error:
            if "a partial run" not in str(error):
                raise
            open_partial(path)


def _texts(folder: Path) -> None:
    """Each file ends as one of its kind ends."""
    ends = {
        ".csv": b"\n", ".svg": b"</svg>\n", ".png": b"IEND\xaeB`\x82", ".html": b"</html>",
        ".vcd": b"\n", ".gtkw": b"\n", ".yaml": b"\n",
    }  # fmt: skip
    for path in folder.glob("t/[!.]*"):  # what is hidden is left over: no final name
        end = ends[path.suffix]
        data = path.read_bytes()
        assert data.rstrip(b"\n").endswith(end.rstrip(b"\n")), path
        assert path.suffix != ".yaml" or (data.endswith(b"\n") and read_document(path).data), path
        assert path.suffix != ".csv" or len({len(row) for row in _rows(data)}) == 1, path


def _rows(data: bytes) -> list[list[str]]:
    lines = data.decode().splitlines()
    return list(csv.reader(line for line in lines if not line.startswith("#")))


def _table(folder: Path) -> None:
    for path in folder.glob("out*/*.parquet"):
        pq.read_metadata(path)
    _runs(folder)


# Blocks of a few images, each with a checkpoint.
_OFTEN = """
from accelsim.records import recorder
from accelsim.runs import checkpoints
recorder.LINES_PER_BLOCK, recorder.BLOCK, checkpoints.EVERY_S = 4000, 20_000, 0.05
"""

# A run that is complete, or partial, is not replaced without --force: exit code 2 says so.
JOBS = {
    "resume": Job(
        ("run", "--images", "600", "--outdir", "out"), _table, (0, 2), before=_OFTEN, resumes=True
    ),
    "interrupt": Job(
        ("run", "--images", "600", "--outdir", "out"), _table, (0, 2), signal.SIGTERM, _OFTEN,
        resumes=True,
    ),
    "run": Job(("run", "--images", "3000", "--outdir", "out"), _table, (0, 2)),
    "replace": Job(("run", "--images", "2000", "--outdir", "out", "--force"), _table),
    "timeline": Job(("timeline", "RUN", "--outdir", "t"), _texts),
    "export": Job(("trace", "export", "RUN", "--format", "csv", "-o", "t/x.csv"), _texts),
    "waves": Job(("trace", "export", "RUN", "--format", "vcd", "-o", "t/x.vcd"), _texts),
    "replay": Job(("replay", "RUN", "--outdir", "out", "--force"), _table),
    "study": Job(
        ("study", "accuracy", "bits", "--images", "20", "--seeds", "1", "--values", "2,4,8",
         "--outdir", "t"), _texts,
    ),
    "sweep": Job(
        ("device", "sweep", "--points", "2", "--samples", "32", "--outdir", "t"), _texts
    ),
}  # fmt: skip


def prepare(job: Job, run: Path, folder: Path) -> list[str]:
    """Make the folders that a job needs; return its command."""
    (folder / "t").mkdir(parents=True)
    (folder / "tmp").mkdir()
    if "--force" in job.arguments:
        shutil.copytree(run, folder / "out")
    spell = [*SPELL[:2], job.before + SPELL[2]]
    return [*spell, *(str(run) if each == "RUN" else each for each in job.arguments)]


def duration(job: Job, run: Path, folder: Path) -> float:
    """Return how long a job takes that nobody kills."""
    begin = time.monotonic()
    process = _start(prepare(job, run, folder), folder)
    process.communicate(timeout=LONGEST)
    assert process.returncode == 0
    if job.resumes:
        _EXPECTED[job.arguments] = _bytes(folder / "out")
    return time.monotonic() - begin


_EXPECTED: dict[tuple[str, ...], dict[str, bytes]] = {}
"""Files of jobs that were not killed."""


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def kill(job: Job, run: Path, folder: Path, after: float) -> str:
    """Kill a job after so many seconds; return what was reported written that is not there."""
    command = prepare(job, run, folder)
    process = _start(command, folder)
    time.sleep(after)
    process.send_signal(job.end)
    out = process.communicate()[0]
    lost = [line for line in _reported(out) if not (folder / line).exists()]
    if lost:
        return f"reported and lost: {lost}"
    try:
        job.whole(folder)
    except (AssertionError, InputError, OSError) as error:
        return f"there by half: {error!r}"
    if "--force" in job.arguments and not (folder / "out" / "manifest.json").exists():
        return "the old run is gone, and no new one is there"
    return _resumed(job, command, folder) if job.resumes else _again(job, command, folder)


def _resumed(job: Job, command: list[str], folder: Path) -> str:
    """Complete what is there; run again what has left nothing."""
    out = folder / "out"
    if out.exists() and not (out / "stats.json").exists():
        command = [*command[: len(SPELL)], "run", "--resume", "out"]
    process = _start(command, folder)
    process.communicate(timeout=LONGEST)
    if process.returncode not in job.again:
        return f"{command[len(SPELL) :]}: exit code {process.returncode}"
    if _bytes(out) != _EXPECTED[job.arguments]:
        return "other bytes than of a run that nobody stopped"
    left = [*folder.rglob(".partial-*"), *folder.rglob(".accelsim-*")]
    return f"left behind: {left}" if left and process.returncode == 0 else ""


def _again(job: Job, command: list[str], folder: Path) -> str:
    process = _start(command, folder)
    process.communicate(timeout=LONGEST)
    if process.returncode not in job.again:
        return f"the same command again: exit code {process.returncode}"
    job.whole(folder)
    left = [*folder.rglob(".partial-*"), *folder.rglob(".accelsim-*")]
    # A run that is there already is refused before anything is written, or cleared up.
    return f"left behind: {left}" if left and process.returncode == 0 else ""


def _start(command: list[str], folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        command,
        cwd=folder,
        env=os.environ | {"TMPDIR": str(folder / "tmp")},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _reported(out: str) -> list[str]:
    """Return the files that a command said to have written."""
    marks = ("written: ", "Written: ", "Run directory: ")
    return [line.split(": ", 1)[1].strip() for line in out.splitlines() if line.startswith(marks)]


def moments(chance: random.Random, longest: float, number: int) -> list[float]:
    """Return moments of a job's time; half of them in its last part, where files get names."""
    return [
        longest * (chance.random() if each % 2 else chance.uniform(0.75, 1.02))
        for each in range(number)
    ]
