"""Simulates, and keeps the run in a directory: what `accelsim run` and users' scripts call."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from json import dumps
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from accelsim.analysis import Stats
from accelsim.arrivals import Arrivals
from accelsim.arrivals.writing import put_parquet
from accelsim.compiler import Program, Tenancy, program_json
from accelsim.config import Machine, resolved_yaml
from accelsim.config.checks import cells_of, warnings_of
from accelsim.config.digital import codes_text
from accelsim.energy import PricedSink
from accelsim.errors import InputError
from accelsim.files import NewFiles
from accelsim.network import Network, Tenant
from accelsim.network.arrays import ImageArrays
from accelsim.resources import display
from accelsim.runs.checkpoints import Checkpoints, Inputs
from accelsim.runs.directory import (
    ACCURACY,
    CONFIG,
    LEDGER,
    PROGRAM,
    STATS,
    STREAM,
    TRACE,
    RunDirectory,
    files_of,
)
from accelsim.runs.interrupt import Stop
from accelsim.runs.kept import check_keepable, kept_entry, refuse_part
from accelsim.runs.manifest import run_manifest, with_machine
from accelsim.simulation import Execution, Images, Result, run_network
from accelsim.simulation.execution import InMemory
from accelsim.simulation.position import Position, Progress
from accelsim.trace import EVERY_RECORD, PartedTrace, Window, join_parts, read_parquet


class RunOutput:
    """Keeps a run as a run directory, whole or not at all.

    manifest: what to say of the run beside the hashes of its files. stream: of arrivals, if the
    run has one. kept: the window of the records that are written; None for no trace.
    checkpoints: of a long run; without, nothing is there before it is complete. Raises
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
        checkpoints: Checkpoints | None = None,
    ) -> None:
        check_keepable(kept)
        self._outdir, self._manifest, self._force = outdir, dict(manifest) | kept_entry(kept), force
        self._stream, self._kept = stream, kept
        self._checkpoints = checkpoints
        self._trace: PartedTrace | None = None

    def __enter__(self) -> Self:
        self._enter(force=self._force)
        return self

    def _enter(self, *, force: bool) -> None:
        names = files_of(stream=self._stream is not None, trace=self._kept is not None)
        self._directory = RunDirectory(self._outdir, names, force=force).__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if self._trace is not None:
                self._trace.abort()
        finally:
            self._directory.__exit__(kind, error, trace)

    def start(self, machine: Machine, program: Program | Tenancy) -> None:
        """Learn what runs: a checkpoint says it too."""
        self._machine, self._program = machine, program

    def trace(self) -> PricedSink | None:
        """Return the sink that writes the trace, if the run keeps one."""
        if self._kept is not None:
            skip = 0 if self._checkpoints is None else self._checkpoints.skip
            self._trace = PartedTrace(lambda: self._directory.binary(TRACE), self._kept, skip)
        return self._trace

    def passed(self, position: Position) -> None:
        """Make a checkpoint if one is due; InterruptError if the run ends with it."""
        checkpoints = self._checkpoints
        if checkpoints is None or not checkpoints.is_due(position):
            return
        has_part = self._trace is not None and self._trace.cut()
        was_there = checkpoints.are_there
        part = self._directory.path(TRACE) if has_part else None
        checkpoints.make(position, part, Inputs(self._input_names(), self._put_inputs))
        if not was_there:  # what the run will replace has changed
            self._directory.__exit__(None, None, None)
            self._enter(force=True)

    def read_trace(self) -> pa.Table:
        """Return the trace from the finished directory; InputError if it keeps none."""
        if self._kept is None:
            raise refuse_part(self._outdir, None)
        return read_parquet(self._outdir / TRACE)

    def finish(self, execution: Execution) -> None:
        """Write the other files, and give all of them their names."""
        directory, machine = self._directory, self._machine
        warnings = {"warnings": list(warnings_of(machine))}
        if self._checkpoints is not None:
            self._checkpoints.check_met()
        self._put_trace()
        directory.write(LEDGER, execution.whole_ledger.csv(machine.quoted))
        directory.write(
            STATS, dumps(figures_of(machine, execution.stats) | warnings, indent=2) + "\n"
        )
        self._put_inputs(directory)
        directory.finish(with_machine(self._manifest, machine) | warnings)

    def _input_names(self) -> list[str]:
        return [CONFIG, PROGRAM] if self._stream is None else [CONFIG, PROGRAM, STREAM]

    def _put_inputs(self, files: NewFiles) -> None:
        """Write what was run."""
        files.write(CONFIG, resolved_yaml(self._machine))
        files.write(PROGRAM, program_json(self._program) + "\n")
        if self._stream is not None:
            with files.binary(STREAM) as file:
                put_parquet(file, self._stream)

    def _put_trace(self) -> None:
        """Finish the trace: what was written last is all of it, or the last of its parts."""
        if self._trace is None:
            return
        directory, has_last = self._directory, self._trace.cut()
        parts = [] if self._checkpoints is None else self._checkpoints.parts
        if not parts and has_last:
            return
        last = [directory.aside(TRACE)] if has_last else []
        join_parts([*parts, *last], directory.binary(TRACE))
        directory.drop(part.name for part in parts)


