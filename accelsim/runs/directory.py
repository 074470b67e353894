"""The run directory: files appear under their final names only when they are whole."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from accelsim.arrivals.columns import HIGHEST
from accelsim.errors import InputError
from accelsim.files import NewFolder, is_file, read_json, sha256, what_is
from accelsim.resources import display
from accelsim.runs.figures import Text, first_fault
from accelsim.runs.kept import NONE, KeptTrace
from accelsim.units import render
from accelsim.wording import replacing

MANIFEST = "manifest.json"
TRACE = "trace.parquet"
LEDGER = "ledger.csv"
STATS = "stats.json"
CONFIG = "config.resolved.yaml"
PROGRAM = "program.json"
STREAM = "arrivals.parquet"
ACCURACY = "accuracy"
"""A figure of stats.json, and the note on it."""
RUN_FILES = (TRACE, LEDGER, STATS, CONFIG, PROGRAM, MANIFEST)
OF_STREAM = (*RUN_FILES[:-1], STREAM, MANIFEST)
"""Files of a run of a stream of arrivals; the manifest is the last to get its name."""


def files_of(*, stream: bool, trace: bool) -> tuple[str, ...]:
    """Return the files of a run: with a stream of arrivals or without, with a trace or without."""
    without = {name for name, there in ((STREAM, stream), (TRACE, trace)) if not there}
    return tuple(name for name in OF_STREAM if name not in without)


# Sums of numbers up to these stay within the 64 bits of a trace.
_Number = Annotated[int, Field(ge=0, le=2**62)]
_Hash = Annotated[str, Field(pattern=r"\A[0-9a-f]{64}\z")]


class Hashed(BaseModel):
    """A file of a run, as it was left.

    sha256: of its bytes.
    """

    model_config = ConfigDict(strict=True)

    sha256: _Hash


class RecordedTenant(BaseModel):
    """A tenant of a run.

    name: of the tenant. workload: the name of its network. priority: of its images, if it has one.
    """

    model_config = ConfigDict(strict=True)

    name: Text
    workload: Text
    priority: Annotated[int, Field(ge=0, le=HIGHEST)] | None = None


class Partial(BaseModel):
    """How far a run had come whose directory is partial.

    blocks: blocks of records so far. records: records. images: images that were done. time_ps:
    simulated time. parts: files of its trace so far. fast_forward: whether it skips what repeats
    itself, which decides what a block is. run_sha256: hash of what the manifest says of the run.
    """

    model_config = ConfigDict(strict=True, extra="forbid")

    blocks: Annotated[_Number, Field(ge=1)]
    records: _Number
    images: _Number
    time_ps: _Number
    parts: _Number
    fast_forward: bool
    run_sha256: _Hash


class Recorded(BaseModel):
    """What the manifest of every run says, checked; a replay's says more.

    accelsim: version that made the run. command: the command line. seed: of all that is drawn by
    chance. workload: name of the network; of tenants each with its name. first_image: number of
    the first image in the data set. images: how many. tenants: networks that shared the machine.
    inputs: files that the run read, each with its hash and where it is. files: files that it
    left, each with its hash. trace: which records were kept, if not all. partial: how far a run
    had come that was interrupted.
    """

    model_config = ConfigDict(strict=True)

    accelsim: Text
    command: list[Text]
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    workload: Text
    first_image: _Number
    images: Annotated[_Number, Field(ge=1)]
    tenants: list[RecordedTenant] = []
    inputs: dict[Text, dict[Text, Text]]
    files: dict[Text, Hashed]
    trace: KeptTrace | None = None
    partial: Partial | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The files that the run has to have."""
        has_trace = self.trace is None or self.trace.kept != NONE
        return files_of(stream=STREAM in self.files, trace=has_trace)


def read_recorded(manifest: object, run: Path) -> Recorded:
    """Return what the manifest of a run directory says; InputError if a key is missing or odd."""
    try:
        return Recorded.model_validate(manifest)
    except ValidationError as error:
        raise InputError(f"{display(run / MANIFEST)}: damaged: {first_fault(error)}") from None


