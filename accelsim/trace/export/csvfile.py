"""CSV export: the format of golden traces, which `TraceFile` reads back."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from accelsim.trace.csvfile import write_csv
from accelsim.trace.export.source import TraceSource, nothing_to_write
from accelsim.trace.reader import Progress

_COLUMNS = "Times in integer ps, energy in integer aJ; columns: accelsim.trace.SCHEMA."


def export_csv(path: Path, source: TraceSource, progress: Progress | None = None) -> int:
    """Write the records of the window as CSV below a provenance header; return how many.

    Raises InputError if there are none, or the file cannot be written.
    """
    batches = _Counted(source, progress)
    write_csv(path, batches, [f"Trace of {source.title}.", *source.provenance, _COLUMNS])
    return batches.records


class _Counted:
    """Passes batches on and counts their records; InputError at the end if there were none."""

    def __init__(self, source: TraceSource, progress: Progress | None) -> None:
        self._source, self._progress = source, progress
        self.records = 0

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self._source.batches(progress=self._progress):
            self.records += batch.num_rows
            yield batch
        if not self.records:
            raise nothing_to_write(self._source)
