"""What commands print for programs: --json. The keys of each are in docs/json.md."""

import contextlib
import csv
import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead.")]
_CSV = ".csv"


def print_json(data: object) -> None:
    """Print data as JSON."""
    typer.echo(json.dumps(data, indent=2))


def report_files(job: Callable[[], Sequence[Path]], *, as_json: bool, rows: bool = True) -> None:
    """Run what prints a report and returns the files that it left.

    as_json: print instead the files, and with `rows` what the first CSV among them holds.
    """
    if not as_json:
        job()
        return
    from accelsim.cli.consoles import muted  # noqa: PLC0415 - loads rich
    from accelsim.files import TEXT, read_text  # noqa: PLC0415 - loads numpy
    from accelsim.resources import display  # noqa: PLC0415

    with muted():
        paths = job()
    found: dict[str, object] = {"files": [display(path) for path in paths]}
    tables = [path for path in paths if path.suffix == _CSV]
    if rows and tables:
        found["rows"] = rows_of(read_text(tables[0], TEXT))
    print_json(found)


def rows_of(text: str) -> list[dict[str, float | str | None]]:
    """Return the rows of a CSV of ours, below its comments, by column."""
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return [{name: _number(cell) for name, cell in row.items()} for row in csv.DictReader(lines)]


def _number(cell: str) -> float | str | None:
    """Return what a cell holds: a whole number, a number, a text, or None for nothing."""
    for kind in (int, float):
        with contextlib.suppress(ValueError):
            number = kind(cell)
            return number if math.isfinite(number) else None if math.isnan(number) else cell
    return cell or None
