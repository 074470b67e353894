"""A folder is there in one step with all its files; what killed processes left goes away."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from accelsim.errors import InputError
from accelsim.files import NewFolder, new_files, scratch_folder, write_text
from accelsim.files import folder as folders
from accelsim.files.stage import READY, SCRATCH, Stage, remove_leftovers

NAMES = ("a", "b", "mark")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def _write(folder: Path, text: str) -> None:
    with NewFolder(folder, *NAMES) as files:
        for name in NAMES:
            files.write(name, text)
        files.keep()


def _read(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


def test_a_folder_is_there_at_once(monkeypatch):
    seen = []
    rename = Path.rename
    monkeypatch.setattr(
        Path, "rename", lambda path, to: (seen.append(_read(path)), rename(path, to))
    )
    _write(Path("x/out"), "1")
    assert seen == [dict.fromkeys(NAMES, "1")]
    assert _read(Path("x/out")) == dict.fromkeys(NAMES, "1")
    assert [path.name for path in Path("x").iterdir()] == ["out"]
    Path("plain").mkdir()
    assert _mode(Path("x/out")) == _mode(Path("plain"))


def test_a_folder_is_replaced_in_one_step(monkeypatch):
    _write(Path("out"), "old")
    Path("out/notes").write_text("mine")
    Path("out/link").symlink_to("nowhere")
    Path("out").chmod(0o750)
    seen = []
    exchange = folders.exchange

    def watched(one, other):
        if other == Path("out").resolve():
            seen.append((set(_names(one)), _read_files(other)["a"]))
        exchange(one, other)
        if other == Path("out").resolve():
            seen.append(_read_files(other)["a"])

    monkeypatch.setattr(folders, "exchange", watched)
    _write(Path("out"), "new")
    assert seen == [({*NAMES, "notes", "link"}, "old"), "new"]
    assert _read_files(Path("out")) == dict.fromkeys(NAMES, "new") | {"notes": "mine"}
    assert Path("out/link").readlink() == Path("nowhere")
    assert _mode(Path("out")) == 0o750
    assert _names(Path()) == ["out"]


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _read_files(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir() if not path.is_symlink()}


def test_files_that_cannot_be_linked_are_copied(monkeypatch):
    def refuse(*_arguments, **_options):
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    _write(Path("out"), "old")
    Path("out/notes").write_text("mine")
    monkeypatch.setattr(os, "link", refuse)
    _write(Path("out"), "new")
    assert _read(Path("out")) == dict.fromkeys(NAMES, "new") | {"notes": "mine"}


def _no_exchange(monkeypatch):
    def refuse(_one, _other):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    monkeypatch.setattr(folders, "exchange", refuse)


def _inside(monkeypatch):
    monkeypatch.chdir("out")


def _with_folders(monkeypatch):
    Path("out/theirs").mkdir()


def _mounted(monkeypatch):
    monkeypatch.setattr(Path, "is_mount", lambda path: path.name == "out")


@pytest.mark.parametrize("why", [_no_exchange, _inside, _with_folders, _mounted])
def test_where_folders_cannot_change_places_files_do(monkeypatch, tmp_path, why):
    out = tmp_path / "out"
    _write(out, "old")
    why(monkeypatch)
    _write(out, "new")
    assert {name: (out / name).read_text() for name in NAMES} == dict.fromkeys(NAMES, "new")
    assert set(_names(out)) - {"theirs"} == set(NAMES)
    assert _names(tmp_path) == ["out"]


def test_a_link_stands_for_its_folder_and_one_to_nothing_is_refused():
    Path("there").mkdir()
    Path("link").symlink_to("there")
    _write(Path("link"), "1")
    assert Path("link").is_symlink()
    assert _read(Path("there")) == dict.fromkeys(NAMES, "1")
    Path("dangling").symlink_to("nowhere")
    with pytest.raises(InputError, match=r"^.*dangling: cannot be written: File exists$"):
        _write(Path("dangling"), "1")
    assert not Path("nowhere").exists()


def test_a_folder_that_came_meanwhile_is_left_alone():
    def write():
        with NewFolder(Path("out"), *NAMES) as files:
            for name in NAMES:
                files.write(name, "ours")
            Path("out").mkdir()
            Path("out/theirs").write_text("")
            files.keep()

    with pytest.raises(InputError, match=r"cannot be written: Directory not empty$"):
        write()
    assert _names(Path("out")) == ["theirs"]
    assert _names(Path()) == ["out"]


_KILLED = """
import os, signal, sys
from pathlib import Path
from accelsim.files import NewFiles, NewFolder, folder, scratch_folder, stage

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def _killed(script: str) -> None:
    done = subprocess.run([sys.executable, "-c", _KILLED + script], check=False)
    assert done.returncode == -signal.SIGKILL


