"""A folder of files that appears, and is replaced, in one step.

The new folder is made in a hidden one beside (`stage`) and then takes the place: by its name
if nothing is there, else by changing places with what is there, which is then removed. Other
files of the old folder come along.

Where folders cannot change places (a mounted volume, the working directory, a folder with
folders in it, a file system that does not know how), the files get their names one by one in
the folder that is there. A kill in between is made good by whoever writes there next.
"""

import ctypes
import errno
import os
import shutil
import stat
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from accelsim.files.stage import Stage, remove_leftovers, sync
from accelsim.files.write import NewFiles, check_replaceable

_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of renameat2(2)


class NewFolder(NewFiles):
    """Files that make up a folder, as `NewFiles`; the folder is there at once with all of them.

    A link to a folder stands for that folder. names: of its files; the last one tells that the
    folder is complete. gone: names of an older folder that do not come along. Raises InputError
    as `NewFiles`.
    """

    def __init__(self, folder: Path, *names: str, gone: Sequence[str] = ()) -> None:
        super().__init__(*(folder / name for name in names))
        self._gone = frozenset(gone)
        self._target = folder.resolve() if folder.is_dir() else folder
        self._folder, self._last = self._target, self._paths[names[-1]]
        self._whole = self._replaces = False

    def drop(self, names: Iterable[str]) -> None:
        """Let more files of the older folder not come along."""
        self._gone |= frozenset(names)

    def path(self, name: str) -> Path:
        """Return where the file of a name is written until it is kept."""
        return self._stage.path(self._inside(name))

    def _descriptor(self, name: str) -> int:
        return self._stage.new(self._inside(name))

    def _inside(self, name: str) -> str:
        return f"new/{name}" if self._whole else name

    def _make_folder(self) -> None:
        remove_leftovers(self._target)
        self._replaces = os.path.lexists(self._target)
        self._whole = not self._replaces or _can_move(self._target)
        self._place(self._target.parent if self._whole else self._target)
        super()._make_folder()

    def _prepare(self) -> None:
        if self._whole and self._replaces and not _can_exchange(self._stage):
            self._stage.remove()
            self._whole = False
            self._place(self._target)
            self._stage.open()
        if self._whole:
            self._stage.path("new").mkdir()

    def _place(self, folder: Path) -> None:
        self._folder, self._stage = folder, Stage(folder)

    def _take_names(self) -> None:
        new = self._stage.path("new")
        if not self._whole:
            self._last.unlink(missing_ok=True)
            for name in self._gone:
                (self._target / name).unlink(missing_ok=True)
            super()._take_names()
            return
        if self._replaces:
            _carry_over(self._target, new, self._gone.union(self._paths))
        sync(new)
        if self._replaces:
            exchange(new, self._target)
        else:
            new.rename(self._target)


def exchange(one: Path, other: Path) -> None:
    """Let two folders change places in one step; OSError where the system cannot."""
    change = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if change is None or sys.platform != "linux":
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if change(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), str(other))


def _can_exchange(stage: Stage) -> bool:
    """Tell whether folders can change places here, by trying."""
    one, other = stage.path("one"), stage.path("other")
    one.mkdir()
    other.mkdir()
    try:
        exchange(one, other)
    except OSError:
        return False
    return True


def _can_move(folder: Path) -> bool:
    """Tell whether another folder may take the place of one, with the files that are in it."""
    if not folder.is_dir() or folder.is_mount() or not os.access(folder.parent, os.W_OK | os.X_OK):
        return False
    if Path.cwd().is_relative_to(folder):
        return False
    with os.scandir(folder) as entries:
        modes = [entry.stat(follow_symlinks=False).st_mode for entry in entries]
    return all(stat.S_ISREG(mode) or stat.S_ISLNK(mode) for mode in modes)


def _carry_over(old: Path, new: Path, others: frozenset[str]) -> None:
    """Give the new folder the files of the old one, except some, and its permissions."""
    new.chmod(stat.S_IMODE(old.stat().st_mode))
    with os.scandir(old) as entries:
        kept = [entry.name for entry in entries if entry.name not in others]
    for name in kept:
        check_replaceable(new / name)
        try:
            os.link(old / name, new / name, follow_symlinks=False)
        except OSError:  # no such links here
            shutil.copy2(old / name, new / name, follow_symlinks=False)
