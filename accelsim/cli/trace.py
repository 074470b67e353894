"""`accelsim trace`: a run's trace for other tools."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from accelsim.cli.commands import Commands
from accelsim.cli.consoles import is_stdout, print_file
from accelsim.cli.destinations import FILE_OR_STDOUT
from accelsim.cli.jsons import JsonOption, report_files
from accelsim.cli.window import ComponentOption, FromOption, ImageOption, ToOption
from accelsim.errors import InputError

trace_app = typer.Typer(
    cls=Commands,
    help="The records of a run, for other tools.",
    no_args_is_help=True,
)


class Format(StrEnum):
    """What `trace export` writes."""

    CSV = "csv"
    PERFETTO = "perfetto"
    VCD = "vcd"


@trace_app.callback()
def _options() -> None:
    """Keep `export` a command of its own."""


@trace_app.command("export")
def export_command(
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="Run directory; for csv, a trace file too.")
    ],
    kind: Annotated[
        Format,
        typer.Option(
            "--format",
            help="csv: one line a record. perfetto: tracks, arrows and counters for "
            "ui.perfetto.dev; 1 ns of its clock is 1 ps simulated, so that nothing is rounded. "
            "vcd: waveforms in ps, with a GTKWave save file (.gtkw) beside.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            allow_dash=True,
            callback=FILE_OR_STDOUT,
            help="trace.csv, .pftrace or .vcd in RUN if not given; - prints csv.",
        ),
    ] = None,
    start: FromOption = None,
    end: ToOption = None,
    image: ImageOption = None,
    component: ComponentOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a run's trace, or a window of it, as CSV, Perfetto trace or VCD waveforms.

    A window takes every record that is going on inside it. CSV has such records whole;
    in Perfetto they are cut at the window, and their annotations keep the full times.
    """
    from accelsim.cli import trace_tasks as tasks  # noqa: PLC0415 - loads what it writes with

    window = (start, end, image, component)
    if output is not None and is_stdout(output):
        if kind is not Format.CSV or as_json:
            raise InputError("--output -: prints csv alone; expected --format csv, and no --json")
        print_file(
            "trace.csv",
            lambda path: tasks.run_export(tasks.job_of(run, kind.value, path), window),
        )
        return
    job = tasks.job_of(run, kind.value, output)
    report_files(lambda: tasks.run_export(job, window), as_json=as_json, rows=False)
