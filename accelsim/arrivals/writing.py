"""Writes arrivals as a file that `ArrivalFile` reads: CSV, or Parquet by its name."""

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from accelsim.arrivals.columns import (
    IMAGE,
    NO_DEADLINE,
    NO_PRIORITY,
    PRIORITY,
    TENANT,
    Arrivals,
)
from accelsim.arrivals.layout import TEXTS
from accelsim.arrivals.reading import PARQUET
from accelsim.files import new_binary


def write_arrivals(path: Path, arrivals: Arrivals, notes: Sequence[str] = ()) -> None:
    """Write arrivals, whole or not at all.

    notes: lines that a CSV begins with. Raises InputError if the file cannot be written.
    """
    with new_binary(path) as stream:
        if path.suffix == PARQUET:
            put_parquet(stream, arrivals)
            return
        table = pa.table(_columns(arrivals))
        head = [*(f"# {note}" for note in notes), ",".join(table.column_names)]
        stream.write("".join(f"{line}\n" for line in head).encode())
        plain = pacsv.WriteOptions(include_header=False, quoting_style="none")
        pacsv.write_csv(table, stream, plain)


def put_parquet(stream: BinaryIO, arrivals: Arrivals) -> None:
    """Write arrivals to a stream, as Parquet."""
    table = pa.table(_columns(arrivals))
    texts = [name for name in table.column_names if name in TEXTS and name != IMAGE]
    whole = [name for name in table.column_names if name not in texts]
    pq.write_table(
        table, stream, compression="zstd", use_dictionary=texts or False,
        column_encoding=dict.fromkeys(whole, "DELTA_BINARY_PACKED"),
    )  # fmt: skip


def _columns(arrivals: Arrivals) -> dict[str, pa.Array]:
    columns = {"time_ps": pa.array(arrivals.time_ps)}
    if arrivals.image is not None:
        columns["image"] = pa.array(arrivals.image)
    if arrivals.deadline_ps is not None:
        none = np.asarray(arrivals.deadline_ps) == NO_DEADLINE
        columns["deadline_ps"] = pa.array(arrivals.deadline_ps, mask=none)
    if arrivals.tenant is not None:
        names = pa.array(arrivals.tenants, pa.string())
        columns[TENANT] = names.take(pa.array(arrivals.tenant))
    if arrivals.priority is not None:
        none = np.asarray(arrivals.priority) == NO_PRIORITY
        columns[PRIORITY] = pa.array(arrivals.priority, mask=none)
    return columns
