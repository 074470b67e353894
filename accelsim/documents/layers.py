"""A file that extends another: it takes over each key that it does not have itself.

Sections are merged key by key. What is one thing is taken over or replaced whole: a constant with
its unit, kind and source, a list, and a mapping that has a `kind` of its own.
"""

from collections.abc import Callable, Iterable
from copy import deepcopy
from pathlib import Path

from accelsim.documents.document import Document, read_document
from accelsim.errors import InputError
from accelsim.resources import display

EXTENDS = "extends"
MOST_FILES = 8
_WHOLE = ("value", "kind")


def read_layers(path: Path, find: Callable[[str, Path], Path]) -> list[Document]:
    """Return a file, then the one that it extends, and so on; the last extends none.

    find: returns the file that a name stands for in a file of some folder, or raises InputError.
    Raises InputError for a file that cannot be read, a circle, and more files than MOST_FILES.
    """
    layers = [read_document(path)]
    while EXTENDS in layers[-1].data:
        name = layers[-1].data.pop(EXTENDS)
        place = f"{layers[-1].where((EXTENDS,))}: {EXTENDS}"
        if not isinstance(name, str) or not name.strip():
            raise InputError(f"{place}: got {name!r}; expected a file, or a name that ships")
        try:
            below = read_document(find(name, layers[-1].path.parent))
        except InputError as error:
            raise InputError(f"{place}: {error}") from None
        chain = [*layers, below]
        if any(each.path == below.path for each in layers):
            shown = " extends ".join(display(each.path) for each in chain)
            raise InputError(f"{place}: {shown}: a circle; expected a file that is none of these")
        if len(chain) > MOST_FILES:
            raise InputError(
                f"{place}: {len(chain)} files extend one another; expected {MOST_FILES} at most"
            )
        layers = chain
    return layers


def merged(layers: Iterable[Document]) -> Document:
    """Return files that extend one another as one document, named as the first of them.

    Each place in it is where its key stands, of whichever file.
    """
    first, *below = layers
    if not below:
        return first
    found = Document(first.name, first.path, {})
    for layer in reversed([first, *below]):
        lay(found, layer)
    return found


def lay(document: Document, layer: Document, sections: Iterable[str] | None = None) -> None:
    """Put what a file says over a document: all of it, or some sections."""
    for key in layer.data if sections is None else sections:
        if key in layer.data:
            _put(document.data, document, layer, (key,))
    document.places[()] = document.name


def own_keys(layers: Iterable[Document]) -> list[str]:
    """Return the dotted keys that files say themselves."""
    return list(dict.fromkeys(".".join(key) for each in layers for key in _leaves(each.data, ())))


def _put(node: dict[str, object], document: Document, layer: Document, at: tuple[str, ...]) -> None:
    """Put what a layer has at a location into the node that is to hold it."""
    *_, key = at
    new, old = _at(layer.data, at), node.get(key)
    if _is_section(new) and _is_section(old):
        assert isinstance(new, dict)  # noqa: S101 - for the type checker
        assert isinstance(old, dict)  # noqa: S101
        if at in layer.places:
            document.places[at] = layer.places[at]
        for name in new:
            _put(old, document, layer, (*at, name))
        return
    node[key] = deepcopy(new)
    for place in [each for each in document.places if each[: len(at)] == at]:
        del document.places[place]
    for place, where in layer.places.items():
        if place[: len(at)] == at:
            document.places[place] = where
    document.folders[at] = layer.path.parent


def _at(data: dict[str, object], at: tuple[str, ...]) -> object:
    node: object = data
    for key in at:
        assert isinstance(node, dict)  # noqa: S101 - for the type checker
        node = node[key]
    return node


def _is_section(node: object) -> bool:
    return isinstance(node, dict) and not any(key in node for key in _WHOLE)


def _leaves(node: dict[str, object], above: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    for key, value in node.items():
        if _is_section(value):
            assert isinstance(value, dict)  # noqa: S101 - for the type checker
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key)
