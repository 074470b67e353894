"""What `accelsim trace export` does: opens the run, cuts the window, writes the files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from accelsim.cli.progress import watching
from accelsim.errors import InputError
from accelsim.resources import display
from accelsim.runs import OF_STREAM, RecordedRun, is_of_a_run, open_run
from accelsim.runs.kept import kept_in_words
from accelsim.trace import TraceFile, parse_window
from accelsim.trace.export import TraceSource, export_csv, export_perfetto, export_vcd, in_words
from accelsim.version import __version__

SUFFIXES = {"csv": ".csv", "perfetto": ".pftrace", "vcd": ".vcd"}
_SAVE = ".gtkw"
# Of a record of the reference run, measured; and from how many bytes on it is said before.
_BYTES = {"csv": 105, "perfetto": 120, "vcd": 16}
_MUCH = 100_000_000
WindowTexts = tuple[str | None, str | None, str | None, Sequence[str] | None]


@dataclass(frozen=True)
class Job:
    """One export: the trace, what it is written as, and where to.

    period_ps: of the clock; 0 for a trace file, which does not tell.
    """

    trace: TraceFile
    kind: str
    output: Path
    title: str
    provenance: tuple[str, ...]
    period_ps: int


def job_of(path: Path, kind: str, output: Path | None) -> Job:
    """Open a run directory or a trace file; InputError if it cannot be used or written so."""
    suffix = SUFFIXES[kind]
    if path.is_file():
        if kind != "csv":
            raise InputError(
                f"{display(path)}: a trace file can become csv alone; {kind} needs the run "
                "directory, which has the clock and the name of the machine"
            )
        output = output or path.with_suffix(suffix)
        _check_output(output, {path.resolve()})
        return Job(TraceFile(path), kind, output, path.name, (_made_by(),), 0)
    run = open_run(path)
    trace = run.kept_trace
    output = output or path / f"trace{suffix}"
    _check_output(output, {(path / name).resolve() for name in OF_STREAM})
    provenance = (*_provenance(run), _made_by())
    return Job(trace, kind, output, run.name, provenance, run.machine.period_ps)


def run_export(job: Job, texts: WindowTexts) -> list[Path]:
    """Write the window that the options ask for, say what was written, and return it."""
    window = parse_window(job.trace, *texts)
    _say_if_large(job)
    provenance = (*job.provenance, f"Window: {in_words(window)}.")
    source = TraceSource(job.trace, job.title, window, provenance)
    save = job.output.with_suffix(_SAVE)
    with watching() as watch:

        def progress(done: int, total: int) -> None:
            watch("writing records", done, total)

        match job.kind:
            case "csv":
                records = export_csv(job.output, source, progress)
            case "perfetto":
                records = export_perfetto(job.output, source, progress)
            case _:
                records = export_vcd(job.output, save, source, job.period_ps, progress)
    size = job.output.stat().st_size
    typer.echo(f"{display(job.output)}: {records:,} records, {_megabytes(size)}")
    if job.kind != "vcd":
        return [job.output]
    typer.echo(f"{display(save)}: opens it, with gtkwave {display(save)}")
    return [job.output, save]


def _say_if_large(job: Job) -> None:
    """Say before the work how large the file may become: a window has fewer records."""
    size = job.trace.records * _BYTES[job.kind]
    if size >= _MUCH:
        typer.echo(
            f"note: {job.trace.records:,} records are up to about {_megabytes(size)}; --from, "
            "--to, --image and --component choose some",
            err=True,
        )


def _check_output(output: Path, inputs: set[Path]) -> None:
    if output.resolve() in inputs:
        raise InputError(
            f"--output {display(output)}: it is what is read; choose another name with --output"
        )
    if is_of_a_run(output):
        raise InputError(
            f"--output {display(output)}: it is a file of a run; choose another name with --output"
        )
    for path in (output, output.with_suffix(_SAVE)):
        if path.is_dir():
            raise InputError(f"--output {display(path)}: cannot be written: it is a folder")
    if output.suffix == _SAVE:
        raise InputError(
            f"--output {display(output)}: {_SAVE} is the save file, written beside; "
            f"name the file itself, such as {display(output.with_suffix('.vcd'))}"
        )
    if not output.parent.is_dir():
        raise InputError(
            f"--output {display(output)}: cannot be written: no folder {display(output.parent)}"
        )


def _provenance(run: RecordedRun) -> tuple[str, ...]:
    manifest = run.manifest
    first, images = manifest["first_image"], manifest["images"]
    numbers = f"seed {manifest['seed']}, images {first} to {first + images - 1}"
    lines = (
        f"Run: {' '.join(manifest['command'])}",
        f"Simulated by accelsim {manifest['accelsim']}, {numbers}.",
        f"trace.parquet: sha256 {manifest['files']['trace.parquet']['sha256']}",
    )
    return (*lines, f"The run keeps {kept_in_words(run.kept)} alone.") if run.kept else lines


def _made_by() -> str:
    return f"Exported by accelsim {__version__}."


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"
