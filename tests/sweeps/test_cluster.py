"""Workers of a Dask cluster, started as the page says and killed on the way: the same bytes."""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from accelsim.errors import AccelsimError, InputError
from accelsim.sweeps import crew
from accelsim.sweeps.crew import Here, crew_of
from accelsim.sweeps.sweeping import Plan, Sweeping
from tests.sweeps.crews import files, silent

LINES = (
    "axes: {arrays.lanes: {from: 3, to: 14, step: 1}, arrays.fan_in: [1, 4]}",
    "chunk: 2",
    "values: false",
)
_PATIENCE = 120.0


def _commands(repository: Path) -> list[str]:
    """Return how the page starts a scheduler and a worker."""
    page = (repository / "docs" / "sweep.md").read_text()
    return re.findall(r"^dask (?:scheduler|worker) .*$", page, re.MULTILINE)


@pytest.fixture
def start(tmp_path: Path) -> Iterator:
    """Start commands of the page on the loopback address; end them afterwards."""
    running = []

    def begin(command: str) -> subprocess.Popen:
        _, what, *rest = shlex.split(command)
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", what, *rest],
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _until(true, what: str) -> None:
    end = time.monotonic() + _PATIENCE
    while not true():
        assert time.monotonic() < end, f"{what}: not within {_PATIENCE} s"
        time.sleep(0.05)


def test_the_commands_of_the_page_survive_kills(make_space, repository, start, tmp_path):
    space = make_space(*LINES)
    whole = Sweeping(space, tmp_path / "whole", Plan()).run(Here(), silent)
    assert (whole.rows.num_rows, whole.failed) == (24, 12)
    expected = files(tmp_path / "whole")
    scheduler, worker, *_ = _commands(repository)
    port = 20_000 + os.getpid() % 20_000
    place = f"tcp://127.0.0.1:{port}"
    lines = [line.replace("8786", str(port)) for line in (scheduler, worker)]
    head, first, second = (start(lines[number]) for number in (0, 1, 1))
    out = tmp_path / "out"
    points = out / "points"

    def kill_one(_what, done, _total):
        if done >= 4 and first.poll() is None:
            os.killpg(first.pid, signal.SIGKILL)

    # One of two workers dies on the way: the other does its part.
    with crew_of(0, place) as workers:
        Sweeping(space, out, Plan()).run(workers, kill_one)
    assert first.wait() == -signal.SIGKILL
    assert files(out) == expected
    # The scheduler dies: what was done is kept, and the same command goes on.
    for path in sorted(points.iterdir())[3:]:
        path.unlink()
    with pytest.raises(AccelsimError, match="the scheduler of the workers is gone"):
        _with_dying(head, place, Sweeping(space, out, Plan()))
    assert files(out).items() < expected.items()
    second.kill()
    Sweeping(space, out, Plan()).run(Here(), silent)
    assert files(out) == expected


def _with_dying(head: subprocess.Popen, place: str, sweeping: Sweeping) -> None:
    def kill(_what, done, total):
        if total > done > 8:
            os.killpg(head.pid, signal.SIGKILL)
            time.sleep(0.2)

    with crew_of(0, place) as workers:
        sweeping.run(workers, kill)


def test_a_scheduler_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setattr(crew, "_WAIT", "1s")
    with pytest.raises(InputError) as caught, crew_of(0, "tcp://127.0.0.1:9"):
        pass
    assert str(caught.value).startswith("--scheduler tcp://127.0.0.1:9: nobody answers: ")
    assert str(caught.value).endswith(
        "expected the address of a running `dask scheduler`, such as tcp://127.0.0.1:8786"
    )


CLIENT = "from accelsim.__main__ import main\nif __name__ == '__main__':\n    main()\n"


def test_a_killed_client_goes_on_to_the_same_bytes(make_space, tmp_path):
    space = make_space(*LINES)
    Sweeping(space, tmp_path / "whole", Plan()).run(Here(), silent)
    (tmp_path / "client.py").write_text(CLIENT)
    arguments = ["sweep", str(tmp_path / "space.yaml"), "--outdir", "out", "--workers", "2"]
    client = subprocess.Popen(
        [sys.executable, "client.py", *arguments],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    points = tmp_path / "out" / "points"
    _until(lambda: points.exists() and len(list(points.glob("*.parquet"))) > 1, "two chunks")
    client.kill()
    client.wait()
    kept = files(tmp_path / "out")
    Sweeping(space, tmp_path / "out", Plan()).run(Here(), silent)
    found = files(tmp_path / "out")
    assert found == files(tmp_path / "whole")
    assert all(found[name] == data for name, data in kept.items() if name in found)
    assert not list((tmp_path / "out").rglob(".*"))
    # Its workers notice, and end.
    _until(lambda: not _of_group(client.pid), "workers that end")


def _of_group(group: int) -> bool:
    """Tell whether processes of a group are left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
