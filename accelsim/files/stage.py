"""Hidden folders in which files are written before they have their names.

Such a folder has a name that nobody can foresee and lets nobody else in. Its process holds a
lock on it. After a kill the lock is gone, and the next one that writes beside it removes what
was left; files that were complete and about to get their names get them first.
"""

import contextlib
import os
import re
import secrets
import shutil
import socket
import stat
import zlib
from pathlib import Path

try:
    import fcntl
except ImportError:  # no such locks here: what a killed process left stays
    fcntl = None  # type: ignore[assignment]

PARTIAL, SCRATCH = ".partial", ".accelsim"
READY = ".ready"
"""A file of a hidden folder: the others are complete, and only their names are to come."""
_TRIES = 20
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)


class Stage:
    """A hidden folder below `folder`, made by `open` and gone after `remove`.

    Raises OSError where it cannot be made.
    """

    def __init__(self, folder: Path, prefix: str = PARTIAL) -> None:
        self._folder, self._prefix = folder, prefix
        self._lock: int | None = None
        self._ours = True
        self._choose()

    def open(self) -> None:
        """Make the folder; remove those that killed processes left beside it."""
        remove_leftovers(self._folder, self._prefix)
        for _ in range(_TRIES):
            try:
                self.place.mkdir(mode=0o700)
            except OSError:
                self._ours = False  # what has the name
                raise
            self._lock = _locked(self.place, wait=True)
            if self.place.exists():
                return
            self._unlock()  # taken for a leftover between the two steps
            self._choose()
        raise OSError(f"no hidden folder can be made in {self._folder}")

    def path(self, name: str) -> Path:
        """Return the place of a name in the folder."""
        return self.place / name

    def new(self, name: str) -> int:
        """Return a descriptor of a new file in the folder; what has the name is left alone."""
        return os.open(self.path(name), _NEW, 0o666)

    def remove(self) -> None:
        """Remove the folder with all that is in it; it is safe to call this twice."""
        if self._ours:
            shutil.rmtree(self.place, ignore_errors=True)
        self._unlock()

    def _choose(self) -> None:
        # Chosen before it is made, so that an interrupt at any moment finds it.
        self.place = self._folder / f"{self._prefix}-{_host()}-{secrets.token_hex(8)}"

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def remove_leftovers(folder: Path, prefix: str = PARTIAL) -> None:
    """Remove the hidden folders of processes of this user and host that were killed.

    Never raises: what cannot be removed, or is in use, stays.
    """
    name = re.compile(rf"{re.escape(prefix)}-{_host()}-[0-9a-f]{{16}}")
    try:
        with os.scandir(folder) as entries:
            found = [Path(entry.path) for entry in entries if name.fullmatch(entry.name)]
    except OSError:
        return
    for path in found:
        with contextlib.suppress(OSError):
            _remove_if_left(path)


def sync(path: Path) -> None:
    """Put what was written on the disk: only now a full disk is certain to have been noticed."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_if_left(path: Path) -> None:
    about = path.lstat()
    if not stat.S_ISDIR(about.st_mode) or (hasattr(os, "getuid") and about.st_uid != os.getuid()):
        return
    lock = _locked(path, wait=False)
    if lock is None:
        return
    try:
        if (path / READY).is_file():
            _finish(path)
        shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(lock)


def _finish(place: Path) -> None:
    """Give the files of a hidden folder their names, in the order in which they should get them."""
    names = (place / READY).read_text(encoding="utf-8").split("\n")
    for name in names:
        found = place / name
        if name and "/" not in name and found.is_file() and not found.is_symlink():
            found.replace(place.parent / name)


def _locked(path: Path, *, wait: bool) -> int | None:
    """Return a descriptor that holds the lock of a folder; None where there is none to have."""
    if fcntl is None:
        return None
    descriptor = os.open(path, _FOLDER)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:  # in use, or the file system knows no locks
        os.close(descriptor)
        return None
    return descriptor


def _host() -> str:
    """Return a short mark of this host: a lock may be seen on the host alone that holds it."""
    return f"{zlib.crc32(socket.gethostname().encode()):08x}"
