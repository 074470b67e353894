"""Lines of tables of very many rows: as rich sets them, but for colour, and many times as fast."""

import re
from collections.abc import Iterator, Sequence
from copy import copy
from itertools import zip_longest

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.table import Column, Table
from rich.text import Text

MANY = 1000
"""Rows from which on a table is long."""
UNBOUND = 10_000
"""As the longest word: none is broken."""
_QUANTITY = re.compile(r"(?:[a-z]+ )?[-+]?[0-9][0-9.,]*(?:e[-+]?[0-9]+)?(?: [^ ]{1,12})?")
_AT_ONCE = 1000


def measured(column: Column, longest_word: int) -> Measurement:
    """Return the width at which nothing of a column is broken, and the one for single lines.

    Numbers have single lines only, and so has a cell of text that is a quantity, such as 'about
    42 ns'. A word that is longer than `longest_word` may be broken.
    """
    texts = {str(text) for text in (column.header, column.footer, *column.cells)}
    most = max(cell_len(line) for text in texts for line in text.splitlines() or [""])
    least = most if column.no_wrap else max(_least(text, longest_word) for text in texts)
    return Measurement(least, most)


def _least(text: str, longest_word: int) -> int:
    if _QUANTITY.fullmatch(text):
        return cell_len(text)
    return min(longest_word, max(cell_len(word) for word in text.split() or [""]))


def long_table(table: Table, console: Console, options: ConsoleOptions) -> RenderResult:
    """Set a table whose columns have widths."""
    head = copy(table)
    head.columns, head.rows = [column.copy() for column in table.columns], []
    head.caption = None
    found = Table.__rich_console__(head, console, options)
    segments = [each for each in found if isinstance(each, Segment)]  # a table yields no others
    *above, below = Segment.split_and_crop_lines(segments, options.max_width, pad=False)
    for line in above:
        yield from line
    yield from _rows(table, console)
    yield from below
    if table.caption:
        caption = Text(str(table.caption), style="table.caption")
        width = sum(segment.cell_length for segment in below)
        yield from console.render(caption, options.update(width=width, justify="left"))


def _rows(table: Table, console: Console) -> Iterator[Segment]:
    """Give the lines of the rows of a table whose columns have widths, some hundred at once."""
    columns, between = table.columns, " " * (1 + table.padding[1] + table.padding[3])
    rows = zip(*(column.cells for column in columns), strict=True)
    lines: list[str] = []
    for cells, row in zip(rows, table.rows, strict=True):
        parts = [
            _lines(str(cell), column, console) for cell, column in zip(cells, columns, strict=True)
        ]
        lines.extend(_joined(parts, columns, between))
        if row.end_section:
            lines.append(_joined([[""]] * len(columns), columns, between)[0])
        if len(lines) >= _AT_ONCE:
            yield Segment("\n".join(lines) + "\n")
            lines = []
    if lines:
        yield Segment("\n".join(lines) + "\n")


def _lines(cell: str, column: Column, console: Console) -> list[str]:
    """Return the lines that a cell takes: one, but for a text that is too wide."""
    width = column.width or 0
    if column.no_wrap or cell_len(cell) <= width:
        return [cell]
    return [line.plain.rstrip() for line in Text(cell, overflow="fold").wrap(console, width)]


def _joined(parts: Sequence[list[str]], columns: Sequence[Column], between: str) -> list[str]:
    return [
        f" {between.join(map(_set, line, columns))} " for line in zip_longest(*parts, fillvalue="")
    ]


def _set(text: str, column: Column) -> str:
    """Return a text of the width of its column."""
    blanks = " " * ((column.width or 0) - cell_len(text))
    return f"{blanks}{text}" if column.justify == "right" else f"{text}{blanks}"