_FILL = """
for name in ("a", "b", "mark"):
    files.write(name, "new")
"""
_FILES = 'with NewFiles(Path("a"), Path("b")) as files:' + _FILL.replace("\n", "\n    ")
_FOLDER = 'with NewFolder(Path("out"), "a", "b", "mark") as files:' + _FILL.replace("\n", "\n    ")


@pytest.mark.parametrize("before", [False, True])
def test_a_kill_before_the_folder_takes_its_place(before):
    if before:
        _write(Path("out"), "old")
    _killed("Path.rename = folder.exchange = die\n" * (not before) + _FOLDER + "die()")
    assert not before or _read(Path("out")) == dict.fromkeys(NAMES, "old")
    assert Path("out").exists() == before
    assert len(list(Path().glob(".partial-*"))) == 1
    _write(Path("out"), "newer")
    assert _read(Path("out")) == dict.fromkeys(NAMES, "newer")
    assert _names(Path()) == ["out"]


def test_a_kill_after_the_folder_took_its_place():
    _write(Path("out"), "old")
    _killed("stage.Stage.remove = die\n" + _FOLDER + "files.keep()")
    assert _read(Path("out")) == dict.fromkeys(NAMES, "new")
    remove_leftovers(Path())
    assert _names(Path()) == ["out"]


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_kill_between_the_names_is_made_good_by_the_next(at):
    _write(Path("out"), "old")
    Path("out/theirs").mkdir()  # so that files get their names one by one
    die_late = f"""
replace, seen = Path.replace, []
def late(path, to):
    seen.append(to)
    if len(seen) == {at}:
        die()
    replace(path, to)
Path.replace = late
"""
    _killed(die_late + _FOLDER + "files.keep()")
    assert not Path("out/mark").exists()  # no complete folder
    remove_leftovers(Path("out"))
    assert _read_files_of("out") == dict.fromkeys(NAMES, "new")
    assert _names(Path("out")) == ["a", "b", "mark", "theirs"]


def _read_files_of(folder: str) -> dict[str, str]:
    return {name: (Path(folder) / name).read_text() for name in NAMES}


def test_a_kill_while_files_are_written_leaves_what_the_next_removes():
    _killed(_FILES + "die()")
    (left,) = Path().glob(".partial-*")
    assert _names(left) == ["a", "b", "mark"]
    write_text(Path("c"), "")
    assert _names(Path()) == ["c"]


def test_a_kill_leaves_a_scratch_folder_that_the_next_removes(monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    _killed("with scratch_folder():\n    die()")
    (left,) = tmp_path.iterdir()
    with scratch_folder() as folder:
        assert folder.parent == tmp_path
        assert left not in tmp_path.iterdir()
    assert _names(tmp_path) == []


def test_no_folder_for_temporary_files(monkeypatch):
    def none():
        raise FileNotFoundError(errno.ENOENT, "no usable one")

    monkeypatch.setattr("tempfile.gettempdir", none)
    with (
        pytest.raises(InputError, match=r"^no folder for temporary files: no usable one$"),
        scratch_folder(),
    ):
        pass


def test_what_is_in_use_is_left_alone():
    with new_files(Path("a")) as files:
        files.write("a", "slow")
        write_text(Path("b"), "quick")
    assert _names(Path()) == ["a", "b"]


def test_what_looks_like_a_leftover_and_is_none_of_ours_is_left_alone():
    name = Stage(Path()).place.name
    Path("theirs").mkdir()
    Path(name).symlink_to("theirs", target_is_directory=True)
    Path(".partial-0").mkdir()
    Path(f"{name[:-1]}g").mkdir()
    other_host = f".partial-{'0' * 8}-{'0' * 16}"
    Path(other_host).mkdir()
    before = _names(Path())
    write_text(Path("a"), "")
    remove_leftovers(Path("nowhere"))
    assert _names(Path()) == sorted([*before, "a"])


def test_a_planted_list_of_names_leads_nowhere_else():
    stage = Stage(Path("run"))
    stage.place.mkdir(parents=True)
    Path("victim").write_text("theirs")
    stage.path("link").symlink_to(Path("victim").resolve())
    stage.path(READY).write_text("../victim\n/etc/nothing\nlink\n\nmissing\n..")
    write_text(Path("run/a"), "")
    assert _names(Path("run")) == ["a"]
    assert Path("victim").read_text() == "theirs"


def test_a_leftover_is_no_scratch_folder():
    assert Stage(Path(), SCRATCH).place.name.startswith(".accelsim-")
