"""How `accelsim list` and `accelsim show` print what they found."""

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.table import Table

from accelsim.catalog.entry import CONSTANTS, SOURCED, Entry, Facts
from accelsim.catalog.shipped import (
    ARRIVALS,
    DATA,
    DEVICES,
    EFFECTS,
    MACHINES,
    NETWORKS,
    SPACES,
    Item,
)
from accelsim.cli.tables import new_table
from accelsim.resources import display

TITLES = {
    MACHINES: "Machines",
    NETWORKS: "Networks",
    DEVICES: "Device files",
    DATA: "Data sets",
    EFFECTS: "Effects on values",
    ARRIVALS: "Streams of arrivals",
    SPACES: "Spaces of machines, for accelsim sweep",
}


def print_list(console: Console, found: Mapping[str, Sequence[Item]]) -> None:
    """Print what there is, group by group: name, what it is, and below that its file."""
    for group, items in found.items():
        console.print(TITLES[group], style="bold")
        lines = [(item.about, display(item.file) if item.file else "") for item in items]
        console.print(
            _pairs((item.name, _joined(line)) for item, line in zip(items, lines, strict=True))
        )
        console.print()
    console.print("What each is: accelsim show NAME")


def _line(item: Item) -> str:
    return _joined((item.about, display(item.file) if item.file else ""))


def list_tree(found: Mapping[str, Sequence[Item]]) -> dict[str, object]:
    """Return what there is as JSON has it: group -> name, about and file of each."""
    return {
        group: [
            {"name": item.name, "about": item.about}
            | ({"file": display(item.file)} if item.file else {})
            for item in items
        ]
        for group, items in found.items()
    }


def print_entries(console: Console, found: Sequence[Entry], *, full: bool) -> None:
    """Print what is told of each, one below the other. full: with all constants of a machine."""
    for place, entry in enumerate(found):
        if place:
            console.print()
        console.print(f"{entry.name}, {entry.what}", style="bold")
        console.print(entry.meaning)
        if entry.facts:
            console.print(_pairs(entry.facts.items()))
        for table in entry.tables:
            if table.title == CONSTANTS and not full:
                console.print("Each constant: --full")
            else:
                _print_table(console, table)


def _print_table(console: Console, facts: Facts) -> None:
    """Print a table; one with sources, which are long, as a paragraph for each row."""
    if facts.columns != SOURCED:
        table = new_table(facts.title, left=facts.columns)
        for row in facts.rows:
            table.add_row(*row)
        console.print(table)
        return
    console.print()
    console.print(facts.title, style="bold")
    pairs = []
    for of, value, kind, source, where in facts.rows:
        quoted = f"{value}, {kind}" if kind else value
        pairs.append((of, _joined((quoted, source, where))))
    console.print(_pairs(pairs))


def _pairs(pairs: Iterable[tuple[str, str]]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for label, text in pairs:
        grid.add_row(f"  {label}", text)
    return grid


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(line for line in lines if line)
