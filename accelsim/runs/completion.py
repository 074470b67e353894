"""Completes what a signal or a kill left of a run, to the bytes of one that nobody stopped."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from accelsim.arrivals import Arrivals
from accelsim.compiler import (
    Tenancy,
    compile_network,
    compile_tenants,
    program_json,
    read_program,
)
from accelsim.config import load_machine
from accelsim.errors import InputError
from accelsim.files import is_file, read_json, read_text, remove_leftovers, sha256, what_is
from accelsim.network import Network, Tenant
from accelsim.resources import display
from accelsim.runs.arrivals import read_stream
from accelsim.runs.checkpoints import Checkpoints, hash_of
from accelsim.runs.directory import (
    CONFIG,
    MANIFEST,
    PROGRAM,
    STREAM,
    Recorded,
    how_far,
    part_name,
    read_recorded,
)
from accelsim.runs.interrupt import Stop
from accelsim.runs.manifest import recorded_network
from accelsim.runs.record import RunOutput
from accelsim.simulation import Images, Result, run_network
from accelsim.simulation.position import Progress
from accelsim.trace import Window
from accelsim.version import __version__

_OF_PARTIAL = ("partial", "files")


@dataclass(frozen=True)
class PartialRun:
    """The directory of a run that was stopped, each file as it was left."""

    path: Path
    manifest: dict[str, Any] = field(repr=False)
    recorded: Recorded = field(repr=False)


def resume(
    partial: PartialRun,
    *,
    dataset: Path | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Result:
    """Complete a partial run; its directory is replaced once the run is complete.

    The events are run again from the begin, and held against the checkpoint where they meet it.
    dataset: where its own images are now, if not where they were. stop: as of `simulate`. Raises
    InputError, and leaves all as it was, for a checkpoint of another program or input.
    """
    folder, manifest, recorded = partial.path, partial.manifest, partial.recorded
    fast_forward = recorded.partial is None or recorded.partial.fast_forward
    machine = load_machine(folder / CONFIG)
    subject = _recorded_subject(partial, dataset)
    program = (
        compile_network(subject, machine)
        if isinstance(subject, Network)
        else compile_tenants(subject, machine)
    )
    if program_json(program) + "\n" != read_text(folder / PROGRAM):
        raise InputError(
            f"{display(folder)}: its checkpoint is of another program: the machine and network of "
            f"the run now compile to another than {PROGRAM} has"
        )
    stream = read_stream(folder, recorded) if STREAM in recorded.files else None
    first = recorded.first_image
    images: range | Arrivals = stream or range(first, first + recorded.images)
    kept = Window() if recorded.trace is None else recorded.trace.window()
    said = {key: value for key, value in manifest.items() if key not in _OF_PARTIAL}

    def output(_: Sequence[Images]) -> RunOutput:
        checkpoints = Checkpoints(folder, said, stop or Stop(), recorded, fast_forward=fast_forward)
        return RunOutput(folder, said, stream, force=True, kept=kept, checkpoints=checkpoints)

    result = run_network(
        machine,
        subject,
        images,
        recorded.seed,
        output=output,
        progress=progress,
        fast_forward=fast_forward,
        keep_maps=False,
    )
    return replace(result, outdir=folder)


def _recorded_subject(partial: PartialRun, dataset: Path | None) -> Network | list[Tenant]:
    """Return the network of a run, or its tenants."""
    folder, manifest, recorded = partial.path, partial.manifest, partial.recorded
    if not recorded.tenants:
        return recorded_network(manifest, folder, None, dataset)
    if dataset is not None:
        raise InputError(
            f"--dataset {display(dataset)}: the run has tenants, whose data sets are found where "
            "they were; leave it out"
        )
    tenancy = Tenancy.of(read_program(folder / PROGRAM))
    found = []
    for number, each in enumerate(recorded.tenants):
        network = recorded_network(manifest, folder, tenant=each.name)
        contexts = tenancy.contexts[number] if number < len(tenancy.contexts) else 0
        found.append(Tenant(each.name, network, contexts, each.priority))
    return found


def open_partial(folder: Path) -> PartialRun:
    """Open the directory of a partial run.

    Raises InputError for a run that is finished or of another version, and for a directory that
    is none or damaged.
    """
    if (found := what_is(folder)) != "a folder":
        what = f"is {found}" if found else "no such folder"
        raise InputError(f"{display(folder)}: {what}; expected the folder of a partial run")
    remove_leftovers(folder)  # which completes a checkpoint that a kill cut short
    if not is_file(folder / MANIFEST):
        raise InputError(f"{display(folder)}: no run: missing {MANIFEST}; there is none to resume")
    manifest = read_json(folder / MANIFEST)
    recorded = read_recorded(manifest, folder)
    assert isinstance(manifest, dict)  # noqa: S101 - for the type checker; the model looked
    if recorded.partial is None:
        raise InputError(f"{display(folder)}: a finished run; there is nothing to resume")
    if recorded.accelsim != __version__:
        raise InputError(
            f"{display(folder)}: {how_far(recorded)}, of accelsim "
            f"{recorded.accelsim}; this is {__version__}, whose records may be others: resume it "
            "with that version"
        )
    if hash_of(manifest) != recorded.partial.run_sha256:
        raise InputError(f"{display(folder / MANIFEST)}: changed since the run: its hash differs")
    parts = [part_name(number + 1) for number in range(recorded.partial.parts)]
    inputs = [CONFIG, PROGRAM, *([STREAM] if STREAM in recorded.files else [])]
    if set(recorded.files) != {*inputs, *parts}:
        raise InputError(f"{display(folder / MANIFEST)}: damaged: it does not list the run's files")
    for name, entry in recorded.files.items():
        if not is_file(folder / name):
            raise InputError(f"{display(folder / name)}: missing; the run cannot be resumed")
        if sha256(folder / name) != entry.sha256:
            raise InputError(f"{display(folder / name)}: changed since the run: its hash differs")
    return PartialRun(folder, manifest, recorded)
