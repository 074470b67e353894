"""What is told of a key, a name or a word: the same for all, to print or as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

CONSTANTS = "constants"
"""Title of the table of all constants of a machine."""
SOURCED = ("of", "value", "kind", "source", "where")
"""Columns of a table of constants: of which machine or key, value as quoted, ..., file:line."""


class Facts(NamedTuple):
    """A table of facts: a row for each thing, with the columns' names."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


@dataclass(frozen=True)
class Entry:
    """What is told of something.

    what: what it is, such as 'key of a machine file'. facts: label -> text, such as unit and file.
    tables: such as its value in each machine.
    """

    what: str
    name: str
    meaning: str
    facts: Mapping[str, str] = field(default_factory=dict)
    tables: Sequence[Facts] = ()


def tree(entry: Entry) -> dict[str, object]:
    """Return an entry as JSON has it: its facts beside its name, a table as a list of mappings."""
    tables = {
        table.title: [dict(zip(table.columns, row, strict=True)) for row in table.rows]
        for table in entry.tables
    }
    return {
        "what": entry.what,
        "name": entry.name,
        "meaning": entry.meaning,
        **entry.facts,
        **tables,
    }
