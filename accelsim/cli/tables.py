"""One look for all tables."""

from collections.abc import Sequence
from copy import copy
from dataclasses import replace

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Column, Table
from rich.text import Text

from accelsim.cli.long_tables import MANY, UNBOUND, long_table, measured

# A longer word of text goes on in the next line where a table would else be in parts.
_LONG_WORD = 20


class _Report(Table):
    """A table that gives up blanks, and stacks its headers, before it gives up words.

    Where a console is narrower than the numbers and the longest words, rich alone would keep
    three blanks between columns, shorten headers, and leave out whole columns of text. Blanks are
    given up, too, where each row then has one line. Where even that is too wide, the columns named
    `spare` are left out one after another, and a line below says so; then long words of text go on
    in the next line; then the columns go on in a table below, which repeats the first `keys`. Title
    and caption take the whole width.
    """

    keys = 1
    spare: Sequence[str] = ()
    longest_word = UNBOUND

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self.title:
            yield Text(str(self.title), style="bold")
        parts, left_out = _fitted(self, options)
        for part in parts:
            yield from _set(part, console, options)
        below = [str(self.caption)] if self.caption else []
        if left_out:
            below.append(f"Left out at this width: {', '.join(left_out)}.")
        if below:
            yield Text("\n".join([*below, ""]), style="dim italic")


def new_table(
    title: str,
    *,
    left: Sequence[str] = (),
    right: Sequence[str] = (),
    order: Sequence[str] = (),
    keys: int = 1,
    spare: Sequence[str] = (),
) -> Table:
    """Return an empty table: `left` columns hold text, `right` ones numbers.

    order: the columns as they stand; without it, left ones first. keys: how many of these name a
    row, which a table that is too wide repeats. spare: columns that a narrow console leaves out,
    the least needed first. No number is ever broken; a word that is too long goes on in the next
    line.
    """
    table = _Report(
        title=title,
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    table.keys, table.spare = keys, spare
    for name in order or (*left, *right):
        if name in right:
            table.add_column(name, justify="right", no_wrap=True)
        else:
            table.add_column(name, overflow="fold")
    return table


def _set(table: Table, console: Console, options: ConsoleOptions) -> RenderResult:
    """Set a table whose columns have what they need: one of many rows without rich's help."""
    if len(table.rows) >= MANY and all(column.width for column in table.columns):
        return long_table(table, console, options)
    return Table.__rich_console__(table, console, options)


def _fitted(table: _Report, options: ConsoleOptions) -> tuple[list[_Report], Sequence[str]]:
    """Return a table as it fits, in parts if it has to be, and the columns that were left out."""
    wide = _bare(table, list(table.columns))
    narrow = _narrow(table, list(table.columns))
    in_lines = _spare(narrow, options, in_lines=True) >= 0
    if _spare(wide, options, in_lines=in_lines) >= 0:
        _share(wide, options)
        return [wide], []
    left_out: Sequence[str] = ()
    for number in range(len(table.spare) + 1):
        if _spare(narrow, options) >= 0:
            break
        left_out = table.spare[:number]
        kept = [_stacked(each) for each in table.columns if each.header not in left_out]
        narrow = _narrow(table, kept)
    if _spare(narrow, options) < 0:
        narrow.longest_word = _LONG_WORD
    parts = [narrow]
    if _spare(narrow, options) < 0:
        parts = _parts(table, narrow.columns, options)
    for part in parts:
        _share(part, options)
    return parts, left_out


def _bare(table: _Report, columns: list[Column]) -> _Report:
    """Return the table with other columns, without what stands above and below it."""
    bare = copy(table)
    bare.columns = [replace(column) for column in columns]
    bare.title = bare.caption = None
    return bare


def _narrow(table: _Report, columns: list[Column]) -> _Report:
    """Return the table with other columns, and one blank between them."""
    narrow = _bare(table, columns)
    narrow.padding = (table.padding[0], 0, table.padding[2], 0)
    return narrow


def _parts(table: _Report, columns: list[Column], options: ConsoleOptions) -> list[_Report]:
    """Return a table as one below the other, each no wider than the console if that can be."""
    found = [columns[: table.keys + 1]]
    for column in columns[table.keys + 1 :]:
        if _spare(_narrow(table, [*found[-1], column]), options) >= 0:
            found[-1].append(column)
        else:
            found.append([*columns[: table.keys], column])
    return [_narrow(table, each) for each in found]


def _stacked(column: Column) -> Column:
    """Return a column with a word a line in the header."""
    header = column.header
    return replace(column, header="\n".join(header.split()) if isinstance(header, str) else header)


def _spare(table: _Report, options: ConsoleOptions, *, in_lines: bool = False) -> int:
    """Return the width that is left if no number and no word is broken; below 0: too narrow.

    in_lines: if no cell has more than one line.
    """
    between = 1 + table.padding[1] + table.padding[3]
    sizes = [measured(column, table.longest_word) for column in table.columns]
    blanks = 2 + between * (len(sizes) - 1)
    needed = sum(size.maximum if in_lines else size.minimum for size in sizes)
    return options.max_width - blanks - needed


def _share(table: _Report, options: ConsoleOptions) -> None:
    """Give each column what it needs, and all an equal part of the rest, as far as they like it."""
    spare = _spare(table, options)
    if spare < 0:
        return
    sizes = [measured(column, table.longest_word) for column in table.columns]
    likes = sorted(range(len(sizes)), key=lambda place: sizes[place].span)
    for served, place in enumerate(likes):
        more = min(sizes[place].span, spare // (len(likes) - served))
        table.columns[place].width = sizes[place].minimum + more
        spare -= more
