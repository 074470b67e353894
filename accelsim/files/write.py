"""Writes files whole or not at all: everything that accelsim leaves on a disk goes through here.

    with new_text(path) as stream:
        stream.write("...")

What is written goes to a hidden folder beside the file (`stage`), with a name that nobody can
foresee and no link can stand in for. Once it is complete and on the disk, it gets its own name.
After an error or an interrupt nothing stays behind: neither the hidden folder nor folders made
for it, and an older file of the name is as it was.
"""

import contextlib
import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, TextIO

from accelsim.errors import InputError
from accelsim.files.stage import READY, SCRATCH, Stage, sync
from accelsim.resources import display

_BUFFER = 1 << 20


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
        self._stage = Stage(self._folder)
        self._made: list[Path] = []

    def path(self, name: str) -> Path:
        """Return where the file of a name is written until it is kept."""
        return self._stage.path(name)

    def binary(self, name: str) -> BinaryIO:
        """Open the new file of a name for writing bytes."""
        return os.fdopen(self._descriptor(name), "wb", _BUFFER)

    def text(self, name: str, encoding: str = "utf-8", errors: str = "strict") -> TextIO:
        """Open the new file of a name for writing text, lines as they are."""
        descriptor = self._descriptor(name)
        return os.fdopen(descriptor, "w", _BUFFER, encoding=encoding, errors=errors, newline="")

    def take(self, name: str, written: Path) -> None:
        """Move a file of the same disk here, as the new one of a name."""
        written.replace(self.path(name))

    def aside(self, name: str) -> Path:
        """Put what was written for a name aside, for another file; return its place.

        It is gone with the hidden folder.
        """
        place = self._stage.path(f"aside-{name}")
        self.path(name).rename(place)
        return place

    def write(self, name: str, text: str) -> None:
        """Write the new file of a name: text in UTF-8, lines as they are."""
        with self.text(name) as stream:
            stream.write(text)

    def keep(self) -> None:
        """Give the files their names, one after another in order, once all are on the disk.

        If this process is killed between two of them, the next that writes beside them goes on.
        Raises OSError, which `NewFiles` explains when it is left.
        """
        for name, path in self._paths.items():
            sync(self.path(name))
            check_replaceable(path)
        self._take_names()
        # Not every system can put the entries of a folder on the disk; the files are there.
        with contextlib.suppress(OSError):
            sync(self._folder)

    def _take_names(self) -> None:
        if len(self._paths) > 1:
            self.write(READY, "\n".join(self._paths))
            sync(self.path(READY))
            sync(self._stage.place)
        for name, path in self._paths.items():
            self.path(name).replace(path)

    def _descriptor(self, name: str) -> int:
        return self._stage.new(name)

    def _prepare(self) -> None:
        """Do what has to be done in the hidden folder first."""

    def __enter__(self) -> Self:
        try:
            for path in self._paths.values():
                check_replaceable(path)
            self._make_folder()
            self._stage.open()
            self._prepare()
        except BaseException as error:
            self._stage.remove()
            self._remove_made()
            if isinstance(error, OSError):
                raise unwritable(self._blamed(error), error) from None
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stage.remove()
        self._remove_made()
        # A broken pipe is the reader of the output who has gone, never a file.
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
            raise unwritable(self._blamed(error), error) from None

    def _make_folder(self) -> None:
        folder = self._folder
        self._made = [path for path in (folder, *folder.parents) if not path.exists()]
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(folder, error) from None

    def _blamed(self, error: OSError) -> Path:
        """Return the file that an error is about; the first, if it does not say."""
        return self._paths.get(Path(str(error.filename)).name, self._first)

    def _remove_made(self) -> None:
        for folder in self._made:
            # It has our files, is not ours alone any more, or was never made.
            with contextlib.suppress(OSError):
                folder.rmdir()


@contextlib.contextmanager
def new_files(*paths: Path) -> Iterator[NewFiles]:
    """Give new files of one folder, to be opened by name; whole ones then get their names.

    The folder is made if it is missing. Raises InputError as `NewFiles`.
    """
    with NewFiles(*paths) as files:
        yield files
        files.keep()


@contextlib.contextmanager
def new_text(path: Path) -> Iterator[TextIO]:
    """Give a stream for the text of a file, in UTF-8; whole, it then gets its name.

    Raises InputError as `NewFiles`.
    """
    with new_files(path) as files, files.text(path.name) as stream:
        yield stream


@contextlib.contextmanager
def new_binary(path: Path) -> Iterator[BinaryIO]:
    """Give a stream for the bytes of a file; whole, it then gets its name.

    Raises InputError as `NewFiles`.
    """
    with new_files(path) as files, files.binary(path.name) as stream:
        yield stream


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8, lines as they are; InputError as `NewFiles`."""
    with new_text(path) as stream:
        stream.write(text)


def remove_files(*paths: Path) -> None:
    """Remove files; those that are gone already do not matter. Raises InputError as `NewFiles`."""
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise unwritable(path, error) from None


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give a folder among the temporary files that is gone afterwards.

    Those that killed processes left are removed. Raises InputError if none can be made.
    """
    try:
        stage = Stage(Path(tempfile.gettempdir()), SCRATCH)
        stage.open()
    except OSError as error:
        raise InputError(f"no folder for temporary files: {error.strerror or error}") from None
    try:
        yield stage.place
    finally:
        stage.remove()


class _Trial(NewFiles):
    """Stands for the files that a folder may get."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "_")
        self._first = folder


def check_folder(folder: Path) -> None:
    """Raise InputError if a folder cannot get files, by trying; nothing is left of that."""
    with _Trial(folder):
        pass


def check_file(path: Path) -> None:
    """Raise InputError if a file of the name cannot be written, by trying."""
    with NewFiles(path):
        pass


def check_replaceable(path: Path) -> None:
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


def unwritable(path: Path, error: OSError) -> InputError:
    """Return the error that says why a file or folder cannot be written."""
    return InputError(f"{display(path)}: cannot be written: {error.strerror or error}")
