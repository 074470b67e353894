"""A run opened from its directory: what it ran, what came out, and its trace to read again."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from accelsim.collector import left_alone
from accelsim.compiler import Program, Tenancy, check_program, read_program
from accelsim.config import Machine, load_machine
from accelsim.config.digital import CLASSIFICATION
from accelsim.errors import InputError, ReconciliationError
from accelsim.files import read_json
from accelsim.network import Network
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
from accelsim.runs.kept import refuse_part
from accelsim.topology import CLASSIFIER_PATHS
from accelsim.trace import TraceFile, Window


def disagreement(folder: Path, error: ReconciliationError) -> InputError:
    """Return what is said of a recorded run that does not agree with itself any more."""
    return InputError(f"{display(folder)}: damaged: its files do not agree: {error}")


@dataclass(frozen=True)
class RecordedRun:
    """A run directory, checked.

    manifest: version, seed, command, workload, images, hashes. stats: the figures of
    stats.json as {"value", "unit"} leaves. machine, tenancy: machine and programs as the run had
    them. kept: the window of the records that it keeps, an open one for all; None for none.
    records: what it keeps. network: of a run in memory, which has no files to read it from again.
    """

    path: Path
    manifest: dict[str, Any] = field(repr=False)
    stats: dict[str, Any] = field(repr=False)
    machine: Machine = field(repr=False)
    tenancy: Tenancy = field(repr=False)
    kept: Window | None
    records: TraceFile | None = field(repr=False)
    network: Network | None = field(default=None, repr=False)

    @property
    def trace(self) -> TraceFile:
        """All records of the run; InputError if it keeps a part of them, or none."""
        if self.kept is None or self.kept:
            raise refuse_part(self.path, self.kept)
        return self.kept_trace

    @property
    def kept_trace(self) -> TraceFile:
        """The records that the run keeps; InputError if it keeps none."""
        if self.records is None:
            raise refuse_part(self.path, None)
        return self.records

    @property
    def goes_on(self) -> bool:
        """Whether it goes on behind the handoff, to the class label."""
        return self.machine.scope == CLASSIFICATION

    def published(self, images: tuple[int, int] | None = None) -> Window:
        """Return the window of the records up to the handoff, of some images or all."""
        return Window(images=images, without=CLASSIFIER_PATHS if self.goes_on else ())

    @property
    def program(self) -> Program:
        """The program of the run, of several that of the first tenant."""
        return self.tenancy.programs[0]

    def layer_of(self, step: int | None, layer: str) -> str:
        """Return the layer of a step, with the tile that it computes: 'conv1 @0,14'.

        Of tenants whose programs have other tiles at that step, the layer alone.
        """
        steps = [each.instructions for each in self.tenancy.programs]
        names = {
            some[step - 1].of_tile
            for some in steps
            if step is not None and 0 < step <= len(some) and some[step - 1].layer == layer
        }
        return names.pop() if len(names) == 1 else layer

    @property
    def name(self) -> str:
        """Machine and network in a few words: 'irmen, mnist'."""
        return f"{self.machine.name}, {self.manifest['workload']}"


def open_run(path: Path | str) -> RecordedRun:
    """Open a run directory.

    Parameters
    ----------
    path
        The folder that a run left.

    Returns
    -------
    RecordedRun
        Its machine, program, figures and, if it kept some, records, which are read when asked for.

    Raises
    ------
    accelsim.errors.InputError
        If it is not whole, or was changed since the run.

    Examples
    --------
    >>> import tempfile
    >>> import accelsim
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     result = accelsim.simulate("irmen", "mnist", outdir=f"{folder}/run")
    ...     accelsim.open_run(f"{folder}/run").name
    'irmen, mnist'
    """
    path = Path(path)
    manifest = read_manifest(path)
    stats = check_figures(read_json(path / STATS), display(path / STATS))
    machine, tenancy = load_machine(path / CONFIG), Tenancy.of(read_program(path / PROGRAM))
    try:
        with left_alone():
            check_program(tenancy, machine)
    except InputError as error:
        raise InputError(f"{display(path / PROGRAM)}: {error}") from None
    recorded = read_recorded(manifest, path)
    names = [each.name for each in recorded.tenants]
    if names != ([] if tenancy.is_alone else list(tenancy.names)):
        raise InputError(f"{display(path / MANIFEST)}: damaged: its tenants are not of {PROGRAM}")
    kept = Window() if recorded.trace is None else recorded.trace.window()
    return RecordedRun(
        path=path,
        manifest=manifest,
        stats=stats,
        machine=machine,
        tenancy=tenancy,
        kept=kept,
        records=None if kept is None else TraceFile(path / TRACE),
    )
