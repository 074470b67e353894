"""Reads files of arrivals, in pieces: a file may be longer than memory.

CSV: lines that begin with '#', then a line of names, then a line for each arrival. Parquet:
the same names. `time_UNIT` is a must, with UNIT one of ps, ns, us, ms and s; a time is a whole
number of ps, exactly, whatever its unit. `image` is a place in the data set, or a range
FIRST:LAST (LAST is not in it) of images that arrive together; without the column the data set
is gone through in order, again and again. `deadline_UNIT` is the time from arrival until the
results are wanted, empty for none. `tenant` or `network` says whose image it is where networks
share a machine; `priority` is a whole number from 0 to 255, empty for that of the tenant.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from accelsim.arrivals.columns import (
    HIGHEST,
    IMAGE,
    LATEST_PS,
    MADE,
    MOST,
    NO_DEADLINE,
    NO_PRIORITY,
    PRIORITY,
    UNITS,
    Arrivals,
    Column,
    joined,
)
from accelsim.arrivals.layout import TEXTS, Layout, layout_of
from accelsim.arrivals.names import Names, TenantColumns
from accelsim.errors import InputError
from accelsim.files import ARRIVALS, ARRIVALS_PARQUET, opened
from accelsim.resources import display, visible

PARQUET = ".parquet"
_BLOCK = 1 << 20  # bytes of CSV that are read at once
_ROWS = 1 << 16  # and rows of Parquet
_DIGITS = 19  # of a time in ps that 64 bits hold
_MOST_HEADER = 1 << 16
_LONG = 100
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # which spreadsheets write at the begin of a CSV
_ROW = re.compile(r"Row #(\d+): ")


class ArrivalFile:
    """A file of arrivals; opening it reads no more than the names of its columns.

    names: who shares the machine that it is for; None: whoever the file has. Raises InputError for
    a file that cannot be read, or whose columns are not those of arrivals.
    """

    def __init__(self, path: Path, names: Names | None = None) -> None:
        self.path = path
        self._tenants = TenantColumns(names)
        self._is_parquet = path.suffix == PARQUET
        self._kind = ARRIVALS_PARQUET if self._is_parquet else ARRIVALS
        with opened(path, self._kind) as stream:
            try:
                found = _of_parquet(path, stream) if self._is_parquet else _of_csv(path, stream)
            except (UnicodeDecodeError, pa.ArrowException) as error:
                raise self._unreadable(error) from None
        self.layout, self._above = found
        fault = self._tenants.fault(self.layout.names)
        if fault:
            line = f":{self._above}" if self._above else ""
            raise InputError(f"{display(path)}{line}: {fault}")

    def pieces(self) -> Iterator[Arrivals]:
        """Read the arrivals, a piece at a time.

        Raises InputError with the line of what is not right: a time that is no whole number of
        ps, is negative or before the one above; an image that is none.
        """
        rows, last, number = 0, 0, 0
        for table in self._tables():
            piece = self._piece(table, rows, last)
            rows += table.num_rows
            number += len(piece)
            if number > MOST:
                raise InputError(f"{display(self.path)}: more than {MOST:,} arrivals")
            if len(piece):
                last = int(piece.time_ps[-1])
                yield piece
        if not number:
            raise InputError(f"{display(self.path)}: no arrivals: expected one a line")

    def arrivals(self) -> Arrivals:
        """Read all arrivals; each knows its place in the file. Raises InputError as `pieces`."""
        return replace(joined(self.pieces()), place_of=self.place_of)

    def place_of(self, arrival: int) -> str:
        """Return where an arrival, counted from 0, stands: FILE:LINE, or FILE, row N."""
        rows = found = 0
        for table in self._tables():
            counts = np.ones(table.num_rows, np.int64)
            if IMAGE in self.layout.names:
                counts = self._images(table[IMAGE], rows)[1]
            upto = found + np.cumsum(counts)
            if len(upto) and arrival < upto[-1]:
                return self._row(rows + int(np.searchsorted(upto, arrival, side="right")))
            rows += table.num_rows
            found = int(upto[-1]) if len(upto) else found
        raise IndexError(arrival)

    def _tables(self) -> Iterator[pa.RecordBatch]:
        with opened(self.path, self._kind) as stream:
            try:
                yield from self._of_parquet(stream) if self._is_parquet else self._of_csv(stream)
            except pa.ArrowException as error:
                raise self._unreadable(error) from None

    def _of_parquet(self, stream: BinaryIO) -> Iterator[pa.RecordBatch]:
        schema = pa.schema(_types(self.layout))
        with pq.ParquetFile(stream) as file:
            for batch in file.iter_batches(_ROWS, columns=list(self.layout.names)):
                yield batch.cast(schema)

    def _of_csv(self, stream: BinaryIO) -> Iterator[pa.RecordBatch]:
        """Read a block of lines at a time; InputError at the first that is not of the columns."""
        above = sum(1 for _ in islice(stream, self._above))
        while block := stream.read(_BLOCK):
            block += stream.readline(_BLOCK)
            try:
                # Of memory: a reader of the file would read ahead in a thread of its own, which
                # ends the process with an abort if it still wants Python when that has gone.
                yield from self._parsed(block).to_batches()
            except pa.ArrowException as error:
                raise self._unreadable(error, above) from None
            above += block.count(b"\n")

    def _parsed(self, block: bytes) -> pa.Table:
        return pacsv.read_csv(
            pa.BufferReader(block),
            pacsv.ReadOptions(
                use_threads=False, block_size=len(block), column_names=list(self.layout.names)
            ),
            pacsv.ParseOptions(ignore_empty_lines=False, quote_char=False),
            pacsv.ConvertOptions(
                column_types=dict(_types(self.layout)), null_values=[""], strings_can_be_null=True
            ),
        )

    def _unreadable(self, error: Exception, above: int = 0) -> InputError:
        """Return an error of the file; Arrow names the line of a block of CSV, below `above`."""
        text = str(error)
        found = _ROW.search(text)
        if found is None or self._is_parquet:
            return InputError(f"{display(self.path)}: cannot be read: {text.splitlines()[0]}")
        unit = self.layout.unit(self.layout.time)
        number = above + int(found[1])
        what = f"got '{visible(self._line(number), _LONG)}'"
        return InputError(
            f"{display(self.path)}:{number}: {what}; expected "
            f"{', '.join(self.layout.names)}, times in {unit} with at most {UNITS[unit]} decimals "
            "(whole ps)"
        )

    def _line(self, number: int) -> str:
        """Return a line of a CSV, from 1, without its end."""
        with opened(self.path, self._kind) as stream:
            return next(islice(stream, number - 1, None), b"").decode("utf-8", "replace").rstrip()

    def _piece(self, table: pa.RecordBatch, before: int, last: int) -> Arrivals:
        """Return a table of the file as arrivals; before: rows above it, last: time of those."""
        layout = self.layout
        times, missing = _picoseconds(table[layout.time])
        self._check(missing, before, lambda _: "no time")
        said = self._said(layout.time, times)
        above = self._said(layout.time, np.concatenate([[last], times[:-1]]))
        self._check(times < 0, before, lambda row: f"got {said(row)}; expected a time from 0 on")
        self._check(times > LATEST_PS, before, lambda _: "a time beyond 2^62 ps (53 days)")
        self._check(
            np.diff(times, prepend=last) < 0,
            before,
            lambda row: f"got {said(row)} after {above(row)}; expected times that never fall",
        )
        deadline = None
        if layout.deadline:
            deadline, missing = _picoseconds(table[layout.deadline])
            wanted = self._said(layout.deadline, deadline)
            self._check(
                ~missing & (deadline < 0),
                before,
                lambda row: f"got a deadline of {wanted(row)}; expected a time from 0 on",
            )
            deadline = np.where(missing, NO_DEADLINE, deadline)
        tenant, faults = self._tenants.read(table)
        for wrong, what in faults:
            self._check(wrong, before, lambda _, what=what: what)  # type: ignore[misc]
        found = Arrivals(
            times,
            None,
            deadline,
            tenant,
            self._tenants.tenants,
            self._priorities(table[PRIORITY], before) if PRIORITY in layout.names else None,
        )
        if IMAGE not in layout.names:
            return found
        first, count = self._images(table[IMAGE], before)
        place = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        together = found.of(np.repeat(np.arange(len(times)), count))
        return replace(together, image=np.repeat(first, count) + place)

    def _priorities(self, column: pa.Array, before: int) -> Column:
        """Return the priority of each row, NO_PRIORITY where there is none."""
        missing = column.is_null().to_numpy(zero_copy_only=False)
        found: Column = column.fill_null(0).to_numpy(zero_copy_only=False)
        wrong = (found < 0) | (found > HIGHEST)
        self._check(
            wrong,
            before,
            lambda row: f"priority {found[row]}: expected a whole number, 0 to {HIGHEST}",
        )
        return np.where(missing, NO_PRIORITY, found)

    def _images(self, column: pa.Array, before: int) -> tuple[Column, Column]:
        """Return the first image of each row, and how many there are from it on."""
        bounds = pc.extract_regex(column, r"^(?P<first>\d{1,8})(?P<more>:(?P<last>\d{1,8}))?$")
        self._check(
            bounds.is_null().to_numpy(zero_copy_only=False),
            before,
            lambda row: (
                f"got '{visible(column[row].as_py() or '', _LONG)}'; expected an image "
                "such as 7, or a range such as 0:10"
            ),
        )
        first = _whole(bounds.field("first"))
        single = pc.equal(bounds.field("more"), "").to_numpy(zero_copy_only=False)
        after = np.where(single, first + 1, _whole(bounds.field("last")))
        self._check(after > MADE, before, lambda row: f"got {column[row]}: beyond {MADE:,}")
        self._check(
            first >= after,
            before,
            lambda row: f"got {column[row]}: a range without images; expected FIRST below LAST",
        )
        return first, after - first

    def _said(self, name: str, times: Column) -> Callable[[int], str]:
        """Return what says the time of a row as the file does, in the unit of its column."""
        unit = self.layout.unit(name)
        return lambda row: f"{Decimal(int(times[row])).scaleb(-UNITS[unit]).normalize():f} {unit}"

    def _check(self, wrong: NDArray[np.bool_], before: int, what: Callable[[int], str]) -> None:
        """Raise InputError at the first row that is wrong; what: says why, given the row."""
        if wrong.any():
            row = int(wrong.argmax())
            raise InputError(f"{self._row(before + row)}: {what(row)}")

    def _row(self, row: int) -> str:
        """Return the place of a row, from 0: FILE:LINE, or FILE, row N."""
        number = self._above + row + 1
        return f"{display(self.path)}{', row ' if self._is_parquet else ':'}{number}"


def _of_csv(path: Path, stream: BinaryIO) -> tuple[Layout, int]:
    """Return the columns of a CSV, and the line that names them."""
    number, line = 0, b"#"
    while line.startswith(b"#") and number < _MOST_HEADER:
        line = stream.readline(_MOST_HEADER).removeprefix(b"" if number else _BYTE_ORDER_MARK)
        number += 1
    names = line.decode("utf-8").strip().split(",")
    return layout_of([name.strip() for name in names], f"{display(path)}:{number}"), number


def _of_parquet(path: Path, stream: BinaryIO) -> tuple[Layout, int]:
    return layout_of(pq.read_schema(stream).names, display(path)), 0


def _types(layout: Layout) -> list[tuple[str, pa.DataType]]:
    """Return the types of the columns: a time has as many decimals as are whole ps."""
    types = dict.fromkeys(TEXTS, pa.string()) | {PRIORITY: pa.int64()}
    return [
        (name, types.get(name) or pa.decimal128(_DIGITS, UNITS[layout.unit(name)]))
        for name in layout.names
    ]


def _picoseconds(column: pa.Array) -> tuple[Column, NDArray[np.bool_]]:
    """Return times in ps and where none is; those beyond 64 bits are the most there is."""
    missing = column.is_null().to_numpy(zero_copy_only=False)
    if not len(column):
        return np.zeros(0, np.int64), missing
    # The digits of a decimal are an integer of 128 bits, in units of the last decimal: of 1 ps.
    words = np.frombuffer(column.buffers()[1], np.int64).reshape(-1, 2)
    words = words[column.offset : column.offset + len(column)]
    low, high = words[:, 0], words[:, 1]
    beyond = (high > 0) | ((high == 0) & (low < 0))
    below = (high < -1) | ((high == -1) & (low >= 0))
    bounds = np.iinfo(np.int64)
    return np.where(below, bounds.min, np.where(beyond, bounds.max, low)), missing


def _whole(column: pa.Array) -> Column:
    """Return texts of digits as integers, an empty one as 0."""
    filled = pc.if_else(pc.equal(column, ""), "0", column)
    whole: Column = filled.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return whole