def figures_of(machine: Machine, stats: Stats) -> dict[str, object]:
    """Return the figures of a run; a note on the accuracy says what cells it is of."""
    shares = (stats, *(stats.tenants or {}).values())
    has_accuracy = any(each.accuracy is not None for each in shares)
    notes = {ACCURACY: cells_of(machine)} if has_accuracy else {}
    if has_accuracy and stats.classification is not None:
        codes = codes_text(machine.converters, machine.digital)
        notes[f"classification.{ACCURACY}"] = f"{cells_of(machine)}, {codes}"
    return stats.to_dict() | {"notes": stats.notes | notes}


def simulate(  # noqa: PLR0913 - each is an option of `accelsim run`, given by name
    machine: Machine,
    network: Network | Sequence[Tenant],
    images: int | range | Arrivals = 1,
    *,
    arrays: ImageArrays | None = None,
    outdir: Path | str | None = None,
    force: bool = False,
    seed: int = 0,
    trace: Window | None = EVERY_RECORD,
    command: Sequence[str] = (),
    compiled: Callable[[Sequence[Program]], None] | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
    fast_forward: bool = True,
    keep_maps: bool = True,
) -> Result:
    """Simulate images of a network's data set on a machine, or of networks that share it.

    network: or tenants, of `accelsim.parse_tenants`; they need a stream that says whose each is.
    images: the first so many, or a range of image numbers, which all arrive at time 0; or a
    stream of arrivals, whose images are numbered as they come.
    arrays: in place of the data set, for a run that is kept in memory alone.
    outdir: where the run's files go (see README); None keeps the trace in memory.
    seed: of the die and of all noise, if effects are active. trace: which records are kept, by
    times or images; None: none. Figures and ledger are of all. command: for the manifest.
    compiled: called with the programs before anything runs.
    progress: called after each block of records. stop: with an outdir, who may ask the run to stop
    where it can be completed later, with InterruptError. fast_forward: whether to skip what repeats
    itself, which changes nothing but the time it takes. keep_maps: whether the result has the
    features and logits of all images, or their classes alone.

    A long run with an outdir leaves checkpoints: see `accelsim.runs.checkpoints`.

    Raises InputError before anything is written if the network does not fit the
    machine or an input cannot be used; DeadlockError or ReconciliationError for a
    defect of the program or the model.
    """
    check_keepable(trace)
    if outdir is None:
        memory = InMemory(trace)
        return run_network(
            machine,
            network,
            images,
            seed,
            arrays=arrays,
            compiled=compiled,
            output=lambda _: memory,
            progress=progress,
            fast_forward=fast_forward,
            keep_maps=keep_maps,
        )
    folder = Path(outdir)
    if arrays is not None:
        raise InputError(
            f"outdir {display(folder)}: got images as arrays; a run directory names the file of "
            "its images; expected them saved, np.savez('some.npz', images=..., labels=...), and "
            "dataset='some.npz'"
        )

    def output(chosen: Sequence[Images]) -> RunOutput:
        manifest = run_manifest(network, chosen, seed, command, folder)
        stream = images if isinstance(images, Arrivals) else None
        said = with_machine(manifest, machine) | kept_entry(trace)
        checkpoints = Checkpoints(folder, said, stop or Stop(), fast_forward=fast_forward)
        return RunOutput(folder, manifest, stream, force=force, kept=trace, checkpoints=checkpoints)

    result = run_network(
        machine,
        network,
        images,
        seed,
        compiled=compiled,
        output=output,
        progress=progress,
        fast_forward=fast_forward,
        keep_maps=keep_maps,
    )
    return replace(result, outdir=folder)
