"""How output is printed: reports to a console, and all as JSON for programs."""

import contextlib
import csv
import json
import math
import os
import re

import typer
from rich.console import Console

# Where the output is not a terminal, and COLUMNS does not say.
_PLAIN_WIDTH = 80
_LEAST, _MOST = 20, 10_000


def plain_console() -> Console:
    """Return a console that shows names and descriptions as they are: no markup, no emoji.

    Tables are set for the terminal, and elsewhere for COLUMNS characters, or 80.
    """
    width = None if Console().is_terminal else _columns()
    return Console(highlight=False, markup=False, emoji=False, width=width)


def print_json(data: object) -> None:
    """Print data as JSON."""
    typer.echo(json.dumps(data, indent=2))


def rows_of(text: str) -> list[dict[str, float | str]]:
    """Return the rows of a CSV of ours, below its comments, as JSON has them."""
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return [{name: _number(cell) for name, cell in row.items()} for row in csv.DictReader(lines)]


def _number(cell: str) -> float | str:
    """Return what a cell holds: a whole number, a number, or a text."""
    for kind in (int, float):
        with contextlib.suppress(ValueError):
            number = kind(cell)
            return number if math.isfinite(number) else cell
    return cell


def _columns() -> int:
    """Return the width that the environment asks for; one that is none is left out."""
    text = os.environ.get("COLUMNS", "")
    asked = int(text) if re.fullmatch("[0-9]{1,5}", text) else 0
    return asked if _LEAST <= asked <= _MOST else _PLAIN_WIDTH
