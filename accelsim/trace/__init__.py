"""Traces: records as Arrow tables, Parquet and CSV files; `trace.diff` compares two."""

from accelsim.trace.csvfile import read_csv, write_csv
from accelsim.trace.reader import EVERY_RECORD, TraceFile, Window, read_parquet
from accelsim.trace.schema import SCHEMA, to_arrow
from accelsim.trace.sinks import ParquetTrace, PartedTrace, TableTrace, join_parts
from accelsim.trace.window import parse_kept, parse_window

__all__ = [
    "EVERY_RECORD",
    "SCHEMA",
    "ParquetTrace",
    "PartedTrace",
    "TableTrace",
    "TraceFile",
    "Window",
    "join_parts",
    "parse_kept",
    "parse_window",
    "read_csv",
    "read_parquet",
    "to_arrow",
    "write_csv",
]
