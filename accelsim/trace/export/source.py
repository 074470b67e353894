"""What an exporter is given, and how it names a window."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from accelsim.errors import InputError
from accelsim.records import BatchView
from accelsim.trace.reader import Progress, TraceFile, Window


@dataclass(frozen=True)
class TraceSource:
    """A trace and the window of it that is exported.

    title: machine and network in a few words. provenance: where the trace comes from, a
    line each.
    """

    trace: TraceFile
    title: str
    window: Window = field(default_factory=Window)
    provenance: tuple[str, ...] = ()

    def batches(
        self, columns: Sequence[str] | None = None, progress: Progress | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Return the records inside the window, in batches."""
        return self.trace.batches(self.window, columns, progress)


def in_words(window: Window) -> str:
    """Return what a window takes: '0 ps to 42000 ps, image 3', or 'the whole trace'."""
    parts = []
    if window.start_ps is not None or window.end_ps is not None:
        until = "the end" if window.end_ps is None else f"{window.end_ps} ps"
        parts.append(f"{window.start_ps or 0} ps to {until}")
    if window.images is not None:
        parts.append(_numbers(window.images[0], window.images[1] - 1))
    return ", ".join([*parts, *window.components]) or "the whole trace"


def nothing_to_write(source: TraceSource) -> InputError:
    """Return the error of a window without records: what was asked, and what the trace has."""
    whole = TraceSource(source.trace, source.title)
    start, end = _extent(whole.batches(["t_start_ps", "t_end_ps"]))
    if start > end:
        return InputError("nothing to write: the trace has no records")
    return InputError(
        f"nothing to write: no record is inside {in_words(source.window)}; "
        f"the trace goes from {start} ps to {end} ps{_images(whole)}"
    )


def _extent(batches: Iterator[pa.RecordBatch]) -> tuple[int, int]:
    start, end = 1, 0
    for batch in batches:
        first = int(BatchView(batch).integers("t_start_ps").min())
        start = first if start > end else min(start, first)
        end = max(end, int(BatchView(batch).integers("t_end_ps").max()))
    return start, end


def _images(source: TraceSource) -> str:
    """Return the images of a trace, for a message."""
    images = [BatchView(batch).integers("image") for batch in source.batches(["image"])]
    seen = [column[column >= 0] for column in images if (column >= 0).any()]
    if not seen:
        return ""
    first, last = min(int(c.min()) for c in seen), max(int(c.max()) for c in seen)
    return f", {_numbers(first, last)}"


def _numbers(first: int, last: int) -> str:
    return f"images {first} to {last}" if last > first else f"image {first}"
