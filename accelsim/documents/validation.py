"""Checks a document against a pydantic model and words what is wrong with it."""

import typing
import unicodedata
from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from accelsim.documents.document import Document, Location, dotted
from accelsim.errors import InputError, nearest
from accelsim.wording import is_change

USER, FILE, PROGRAM = "user", "file", "program"
"""Who says a key: a file or a change of a user; a file alone; the program, which records it."""
_BY = "said by"
_MOST_PROBLEMS = 19
"""Problems of a document that are worded: with how many more there are, lines of a screen."""
_PROSE = ("description", "source")
_UNPRINTABLE = ("Cc", "Cf", "Cs", "Zl", "Zp")
M = typing.TypeVar("M", bound=BaseModel)


def printable(text: str) -> str:
    """Return a text that a terminal shows as it is; ValueError for one with other characters.

    Refused: control and format characters, such as an escape or a change of the direction
    of writing, and separators of lines and paragraphs.
    """
    if text.isprintable():  # says so of fewer texts, and fast
        return text
    odd = next((each for each in text if unicodedata.category(each) in _UNPRINTABLE), None)
    if odd is not None:
        raise ValueError(f"has the character {odd!a}; expected printable text")
    return text


class Strict(BaseModel):
    """Base of every file schema: no unknown key, no conversion, no change afterwards."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def says(meaning: str, by: str = USER) -> typing.Any:
    """Return what tells the meaning of a field: `accelsim show` and the reference have it.

    by: who says it, USER, FILE or PROGRAM; who cannot is not told that the key is allowed.
    """
    return Field(description=meaning, json_schema_extra={_BY: by} if by != USER else None)


def said_by(field: FieldInfo) -> str:
    """Return who says a field: USER, FILE or PROGRAM."""
    extra = field.json_schema_extra
    return str(extra.get(_BY, USER)) if isinstance(extra, dict) else USER


def validate(model: type[M], document: Document) -> M:
    """Return the document as a model; InputError has one line for each problem, or a screen.

    Every text has to be printable; in a description or a source lines may end.
    """
    odd = list(_unprintable(document, document.data, ()))
    if odd:
        raise InputError("\n".join(odd))
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        problems = error.errors()
        lines = [_line(model, document, details) for details in problems[:_MOST_PROBLEMS]]
        if len(problems) > _MOST_PROBLEMS:
            lines.append(f"... and {len(problems) - _MOST_PROBLEMS} more")
        raise InputError("\n".join(lines)) from None


def _unprintable(document: Document, node: object, location: Location) -> Iterator[str]:
    """Give a line for each key and text that a terminal would not show as it is."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            if (reason := _oddity(key)) is not None:
                yield f"{document.where(location)}: key {key!a} {reason}"
            else:
                yield from _unprintable(document, value, (*location, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _unprintable(document, value, (*location, index))
    elif isinstance(node, str):
        text = node.replace("\n", " ") if location[-1] in _PROSE else node
        if (reason := _oddity(text)) is not None:
            yield f"{document.where(location)}: {dotted(location)}: got {node!a:.80}; it {reason}"


def _oddity(text: str) -> str | None:
    try:
        printable(text)
    except ValueError as error:
        return str(error)
    return None


def _line(model: type[BaseModel], document: Document, error: ErrorDetails) -> str:
    location: Location = (*error["loc"], *error.get("ctx", {}).get("below", ()))
    place = document.where(location)
    sayers = (USER,) if is_change(place) else (USER, FILE)
    return f"{place}: {dotted(location)}: {_reason(model, error, sayers)}"


def _reason(model: type[BaseModel], error: ErrorDetails, sayers: tuple[str, ...]) -> str:
    location, context = tuple(error["loc"]), error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden":
            fields = _fields_at(model, location[:-1])
            allowed = [name for name, field in fields.items() if said_by(field) in sayers]
            hint = nearest(str(location[-1]), allowed)
            return f"unknown key; allowed here: {', '.join(allowed)}{hint}"
        case "missing":
            return "missing key"
        case "literal_error":
            hint = nearest(str(error["input"]), _words(context["expected"]))
            return f"got {error['input']!r}; expected {context['expected']}{hint}"
        case "constant":
            return str(error["msg"])
        case "model_type" | "dict_type":
            return f"got {_shown(error['input'])}; expected a mapping of keys"
        case _:
            return f"got {_shown(error['input'])}; {_lower(error['msg'])}"


def _fields_at(model: type[BaseModel], location: Location) -> dict[str, FieldInfo]:
    """Return the keys known at a location, found by walking the model's annotations."""
    current: type[BaseModel] = model
    for part in location:
        if isinstance(part, str):
            field = current.model_fields.get(part)
            current = (_model_in(field.annotation) if field else None) or current
    return current.model_fields


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(inner) for inner in typing.get_args(annotation))
    return next((inner for inner in found if inner), None)


def _words(expected: str) -> list[str]:
    return [word.strip(" '") for word in expected.replace(" or ", ",").split(",")]


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, list) else repr(value)


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]