class RunDirectory(NewFolder):
    """Collects the files of a run in a hidden folder that becomes the run directory.

    Use as a context manager: on `finish` the directory is there, complete, in one step;
    without it, or after an error, nothing of the run remains.

    names: of its files. Raises InputError if the directory cannot be written, or holds a run
    and `force` is false.
    """

    def __init__(
        self, outdir: Path, names: Sequence[str] = RUN_FILES, *, force: bool = False
    ) -> None:
        super().__init__(outdir, *names, gone=[name for name in OF_STREAM if name not in names])
        self.outdir, self._names = outdir, names
        self._force = force
        self._refuse_a_run()

    def finish(self, manifest: dict[str, object]) -> None:
        """Add the manifest, with a hash of each other file; the directory is there then."""
        others = [name for name in self._names if name != MANIFEST]
        files = {name: {"sha256": sha256(self.path(name))} for name in others}
        self.write(MANIFEST, json.dumps(manifest | {"files": files}, indent=2) + "\n")
        self._refuse_a_run()  # another may have finished here meanwhile
        self.keep()

    def _refuse_a_run(self) -> None:
        present = [name for name in OF_STREAM if (self.outdir / name).exists()]
        if not present or self._force:
            return
        if _is_partial(self.outdir):
            raise InputError(
                f"{display(self.outdir)}: holds a partial run: accelsim run --resume "
                f"{display(self.outdir)} completes it; or {replacing()}"
            )
        raise InputError(
            f"{display(self.outdir)}: holds a run already ({', '.join(present)}); {replacing()}"
        )


def is_of_a_run(path: Path) -> bool:
    """Tell whether a path, or what it links to, is a file of a run that is there.

    A file system may not tell upper from lower case: neither does this.
    """
    names = {name.lower() for name in OF_STREAM}
    return any(
        each.name.lower() in names and (each.parent / MANIFEST).exists()
        for each in (path, path.resolve())
    )


def read_manifest(path: Path) -> dict[str, Any]:
    """Return the manifest of a run directory, with every file's hash checked.

    Raises InputError if a file is missing, or damaged or changed since the run, and if the
    manifest does not say what `Recorded` has.
    """
    found = what_is(path)
    if found != "a folder":
        what = f"is {found}" if found else "no such folder"
        raise InputError(f"{display(path)}: {what}; expected the folder of a run")
    if not is_file(path / MANIFEST):
        raise _incomplete(path, RUN_FILES)
    manifest = read_json(path / MANIFEST)
    recorded = read_recorded(manifest, path)
    if recorded.partial is not None:
        raise InputError(
            f"{display(path)}: {how_far(recorded)}; accelsim run --resume {display(path)} "
            "completes it"
        )
    if not all(is_file(path / name) for name in recorded.names):
        raise _incomplete(path, recorded.names)
    hashes = {name: entry.sha256 for name, entry in recorded.files.items()}
    if set(hashes) != set(recorded.names) - {MANIFEST}:
        raise InputError(f"{display(path / MANIFEST)}: damaged: it does not list the run's files")
    for name, expected in hashes.items():
        if sha256(path / name) != expected:
            raise InputError(f"{display(path / name)}: changed since the run: its hash differs")
    return dict(cast("dict[str, Any]", manifest))


def _is_partial(path: Path) -> bool:
    try:
        return "partial" in cast("dict[str, Any]", read_json(path / MANIFEST))
    except (InputError, TypeError):
        return False


def how_far(recorded: Recorded) -> str:
    """Return how far a partial run had come, in words."""
    partial = recorded.partial
    assert partial is not None  # noqa: S101 - for the type checker; the caller looked
    return (
        f"a partial run, {partial.images:,} of {recorded.images:,} images, "
        f"{render(partial.time_ps, 'ps')}"
    )


def part_name(number: int) -> str:
    """Return the name of a part of the trace of a partial run, from 1."""
    return f"trace.part-{number:05}.parquet"


def _incomplete(path: Path, names: Sequence[str]) -> InputError:
    missing = ", ".join(name for name in names if not is_file(path / name))
    return InputError(f"{display(path)}: not a complete run: missing {missing}")
