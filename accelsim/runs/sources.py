"""A trace to compare, whatever it comes as, with what is known of where it comes from."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa

from accelsim.config import Machine
from accelsim.errors import InputError
from accelsim.files import is_folder, what_is
from accelsim.resources import display
from accelsim.runs.directory import TRACE
from accelsim.runs.manifest import network_place, place_of
from accelsim.runs.recorded import RecordedRun, open_run
from accelsim.simulation.result import Result
from accelsim.trace import SCHEMA, TraceFile

Subject: TypeAlias = Result | RecordedRun | pa.Table | Path | str


@dataclass(frozen=True)
class NamedTrace:
    """A trace; machine, where its network is from a folder, and run, if they are known."""

    name: str
    trace: TraceFile = field(repr=False)
    machine: Machine | None = field(default=None, repr=False)
    network: Callable[[Path], dict[str, str]] | None = field(default=None, repr=False)
    run: RecordedRun | None = field(default=None, repr=False)


def open_source(subject: Subject, *, without_records: bool = False) -> NamedTrace:
    """Return the trace of a result, a recorded run, a table, or a path.

    A path is a run directory, or a trace file (parquet, csv). without_records: whether a run that
    keeps none will do; its trace is empty. Raises InputError for a path that is none of these or
    damaged, and for a table that is no trace.
    """
    if isinstance(subject, Result):
        name, file = "this run", subject.network.file
        trace = (
            TraceFile.of(subject.trace, name)
            if subject.outdir is None
            else TraceFile(subject.outdir / TRACE)
        )
        place = None if file is None else lambda folder: place_of(file, folder)
        return NamedTrace(name, trace, subject.machine, place)
    if isinstance(subject, RecordedRun):
        run, name = subject, display(subject.path)
        empty = without_records and run.records is None
        return NamedTrace(
            name,
            TraceFile.of(SCHEMA.empty_table(), name) if empty else run.kept_trace,
            run.machine,
            lambda folder: network_place(run.manifest, run.path, folder),
            run,
        )
    if isinstance(subject, pa.Table):
        if subject.schema != SCHEMA:
            raise InputError("a table that is no trace: its columns are not accelsim.trace.SCHEMA")
        return NamedTrace("this table", TraceFile.of(subject, "this table"))
    return _open_path(Path(subject), without_records=without_records)


def _open_path(path: Path, *, without_records: bool) -> NamedTrace:
    if is_folder(path):
        return open_source(open_run(path), without_records=without_records)
    if not what_is(path):
        raise InputError(
            f"{display(path)}: no such file; expected a run directory or a trace (.parquet, .csv)"
        )
    return NamedTrace(display(path), TraceFile(path))
