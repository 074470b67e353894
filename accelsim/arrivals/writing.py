"""Writes arrivals as a file that `ArrivalFile` reads: CSV, or Parquet by its name."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from accelsim.arrivals.columns import NO_DEADLINE, Arrivals
from accelsim.arrivals.reading import PARQUET
from accelsim.files import new_file


def write_arrivals(path: Path, arrivals: Arrivals, notes: Sequence[str] = ()) -> None:
    """Write arrivals, whole or not at all.

    notes: lines that a CSV begins with. Raises InputError if the file cannot be written.
    """
    table = pa.table(_columns(arrivals))
    with new_file(path) as partial:
        if path.suffix == PARQUET:
            pq.write_table(table, partial)
            return
        with partial.open("wb") as file:
            head = [*(f"# {note}" for note in notes), ",".join(table.column_names)]
            file.write("".join(f"{line}\n" for line in head).encode())
            pacsv.write_csv(table, file, pacsv.WriteOptions(include_header=False))


def _columns(arrivals: Arrivals) -> dict[str, pa.Array]:
    columns = {"time_ps": pa.array(arrivals.time_ps)}
    if arrivals.image is not None:
        columns["image"] = pa.array(arrivals.image)
    if arrivals.deadline_ps is not None:
        none = np.asarray(arrivals.deadline_ps) == NO_DEADLINE
        columns["deadline_ps"] = pa.array(arrivals.deadline_ps, mask=none)
    return columns
