"""YAML files with the position of every key, so that an error can say where."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from accelsim.documents.parser import parser
from accelsim.errors import InputError
from accelsim.files import YAML, read_text
from accelsim.resources import display, visible

Location = tuple[str | int, ...]
# What the parser raises for a text that is no YAML, or whose tagged values are none.
_DAMAGE = (YAMLError, ValueError, TypeError, LookupError, RecursionError)


@dataclass
class Document:
    """Plain data of a file and, for each dotted location, where it stands.

    name: the file as messages show it. path: the file; relative paths in it start there.
    places: location -> "file:line:column" (or the option that set it). folders: where relative
    paths at a location start, if it was taken over from another file.
    """

    name: str
    path: Path
    data: dict[str, object]
    places: dict[Location, str] = field(default_factory=dict)
    folders: dict[Location, Path] = field(default_factory=dict)

    def where(self, location: Location) -> str:
        """Return the place of a location, or of the closest enclosing one."""
        while location and location not in self.places:
            location = location[:-1]
        return self.places.get(location, self.name)

    def stands_at(self, location: Location, place: str) -> None:
        """Note the place of a location, and of all below it."""
        for each in [each for each in self.places if each[: len(location)] == location]:
            del self.places[each]
        self.places[location] = place

    def folder(self, location: Location) -> Path:
        """Return where a relative path at a location starts."""
        return self.folders.get(location, self.path.parent)


def dotted(location: Location) -> str:
    """Return ('layers', 2, 'op') as layers[2].op."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def read_document(path: Path) -> Document:
    """Read a YAML file whose top level is a mapping; InputError says file:line:column."""
    name = display(path)
    text = read_text(path, YAML)
    try:
        data, marks = _parsed(text)
    except MarkedYAMLError as error:
        raise InputError(f"{_mark(name, error)}: not valid YAML: {_problem(error)}") from None
    except RecursionError:
        raise InputError(f"{name}: not valid YAML: nested too deeply") from None
    except _DAMAGE as error:
        raise InputError(f"{name}: not valid YAML: {visible(str(error))}") from None
    if not isinstance(data, dict):
        what = "is empty" if data is None else "does not hold keys at its top level"
        raise InputError(f"{name}: the file {what}; expected a mapping of keys")
    document = Document(name, path.resolve(), deepcopy(data))
    document.places[()] = name
    for location, line, column in marks:
        document.places[location] = f"{name}:{line + 1}:{column + 1}"
    return document


@lru_cache(maxsize=16)
def _parsed(text: str) -> tuple[object, list[tuple[Location, int, int]]]:
    """Return what a text holds and where: a study reads the same machine for each of its points."""
    tree = parser("rt").load(text)
    return _plain(tree), list(_positions(tree, ()))


def read_scalar(text: str) -> object:
    """Return what a YAML file would hold for a text: 3 is a number, '3 ns' a string."""
    return deepcopy(_scalar(text))


@lru_cache(maxsize=1024)
def _scalar(text: str) -> object:
    try:
        return parser("safe").load(text)
    except _DAMAGE:
        return text


def _mark(name: str, error: MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    return f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name


def _problem(error: MarkedYAMLError) -> str:
    parts = [part for part in (error.context, error.problem) if part]
    return visible(", ".join(" ".join(part.split()) for part in parts))


def _plain(node: object) -> object:
    if isinstance(node, CommentedMap):
        return _plain_map(node)
    if isinstance(node, CommentedSeq):
        return [_plain(item) for item in node]
    for kind in (bool, int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node


def _plain_map(node: CommentedMap) -> dict[str, object]:
    return {str(key): _plain(value) for key, value in node.items()}


def _positions(node: object, location: Location) -> Iterator[tuple[Location, int, int]]:
    if isinstance(node, CommentedMap):
        for key, value in node.items():
            line, column = node.lc.data[key][:2] if key in (node.lc.data or {}) else (0, 0)
            yield (*location, str(key)), line, column
            yield from _positions(value, (*location, str(key)))
    elif isinstance(node, CommentedSeq):
        for index, value in enumerate(node):
            line, column = node.lc.item(index)
            yield (*location, index), line, column
            yield from _positions(value, (*location, index))
