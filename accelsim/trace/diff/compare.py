"""Compares two traces cycle by cycle: where they part first, and how much differs.

Records are aligned by what they are (accelsim.trace.diff.align), a portion of images at a time,
so that memory does not grow with the trace. Two records differ if their times, component,
cause, actions or energy do; their ids may differ, and causes are compared by the record
they name, not by its id.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from accelsim.errors import InputError
from accelsim.resources import display
from accelsim.trace.diff.align import NONE, Column, Decoder, Pairing, Rows, Side, align
from accelsim.trace.diff.divergence import Divergence, causes_of
from accelsim.trace.diff.totals import Totals
from accelsim.trace.reader import Progress, TraceFile, Window

_PORTION = 200_000
_MOST_IMAGES = 2**62
_TIMES = ("t_start_ps", "t_end_ps")
_COMPARED = (*_TIMES, "component", "op", "layer", "cause", "resource", "energy_aJ")

Spans = tuple[tuple[int, int], ...]


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


def diff_traces(a: TraceFile, b: TraceFile, progress: Progress | None = None) -> TraceDiff:
    """Compare two traces.

    progress: called with the records looked at so far, and those of both. Raises InputError
    if they cannot be aligned: no image in common, or other steps for the same image.
    """
    return _Comparison((a, b), progress).run()


def first_divergence(expected: pa.Table, actual: pa.Table) -> Divergence | None:
    """Return the first divergence of two traces in memory, or None if they are the same.

    The first trace is `a` of the divergence. Raises InputError as `diff_traces` does.
    """
    return diff_traces(TraceFile.of(expected, "expected"), TraceFile.of(actual, "actual")).first


class _Comparison:
    """State of one comparison; side 0 is a, side 1 is b."""

    def __init__(self, traces: tuple[TraceFile, TraceFile], progress: Progress | None) -> None:
        self.traces = traces
        self.progress = progress
        self.decoder = Decoder()
        self.sides = Side(), Side()
        self.totals = Totals(), Totals()
        self.seen = self.aligned = self.differing = self.moved = 0
        self.fields: Counter[str] = Counter()
        self.only = [0, 0]
        self.first: tuple[tuple[int, ...], int, int, tuple[str, ...]] | None = None

    def run(self) -> TraceDiff:
        images = _images(self.traces[0]), _images(self.traces[1])
        common = np.intersect1d(*images)
        if not len(common) and any(len(each) for each in images):
            raise self._unaligned(
                f"no image in common: {_listed(images[0])} in the one, {_listed(images[1])} in the "
                "other"
            )
        for window in self._windows(np.union1d(*images)):
            rows = [self._rows(side, window) for side in (0, 1)]
            a, b = (each.take(np.flatnonzero(np.isin(each.image, common))) for each in rows)
            self._compare(a, b)
        alone = Window(imageless=True)
        self._compare(self._rows(0, alone), self._rows(1, alone))
        return TraceDiff(
            first=self._divergence(),
            aligned=self.aligned,
            differing=self.differing,
            moved=self.moved,
            fields=dict(self.fields),
            only=(self.only[0], self.only[1]),
            images=len(common),
            images_only=(
                _spans(np.setdiff1d(images[0], common)),
                _spans(np.setdiff1d(images[1], common)),
            ),
            totals=self.totals,
        )

    def _windows(self, images: Column) -> Iterator[Window]:
        """Cut the images into portions of about as many records."""
        records = max(trace.records for trace in self.traces)
        size = max(1, _PORTION * len(images) // max(1, records))
        for begin in range(0, len(images), size):
            portion = images[begin : begin + size]
            yield Window(images=(int(portion[0]), int(portion[-1]) + 1))

    def _rows(self, side: int, window: Window) -> Rows:
        rows = self.decoder.rows(self.traces[side].batches(window))
        self.totals[side].add(rows, self.decoder)
        self.seen += len(rows)
        if self.progress is not None:
            self.progress(self.seen, sum(trace.records for trace in self.traces))
        return rows

    def _compare(self, a: Rows, b: Rows) -> None:
        pairing, ordinals = align(a, b)
        self.sides[0].add(a, ordinals[0])
        self.sides[1].add(b, ordinals[1])
        left, right = a.take(pairing.a), b.take(pairing.b)
        self._check_programs(left, right)
        differences = self._differences(left, right)
        differs = np.logical_or.reduce(list(differences.values()))
        self.aligned += len(left)
        self.differing += int(differs.sum())
        changed = np.logical_or.reduce(
            [of for name, of in differences.items() if name not in _TIMES]
        )
        lasts = left.t_end_ps - left.t_start_ps == right.t_end_ps - right.t_start_ps
        self.moved += int((differs & lasts & ~changed).sum())
        self.fields.update({name: int(of.sum()) for name, of in differences.items() if of.any()})
        self.only[0] += len(pairing.only_a)
        self.only[1] += len(pairing.only_b)
        self._note_changed(left, right, differences, differs)
        self._note_missing(a, b, pairing)

    def _differences(self, a: Rows, b: Rows) -> dict[str, NDArray[np.bool_]]:
        differences = {name: getattr(a, name) != getattr(b, name) for name in _COMPARED}
        differences["actions"] = (a.actions != b.actions).any(axis=1)
        of_a, known_a = self.sides[0].identities(a.cause_id)
        of_b, known_b = self.sides[1].identities(b.cause_id)
        other = (of_a != of_b).any(axis=1) & known_a & known_b
        differences["cause_id"] = other | ((a.cause_id == NONE) != (b.cause_id == NONE))
        return differences

    def _check_programs(self, a: Rows, b: Rows) -> None:
        issued = a.kind == self.decoder.code("issue")
        wrong = np.flatnonzero(issued & ((a.op != b.op) | (a.layer != b.layer)))
        if len(wrong):
            place = wrong[0]
            one, other = (
                f"{self.decoder.text(rows.op[place])} of layer "
                f"'{self.decoder.text(rows.layer[place])}'"
                for rows in (a, b)
            )
            raise self._unaligned(
                f"their programs differ: step {a.step[place]} of image {a.image[place]} is "
                f"{one} in the one, {other} in the other"
            )

    def _note_changed(
        self,
        a: Rows,
        b: Rows,
        differences: dict[str, NDArray[np.bool_]],
        differs: NDArray[np.bool_],
    ) -> None:
        """Note the first of the aligned records that differ.

        A record that only ends at another time parts where the earlier one ends: its counts
        and energy follow from how long it is. So does standby, a sum over what it covers.
        """
        places = np.flatnonzero(differs)
        if not len(places):
            return
        by_end = differences["t_end_ps"].copy()
        for name in ("t_start_ps", "component", "op", "layer", "cause", "resource", "cause_id"):
            by_end &= ~differences[name]
        by_end |= a.kind == self.decoder.code("standby")
        start = np.minimum(a.t_start_ps, b.t_start_ps)
        moments = np.where(by_end, np.minimum(a.t_end_ps, b.t_end_ps), start)[places]
        ids = a.id[places], b.id[places]
        order = (np.maximum(*ids), np.minimum(*ids), moments)  # np.lexsort: the last one leads
        place = int(places[np.lexsort(order)[0]])
        names = tuple(name for name, of in differences.items() if of[place])
        moment = int(moments[np.flatnonzero(places == place)[0]])
        self._note(moment, int(a.id[place]), int(b.id[place]), names)

    def _note_missing(self, a: Rows, b: Rows, pairing: Pairing) -> None:
        for rows, places, side in ((a, pairing.only_a, 0), (b, pairing.only_b, 1)):
            if len(places):
                standby = rows.kind[places] == self.decoder.code("standby")
                moments = np.where(standby, rows.t_end_ps[places], rows.t_start_ps[places])
                first = np.lexsort((rows.id[places], moments))[0]
                ids = [NONE, NONE]
                ids[side] = int(rows.id[places[first]])
                self._note(int(moments[first]), ids[0], ids[1], ())

    def _note(self, moment: int, of_a: int, of_b: int, names: tuple[str, ...]) -> None:
        present = sorted(number for number in (of_a, of_b) if number != NONE)
        rank = (moment, present[0], present[-1])
        if self.first is None or rank < self.first[0]:
            self.first = rank, of_a, of_b, names

    def _divergence(self) -> Divergence | None:
        if self.first is None:
            return None
        (moment, *_), of_a, of_b, names = self.first
        a = self.traces[0].record(of_a) if of_a != NONE else None
        b = self.traces[1].record(of_b) if of_b != NONE else None
        return Divergence(
            moment_ps=moment,
            fields=names,
            a=a,
            b=b,
            led_by_a=causes_of(self.traces[0], a),
            led_by_b=causes_of(self.traces[1], b),
        )

    def _unaligned(self, why: str) -> InputError:
        a, b = (display(trace.path) for trace in self.traces)
        return InputError(f"{a} and {b} cannot be aligned: {why}")


def _images(trace: TraceFile) -> Column:
    """Return the images of a trace, sorted; InputError for a number that no image can have."""
    found = [
        np.unique(batch["image"].drop_null().to_numpy(zero_copy_only=False))
        for batch in trace.batches(columns=["image"])
    ]
    images = np.unique(np.concatenate([np.zeros(0, np.int64), *found]))
    if len(images) and not 0 <= images[0] <= images[-1] < _MOST_IMAGES:
        wrong = images[-1] if images[0] >= 0 else images[0]
        raise InputError(f"{display(trace.path)}: image {wrong} is out of range")
    return images


def _spans(images: Column) -> Spans:
    """Return sorted images as (first, last) spans."""
    if not len(images):
        return ()
    breaks = np.flatnonzero(np.diff(images) > 1) + 1
    return tuple((int(part[0]), int(part[-1])) for part in np.split(images, breaks))


def _listed(images: Sequence[int] | Column) -> str:
    if not len(images):
        return "none"
    return f"images {images[0]} to {images[-1]}" if len(images) > 1 else f"image {images[0]}"
