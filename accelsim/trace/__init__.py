"""Traces: records as Arrow tables, Parquet and CSV files, and how two of them differ."""

from accelsim.trace.compare import Divergence, first_divergence
from accelsim.trace.csvfile import read_csv, write_csv
from accelsim.trace.schema import SCHEMA, to_arrow
from accelsim.trace.sinks import ParquetTrace, TableTrace, read_parquet

__all__ = [
    "SCHEMA",
    "Divergence",
    "ParquetTrace",
    "TableTrace",
    "first_divergence",
    "read_csv",
    "read_parquet",
    "to_arrow",
    "write_csv",
]
