"""The Pareto front of a sweep, as a table and as CSV."""

import csv
import io
from typing import Any

from accelsim.quantities import QUANTITIES, text
from accelsim.sweeps.columns import POINT, figure_column
from accelsim.sweeps.commands import command_of
from accelsim.sweeps.sweeping import Sweep
from accelsim.units import render

_COMMAND = "command"


def front_rows(sweep: Sweep) -> list[dict[str, Any]]:
    """Return the rows of the front, best in the first objective first."""
    rows = sweep.rows.filter(sweep.front).to_pylist()
    (name, goal), *_ = sweep.space.objectives.items()
    sign = 1 if goal == "min" else -1
    return sorted(rows, key=lambda row: (sign * row[figure_column(name)], row[POINT]))


def front_csv(sweep: Sweep) -> str:
    """Return the front as CSV: coordinates, objectives, and the command that runs each point."""
    names = [POINT, *sweep.space.columns, *map(figure_column, sweep.space.objectives)]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*names, _COMMAND])
    for row in front_rows(sweep):
        command = command_of(sweep.space, row, sweep.folder)
        writer.writerow([*(_plain(row[name]) for name in names), command])
    return stream.getvalue()


def shown(sweep: Sweep, row: dict[str, Any], name: str) -> str:
    """Return a coordinate or a figure of a row with its unit, as commands show it."""
    if name in sweep.space.objectives:
        return text(row[figure_column(name)], QUANTITIES[name].unit)
    value = row[name]
    unit = sweep.rows.schema.field(name).metadata[b"unit"].decode()
    if isinstance(value, float):
        return render(value, unit) if unit else f"{value:g}"
    return str(value)


def _plain(value: object) -> object:
    return repr(value) if isinstance(value, float) else value
