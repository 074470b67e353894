"""Reads a trace of any length, batch by batch, whole or through a window.

A trace is a Parquet file of SCHEMA, or a CSV file such as a golden trace. Parquet is
streamed: row groups that a window cannot meet are not read, so memory does not grow with
the trace.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from accelsim.errors import InputError
from accelsim.files import PARQUET, check, read_bytes, size_text
from accelsim.resources import display, visible
from accelsim.topology import is_within
from accelsim.trace.csvfile import read_csv
from accelsim.trace.schema import SCHEMA
from accelsim.trace.structure import LEAST, MOST, NULLABLE, Structure, check_columns

_BATCH = 65_536
# Names in a damaged file may be no text.
_DAMAGE = (pa.ArrowException, OSError, UnicodeDecodeError)
_MOST_GROUP = 1 << 30

Progress = Callable[[int, int], None]
"""Called with the number of records read so far, and that of all."""


@dataclass(frozen=True)
class Window:
    """Which records are wanted; without an argument, all.

    start_ps, end_ps: those that are going on at some time of [start_ps, end_ps). images:
    first and last + 1 image; records without an image are left out then. components: dotted
    paths; a path takes with it all that is below it. imageless: only records without an image.
    without: paths of components that are left out.
    """

    start_ps: int | None = None
    end_ps: int | None = None
    images: tuple[int, int] | None = None
    components: tuple[str, ...] = ()
    imageless: bool = False
    without: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self != Window()

    def cut(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the records of a batch that are inside."""
        if self.end_ps is not None:
            batch = batch.filter(pc.less(batch["t_start_ps"], self.end_ps))
        if self.start_ps is not None:
            batch = batch.filter(pc.greater(batch["t_end_ps"], self.start_ps))
        if self.images is not None:
            first, end = self.images
            batch = batch.filter(pc.greater_equal(batch["image"], first))
            batch = batch.filter(pc.less(batch["image"], end))
        if self.components:
            batch = batch.filter(self._below(batch["component"]))
        if self.imageless:
            batch = batch.filter(pc.is_null(batch["image"]))
        if self.without:
            others = pa.array(self.without)
            batch = batch.filter(pc.invert(pc.is_in(batch["component"], value_set=others)))
        return batch

    def _below(self, paths: pa.DictionaryArray) -> pa.Array:
        names = pa.array(
            [is_within(name, self.components) for name in paths.dictionary.to_pylist()],
            pa.bool_(),
        )
        return names.take(paths.indices)


EVERY_RECORD = Window()


