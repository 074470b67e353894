"""Traces: records as Arrow tables, Parquet and CSV files, and how two of them differ."""

from accelsim.trace.align import Decoder
from accelsim.trace.changes import Change, compare_totals, summary
from accelsim.trace.compare import TraceDiff, diff_traces, first_divergence
from accelsim.trace.csvfile import read_csv, write_csv
from accelsim.trace.divergence import Divergence
from accelsim.trace.reader import TraceFile, Window, read_parquet
from accelsim.trace.schema import SCHEMA, to_arrow
from accelsim.trace.sinks import ParquetTrace, TableTrace
from accelsim.trace.totals import Totals

__all__ = [
    "SCHEMA",
    "Change",
    "Decoder",
    "Divergence",
    "ParquetTrace",
    "TableTrace",
    "Totals",
    "TraceDiff",
    "TraceFile",
    "Window",
    "compare_totals",
    "diff_traces",
    "first_divergence",
    "read_csv",
    "read_parquet",
    "summary",
    "to_arrow",
    "write_csv",
]
