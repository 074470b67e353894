"""One look for all tables."""

import re
from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from typing import Any

from rich import box
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Column, Table
from rich.text import Text

_UNBOUND = 10_000
# A longer word of text goes on in the next line where a table would else be in parts.
_LONG_WORD = 20
_QUANTITY = re.compile(r"(?:[a-z]+ )?[-+]?[0-9][0-9.,]*(?:e[-+]?[0-9]+)?(?: [^ ]{1,12})?")


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
    longest_word = _UNBOUND

    def add_row(self, *cells: RenderableType | None, **how: Any) -> None:
        """Add a row; a cell that is a number with its unit stays in one line."""
        Table.add_row(self, *map(_whole, cells), **how)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self.title:
            yield Text(str(self.title), style="bold")
        parts, left_out = _fitted(self, console, options)
        for part in parts:
            yield from Table.__rich_console__(part, console, options)
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


def _whole(cell: RenderableType | None) -> RenderableType | None:
    """Return a cell, and one that is a quantity such as 'about 42 ns' as text of one line."""
    if isinstance(cell, str) and _QUANTITY.fullmatch(cell):
        return Text(cell, no_wrap=True)
    return cell


def _fitted(
    table: _Report, console: Console, options: ConsoleOptions
) -> tuple[list[_Report], Sequence[str]]:
    """Return a table as it fits, in parts if it has to be, and the columns that were left out."""
    wide = _bare(table, list(table.columns))
    narrow = _narrow(table, list(table.columns))
    in_lines = _spare(narrow, console, options, in_lines=True) >= 0
    if _spare(wide, console, options, in_lines=in_lines) >= 0:
        _share(wide, console, options)
        return [wide], []
    left_out: Sequence[str] = ()
    for number in range(len(table.spare) + 1):
        if _spare(narrow, console, options) >= 0:
            break
        left_out = table.spare[:number]
        kept = [_stacked(each) for each in table.columns if each.header not in left_out]
        narrow = _narrow(table, kept)
    if _spare(narrow, console, options) < 0:
        narrow.longest_word = _LONG_WORD
    parts = [narrow]
    if _spare(narrow, console, options) < 0:
        parts = _parts(table, narrow.columns, console, options)
    for part in parts:
        _share(part, console, options)
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


def _parts(
    table: _Report, columns: list[Column], console: Console, options: ConsoleOptions
) -> list[_Report]:
    """Return a table as one below the other, each no wider than the console if that can be."""
    found = [columns[: table.keys + 1]]
    for column in columns[table.keys + 1 :]:
        if _spare(_narrow(table, [*found[-1], column]), console, options) >= 0:
            found[-1].append(column)
        else:
            found.append([*columns[: table.keys], column])
    return [_narrow(table, each) for each in found]


def _stacked(column: Column) -> Column:
    """Return a column with a word a line in the header."""
    header = column.header
    return replace(column, header="\n".join(header.split()) if isinstance(header, str) else header)


def _spare(
    table: _Report, console: Console, options: ConsoleOptions, *, in_lines: bool = False
) -> int:
    """Return the width that is left if no number and no word is broken; below 0: too narrow.

    in_lines: if no cell has more than one line.
    """
    between = 1 + table.padding[1] + table.padding[3]
    sizes = [_size(column, console, options, table.longest_word) for column in table.columns]
    blanks = 2 + between * (len(sizes) - 1)
    return (
        options.max_width
        - blanks
        - sum(size.maximum if in_lines else size.minimum for size in sizes)
    )


def _share(table: _Report, console: Console, options: ConsoleOptions) -> None:
    """Give each column what it needs, and all an equal part of the rest, as far as they like it."""
    spare = _spare(table, console, options)
    if spare < 0:
        return
    sizes = [_size(column, console, options, table.longest_word) for column in table.columns]
    likes = sorted(range(len(sizes)), key=lambda place: sizes[place].span)
    for served, place in enumerate(likes):
        more = min(sizes[place].span, spare // (len(likes) - served))
        table.columns[place].width = sizes[place].minimum + more
        spare -= more


def _size(
    column: Column, console: Console, options: ConsoleOptions, longest_word: int
) -> Measurement:
    """Return the width at which nothing is broken that may not be, and the one for single lines.

    Numbers have single lines only.
    """
    unbound = options.update(max_width=_UNBOUND)
    least = most = 0
    for text in (column.header, column.footer, *column.cells):
        size = Measurement.get(console, unbound, text)
        whole = column.no_wrap or (isinstance(text, Text) and text.no_wrap)
        least = max(least, size.maximum if whole else min(size.minimum, longest_word))
        most = max(most, size.maximum)
    return Measurement(least, most)
