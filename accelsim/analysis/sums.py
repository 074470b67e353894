"""Sums of durations over batches of a trace; memory grows with distinct keys, not records."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from accelsim.records import BatchView, Groups, View
from accelsim.records.view import TEXTS

Key = tuple[str | int, ...]


@dataclass(frozen=True)
class Total:
    """Number of records, their durations together and the longest of them, in ps."""

    records: int = 0
    time_ps: int = 0
    longest_ps: int = 0

    def __add__(self, other: "Total") -> "Total":
        return Total(
            self.records + other.records,
            self.time_ps + other.time_ps,
            max(self.longest_ps, other.longest_ps),
        )


def add_durations(totals: dict[Key, Total], batch: pa.RecordBatch, columns: Sequence[str]) -> None:
    """Add the durations of a batch's records to totals, keyed by the values of columns.

    columns: text columns of the trace's schema, or `step` (null becomes -1).
    """
    if not batch.num_rows:
        return
    view = BatchView(batch)
    coded = [_coded(view, name) for name in columns]
    groups = Groups(len(view), *(codes for codes, _ in coded))
    duration = view.duration_ps
    sums, longest = groups.sums(duration), groups.most(duration)
    rows = groups.first
    read = ([texts[code] for code in codes[rows].tolist()] for codes, texts in coded)
    names = zip(*read, strict=True)
    numbers = (column.tolist() for column in (groups.counts, sums, longest))
    for name, *each in zip(names, *numbers, strict=True):
        totals[name] = totals.get(name, Total()) + Total(*each)


def _coded(view: View, name: str) -> tuple[NDArray[np.integer], Sequence[str | int]]:
    if name in TEXTS:
        column = view.texts(name)
        return column.codes, column.texts
    values, codes = np.unique(view.integers(name), return_inverse=True)
    return codes, values.tolist()
