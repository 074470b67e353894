"""The figures of a recorded run, stats.json, held to what a run writes before any is used."""

import math
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from accelsim.documents.validation import printable
from accelsim.errors import InputError
from accelsim.resources import visible

# What the cells of all banks leak in weeks, in cell-cycles, is more than 64 bits hold.
_MOST = 2**80


def _bounded(value: float) -> float:
    if not -_MOST <= value < _MOST or not math.isfinite(value):
        raise ValueError("expected a number up to 2^80")
    return value


Text = Annotated[str, AfterValidator(printable)]
_Number = Annotated[int | float, AfterValidator(_bounded)]


class _Leaf(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    value: _Number
    unit: Text


_Leaves = dict[Text, _Leaf]


class _Energy(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    total: _Leaf
    by_component: _Leaves
    by_block: _Leaves
    by_layer: _Leaves
    by_step: _Leaves
    by_action: _Leaves
    by_tenant: _Leaves | None = None


class _Share(BaseModel):
    """The figures of a run, or of a tenant's share of it."""

    model_config = ConfigDict(strict=True, extra="forbid")

    images: _Leaf
    cycles_per_image: _Leaf
    latency: _Leaf
    latency_max: _Leaf
    queue_wait: _Leaf
    load_wait: _Leaf
    time_in_system: _Leaf
    time_in_system_max: _Leaf
    makespan: _Leaf
    initiation_interval: _Leaf | None = None
    throughput: _Leaf
    energy_per_image: _Leaf
    energy: _Energy
    actions: _Leaves
    records: _Leaf
    accuracy: _Leaf | None = None
    load: _Leaves | None = None
    power: _Leaves | None = None


class _Classification(_Share):
    """Those up to the class label."""

    behind_handoff: _Leaves
    not_modelled: list[Text]


class _Figures(_Share):
    classification: _Classification | None = None
    faults: _Leaves | None = None
    tenants: dict[Text, _Share] | None = None
    notes: dict[Text, Text]
    not_modelled: list[Text]
    warnings: list[Text] = []


def check_figures(stats: object, name: str) -> dict[str, Any]:
    """Return the figures of a run; InputError if one is missing or none that a run writes.

    name: of the file, for the message.
    """
    try:
        _Figures.model_validate(stats)
    except ValidationError as error:
        raise InputError(f"{name}: damaged: {first_fault(error)}") from None
    assert isinstance(stats, dict)  # noqa: S101 - for the type checker; the model looked
    return stats


def first_fault(error: ValidationError) -> str:
    """Return the first fault of recorded data in words: where it is, and what came."""
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    came = (
        "" if first["type"] in ("missing", "extra_forbidden") else f", got {first['input']!r:.80}"
    )
    return visible(f"{f'{key}: ' if key else ''}{first['msg']}{came}")
