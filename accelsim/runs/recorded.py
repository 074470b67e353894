"""A run opened from its directory: what it ran, what came out, and its trace to read again."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from accelsim.compiler import Program, Tenancy, check_program, read_program
from accelsim.config import Machine, load_machine
from accelsim.errors import InputError
from accelsim.files import read_json
from accelsim.resources import display
from accelsim.runs.directory import (
    CONFIG,
    MANIFEST,
    PROGRAM,
    STATS,
    TRACE,
    read_manifest,
    read_recorded,
)
from accelsim.runs.figures import check_figures
from accelsim.trace import TraceFile


@dataclass(frozen=True)
class RecordedRun:
    """A run directory, checked.

    manifest: version, seed, command, workload, images, hashes. stats: the figures of
    stats.json as {"value", "unit"} leaves. machine, tenancy: machine and programs as the run had
    them.
    """

    path: Path
    manifest: dict[str, Any] = field(repr=False)
    stats: dict[str, Any] = field(repr=False)
    machine: Machine = field(repr=False)
    tenancy: Tenancy = field(repr=False)
    trace: TraceFile = field(repr=False)

    @property
    def program(self) -> Program:
        """The program of the run, of several that of the first tenant."""
        return self.tenancy.programs[0]

    @property
    def name(self) -> str:
        """Machine and network in a few words: 'irmen, mnist'."""
        return f"{self.machine.name}, {self.manifest['workload']}"


def open_run(path: Path | str) -> RecordedRun:
    """Open a run directory; InputError if it is not whole, or was changed since the run."""
    path = Path(path)
    manifest = read_manifest(path)
    stats = check_figures(read_json(path / STATS), display(path / STATS))
    machine, tenancy = load_machine(path / CONFIG), Tenancy.of(read_program(path / PROGRAM))
    try:
        check_program(tenancy, machine)
    except InputError as error:
        raise InputError(f"{display(path / PROGRAM)}: {error}") from None
    names = [each.name for each in read_recorded(manifest, path).tenants]
    if names != ([] if tenancy.is_alone else list(tenancy.names)):
        raise InputError(f"{display(path / MANIFEST)}: damaged: its tenants are not of {PROGRAM}")
    return RecordedRun(
        path=path,
        manifest=manifest,
        stats=stats,
        machine=machine,
        tenancy=tenancy,
        trace=TraceFile(path / TRACE),
    )
