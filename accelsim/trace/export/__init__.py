"""Traces for other tools: CSV, Perfetto and VCD, streamed from Arrow batches.

Every exporter takes a `TraceSource` (a trace, the window that is wanted, and where it comes
from) and writes one file; memory does not grow with the records. Nothing here knows the
machine or the network: a component is a dotted path, and its records say what it did.
"""

from accelsim.trace.export.csvfile import export_csv
from accelsim.trace.export.perfetto import export_perfetto
from accelsim.trace.export.source import TraceSource, in_words
from accelsim.trace.export.vcd import export_vcd

__all__ = ["TraceSource", "export_csv", "export_perfetto", "export_vcd", "in_words"]
