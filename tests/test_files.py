"""Files are there whole, or not at all: whatever fails, and whoever laid a link in the way."""

import errno
import os
import tempfile
from pathlib import Path

import numpy as np
import pytest

import accelsim
from accelsim.errors import InputError
from accelsim.files import NewFiles, new_binary, new_files, new_table, new_text, spill, write_text
from accelsim.files.stage import Stage


def _no_space() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Messages show paths relative to the working directory."""
    monkeypatch.chdir(tmp_path)


def test_a_file_has_its_name_once_it_is_whole():
    path = Path("made/for/it/a.txt")
    with new_text(path) as stream:
        stream.write("whole")
        assert not path.exists()
    assert path.read_text() == "whole"
    assert [each.name for each in path.parent.iterdir()] == ["a.txt"]


def test_a_new_file_has_the_permissions_of_any_other():
    Path("other").write_text("")
    write_text(Path("a.txt"), "ä\r\n")
    assert Path("a.txt").stat().st_mode == Path("other").stat().st_mode
    assert Path("a.txt").read_bytes() == "ä\r\n".encode()


def test_files_get_their_names_together():
    with new_files(Path("a"), Path("b")) as files:
        files.write("a", "1")
        files.write("b", "2")
        assert not Path("a").exists()
    assert (Path("a").read_text(), Path("b").read_text()) == ("1", "2")


def _write_both(second):
    with new_files(Path("new/a"), Path("new/b")) as files:
        files.write("a", "half of it")
        second()


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ZeroDivisionError])
def test_an_error_or_interrupt_in_the_middle_leaves_nothing(error):
    def fail():
        raise error

    with pytest.raises(error):
        _write_both(fail)
    assert list(Path().iterdir()) == []


def test_a_full_disk_is_one_error_and_leaves_the_older_file(monkeypatch):
    write_text(Path("a.txt"), "older")

    def full(_stage, name):
        return os.open("/dev/full", os.O_WRONLY)

    monkeypatch.setattr(Stage, "new", full)
    with pytest.raises(InputError) as caught:
        write_text(Path("a.txt"), "newer")
    assert str(caught.value) == "a.txt: cannot be written: No space left on device"
    assert Path("a.txt").read_text() == "older"
    assert [path.name for path in Path().iterdir()] == ["a.txt"]


def test_a_disk_that_is_full_when_the_file_is_synced(monkeypatch):
    def full(_descriptor):
        raise _no_space()

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match=r"^out/a: cannot be written: No space left on device$"):
        write_text(Path("out/a"), "text")
    assert list(Path().iterdir()) == []


def test_an_error_names_the_file_that_it_is_of():
    Path("b").mkdir()
    with (
        pytest.raises(InputError, match=r"^b: cannot be written: Is a directory$"),
        new_files(Path("a"), Path("b")),
    ):
        pass


def test_a_folder_that_is_a_file():
    Path("plain").write_text("")
    with pytest.raises(InputError, match=r"^plain: cannot be written: File exists$"):
        write_text(Path("plain/a"), "")
    with pytest.raises(InputError, match=r"^plain/below: cannot be written: Not a directory$"):
        write_text(Path("plain/below/a"), "")


def test_a_reader_who_has_gone_is_no_error_of_the_file():
    with pytest.raises(BrokenPipeError), new_binary(Path("a")):
        raise BrokenPipeError


@pytest.mark.parametrize("target", ["victim", "missing"])
def test_a_link_at_the_name_is_refused_and_not_followed(target):
    Path("victim").write_text("theirs")
    Path("a").symlink_to(target)
    with pytest.raises(InputError, match=r"^a: cannot be written: it is a link$"):
        write_text(Path("a"), "ours")
    assert Path("victim").read_text() == "theirs"
    assert Path("a").is_symlink()
    assert not Path("missing").exists()


def _write_while_a_link_comes(path, target):
    with new_text(path) as stream:
        stream.write("ours")
        path.symlink_to(target)


def test_a_link_that_comes_while_the_file_is_written_is_refused():
    Path("victim").write_text("theirs")
    with pytest.raises(InputError, match=r"^a: cannot be written: it is a link$"):
        _write_while_a_link_comes(Path("a"), "victim")
    assert Path("victim").read_text() == "theirs"


def test_a_pipe_is_refused():
    os.mkfifo("a")
    with pytest.raises(InputError, match=r"^a: cannot be written: it is no regular file$"):
        write_text(Path("a"), "")
    assert Path("a").is_fifo()


def test_a_link_at_a_temporary_name_is_not_followed(monkeypatch):
    monkeypatch.setattr("secrets.token_hex", lambda _: "known")
    Path("elsewhere").mkdir()
    Stage(Path()).place.symlink_to("elsewhere")
    with pytest.raises(InputError, match=r"^a: cannot be written: File exists$"):
        write_text(Path("a"), "secret")
    assert list(Path("elsewhere").iterdir()) == []


def test_what_has_a_temporary_name_by_chance_is_left_alone(monkeypatch):
    monkeypatch.setattr("secrets.token_hex", lambda _: "known")
    theirs = Stage(Path()).place
    theirs.mkdir()
    (theirs / "theirs").write_text("")
    with pytest.raises(InputError, match=r"^a: cannot be written: File exists$"):
        write_text(Path("a"), "ours")
    assert (theirs / "theirs").exists()


def test_links_at_the_names_of_old_are_not_followed():
    Path("victim").write_text("theirs")
    for name in (".a.partial", ".a.tmp", "a.partial", "a.tmp"):
        Path(name).symlink_to("victim")
    write_text(Path("a"), "ours")
    assert (Path("a").read_text(), Path("victim").read_text()) == ("ours", "theirs")


def test_temporary_names_differ_and_nobody_else_can_enter():
    names = set()
    for _ in range(20):
        with NewFiles(Path("a")) as files:
            folder = files.path("a").parent
            names.add(folder.name)
            assert folder.stat().st_mode & 0o777 == 0o700
    assert len(names) == 20
    assert list(Path().iterdir()) == []  # nothing was kept


def test_a_trace_on_a_full_disk(monkeypatch, irmen, mnist):
    import pyarrow.parquet as pq  # noqa: PLC0415

    def full(*_arguments):
        raise _no_space()

    monkeypatch.setattr(pq.ParquetWriter, "write_batch", full)
    with pytest.raises(InputError, match=r"run/.*: cannot be written: No space left on device$"):
        accelsim.simulate(irmen, mnist, 1, outdir="run")
    assert list(Path().iterdir()) == []


def test_a_trace_that_cannot_even_be_closed(monkeypatch, irmen, mnist):
    import pyarrow.parquet as pq  # noqa: PLC0415

    def full(*_arguments):
        raise _no_space()

    monkeypatch.setattr(pq.ParquetWriter, "close", full)
    with pytest.raises(InputError, match=r"run/.*: cannot be written: No space left on device$"):
        accelsim.simulate(irmen, mnist, 1, outdir="run")
    assert list(Path().iterdir()) == []


def test_a_large_table_is_a_nameless_file(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(spill, "TABLE_IN_MEMORY", 11)
    for rows, on_disk in ((3, False), (4, True)):
        table = new_table(rows, 3)
        assert isinstance(table.base, np.memmap) == on_disk
        assert not table.any()
        table[[2, 0], 1:] = [[1, 2], [3, 2**62]]
        assert table[:3].tolist() == [[0, 3, 2**62], [0, 0, 0], [0, 1, 2]]
    assert not list(tmp_path.iterdir())


def test_a_table_without_room_is_one_message(monkeypatch):
    def full(*_):
        raise _no_space()

    monkeypatch.setattr(spill, "TABLE_IN_MEMORY", 2)
    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(InputError, match=r"cannot be written: No space left on device; it takes"):
        new_table(2, 2)
