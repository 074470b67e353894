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
from accelsim.compiler import Program, Tenancy, program_json
from accelsim.config import Machine, resolved_yaml
from accelsim.config.checks import cells_of, warnings_of
from accelsim.energy import PricedSink
from accelsim.network import Network, Tenant
from accelsim.runs.directory import (
    ACCURACY,
    CONFIG,
    LEDGER,
    OF_STREAM,
    PROGRAM,
    RUN_FILES,
    STATS,
    STREAM,
    TRACE,
    RunDirectory,
)
from accelsim.runs.manifest import run_manifest, with_machine
from accelsim.simulation import Execution, Images, Result, run_network
from accelsim.simulation.events import Progress
from accelsim.trace import ParquetTrace, read_parquet


class RunOutput:
    """Keeps a run as a run directory, whole or not at all.

    manifest: what to say of the run beside the hashes of its files. stream: of arrivals, if the
    run has one. Raises InputError, when
    entered, if the directory cannot be written, or holds a run and `force` is false.
    """

    def __init__(
        self,
        outdir: Path,
        manifest: Mapping[str, object],
        stream: Arrivals | None = None,
        *,
        force: bool,
    ) -> None:
        self._outdir, self._manifest, self._force = outdir, manifest, force
        self._stream = stream

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            names = RUN_FILES if self._stream is None else OF_STREAM
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

    def trace(self) -> PricedSink:
        """Return the sink that writes the trace."""
        trace = ParquetTrace(self._directory.binary(TRACE))
        self._stack.callback(trace.abort)
        return trace

    def read_trace(self) -> pa.Table:
        """Return the trace from the finished directory."""
        return read_parquet(self._outdir / TRACE)

    def finish(self, machine: Machine, program: Program | Tenancy, execution: Execution) -> None:
        """Write the other files, and give all of them their names."""
        directory = self._directory
        warnings = {"warnings": list(warnings_of(machine))}
        directory.write(LEDGER, execution.ledger.csv(machine.quoted))
        directory.write(STATS, dumps(_figures(machine, execution) | warnings, indent=2) + "\n")
        directory.write(CONFIG, resolved_yaml(machine))
        directory.write(PROGRAM, program_json(program) + "\n")
        if self._stream is not None:
            with directory.binary(STREAM) as file:
                put_parquet(file, self._stream)
        directory.finish(with_machine(self._manifest, machine) | warnings)


def _figures(machine: Machine, execution: Execution) -> dict[str, object]:
    """Return the figures of a run; a note on the accuracy says what cells it is of."""
    stats = execution.stats
    shares = (stats, *(stats.tenants or {}).values())
    has_accuracy = any(each.accuracy is not None for each in shares)
    notes = {ACCURACY: cells_of(machine)} if has_accuracy else {}
    return stats.to_dict() | {"notes": stats.notes | notes}


def simulate(  # noqa: PLR0913 - each is an option of `accelsim run`, given by name
    machine: Machine,
    network: Network | Sequence[Tenant],
    images: int | range | Arrivals = 1,
    *,
    outdir: Path | str | None = None,
    force: bool = False,
    seed: int = 0,
    command: Sequence[str] = (),
    progress: Progress | None = None,
    fast_forward: bool = True,
) -> Result:
    """Simulate images of a network's data set on a machine, or of networks that share it.

    network: or tenants, of `accelsim.parse_tenants`; they need a stream that says whose each is.
    images: the first so many, or a range of image numbers, which all arrive at time 0; or a
    stream of arrivals, whose images are numbered as they come.
    outdir: where the run's files go (see README); None keeps the trace in memory.
    seed: of the die and of all noise, if effects are active. command: for the manifest.
    fast_forward: whether to skip what repeats itself, which changes nothing but the time it takes.

    Raises InputError before anything is written if the network does not fit the
    machine or an input cannot be used; DeadlockError or ReconciliationError for a
    defect of the program or the model.
    """
    if outdir is None:
        return run_network(
            machine, network, images, seed, progress=progress, fast_forward=fast_forward
        )
    folder = Path(outdir)

    def output(chosen: Sequence[Images]) -> RunOutput:
        manifest = run_manifest(network, chosen, seed, command, folder)
        stream = images if isinstance(images, Arrivals) else None
        return RunOutput(folder, manifest, stream, force=force)

    result = run_network(
        machine,
        network,
        images,
        seed,
        output=output,
        progress=progress,
        fast_forward=fast_forward,
    )
    return replace(result, outdir=folder)
