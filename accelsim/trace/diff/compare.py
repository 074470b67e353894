"""Compares two traces cycle by cycle: where they part first, and how much differs.

Records are aligned by what they are (accelsim.trace.diff.align), a portion of images at a time,
so that memory does not grow with the trace. Two records differ if their times, component,
cause, actions or energy do; their ids may differ, and causes are compared by the record
they name, not by its id. Neither ids nor the order of rows decide on anything.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from accelsim.errors import InputError
from accelsim.records.columns import Column
from accelsim.resources import display
from accelsim.trace.diff.align import Alignment, align
from accelsim.trace.diff.causes import ALONE, Names
from accelsim.trace.diff.divergence import Divergence, Record, causes_of
from accelsim.trace.diff.earliest import Earliest, Parting
from accelsim.trace.diff.images import SharedImages, Spans
from accelsim.trace.diff.pairs import RecordPairs
from accelsim.trace.diff.rows import Coder, Rows
from accelsim.trace.diff.totals import Owners, Totals
from accelsim.trace.reader import Progress, TraceFile, Window

_PORTION = 200_000
_AT_ONCE = 200_000
"""Pairs of a portion that are compared at once: an image may be millions."""


@dataclass(frozen=True)
class TraceDiff:
    """How two traces, a and b, differ.

    aligned: records that both have; differing: those of them that differ, by field in
    `fields`; moved: those that last as long and differ in nothing but when they happen.
    only: records, in images that both have, without a partner. images: how many both have;
    images_only: those that one has, as (first, last) spans. totals: the sums of each trace,
    over all its records.
    """

    first: Divergence | None
    aligned: int
    differing: int
    moved: int
    fields: dict[str, int]
    only: tuple[int, int]
    images: int
    images_only: tuple[Spans, Spans]
    totals: tuple[Totals, Totals] = field(repr=False)

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not (self.differing or any(self.only) or any(self.images_only))


class ProgramsDifferError(InputError):
    """Two traces have other steps for the same image, so that their records cannot be aligned."""


def diff_traces(
    a: TraceFile,
    b: TraceFile,
    progress: Progress | None = None,
    owners: tuple[Owners | None, Owners | None] = (None, None),
) -> TraceDiff:
    """Compare two traces.

    owners: whose the images of each are, if of several tenants. progress: called with the records
    looked at so far, and those of both. Raises InputError if they cannot be aligned: no image in
    common, or, as ProgramsDifferError, other steps for the same image.
    """
    return _Comparison(a, b, progress, owners).run()


def first_divergence(expected: pa.Table, actual: pa.Table) -> Divergence | None:
    """Return the first divergence of two traces in memory, or None if they are the same.

    The first trace is `a` of the divergence. Raises InputError as `diff_traces` does.
    """
    return diff_traces(TraceFile.of(expected, "expected"), TraceFile.of(actual, "actual")).first


@dataclass
class _Counts:
    """How many records were compared so far, as TraceDiff has it."""

    aligned: int = 0
    differing: int = 0
    moved: int = 0
    only_a: int = 0
    only_b: int = 0
    fields: Counter[str] = field(default_factory=Counter)

    def add(self, pairs: RecordPairs) -> None:
        """Count some pairs."""
        self.aligned += len(pairs.a)
        self.differing += int(pairs.differing.sum())
        self.moved += int(pairs.moved.sum())
        for name, which in pairs.differences.items():
            if which.any():
                self.fields[name] += int(which.sum())


class _Trace:
    """One of the two traces: its file, its sums so far, and the names of its records at hand."""

    def __init__(self, file: TraceFile, coder: Coder, owners: Owners | None) -> None:
        self.file = file
        self.totals = Totals(owners)
        self.names = Names()
        self._coder = coder

    def read(self, window: Window) -> Rows:
        """Return the records of a window."""
        return self._coder.rows(self.file.batches(window))

    def record(self, number: int | None) -> Record | None:
        """Return the record of an id, None for none."""
        return None if number is None else self.file.record(number)


class _Portion(NamedTuple):
    """Some records of both traces, and which of them are the same."""

    a: Rows
    b: Rows
    alignment: Alignment


class _Comparison:
    """State of one comparison of two traces, a and b."""

    def __init__(
        self,
        a: TraceFile,
        b: TraceFile,
        progress: Progress | None,
        owners: tuple[Owners | None, Owners | None],
    ) -> None:
        self._coder = Coder()
        self._a, self._b = _Trace(a, self._coder, owners[0]), _Trace(b, self._coder, owners[1])
        self._counts = _Counts()
        self._earliest = Earliest(self._coder)
        self._progress = progress
        self._names_given = 0

    def run(self) -> TraceDiff:
        """Compare the traces from end to end."""
        a, b = self._a, self._b
        images = SharedImages.of(a.file, b.file)
        # Any image may wait for a refresh: what has no image is aligned first, and compared
        # last, when the names of its own causes are known.
        alone = Window(imageless=True)
        imageless = self._align(a.read(alone), b.read(alone))
        for trace, rows in ((a, imageless.a), (b, imageless.b)):
            trace.names.pin(rows.cause_id)
        self._compare_images(images)
        self._count(imageless.a, imageless.b)
        self._compare(imageless)
        return self._found(images)

    def _compare_images(self, images: SharedImages) -> None:
        """Compare each portion when the one after it is aligned.

        A cause may be a record of a later image that was issued before.
        """
        aligned: _Portion | None = None
        for window in images.windows(self._images_at_once(images)):
            rows_a, rows_b = self._a.read(window), self._b.read(window)
            self._count(rows_a, rows_b)
            following = self._align(_of_images(rows_a, images), _of_images(rows_b, images))
            if aligned is not None:
                self._compare(aligned)
            aligned = following
        if aligned is not None:
            self._compare(aligned)

    def _images_at_once(self, images: SharedImages) -> int:
        records = max(self._a.file.records, self._b.file.records)
        return max(1, _PORTION * images.number // max(1, records))

    def _count(self, a: Rows, b: Rows) -> None:
        self._a.totals.add(a, self._coder)
        self._b.totals.add(b, self._coder)
        if self._progress is not None:
            seen = self._a.totals.records + self._b.totals.records
            self._progress(seen, self._a.file.records + self._b.file.records)

    def _align(self, a: Rows, b: Rows) -> _Portion:
        """Align some records, and give them names by which they are known as causes."""
        found = align(a, b, self._coder)
        names = found.name + self._names_given
        self._names_given += len(names)
        self._a.names.add(a.id, _names_of_rows(len(a), found.a, names))
        self._b.names.add(b.id, _names_of_rows(len(b), found.b, names))
        return _Portion(a, b, found)

    def _compare(self, portion: _Portion) -> None:
        places_a, places_b, _, only_a, only_b = portion.alignment
        self._check_programs(portion)
        for some in range(0, len(places_a), _AT_ONCE):
            at_once = slice(some, some + _AT_ONCE)
            a, b = portion.a.take(places_a[at_once]), portion.b.take(places_b[at_once])
            causes_a, causes_b = self._a.names.find(a.cause_id), self._b.names.find(b.cause_id)
            pairs = RecordPairs.of(a, b, causes_a, causes_b)
            self._counts.add(pairs)
            self._earliest.changed(pairs)
        self._counts.only_a += len(only_a)
        self._counts.only_b += len(only_b)
        self._earliest.only_in_a(portion.a.take(only_a))
        self._earliest.only_in_b(portion.b.take(only_b))

    def _check_programs(self, portion: _Portion) -> None:
        places_a, places_b, *_ = portion.alignment
        issues = portion.a.kind[places_a] == self._coder.code("issue")
        a, b = portion.a.take(places_a[issues]), portion.b.take(places_b[issues])
        wrong = np.flatnonzero((a.op != b.op) | (a.layer != b.layer))
        if not len(wrong):
            return
        # The first image, and the first of its steps: wherever its row is.
        place = int(min(wrong, key=lambda each: (a.image[each], a.step[each])))
        raise ProgramsDifferError(
            f"{display(self._a.file.path)} and {display(self._b.file.path)} cannot be aligned: "
            f"their programs differ: step {a.step[place]} of image {a.image[place]} is "
            f"{self._does(a, place)} in the one, {self._does(b, place)} in the other"
        )

    def _does(self, rows: Rows, place: int) -> str:
        op, layer = (self._coder.text(column[place]) for column in (rows.op, rows.layer))
        return f"{op} of layer '{layer}'"

    def _found(self, images: SharedImages) -> TraceDiff:
        counts = self._counts
        return TraceDiff(
            first=self._divergence(self._earliest.parting),
            aligned=counts.aligned,
            differing=counts.differing,
            moved=counts.moved,
            fields=dict(counts.fields),
            only=(counts.only_a, counts.only_b),
            images=len(images.common),
            images_only=images.only,
            totals=(self._a.totals, self._b.totals),
        )

    def _divergence(self, first: Parting | None) -> Divergence | None:
        if first is None:
            return None
        a, b = self._a.record(first.id_a), self._b.record(first.id_b)
        return Divergence(
            moment_ps=first.moment_ps,
            fields=first.fields,
            a=a,
            b=b,
            led_by_a=causes_of(self._a.file, a),
            led_by_b=causes_of(self._b.file, b),
        )


def _names_of_rows(length: int, places: Column, names: Column) -> Column:
    of_rows = np.full(length, ALONE, np.int64)
    of_rows[places] = names
    return of_rows


def _of_images(rows: Rows, images: SharedImages) -> Rows:
    """Leave out the records of images that only one trace has."""
    if not any(images.only):
        return rows
    return rows.take(np.flatnonzero(np.isin(rows.image, images.common)))
