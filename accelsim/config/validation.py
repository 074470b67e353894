"""Checks a document against a pydantic model and words what is wrong with it."""

import typing
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from accelsim.config.document import Document, Location, dotted
from accelsim.errors import InputError, nearest

M = typing.TypeVar("M", bound=BaseModel)


class Strict(BaseModel):
    """Base of every file schema: no unknown key, no conversion, no change afterwards."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def validate(model: type[M], document: Document) -> M:
    """Return the document as a model; InputError has one line for each problem."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        lines = [_line(model, document, details) for details in error.errors()]
        raise InputError("\n".join(lines)) from None


def _line(model: type[BaseModel], document: Document, error: ErrorDetails) -> str:
    location: Location = tuple(error["loc"])
    return f"{document.where(location)}: {dotted(location)}: {_reason(model, error)}"


def _reason(model: type[BaseModel], error: ErrorDetails) -> str:
    location, context = tuple(error["loc"]), error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden":
            allowed = _fields_at(model, location[:-1])
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


def _fields_at(model: type[BaseModel], location: Location) -> list[str]:
    """Return the keys allowed at a location, found by walking the model's annotations."""
    current: type[BaseModel] = model
    for part in location:
        if isinstance(part, str):
            field = current.model_fields.get(part)
            current = (_model_in(field.annotation) if field else None) or current
    return list(current.model_fields)


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
