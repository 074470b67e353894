"""Where priced records go: an Arrow table in memory, or a Parquet file, block by block."""

import queue
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from accelsim.energy import Priced
from accelsim.trace.reader import TraceFile, Window
from accelsim.trace.schema import SCHEMA, to_arrow

_PENDING_BLOCKS = 2
_BUFFER = 1 << 22
_DELTA = ("id", "t_start_ps", "t_end_ps", "cause_id", "image")


class TableTrace:
    """Keeps the trace, or the records of a window, as an Arrow table."""

    def __init__(self, window: Window | None = None) -> None:
        self._window = window or Window()
        self._batches: list[pa.RecordBatch] = []

    def write(self, priced: Priced) -> None:
        """Keep one block."""
        self._batches.append(self._window.cut(to_arrow(priced)))

    def close(self) -> None:
        """Nothing is left to do."""

    def table(self) -> pa.Table:
        """Return all blocks as one table."""
        return pa.Table.from_batches(self._batches, SCHEMA)


class _Gate:
    """A stream as Arrow writes to one; once shut it takes no more, and says nothing of it."""

    closed = False

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._is_shut = stream, False

    def write(self, data: bytes) -> int:
        """Pass data on."""
        return len(data) if self._is_shut else self._stream.write(data)

    def flush(self) -> None:
        """Nothing is kept here."""

    def close(self) -> None:
        """Whoever opened the stream closes it."""

    def shut(self) -> None:
        """Pass nothing on any more."""
        self._is_shut = True


class ParquetTrace:
    """Writes the trace to a Parquet file; one thread compresses while the run goes on.

    At most a few blocks are in memory. An error of the thread is raised by the next
    `write` or by `close`; after an error or `abort` the file is not complete.

    stream: of a new file; it is closed with the trace. window: of the records that are written.
    """

    def __init__(self, stream: BinaryIO, window: Window | None = None) -> None:
        self._stream, self._window = stream, window or Window()
        self._gate = _Gate(stream)
        # Arrow writes a page at a time: each time the thread would wait for the run's.
        self._buffer = pa.BufferedOutputStream(pa.PythonFile(self._gate, mode="w"), _BUFFER)
        self._writer = _writer(self._buffer)
        self._blocks: queue.Queue[pa.RecordBatch | None] = queue.Queue(_PENDING_BLOCKS)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._drain, name="trace writer", daemon=True)
        self._thread.start()

    def write(self, priced: Priced) -> None:
        """Hand one block to the writer; waits while it is behind."""
        if self._error is not None:
            raise self._error
        block = self._window.cut(to_arrow(priced))
        if block.num_rows:
            self._blocks.put(block)

    def close(self) -> None:
        """Finish the file."""
        self.abort()
        if self._error is not None:
            raise self._error

    def abort(self) -> None:
        """Stop the writer; it is safe to call this twice, or after `close`."""
        if self._thread.is_alive():
            self._blocks.put(None)
            self._thread.join()
            with self._stream:
                try:
                    self._writer.close()
                    self._buffer.flush()
                finally:
                    self._writer.is_open = False  # it would try again, and complain, when it goes
                    self._gate.shut()  # and so would the buffer

    def _drain(self) -> None:
        while (block := self._blocks.get()) is not None:
            if self._error is None:
                try:
                    self._writer.write_batch(block)
                except BaseException as error:  # noqa: BLE001 - it is raised by the run's thread
                    self._error = error


def _leaves() -> list[str]:
    """Return the Parquet column names: a struct's fields are columns of their own."""
    names = []
    for field in SCHEMA:
        if pa.types.is_struct(field.type):
            names += [f"{field.name}.{inner.name}" for inner in field.type]
        else:
            names.append(field.name)
    return names


class PartedTrace:
    """Writes the trace to files one after another, and makes one of them in the end.

    A Parquet file is complete only with its end: what is written so far can be read once the
    part is `cut`. Each row group is a block, so that it does not show where parts were cut.

    opened: gives the stream of the next part. window: of the records that are written. skip:
    blocks at the begin that are written already.
    """

    def __init__(
        self, opened: Callable[[], BinaryIO], window: Window | None = None, skip: int = 0
    ) -> None:
        self._opened, self._window, self._skip = opened, window, skip
        self._part: ParquetTrace | None = None

    def write(self, priced: Priced) -> None:
        """Write one block."""
        if self._skip:
            self._skip -= 1
            return
        if self._part is None:
            self._part = ParquetTrace(self._opened(), self._window)
        self._part.write(priced)

    def close(self) -> None:
        """Nothing is left to do: the last part is cut, or has become the whole."""

    def cut(self) -> bool:
        """Finish a part; return whether there is one since the last."""
        part, self._part = self._part, None
        if part is not None:
            part.close()
        return part is not None

    def abort(self) -> None:
        """Stop; what was not cut is not complete."""
        if self._part is not None:
            self._part.abort()


def join_parts(parts: Iterable[Path], stream: BinaryIO) -> None:
    """Write the row groups of parts of a trace as one; the stream is closed then.

    Raises InputError for a part that is damaged.
    """
    with stream, _writer(stream) as writer:
        for path in parts:
            for table in TraceFile(path).row_groups():
                writer.write_table(table)


def _writer(stream: BinaryIO | pa.NativeFile) -> pq.ParquetWriter:
    return pq.ParquetWriter(
        stream,
        SCHEMA,
        compression="zstd",
        compression_level=1,
        use_dictionary=[name for name in _leaves() if name not in _DELTA],
        column_encoding=dict.fromkeys(_DELTA, "DELTA_BINARY_PACKED"),
        write_statistics=list(_DELTA),
    )
