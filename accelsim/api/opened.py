"""Runs to ask: a result in memory, a run directory, or one that is open already."""

from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from accelsim.api.result import Result
from accelsim.compiler import Tenancy
from accelsim.errors import InputError
from accelsim.runs import RecordedRun, open_run
from accelsim.runs.kept import kept_entry
from accelsim.runs.manifest import run_manifest, with_machine
from accelsim.runs.record import figures_of
from accelsim.simulation.images import Images
from accelsim.trace import TraceFile

RunLike: TypeAlias = Result | RecordedRun | str | Path
"""A run: what `simulate` returned, or the path of a run directory."""
_NAME = "this run"


def run_of(run: RunLike, name: str = _NAME) -> RecordedRun:
    """Return a run that can be asked; InputError for what is none.

    name: of a result in memory, which has no folder. Tenants in memory are refused: whose each
    image is stands in the files of a run.
    """
    if isinstance(run, RecordedRun):
        return run
    if isinstance(run, str | Path):
        return open_run(run)
    if not isinstance(run, Result):
        raise InputError(
            f"run: got {type(run).__name__}; expected a result of simulate, or a run directory"
        )
    if run.outdir is not None:
        return open_run(run.outdir)
    if run.tenants:
        raise InputError("run: a run of tenants in memory; expected one with an outdir")
    images = [Images(run.times.image, None, None, None)]
    # Values rest on weights and images; the network file need not be there any more.
    network = replace(run.network, file=None)
    said = run_manifest(network, images, run.seed, (), Path())
    manifest = with_machine(said, run.machine) | kept_entry(run.kept) | {"files": {}}
    if run.arrays_sha256:
        manifest["inputs"]["images"] = {"sha256": run.arrays_sha256}
        manifest["inputs"].pop("labels", None)
    return RecordedRun(
        path=Path(name),
        manifest=manifest,
        stats=figures_of(run.machine, run.stats),
        machine=run.machine,
        tenancy=Tenancy.of(run.program),
        kept=run.kept,
        records=None if run.kept is None else TraceFile.of(run.trace, name),
        network=run.network,
    )
