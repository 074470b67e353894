"""Sums of durations over batches of a trace; memory grows with distinct keys, not records."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

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
    duration = _ints(batch["t_end_ps"]) - _ints(batch["t_start_ps"])
    coded = [_coded(batch[name]) for name in columns]
    key = np.zeros(batch.num_rows, np.int64)
    for codes, texts in coded:
        key = key * len(texts) + codes
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    counts = np.diff(starts, append=len(order))
    times = np.add.reduceat(duration[order], starts).tolist()
    longest = np.maximum.reduceat(duration[order], starts).tolist()
    for place, row in enumerate(order[starts].tolist()):
        name = tuple(texts[codes[row]] for codes, texts in coded)
        total = Total(int(counts[place]), times[place], longest[place])
        totals[name] = totals.get(name, Total()) + total


def _ints(column: pa.Array) -> NDArray[np.int64]:
    return np.asarray(column.to_numpy(zero_copy_only=False), np.int64)


def _coded(column: pa.Array) -> tuple[NDArray[np.int64], list[str | int]]:
    if not isinstance(column, pa.DictionaryArray):
        column = column.fill_null(-1).dictionary_encode()
    return _ints(column.indices), column.dictionary.to_pylist()
