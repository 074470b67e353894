"""What an exporter is given, and the columns of a batch as Python and NumPy see them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from accelsim.errors import InputError
from accelsim.trace.reader import Progress, TraceFile, Window

Column = NDArray[np.int64]


@dataclass(frozen=True)
class Source:
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


class Texts(NamedTuple):
    """A coded text column: `texts[codes[row]]`."""

    codes: NDArray[np.int64]
    texts: list[str]

    def rows(self, *wanted: str) -> NDArray[np.bool_]:
        """Tell which rows have one of the wanted texts."""
        return np.isin(
            self.codes, [self.texts.index(text) for text in wanted if text in self.texts]
        )

    def list(self) -> list[str]:
        """Return the text of each row."""
        texts = self.texts
        return [texts[code] for code in self.codes.tolist()]


def texts(batch: pa.RecordBatch, name: str) -> Texts:
    """Return a text column of a batch."""
    column = batch[name]
    return Texts(column.indices.to_numpy().astype(np.int64), column.dictionary.to_pylist())


def integers(batch: pa.RecordBatch, name: str) -> Column:
    """Return an integer column of a batch; -1 where it is null."""
    column = batch[name]
    if column.null_count:
        column = column.fill_null(-1)
    return np.asarray(column.to_numpy(zero_copy_only=False), np.int64)


def in_words(window: Window) -> str:
    """Return what a window takes: '0 ps to 42000 ps, image 3', or 'the whole trace'."""
    parts = []
    if window.start_ps is not None or window.end_ps is not None:
        until = "the end" if window.end_ps is None else f"{window.end_ps} ps"
        parts.append(f"{window.start_ps or 0} ps to {until}")
    if window.images is not None:
        parts.append(_numbers(window.images[0], window.images[1] - 1))
    return ", ".join([*parts, *window.components]) or "the whole trace"


def nothing_to_write(source: Source) -> InputError:
    """Return the error of a window without records: what was asked, and what the trace has."""
    whole = Source(source.trace, source.title)
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
        first = int(integers(batch, "t_start_ps").min())
        start = first if start > end else min(start, first)
        end = max(end, int(integers(batch, "t_end_ps").max()))
    return start, end


def _images(source: Source) -> str:
    """Return the images of a trace, for a message."""
    images = [integers(batch, "image") for batch in source.batches(["image"])]
    seen = [column[column >= 0] for column in images if (column >= 0).any()]
    if not seen:
        return ""
    first, last = min(int(c.min()) for c in seen), max(int(c.max()) for c in seen)
    return f", {_numbers(first, last)}"


def _numbers(first: int, last: int) -> str:
    return f"images {first} to {last}" if last > first else f"image {first}"
