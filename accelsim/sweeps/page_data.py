"""What the scripts of a sweep's page read: columns, their numbers, commands and errors."""

import json
from typing import Any

import numpy as np
import pyarrow as pa

from accelsim.pages import Columns, packed
from accelsim.quantities import label
from accelsim.sweeps.columns import ERROR, FIGURE, POINT, figure_column
from accelsim.sweeps.commands import command_of
from accelsim.sweeps.figure import is_wide, pairs_of
from accelsim.sweeps.sweeping import Sweep

_OF_TIMING = ("clock_period_ps", "read_cycles", "write_cycles")
_EXACT = 2**53  # whole numbers up to it are exact in a browser
_LEAST_PLOTS = 2


def page_data(sweep: Sweep) -> dict[str, Any]:
    """Return what the scripts read, ready for JSON: same rows, same bytes.

    columns: name, label, role, unit of each, whether it is a figure, whole, logarithmic, its goal,
    and the words that its numbers stand for, None where they are numbers. block: numbers of each,
    NaN or -1 for none; who is on the front; commands and errors.
    """
    goals = {figure_column(name): goal for name, goal in sweep.space.objectives.items()}
    found: list[dict[str, Any]] = []
    numbers: Columns = {}
    for field in _fields(sweep):
        values, words = _values(sweep.rows.column(field.name))
        numbers[f"column{len(found)}"] = values
        found.append(_described(field, values, words, goals.get(field.name, "")))
    numbers["front"] = sweep.front.astype(np.uint8)
    numbers["texts"] = np.frombuffer(_texts(sweep), np.uint8)
    places, block = packed(numbers)
    return {"columns": found, "pairs": _pairs(sweep), "places": places, "block": block}


def _fields(sweep: Sweep) -> list[pa.Field]:
    """Return the columns that the page shows: objectives, and those of which a row has a value."""
    rows = sweep.rows
    asked = [POINT, *sweep.space.columns]
    figures = [field.name for field in rows.schema if _role(field) == FIGURE]
    needed = {*asked, *map(figure_column, sweep.space.objectives)}
    return [
        rows.schema.field(name)
        for name in (*asked, *_OF_TIMING, *figures)
        if name in needed or rows.column(name).null_count < rows.num_rows
    ]


def _role(field: pa.Field) -> str:
    return str(field.metadata[b"role"].decode())


def _values(column: pa.ChunkedArray) -> tuple[np.ndarray[Any, Any], list[str] | None]:
    """Return the numbers of a column and no words, or else codes, and the words of these."""
    if not pa.types.is_string(column.type) and _is_exact(column):
        return np.asarray(column.to_numpy(zero_copy_only=False), np.float64), None
    texts = [None if each is None else str(each) for each in column.to_pylist()]
    words = list(dict.fromkeys(each for each in texts if each is not None))
    places = {word: place for place, word in enumerate(words)}
    codes = [-1 if each is None else places[each] for each in texts]
    return np.array(codes, np.int32), words


def _is_exact(column: pa.ChunkedArray) -> bool:
    if not pa.types.is_integer(column.type):
        return True
    return all(abs(each) <= _EXACT for each in column.to_pylist() if each is not None)


def _described(
    field: pa.Field, values: np.ndarray[Any, Any], words: list[str] | None, goal: str
) -> dict[str, Any]:
    timing = field.name in _OF_TIMING
    return {
        "name": field.name,
        "label": label(field.name.removesuffix("_ps"))
        if timing
        else field.metadata[b"label"].decode(),
        "role": _role(field),
        "unit": field.metadata[b"unit"].decode(),
        "figure": timing or _role(field) == FIGURE,
        "whole": pa.types.is_integer(field.type),
        "log": words is None and is_wide(values[np.isfinite(values)]),
        "goal": goal,
        "words": words,
    }


def _pairs(sweep: Sweep) -> list[list[str]]:
    """Return the columns of the plots at first, x and y: as the figure's, at least two."""
    first = sweep.space.columns[0]
    pairs = [
        [figure_column(x) if x else POINT, figure_column(y)]
        for x, y in pairs_of(list(sweep.space.objectives))
    ]
    objectives = map(figure_column, sweep.space.objectives)
    pairs += [[first, name] for name in objectives][: max(_LEAST_PLOTS - len(pairs), 0)]
    return pairs


def _texts(sweep: Sweep) -> bytes:
    """Return commands and errors of the rows, as JSON."""
    rows = sweep.rows.to_pylist()
    texts = {
        "commands": [command_of(sweep.space, row, sweep.folder) for row in rows],
        "errors": [row[ERROR] for row in rows],
    }
    return json.dumps(texts).encode()
