"""Simulates, and keeps the run in a directory: what `accelsim run` and users' scripts call."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from json import dumps
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from accelsim.arrivals import Arrivals
from accelsim.arrivals.writing import put_parquet
from accelsim.compiler import Program, program_json
from accelsim.config import Machine, resolved_yaml
from accelsim.config.checks import warnings_of
from accelsim.energy import PricedSink
from accelsim.network import Network
from accelsim.runs.directory import (
    CONFIG,
    LEDGER,
    PROGRAM,
    STATS,
    STREAM,
    TRACE,
    RunDirectory,
    files_of,
)
from accelsim.runs.kept import check_keepable, kept_entry, refuse_part
from accelsim.runs.manifest import run_manifest, with_machine
from accelsim.simulation import Execution, Images, Result, run_network
from accelsim.simulation.events import Progress
from accelsim.simulation.execution import InMemory
from accelsim.trace import EVERY_RECORD, ParquetTrace, Window, read_parquet


class RunOutput:
    """Keeps a run as a run directory, whole or not at all.

    manifest: what to say of the run beside the hashes of its files. stream: of arrivals, if the
    run has one. kept: the window of the records that are written; None for no trace. Raises
    InputError, when entered, if the directory cannot be written, or holds a run and `force` is
    false.
    """

    def __init__(
        self,
        outdir: Path,
        manifest: Mapping[str, object],
        stream: Arrivals | None = None,
        *,
        force: bool,
        kept: Window | None = EVERY_RECORD,
    ) -> None:
        check_keepable(kept)
        self._outdir, self._manifest, self._force = outdir, dict(manifest) | kept_entry(kept), force
        self._stream, self._kept = stream, kept

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            names = files_of(stream=self._stream is not None, trace=self._kept is not None)
            directory = RunDirectory(self._outdir, names, force=self._force)
            self._directory = stack.enter_context(directory)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def trace(self) -> PricedSink | None:
        """Return the sink that writes the trace, if the run keeps one."""
        if self._kept is None:
            return None
        trace = ParquetTrace(self._directory.binary(TRACE), self._kept)
        self._stack.callback(trace.abort)
        return trace

    def read_trace(self) -> pa.Table:
        """Return the trace from the finished directory; InputError if it keeps none."""
        if self._kept is None:
            raise refuse_part(self._outdir, None)
        return read_parquet(self._outdir / TRACE)

    def finish(self, machine: Machine, program: Program, execution: Execution) -> None:
        """Write the other files, and give all of them their names."""
        directory = self._directory
        warnings = {"warnings": list(warnings_of(machine))}
        directory.write(LEDGER, execution.ledger.csv(machine.energy.quoted()))
        directory.write(STATS, dumps(execution.stats.to_dict() | warnings, indent=2) + "\n")
        directory.write(CONFIG, resolved_yaml(machine))
        directory.write(PROGRAM, program_json(program) + "\n")
        if self._stream is not None:
            with directory.binary(STREAM) as file:
                put_parquet(file, self._stream)
        directory.finish(with_machine(self._manifest, machine) | warnings)


def simulate(  # noqa: PLR0913 - each is an option of `accelsim run`, given by name
    machine: Machine,
    network: Network,
    images: int | range | Arrivals = 1,
    *,
    outdir: Path | str | None = None,
    force: bool = False,
    seed: int = 0,
    trace: Window | None = EVERY_RECORD,
    command: Sequence[str] = (),
    progress: Progress | None = None,
) -> Result:
    """Simulate images of a network's data set on a machine.

    images: the first so many, or a range of image numbers, which all arrive at time 0; or a
    stream of arrivals, whose images are numbered as they come.
    outdir: where the run's files go (see README); None keeps the trace in memory.
    seed: of the die and of all noise, if effects are active. trace: which records are kept, by
    times or images; None: none. Figures and ledger are of all. command: for the manifest.

    Raises InputError before anything is written if the network does not fit the
    machine or an input cannot be used; DeadlockError or ReconciliationError for a
    defect of the program or the model.
    """
    check_keepable(trace)
    if outdir is None:
        memory = InMemory(trace)
        return run_network(
            machine, network, images, seed, output=lambda _: memory, progress=progress
        )
    folder = Path(outdir)

    def output(chosen: Images) -> RunOutput:
        manifest = run_manifest(network, chosen, seed, command, folder)
        stream = images if isinstance(images, Arrivals) else None
        return RunOutput(folder, manifest, stream, force=force, kept=trace)

    result = run_network(machine, network, images, seed, output=output, progress=progress)
    return replace(result, outdir=folder)
