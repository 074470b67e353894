"""The files that ship with accelsim: found by name, from a checkout or a wheel."""

from importlib.resources import files
from pathlib import Path

from accelsim.errors import InputError, nearest

_LONGEST_HINT = 80
_CHECKOUT = Path(__file__).resolve().parent.parent


def shipped(folder: str) -> Path:
    """Return the folder 'configs' or 'workloads' of this installation."""
    beside = _CHECKOUT / folder
    if (_CHECKOUT / "setup.cfg").is_file() and beside.is_dir():
        return beside
    return Path(str(files("accelsim").joinpath(folder)))


def text_of(package: str, name: str) -> str:
    """Return a text file that is part of a package of ours."""
    return files(package).joinpath(name).read_text(encoding="utf-8")


def names(folder: str) -> list[str]:
    """Return the names that ship in a folder, sorted: ['charge', 'irmen']."""
    return sorted(path.stem for path in shipped(folder).glob("*.yaml"))


def find(name_or_path: str | Path, folder: str, what: str) -> Path:
    """Return the file that a path, or the name of one that ships, stands for.

    Raises InputError that lists the names and the nearest one.
    """
    path, known = Path(name_or_path), names(folder)
    found = path.is_file() if _can_be_told(path) else False
    if isinstance(name_or_path, str) and name_or_path in known:
        if found:
            raise InputError(
                f"{name_or_path}: a {what} that ships, and a file here; "
                f"./{name_or_path} is the file"
            )
        return shipped(folder) / f"{name_or_path}.yaml"
    if found:
        return path
    raise InputError(
        f"{visible(str(name_or_path))}: no such {what}: expected a file, or one of "
        f"{', '.join(known)}{nearest(path.stem[:_LONGEST_HINT], known)}"
    )


def find_beside(name: str, folder: Path, shipped_folder: str, what: str) -> Path:
    """Return the file that a name in another file stands for: a path from its folder, or a name.

    Raises InputError as `find` does.
    """
    path, known = folder / name, names(shipped_folder)
    if _can_be_told(path) and path.is_file():
        return path
    if name in known:
        return shipped(shipped_folder) / f"{name}.yaml"
    raise InputError(
        f"{visible(name)}: no such {what}: expected a path from the folder of this file, or one of "
        f"{', '.join(known)}{nearest(path.stem[:_LONGEST_HINT], known)}"
    )


def display(path: Path) -> str:
    """Return path as messages show it: relative to the working directory where it can be.

    A link has its own name, not that of what it points to.
    """
    try:
        named = path.name not in ("", "..")
        place = path.parent.resolve() / path.name if named else path.resolve()
        shown = str(place.relative_to(Path.cwd()))
    except (OSError, RuntimeError, ValueError):  # a loop of links, a NUL, a folder that is gone
        shown = str(path)
    return visible(shown)


def escaped(text: str) -> str:
    r"""Return a text in one line, as a terminal may show it: '\x1b' for what is not to be seen."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def visible(text: str, most: int = 300) -> str:
    """Return a text `escaped`, and cut in the middle if it is long."""
    text, half = escaped(text), most // 2
    return text if len(text) <= most else f"{text[:half]} ... {text[-half:]}"


def _can_be_told(path: Path) -> bool:
    """Tell whether the system can say what a path is: names may be too long, folders closed."""
    try:
        path.stat()
    except (OSError, ValueError):
        return False
    return True
