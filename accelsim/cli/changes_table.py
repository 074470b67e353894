"""Two runs side by side, as a table."""

from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.table import Table

from accelsim.cli.tables import new_table
from accelsim.quantities import label
from accelsim.trace.diff import Change, Divergence
from accelsim.trace.diff.changes import ACTIONS, BLOCK, RUN, STALLS, STEP

_SHOWN = (RUN, BLOCK, STEP, ACTIONS, STALLS)
_MOST_ROWS = 15


def changes_table(title: str, names: tuple[str, str], changes: Iterable[Change]) -> Table:
    """Return the figures of the whole run, and of each section the rows that changed.

    Of a long section the largest changes are shown, and how many are left out.
    """
    table = new_table(title, left=("figure",), right=(*names, "change", "relative"))
    sections: dict[str, list[Change]] = {section: [] for section in _SHOWN}
    for change in changes:
        if change.section in sections:
            sections[change.section].append(change)
    for section, rows in sections.items():
        changed = [row for row in rows if row.differs]
        shown = rows if section == RUN else _largest(changed)
        if section != RUN:
            same = "" if changed else f": the same ({len(rows)})" if rows else ": none"
            table.add_row(f"{section}{same}", style="bold" if changed else "dim")
        for row in shown:
            indent = "" if section == RUN else "  "
            unit = f", {row.unit}" if section == ACTIONS else ""  # those of the others are shown
            name = label(row.name) if section == RUN else row.name
            table.add_row(
                f"{indent}{name}{unit}", row.shown_a, row.shown_b, row.change, row.relative
            )
        if shown is not rows and len(changed) > len(shown):
            table.add_row(f"  and {len(changed) - len(shown)} more that changed", style="dim")
        table.add_section()
    return table


def streams_table(names: tuple[str, str], changes: Iterable[Change]) -> Table:
    """Return what moved under load, by tenant and of power states, section by section."""
    columns = (*names, "change", "relative")
    table = new_table("What moved", left=("figure",), right=columns, spare=("change",))
    table.columns[0].no_wrap = True
    sections: dict[str, list[Change]] = {}
    for change in changes:
        sections.setdefault(change.section, []).append(change)
    for section, rows in sections.items():
        changed = [row for row in rows if row.differs]
        same = "" if changed else f": the same ({len(rows)})"
        table.add_row(f"{section}{same}", style="bold" if changed else "dim")
        for row in changed:
            table.add_row(
                f"  {label(row.name)}", row.shown_a, row.shown_b, row.change, row.relative
            )
        table.add_section()
    return table


def print_divergence(console: Console, first: Divergence, names: tuple[str, str]) -> None:
    """Print where traces part: a record's lines are below one another, beside its label."""
    console.print(first.head(*names))
    rows = Table.grid(padding=(0, 2))
    rows.add_column(no_wrap=True)
    rows.add_column(overflow="fold")
    for whose, record in first.rows(*names):
        rows.add_row(f"  {whose:8}", record)
    console.print(rows)
    console.print()


def shown_machine(changes: Mapping[str, tuple[object, object]], most: int = 8) -> str:
    """Return the keys in which two machines differ, in one line."""
    parts = [f"{key} {_value(a)} -> {_value(b)}" for key, (a, b) in changes.items()]
    more = f", and {len(parts) - most} more" if len(parts) > most else ""
    return ", ".join(parts[:most]) + more


def _largest(changes: list[Change]) -> list[Change]:
    if len(changes) <= _MOST_ROWS:
        return changes
    kept = sorted(changes, key=lambda row: -abs((row.b or 0) - (row.a or 0)))[:_MOST_ROWS]
    return [row for row in changes if row in kept]


def _value(value: object) -> str:
    return "(none)" if value is None else str(value)
