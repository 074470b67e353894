"""The files that ship with accelsim: found by name, from a checkout or a wheel."""

from importlib.resources import files
from pathlib import Path

from accelsim.errors import InputError, nearest

_CHECKOUT = Path(__file__).resolve().parent.parent


def shipped(folder: str) -> Path:
    """Return the folder 'configs' or 'workloads' of this installation."""
    beside = _CHECKOUT / folder
    if (_CHECKOUT / "setup.cfg").is_file() and beside.is_dir():
        return beside
    return Path(str(files("accelsim").joinpath(folder)))


def names(folder: str) -> list[str]:
    """Return the names that ship in a folder, sorted: ['charge', 'irmen']."""
    return sorted(path.stem for path in shipped(folder).glob("*.yaml"))


def find(name_or_path: str | Path, folder: str, what: str) -> Path:
    """Return the file that a path, or the name of one that ships, stands for.

    Raises InputError that lists the names and the nearest one.
    """
    path = Path(name_or_path)
    if path.is_file():
        return path
    known = names(folder)
    if str(name_or_path) in known:
        return shipped(folder) / f"{name_or_path}.yaml"
    raise InputError(
        f"{name_or_path}: no such {what}: expected a file, or one of "
        f"{', '.join(known)}{nearest(path.stem, known)}"
    )


def display(path: Path) -> str:
    """Return path as messages show it: relative to the working directory where it can be."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
