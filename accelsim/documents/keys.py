"""The keys of a schema, for readers: what each means and takes, from the schema itself."""

import dataclasses
from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from accelsim.documents.constants import Check, Constant, Real
from accelsim.documents.prices import Price

_PLAIN = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    dict: "a mapping",
}


@dataclasses.dataclass(frozen=True)
class Key:
    """A key of a file.

    key: dotted, 'layers[].op' within a list. meaning, allowed: in words. unit: as of its check, ""
    for none. default: what a file without the key has; None: it needs the key. section: whether it
    has keys below it. constant: whether it may be a mapping of value, unit, kind and source. check:
    what reads a value of it; None of a plain text or number.
    """

    key: str
    meaning: str
    allowed: str
    unit: str
    default: str | None
    section: bool = False
    constant: bool = False
    check: Check | None = dataclasses.field(default=None, compare=False, repr=False)


def keys_of(schema: type[BaseModel], above: str = "") -> Iterator[Key]:
    """Give each key of a schema, and those below it, in the order of the schema."""
    for name, field in schema.model_fields.items():
        key = f"{above}{field.alias or name}"
        inner, is_list = section_of(field.annotation)
        yield _key(key, field, inner, is_list=is_list)
        if inner is not None:
            yield from keys_of(inner, f"{key}[]." if is_list else f"{key}.")


def section_of(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """Return the schema that an annotation has inside, and whether there is a list of it."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    is_list = get_origin(annotation) is list
    for each in get_args(annotation):
        found, listed = section_of(each)
        if found is not None:
            return found, is_list or listed
    return None, False


def _key(key: str, field: FieldInfo, inner: type[BaseModel] | None, *, is_list: bool) -> Key:
    check = _check(field.annotation, field.metadata)
    types = set(_types(field.annotation))
    if check is not None:
        allowed = check.allowed
    elif inner is not None:
        allowed = f"a {'list of mappings' if is_list else 'mapping'} with {_listed(inner)}"
    else:
        allowed = _plain(field.annotation, field.metadata)
    return Key(
        key=key,
        meaning=field.description or "",
        allowed=allowed,
        unit=check.unit if check else "",
        default=_default(field),
        section=inner is not None,
        constant=bool(types & {Constant, Real, Price}),
        check=check,
    )


def _listed(schema: type[BaseModel]) -> str:
    return ", ".join(field.alias or name for name, field in schema.model_fields.items())


def _check(annotation: Any, metadata: list[Any]) -> Check | None:
    """Return the check of a field, which may be within its type."""
    own = [each for each in metadata if isinstance(each, Check)]
    if own:
        return own[-1]
    if get_origin(annotation) is Annotated:
        annotation, *inner = get_args(annotation)
        return _check(annotation, inner)
    if get_origin(annotation) in (Union, UnionType):
        found = (_check(each, []) for each in get_args(annotation))
        return next((each for each in found if each is not None), None)
    return None


def _types(annotation: Any) -> Iterator[object]:
    if isinstance(annotation, type):
        yield annotation
    elif get_origin(annotation) is not Literal:
        for each in get_args(annotation):
            yield from _types(each)


def _plain(annotation: Any, metadata: list[Any]) -> str:
    """Return in words what a field without a check of ours takes."""
    if get_origin(annotation) is Annotated:
        annotation, *inner = get_args(annotation)
        return _plain(annotation, [*metadata, *inner])
    if get_origin(annotation) in (Union, UnionType):
        some = [each for each in get_args(annotation) if each is not type(None)]
        return " or ".join(dict.fromkeys(_plain(each, metadata) for each in some))
    if get_origin(annotation) is Literal:
        return " or ".join(repr(each) for each in get_args(annotation))
    if get_origin(annotation) is list:
        (inner,) = get_args(annotation)
        return f"a list, each {_plain(inner, [])}"
    words = _PLAIN.get(get_origin(annotation) or annotation, "a value")
    return f"{words}{_bounds(metadata)}"


def _bounds(metadata: list[Any]) -> str:
    """Return the least and the most that a number may be: ' from 1 to 64'."""
    flat = [each for some in metadata for each in getattr(some, "metadata", [some])]
    least = next((each.ge for each in flat if hasattr(each, "ge")), None)
    most = next((each.le for each in flat if hasattr(each, "le")), None)
    above = next((each.gt for each in flat if hasattr(each, "gt")), None)
    parts = [
        f" from {least}" if least is not None else "",
        f" above {above}" if above is not None else "",
        f" to {most}" if most is not None else "",
    ]
    return "".join(parts)


def _default(field: FieldInfo) -> str | None:
    if field.is_required():
        return None
    value = field.default
    if value is None or value is PydanticUndefined or isinstance(value, BaseModel):
        return "none"
    return str(value.text if isinstance(value, Constant | Real) else value) or "none"
