"""Models back to the plain data that a YAML file holds."""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel
from ruamel.yaml.comments import CommentedSeq

from accelsim.documents.constants import FROM, TO, Constant, Real
from accelsim.documents.document import read_scalar
from accelsim.documents.prices import PER, Price


def tree(model: BaseModel) -> dict[str, object]:
    """Return a model as plain data, in the order of its fields, without what is not set."""
    return dict(_entries(model))


def _entries(model: BaseModel) -> Iterator[tuple[str, object]]:
    for name, field in type(model).model_fields.items():
        value, key = getattr(model, name), field.alias or name
        if isinstance(value, Constant | Real):
            yield key, mapping(value)
        elif isinstance(value, BaseModel):
            yield key, tree(value)
        elif isinstance(value, list):
            yield key, numbers(value)
        elif value is not None:
            yield key, value


def numbers(values: Sequence[object]) -> CommentedSeq:
    """Return nested lists as YAML writes them: numbers of the innermost in a line, or models."""
    found = CommentedSeq(_item(each) for each in values)
    if not any(isinstance(each, list | BaseModel) for each in values):
        found.fa.set_flow_style()
    return found


def _item(value: object) -> object:
    if isinstance(value, BaseModel):
        return tree(value)
    return numbers(value) if isinstance(value, list) else value


def mapping(constant: Constant | Real) -> dict[str, object]:
    """Return a constant as files have it: value (with its unit), kind, source, from and to.

    Of a price also what it is per.
    """
    listed = ((FROM, constant.inputs), (TO, constant.aims))
    origin: dict[str, object] = {"kind": constant.kind, "source": constant.source}
    origin |= {key: numbers(names) for key, names in listed if names}
    if isinstance(constant, Real):
        real = constant.text if constant.unit else read_scalar(constant.text)
        return {"value": real, **origin}
    quantity = constant.base in ("ps", "aJ")
    value: dict[str, object] = (
        {"value": constant.text} if quantity else {"value": constant.value, "unit": constant.base}
    )
    if isinstance(constant, Price):
        value[PER] = constant.per
    return {**value, **origin}
