"""Reference of files that are checked against a schema: keys, what they mean and may hold."""

import inspect
import re
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from types import UnionType
from typing import Any

from pydantic import BaseModel, BeforeValidator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

_EXPECTED = re.compile(r"(?:expected|allowed:) (.*?)(?:; did you mean.*)?$", re.DOTALL)
_SENTENCE = re.compile(r"(?:^|(?<=[.:;] ))([a-z_0-9]+(?:, [a-z_0-9]+)*): ")
_WORDS = {
    "str": "text", "int": "a whole number", "float": "a number", "bool": "true or false",
    "object": "anything", "Any": "anything",
}  # fmt: skip


@dataclass(frozen=True)
class Key:
    """A key of a file: its dotted name, what it may hold, what it means, whether it is needed."""

    name: str
    allowed: str
    meaning: str
    needed: bool


def keys_of(model: type[BaseModel], above: str = "") -> Iterator[Key]:
    """Give the keys of a schema in its order, each section followed by what is in it.

    An entry of a list is named `layers[]`.
    """
    said = said_of(model)
    for field_name, field in model.model_fields.items():
        label = field.alias or field_name
        name = f"{above}{label}"
        below, many = _below(field.annotation)
        mark = f"{name}[]" if many else name
        meaning = field.description or said.get(label, said.get(field_name, ""))
        if below is not None:
            meaning = meaning or _first_sentence(below)
            yield Key(mark, "a list of sections" if many else "a section", meaning, _needed(field))
            yield from keys_of(below, f"{mark}.")
        else:
            yield Key(name, allowed(field), meaning, _needed(field))


def allowed(field: FieldInfo) -> str:
    """Return what a field may hold, in the words of the message that refuses anything else."""
    checks = [*field.metadata, *_metadata(field.annotation)]
    for check in checks:
        if isinstance(check, BeforeValidator):
            found = _EXPECTED.search(_refusal(check))
            if found:
                return found[1]
    limits = [f"{word} {getattr(check, name)}" for check in checks
              for name, word in (("ge", "at least"), ("gt", "above"), ("le", "at most"))
              if getattr(check, name, None) is not None]  # fmt: skip
    return ", ".join([_words(field.annotation), *dict.fromkeys(limits)])


def _refusal(check: BeforeValidator) -> str:
    try:
        check.func(object())  # type: ignore[call-arg]
    except PydanticCustomError as error:
        return error.message()
    except (TypeError, ValueError) as error:
        return str(error)
    return ""


def said_of(schema: type) -> dict[str, str]:
    """Return what docstrings of a class and its bases say of fields: 'name: text' in prose."""
    found: dict[str, str] = {}
    for each in reversed(schema.__mro__):
        text = " ".join(inspect.cleandoc(each.__doc__ or "").split())
        parts = _SENTENCE.split(text)[1:]
        for names, meaning in zip(parts[::2], parts[1::2], strict=True):
            found |= dict.fromkeys(names.split(", "), meaning.strip())
    return found


def _first_sentence(model: type[BaseModel]) -> str:
    return " ".join(inspect.cleandoc(model.__doc__ or "").partition("\n\n")[0].split())


def _needed(field: FieldInfo) -> bool:
    return field.is_required()


def _below(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """Return the schema of a section or of the entries of a list, and which it is."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is list:
        return _below(arguments[0])[0], True
    if origin in (UnionType, typing.Union):
        for each in arguments:
            below, many = _below(each)
            if below is not None:
                return below, many
    return None, False


def _metadata(annotation: Any) -> Iterator[Any]:
    if typing.get_origin(annotation) is typing.Annotated:
        yield from annotation.__metadata__
    for each in typing.get_args(annotation):
        yield from _metadata(each)


def _words(annotation: Any) -> str:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _words(arguments[0])
    if origin is typing.Literal:
        return ", ".join(f"`{each}`" for each in arguments)
    if origin is list:
        return f"a list: {_words(arguments[0])}"
    if origin is dict:
        return "a section"
    if origin in (UnionType, typing.Union):
        return " or ".join(_words(each) for each in arguments if each is not type(None))
    return _WORDS.get(getattr(annotation, "__name__", ""), "")
