"""Writes files whole or not at all: everything that accelsim leaves on a disk goes through here.

    with new_file(path) as partial:
        table.to_csv(partial)

What is written goes to a hidden folder beside the file, with a name that nobody can foresee and
no link can stand in for. Once it is complete and on the disk, it gets its own name. After an
error or an interrupt nothing stays behind: neither the hidden folder nor folders made for it,
and an older file of the name is as it was.
"""

import contextlib
import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from accelsim.errors import InputError
from accelsim.resources import display


class NewFiles:
    """Files of one folder that get their names together, when `keep` is called.

    Use as a context manager; left without `keep`, or by an error, nothing of them stays.
    Folders that are missing are made.

    Raises InputError "<path>: cannot be written: <reason>", when entered and when left, for any
    OSError in between, and if a link, a folder or a device has the name of a file: only a
    regular file is replaced.
    """

    def __init__(self, *paths: Path) -> None:
        self._paths = {path.name: path for path in paths}
        self._first = paths[0]
        self._folder = self._first.parent
        # Chosen before it is made, so that an interrupt at any moment finds it.
        self._partial = self._folder / f".partial-{secrets.token_hex(8)}"
        self._made: list[Path] = []

    def path(self, name: str) -> Path:
        """Return where the file of a name is written until it is kept."""
        return self._partial / name

    def keep(self) -> None:
        """Give the files their names, one after another in order, once all are on the disk.

        Raises OSError, which `NewFiles` explains when it is left.
        """
        for name, path in self._paths.items():
            _sync(self.path(name))
            _check_replaceable(path)
        for name, path in self._paths.items():
            self.path(name).replace(path)
        # Not every system can put the entries of a folder on the disk; the files are there.
        with contextlib.suppress(OSError):
            _sync(self._folder)

    def __enter__(self) -> Self:
        try:
            for path in self._paths.values():
                _check_replaceable(path)
            self._make_folder()
            self._partial.mkdir(mode=0o700)
        except OSError as error:  # what has the name of the hidden folder is not ours
            self._remove_made()
            raise _unwritable(self._blamed(error), error) from None
        except BaseException:
            self._discard()
            self._remove_made()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._discard()
        if error is not None:
            self._remove_made()
        # A broken pipe is the reader of the output who has gone, never a file.
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
            raise _unwritable(self._blamed(error), error) from None

    def _make_folder(self) -> None:
        folder = self._folder
        self._made = [path for path in (folder, *folder.parents) if not path.exists()]
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(folder, error) from None

    def _blamed(self, error: OSError) -> Path:
        """Return the file that an error is about; the first, if it does not say."""
        return self._paths.get(Path(str(error.filename)).name, self._first)

    def _discard(self) -> None:
        shutil.rmtree(self._partial, ignore_errors=True)

    def _remove_made(self) -> None:
        for folder in self._made:
            # It is not ours alone any more, or was never made.
            with contextlib.suppress(OSError):
                folder.rmdir()


@contextlib.contextmanager
def new_files(*paths: Path) -> Iterator[list[Path]]:
    """Give paths to write to, of the same names; whole files then get their own.

    paths: in one folder, which is made if it is missing. Raises InputError as `NewFiles`.
    """
    with NewFiles(*paths) as files:
        yield [files.path(path.name) for path in paths]
        files.keep()


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Give a path to write to, of the same name; the whole file then gets its own.

    Raises InputError as `NewFiles`.
    """
    with new_files(path) as partial:
        yield partial[0]


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8, lines as they are; InputError as `NewFiles`."""
    with new_file(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="")


def _check_replaceable(path: Path) -> None:
    """Raise OSError, with the reason, for what is there and no regular file; links count."""
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        what = "a link" if stat.S_ISLNK(mode) else "no regular file"
        raise FileExistsError(errno.EEXIST, f"it is {what}", str(path))


def _sync(path: Path) -> None:
    """Put what was written on the disk: only now a full disk is certain to have been noticed."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unwritable(path: Path, error: OSError) -> InputError:
    # The folder resolved, the name as it is: a link is named, not what it points to.
    shown = Path(display(path.parent)) / path.name
    return InputError(f"{shown}: cannot be written: {error.strerror or error}")
