"""Whatever the command runs in: no traceback, and an exit code that says what happened."""

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

import accelsim
from accelsim import streams
from accelsim.plots.files import save
from accelsim.plots.layout import new_panels

COMMAND = "from accelsim.__main__ import main; main()"


def _run(*arguments: str, before: str = "", **options) -> "subprocess.CompletedProcess[bytes]":
    settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "timeout": 120, **options}
    settings["env"] = os.environ | options.get("env", {})
    command = [sys.executable, "-c", before + COMMAND, *arguments]
    return subprocess.run(command, check=False, **settings)


@pytest.fixture(scope="module")
def run(tmp_path_factory, irmen, mnist):
    folder = tmp_path_factory.mktemp("runs") / "run"
    accelsim.simulate(irmen, mnist, 3, outdir=folder)
    return folder


FULL = b"error: standard output: No space left on device\n"


@pytest.mark.parametrize("arguments", [["explain", "RUN"], ["validate", "RUN"], ["--help"]])
def test_an_output_on_a_full_disk_is_one_message(run, arguments):
    with Path("/dev/full").open("wb") as full:
        done = _run(*(str(run) if each == "RUN" else each for each in arguments), stdout=full)
    assert (done.returncode, done.stderr) == (1, FULL)


def test_errors_on_a_full_disk_leave_the_exit_code(tmp_path):
    with Path("/dev/full").open("wb") as full:
        done = _run("validate", "missing", stderr=full, cwd=tmp_path)
    assert done.returncode == 2


@pytest.mark.parametrize("arguments", [["explain", "RUN", "--json"], ["validate", "RUN"]])
def test_a_reader_who_has_gone(run, arguments):
    reading, writing = os.pipe()
    os.close(reading)
    done = _run(*(str(run) if each == "RUN" else each for each in arguments), stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_closed_streams_are_no_files_of_a_run(tmp_path):
    shell = f"exec {sys.executable} -c '{COMMAND}' run --images 1 --outdir out <&- >&- 2>&-"
    done = subprocess.run(["/bin/sh", "-c", shell], cwd=tmp_path, check=False, timeout=120)
    assert done.returncode == 0
    assert _run("validate", "out", cwd=tmp_path).returncode == 0


def test_an_output_of_ascii_alone(tmp_path, run):
    env = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    odd = os.fsencode(tmp_path) + b"/\xff\xc3\xa4"
    for arguments in (["explain", str(run)], ["validate", os.fsdecode(odd)]):
        done = _run(*arguments, env=env)
        assert done.returncode in (0, 2)
        assert b"Traceback" not in done.stderr
        assert (done.stdout + done.stderr).isascii()


def test_a_path_that_is_no_unicode(tmp_path):
    place = os.fsdecode(os.fsencode(tmp_path) + b"/\xff")
    for arguments in (
        ("run", "--images", "1", "--outdir", place),
        ("validate", place),
        ("timeline", place, "--format", "svg"),
        ("explain", place),
        ("trace", "export", place, "--format", "csv"),
    ):
        done = _run(*arguments)
        assert (done.returncode, done.stderr) == (0, b""), arguments
    assert len(os.listdir(os.fsencode(place))) == 8  # noqa: PTH208 - names in bytes


NOWHERE = """
import os
for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "MPLCONFIGDIR"):
    os.environ[name] = "plain/below"
from numba.core import caching
for each in (caching.CompileResultCacheImpl, caching.CodeLibraryCacheImpl):
    each._locator_classes = []  # as where no folder can be written
"""


@pytest.mark.parametrize(
    "before", [NOWHERE, "import os; os.environ['NUMBA_CACHE_DIR'] = 'plain/x';"]
)
def test_no_folder_for_any_cache(tmp_path, before):
    (tmp_path / "plain").write_text("")
    noisy = ("run", "--images", "1", "--outdir", "out", "--set", "effects.active=all")
    done = _run(*noisy, before=before, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    done = _run("timeline", "out", "--format", "svg", before=before, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_disk_that_is_full_is_no_matter_for_a_cache(monkeypatch):
    from numba.core.caching import FunctionCache  # noqa: PLC0415

    from accelsim.compiled import compiled  # noqa: PLC0415

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(FunctionCache, "save_overload", full)
    monkeypatch.setattr(FunctionCache, "load_overload", full)

    @compiled(error_model="numpy")
    def double(x):
        return x + x

    assert double(21) == 42


class _Broken(io.RawIOBase):
    def __init__(self, code: int) -> None:
        self.code = code

    def writable(self) -> bool:
        return True

    def write(self, _data: object) -> int:
        raise OSError(self.code, os.strerror(self.code))


@pytest.mark.parametrize(("code", "exits"), [(errno.EPIPE, 141), (errno.ENOSPC, 1)])
def test_what_cannot_be_written_ends_the_command(monkeypatch, code, exits):
    monkeypatch.setattr(os, "dup2", lambda *_: None)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    output = streams._Output(_Broken(code), write_through=True)
    with pytest.raises(SystemExit) as caught:
        output.write("x")
    assert caught.value.code == exits
    errors = streams._Errors(_Broken(code), write_through=True)
    assert errors.write("xy") == 2
    for each in (output, errors):
        each.detach()


def test_an_svg_is_the_same_with_a_png_before_it_and_without(tmp_path):
    def draw(*formats: str) -> bytes:
        figure, (axes,) = new_panels(1, 3.5, 2.5)
        axes.set(xlabel="time, ns", ylabel="a long label of the axis", title="title")
        axes.plot([0, 1, 12345.678], [3, 1e-3, 2])
        return save(figure, tmp_path / "x", formats)[-1].read_bytes()

    assert draw("svg") == draw("png", "svg") == draw("svg")


@pytest.mark.parametrize(("given", "expected"), [({}, b"1"), ({"OPENBLAS_NUM_THREADS": "3"}, b"3")])
def test_matrix_products_take_one_thread_unless_the_user_says_otherwise(
    monkeypatch, given, expected
):
    """The values share images out among threads; more in each product would wait for others."""
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    before = (
        "import atexit, os; atexit.register(lambda: print(os.environ['OPENBLAS_NUM_THREADS']));"
    )
    assert _run("--version", before=before, env=given).stdout.split()[-1] == expected
