"""Models back to the plain data that a YAML file holds."""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel
from ruamel.yaml.comments import CommentedSeq

from accelsim.documents.constants import Constant, Real
from accelsim.documents.document import read_scalar
from accelsim.documents.prices import PER, Price


def tree(model: BaseModel) -> dict[str, object]:
    """Return a model as plain data, in the order of its fields, without what is not set."""
    return dict(_entries(model))


def _entries(model: BaseModel) -> Iterator[tuple[str, object]]:
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, Constant | Real):
            yield name, mapping(value)
        elif isinstance(value, BaseModel):
            yield name, tree(value)
        elif isinstance(value, list):
            yield name, numbers(value)
        elif value is not None:
            yield name, value


def numbers(values: Sequence[object]) -> CommentedSeq:
    """Return nested lists of numbers as YAML writes them: the innermost each in a line."""
    found = CommentedSeq(numbers(each) if isinstance(each, list) else each for each in values)
    if not any(isinstance(each, list) for each in values):
        found.fa.set_flow_style()
    return found


def mapping(constant: Constant | Real) -> dict[str, object]:
    """Return a constant as files have it: value (with its unit), kind and source.

    Of a price also what it is per.
    """
    if isinstance(constant, Real):
        real = constant.text if constant.unit else read_scalar(constant.text)
        return {"value": real, "kind": constant.kind, "source": constant.source}
    quantity = constant.base in ("ps", "aJ")
    value: dict[str, object] = (
        {"value": constant.text} if quantity else {"value": constant.value, "unit": constant.base}
    )
    if isinstance(constant, Price):
        value[PER] = constant.per
    return {**value, "kind": constant.kind, "source": constant.source}