class TraceFile:
    """A trace on disk, checked when opened; or one in memory.

    records: how many it has. Raises InputError if the file is no trace, is damaged, or has
    another schema version or other columns. Each record is checked when it is read.
    """

    def __init__(self, path: Path) -> None:
        self._open(path, read_csv(path)[0] if path.suffix == ".csv" else _opened(path))

    @classmethod
    def of(cls, table: pa.Table, name: str, *, checked: bool = False) -> Self:
        """Return a table of SCHEMA as a trace; messages call it by its name.

        checked: whether its records are checked when they are read, as those of a file.
        """
        trace = cls.__new__(cls)
        trace._open(Path(name), table, checked=checked)
        return trace

    def _open(self, path: Path, source: pa.Table | pq.ParquetFile, *, checked: bool = True) -> None:
        self.path, self._source, self._is_checked = path, source, checked
        self._known: dict[int, dict[str, pq.Statistics]] = {}  # a footer is read once
        in_memory = isinstance(source, pa.Table)
        self.records: int = (source if in_memory else source.metadata).num_rows

    def batches(
        self,
        window: Window | None = None,
        columns: Sequence[str] | None = None,
        progress: Progress | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Return the records inside a window in order of their ids, in batches.

        columns: which ones are wanted; those of the window come along. Every batch has at
        least one record.
        """
        window = window or Window()
        done = 0
        for batch in self._read(window, columns):
            done += batch.num_rows
            inside = window.cut(batch)
            if inside.num_rows:
                yield inside
            if progress is not None:
                progress(min(done, self.records), self.records)
        if progress is not None:
            progress(self.records, self.records)

    def row_groups(self) -> Iterator[pa.Table]:
        """Return the records of a file of ours, a row group at a time, as they were written."""
        assert isinstance(self._source, pq.ParquetFile)  # noqa: S101 - for the type checker
        for group in range(self._source.num_row_groups):
            try:
                yield self._source.read_row_group(group)
            except _DAMAGE as error:
                raise InputError(f"{display(self.path)}: not a readable trace: {error}") from None

    def table(self, window: Window | None = None) -> pa.Table:
        """Return the records inside a window as one table: for traces that fit in memory."""
        return pa.Table.from_batches(self.batches(window), SCHEMA)

    def record(self, number: int) -> dict[str, object] | None:
        """Return the record of an id as plain data, or None if there is none."""
        for batch in self._read_id(number):
            found = batch.filter(pc.equal(batch["id"], number))
            if found.num_rows:
                return dict(found.slice(0, 1).to_pylist()[0])
        return None

    def _read_id(self, number: int) -> Iterator[pa.RecordBatch]:
        source = self._source
        if isinstance(source, pa.Table):
            yield from self._checked(source.to_batches())
            return
        for group in range(source.num_row_groups):
            first, last = self._bounds(group).get("id", (number, number))
            if first <= number <= last:
                yield from self._batches([group], None)

    def _read(self, window: Window, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        wanted = None if columns is None else list(dict.fromkeys([*columns, *_needed(window)]))
        source = self._source
        if isinstance(source, pa.Table):
            part = source.select(wanted or source.column_names)
            yield from self._checked(part.to_batches(_BATCH))
            return
        groups = [group for group in range(source.num_row_groups) if self._meets(group, window)]
        yield from self._batches(groups, wanted)

    def _batches(self, groups: list[int], wanted: list[str] | None) -> Iterator[pa.RecordBatch]:
        names = wanted or SCHEMA.names
        read = (batch.select(names) for batch in self._source.iter_batches(_BATCH, groups, wanted))
        proven = self._proven(groups)
        try:
            if self._source.schema_arrow.equals(SCHEMA):
                yield from self._checked(map(_sound, read), proven)
                return
            # Another tool wrote it: texts stored otherwise, and nulls allowed anywhere.
            nullable = pa.schema([NULLABLE.field(name) for name in names])
            exact = pa.schema([SCHEMA.field(name) for name in names])
            sound = (_sound(batch).cast(nullable) for batch in read)
            for batch in self._checked(sound, proven):
                yield batch.cast(exact)
        except _DAMAGE as error:
            raise InputError(f"{display(self.path)}: not a readable trace: {error}") from None

    def _checked(
        self, batches: Iterable[pa.RecordBatch], proven: Collection[str] = ()
    ) -> Iterator[pa.RecordBatch]:
        structure = Structure(self.path, proven)
        for batch in batches:
            if self._is_checked:
                structure.check(batch)
            yield batch

    def _meets(self, group: int, window: Window) -> bool:
        """Tell whether a row group may have records inside: by the bounds of its columns."""
        bounds = self._bounds(group)
        images = window.images or (None, None)
        return not (
            _beyond(bounds.get("t_start_ps"), least=window.end_ps)
            or _beyond(bounds.get("t_end_ps"), most=window.start_ps)
            or _beyond(bounds.get("image"), least=images[1])
            or _beyond(bounds.get("image"), most=None if images[0] is None else images[0] - 1)
            or (window.imageless and self._all_have_images(group))
        )

    def _proven(self, groups: list[int]) -> list[str]:
        """Return the columns whose values the bounds of the row groups show to be large enough."""
        found = [self._statistics(group) for group in groups]
        return [
            name
            for name, least in LEAST.items()
            if all(_within(each.get(name), least) for each in found)
        ]

    def _all_have_images(self, group: int) -> bool:
        statistics = self._statistics(group).get("image")
        return statistics is not None and statistics.has_null_count and statistics.null_count == 0

    def _bounds(self, group: int) -> dict[str, tuple[int, int]]:
        return {
            name: (statistics.min, statistics.max)
            for name, statistics in self._statistics(group).items()
            if statistics.has_min_max
        }

    def _statistics(self, group: int) -> dict[str, pq.Statistics]:
        if group not in self._known:
            metadata = self._source.metadata.row_group(group)
            columns = [metadata.column(place) for place in range(metadata.num_columns)]
            self._known[group] = {
                column.path_in_schema: column.statistics
                for column in columns
                if column.statistics is not None
            }
        return self._known[group]


def read_parquet(path: Path) -> pa.Table:
    """Read a whole trace file; InputError if it is damaged or of another schema version."""
    return TraceFile(path).table()


def _beyond(
    bounds: tuple[int, int] | None, least: int | None = None, most: int | None = None
) -> bool:
    """Tell whether all values are at or above `least`, or at or below `most`."""
    if bounds is None:
        return False
    return (least is not None and bounds[0] >= least) or (most is not None and bounds[1] <= most)


def _within(bounds: pq.Statistics | None, least: int) -> bool:
    """Tell whether the bounds of a column show that its numbers are those of a trace."""
    return bounds is not None and bounds.has_min_max and bounds.min >= least and bounds.max <= MOST


def _needed(window: Window) -> list[str]:
    return [
        name
        for name, needed in (
            ("t_start_ps", window.end_ps is not None),
            ("t_end_ps", window.start_ps is not None),
            ("image", window.images is not None or window.imageless),
            ("component", bool(window.components or window.without)),
        )
        if needed
    ]


def _opened(path: Path) -> pq.ParquetFile:
    check(path, PARQUET)
    try:
        file = pq.ParquetFile(_named(path))
    except _DAMAGE as error:
        raise InputError(f"{display(path)}: not a readable trace: {error}") from None
    metadata = file.schema_arrow.metadata or {}
    found = metadata.get(b"accelsim.trace", b"none").decode(errors="backslashreplace")
    expected = SCHEMA.metadata[b"accelsim.trace"].decode()
    if found != expected:
        raise InputError(
            f"{display(path)}: trace schema version {visible(found)}; "
            f"this accelsim reads {expected}"
        )
    _check_sizes(path, file.metadata)
    check_columns(file.schema_arrow, path)
    return file


def _named(path: Path) -> Path | pa.BufferReader:
    """Return what Arrow opens a file by: its name, or what it holds if Arrow cannot say that."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return pa.BufferReader(read_bytes(path, PARQUET))
    return path


def _sound(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch whose texts are texts; ArrowInvalid for a damaged one.

    Arrow itself believes a file whose records name texts that it does not have.
    """
    for column in batch.columns:
        if pa.types.is_dictionary(column.type):
            column.dictionary.validate(full=True)
            bounds = pc.min_max(column.indices).as_py()
            if bounds["min"] is not None and not (
                0 <= bounds["min"] <= bounds["max"] < len(column.dictionary)
            ):
                raise pa.ArrowInvalid("a text that is none of the file's")
        elif pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            column.validate(full=True)
    return batch


def _check_sizes(path: Path, about: pq.FileMetaData) -> None:
    """Refuse row groups that no memory is sure to hold; batches are cut from whole ones."""
    for number in range(about.num_row_groups):
        size = about.row_group(number).total_byte_size
        if not 0 <= size <= _MOST_GROUP:
            raise InputError(
                f"{display(path)}: not a readable trace: row group {number} takes {size} bytes; "
                f"expected {size_text(_MOST_GROUP)} at most"
            )
