"""Columns of the results, and rows as they are written.

Times are in ps and energies in aJ, as everywhere; axes are in SI units, which the metadata of their
fields say.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from accelsim.analysis import Stats
from accelsim.config.machine import Override
from accelsim.quantities import QUANTITIES
from accelsim.sweeps.amounts import Amount, amount
from accelsim.sweeps.keys import OF_RUN, SEED, unit_of
from accelsim.sweeps.space import Space

Row = dict[str, Any]
DIGEST = b"accelsim.sweep"
POINT, ERROR, DEVICE, SET = "point", "error", "device", "set"
AXIS, DERIVED, FIGURE, RUN = "axis", "derived", "figure", "run"
"""Roles of a column."""
_SUFFIXES = {"ps": "_ps", "aJ": "_aJ", "aJ ps": "_aJ_ps", "images/s": "_per_s", "W": "_W"}
_WHOLE = ("images", "records")
_NOT_OF_A_POINT = ("steps", "waits", "overtaken", "overtaken_max")


def figure_column(name: str) -> str:
    """Return the column of a figure: 'latency_ps'."""
    return f"{name}{_SUFFIXES.get(QUANTITIES[name].unit, '')}"


FIGURES = tuple(name for name in QUANTITIES if name not in _NOT_OF_A_POINT)
"""Figures that points have, by the names of `quantities`."""


def figures(stats: Stats) -> Row:
    """Return the figures of a run by column; those that it has not are left out."""
    found: dict[str, Any] = {**vars(stats), **(stats.load or {})}
    found["energy"] = stats.energy.total
    row = {
        figure_column(name): found[name].value for name in FIGURES if found.get(name) is not None
    }
    product = stats.energy_per_image.value * stats.latency.value
    return row | {figure_column("energy_delay_product"): product}


def schema(space: Space, digest: str) -> pa.Schema:
    """Return the columns of a space's rows."""
    names = space.columns
    fields = [_field(POINT, pa.int64(), RUN)]
    fields += [
        _coordinate(space, name, DERIVED if name in space.derived else AXIS) for name in names
    ]
    fields += [_field(name, pa.string(), RUN) for name in OF_RUN[:2] if name not in names]
    if SEED not in names:
        fields.append(_field(SEED, pa.int64(), RUN))
    fields += [
        _field(SET, pa.list_(pa.string()), RUN),
        _field(DEVICE, pa.string(), RUN),
        _field("machine_hash", pa.string(), RUN),
        _field("clock_period_ps", pa.int64(), RUN, "ps"),
        _field("read_cycles", pa.int64(), RUN, "cycles"),
        _field("write_cycles", pa.int64(), RUN, "cycles"),
    ]
    fields += [
        _field(
            figure_column(name),
            pa.int64() if name in _WHOLE else pa.float64(),
            FIGURE,
            QUANTITIES[name].unit,
            QUANTITIES[name].label,
        )
        for name in FIGURES
    ]
    fields.append(_field(ERROR, pa.string(), RUN))
    return pa.schema(fields, {DIGEST: digest.encode()})


def table(rows: Iterable[Row], columns: pa.Schema) -> pa.Table:
    """Return rows as a table, in order of their points."""
    ordered = sorted(rows, key=lambda row: row[POINT])
    return pa.Table.from_pylist([_typed(row, columns) for row in ordered], columns)


def _typed(row: Row, columns: pa.Schema) -> Row:
    """Return a row whose numbers are of the types of the columns."""
    return {
        field.name: float(value)
        if pa.types.is_floating(field.type) and (value := row.get(field.name)) is not None
        else row.get(field.name)
        for field in columns
    }


def coordinates(columns: pa.Schema, found: Mapping[str, Override]) -> Row:
    """Return the columns of a point's coordinates."""
    return {name: _cell(columns.field(name).type, name, value) for name, value in found.items()}


def _cell(kind: pa.DataType, name: str, value: Override) -> str | float | int:
    if pa.types.is_string(kind):
        return str(value)
    number = amount(value, name)
    assert number is not None  # noqa: S101 - for the type checker: the axis is of numbers
    return number.value


def _coordinate(space: Space, name: str, role: str) -> pa.Field:
    kind, unit = _kind(space, name)
    return _field(name, kind, role, unit)


def _kind(space: Space, name: str) -> tuple[pa.DataType, str]:
    """Return the type of a coordinate, and its unit: of words, where not all are numbers."""
    if name in OF_RUN[:2]:
        return pa.string(), ""
    axis = next((each for each in space.axes if each.name == name), None)
    if axis is None:
        return _kind_of_formula(space, name)
    if not axis.values:
        ends = [amount(axis.at(share), name) for share in (0.0, 1.0)]
        whole = axis.step and axis.step.is_integer() and axis.low.is_integer() and not axis.unit
        return (pa.int64() if whole else pa.float64()), ends[0].unit if ends[0] else ""
    found = [amount(value, name) for value in axis.values]
    numbers = [each for each in found if isinstance(each, Amount)]
    units = {each.unit for each in numbers}
    if len(numbers) < len(found) or len(units) > 1:
        return pa.string(), ""
    if all(isinstance(value, int) for value in axis.values):
        return pa.int64(), ""
    return pa.float64(), units.pop()


def _kind_of_formula(space: Space, name: str) -> tuple[pa.DataType, str]:
    formula = space.derived[name]
    if formula.is_name and formula.text in space.columns:
        return _kind(space, formula.text)
    return (pa.float64(), unit_of(name))


def _field(name: str, kind: pa.DataType, role: str, unit: str = "", label: str = "") -> pa.Field:
    metadata = {"role": role, "unit": unit, "label": label or name}
    return pa.field(name, kind, metadata=metadata)
