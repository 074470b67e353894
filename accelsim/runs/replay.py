"""Runs a recorded run again: to hold it to what was recorded, or on another machine."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from accelsim.analysis import Stats
from accelsim.compiler import Program, Tenancy, check_program
from accelsim.config import Machine
from accelsim.config.checks import cells_of
from accelsim.errors import InputError
from accelsim.files import read_json, scratch_folder, sha256
from accelsim.resources import display, escaped
from accelsim.runs.arrivals import recorded_arrivals
from accelsim.runs.directory import (
    OF_STREAM,
    STATS,
    TRACE,
)
from accelsim.runs.manifest import moved_inputs
from accelsim.runs.outcomes import accuracies_of, accuracy_cells, accuracy_of
from accelsim.runs.record import RunOutput
from accelsim.runs.recorded import RecordedRun, open_run
from accelsim.runs.streams import owners_of, stream_changes
from accelsim.runs.values import values_of, without_accuracy
from accelsim.simulation import execute
from accelsim.simulation.position import Progress
from accelsim.trace import TraceFile
from accelsim.trace.diff import Change, Coder, Owners, Totals, TraceDiff, diff_traces
from accelsim.version import __version__

Watch = Callable[[str, int, int], None]
"""Called with what is going on, how much of it is done, and how much there is."""

SAME_BYTES, SAME_RECORDS, DIFFERS = "same bytes", "same records", "differs"
SAME_BUT_VALUES = "same, values not replayed"
NO_ACCURACY = "the run recorded none"


@dataclass(frozen=True)
class Replay:
    """A run made again on its own machine, and how it compares with what was recorded.

    files: what each file of the run compares to. no_values: why values were not replayed,
    or "". notes: what else to know. diff: of the traces, if their bytes differ.
    """

    files: dict[str, str]
    no_values: str
    notes: tuple[str, ...]
    diff: TraceDiff | None = field(repr=False)

    @property
    def same(self) -> bool:
        """Whether the run came out as it was recorded."""
        return DIFFERS not in self.files.values()


@dataclass(frozen=True)
class Elsewhere:
    """The instructions and arrivals of a run on another machine.

    recorded, replayed: sums of both traces. accuracy: recorded, and with the values of the
    other machine; None where there is none. cells: what cells each is of. no_values: why values
    were not replayed, or "". tenants: the accuracy of each, which a run of several has instead.
    load: figures of a stream on both.
    """

    machine: Machine
    recorded: Totals = field(repr=False)
    replayed: Totals = field(repr=False)
    accuracy: tuple[float | None, float | None]
    cells: tuple[str, str]
    no_values: str
    tenants: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    load: Sequence[Change] = field(default=(), repr=False)


def replay_run(
    run: RecordedRun,
    *,
    workload: str | None = None,
    outdir: Path | None = None,
    force: bool = False,
    command: Sequence[str] = (),
    watch: Watch | None = None,
) -> Replay:
    """Run a recorded run again from its directory, and compare file by file.

    Schedule and energy come from the program and the arrivals that were recorded. Values are
    computed again if the run had an accuracy and its network, weights and images are found
    with the hashes of then; else they are left out, and `no_values` says why. workload: where
    the network file is now. outdir: where to keep the run that is made.

    Raises InputError for a workload that is given and cannot be used, and for an outdir that
    is the recorded run itself.
    """
    _keep_recorded(run, outdir)
    check_program(run.tenancy, run.machine)
    arrivals, stream = recorded_arrivals(run)
    values, no_values = values_of(run, run.machine, workload, stream)
    with _folder(outdir) as folder:
        execute(
            run.machine,
            _programs(run),
            arrivals,
            values=values,
            output=RunOutput(
                folder, _manifest(run, command, folder), stream, force=force, kept=run.kept
            ),
            deadline_ps=None if stream is None else stream.deadline_ps,
            progress=_progress(watch, len(arrivals)),
        )
        again = open_run(folder)
        files = {
            name: _compared(run.path / name, again.path / name, no_values)
            for name in OF_STREAM
            if name in run.manifest["files"]
        }
        diff = None
        if files.get(TRACE) == DIFFERS:
            owners = owners_of(run), owners_of(again)
            diff = diff_traces(run.kept_trace, again.kept_trace, _reading(watch), owners)
            files[TRACE] = SAME_RECORDS if diff.same else DIFFERS
    notes = []
    if run.manifest.get("accelsim") != __version__:
        notes.append(
            f"recorded by accelsim {run.manifest.get('accelsim')}, replayed by {__version__}"
        )
    return Replay(files, no_values, tuple(notes), diff)


def replay_elsewhere(  # noqa: PLR0913 - replay_run's, and the machine
    run: RecordedRun,
    machine: Machine,
    *,
    workload: str | None = None,
    outdir: Path | None = None,
    force: bool = False,
    command: Sequence[str] = (),
    watch: Watch | None = None,
) -> Elsewhere:
    """Run the recorded instructions, as they arrived, on another machine.

    Values are computed with the effects of that machine and the seed of the run, on the same
    terms as by `replay_run`. workload: where the network file is now. outdir: where to keep
    the run; its manifest names the trace it replays.

    Raises InputError that names instruction and limit if the program does not fit the
    machine, for a workload that is given and cannot be used, for effects that the machine
    cannot have, and for an outdir that is the recorded run itself.
    """
    _keep_recorded(run, outdir)
    check_program(run.tenancy, machine)
    run.trace  # noqa: B018 - its sums are half of the answer: refused before anything runs
    arrivals, stream = recorded_arrivals(run)
    values, no_values = values_of(run, machine, workload, stream)
    owners = owners_of(run)
    with _folder(outdir) as folder:
        stats = execute(
            machine,
            _programs(run),
            arrivals,
            values=values,
            output=RunOutput(folder, _manifest(run, command, folder), stream, force=force),
            deadline_ps=None if stream is None else stream.deadline_ps,
            progress=_progress(watch, len(arrivals)),
        ).stats
        return Elsewhere(
            machine,
            sum_trace(run.trace, watch, owners),
            sum_trace(TraceFile(folder / TRACE), watch, owners),
            accuracy=(accuracy_of(run), _share(stats)),
            cells=(accuracy_cells(run), cells_of(machine)),
            no_values=no_values or ("" if any(values) else NO_ACCURACY),
            tenants={
                name: (recorded, _share((stats.tenants or {}).get(name)))
                for name, recorded in accuracies_of(run).items()
                if name
            },
            load=stream_changes(run.stats, stats.to_dict()),
        )


def sum_trace(trace: TraceFile, watch: Watch | None = None, owners: Owners | None = None) -> Totals:
    """Return the sums of a whole trace. owners: of its images, if several tenants have some."""
    totals, coder = Totals(owners), Coder()
    for batch in trace.batches(progress=_reading(watch)):
        totals.add(coder.rows([batch]), coder)
    return totals


def _programs(run: RecordedRun) -> Program | Tenancy:
    """Return what a run runs, as its directory keeps it."""
    return run.program if run.tenancy.is_alone else run.tenancy


def _share(stats: Stats | None) -> float | None:
    """Return the accuracy of figures, None if they have none."""
    found = None if stats is None else stats.accuracy
    return None if found is None else float(found.value)


def _keep_recorded(run: RecordedRun, outdir: Path | None) -> None:
    """Refuse to replace the run that is replayed: nothing would be left to compare with."""
    if outdir is not None and outdir.resolve() == run.path.resolve():
        raise InputError(
            f"--outdir {display(outdir)}: this is the run that is replayed; expected another folder"
        )


def _compared(recorded: Path, replayed: Path, no_values: str) -> str:
    if sha256(recorded) == sha256(replayed):
        return SAME_BYTES
    if recorded.name == STATS and no_values:
        one, other = (without_accuracy(read_json(path)) for path in (recorded, replayed))
        if one == other:
            return SAME_BUT_VALUES
    return DIFFERS


def _manifest(run: RecordedRun, command: Sequence[str], folder: Path) -> dict[str, Any]:
    """Return the manifest of a replay: the recorded one, and the trace that was replayed."""
    kept = {key: value for key, value in run.manifest.items() if key != "files"}
    name = TRACE if TRACE in run.manifest["files"] else STATS
    return kept | {
        "accelsim": __version__,
        "command": [escaped(part) for part in command],
        "inputs": moved_inputs(run.manifest, run.path, folder),
        "replays": {f"{Path(name).stem}_sha256": run.manifest["files"][name]["sha256"]},
    }


@contextmanager
def _folder(outdir: Path | None) -> Iterator[Path]:
    """Give the folder that was asked for, or one that is gone afterwards."""
    if outdir is not None:
        yield outdir
        return
    with scratch_folder() as folder:
        yield folder / "run"


def _progress(watch: Watch | None, images: int) -> Progress | None:
    return None if watch is None else lambda now: watch("simulating images", now.images, images)


def _reading(watch: Watch | None) -> Callable[[int, int], None] | None:
    return None if watch is None else lambda done, total: watch("reading records", done, total)
