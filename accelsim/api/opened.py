"""Runs to ask: a result in memory, a run directory, or one that is open already."""

from pathlib import Path
from typing import TypeAlias

from accelsim.api.result import Result
from accelsim.compiler import Tenancy
from accelsim.errors import InputError
from accelsim.runs import RecordedRun, open_run
from accelsim.runs.kept import kept_entry
from accelsim.trace import TraceFile
from accelsim.version import __version__

RunLike: TypeAlias = Result | RecordedRun | str | Path
"""A run: what `simulate` returned, or the path of a run directory."""
_NAME = "this run"


def run_of(run: RunLike) -> RecordedRun:
    """Return a run that can be asked; InputError for what is none.

    Tenants in memory are refused: whose each image is stands in the files of a run.
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
    manifest = {
        "accelsim": __version__,
        "command": [],
        "seed": run.seed,
        "workload": run.network.name,
        "first_image": run.times.first_image,
        "images": len(run.times),
        "inputs": {},
        "files": {},
    }
    return RecordedRun(
        path=Path(_NAME),
        manifest=manifest | kept_entry(run.kept),
        stats=run.stats.to_dict(),
        machine=run.machine,
        tenancy=Tenancy.of(run.program),
        kept=run.kept,
        records=None if run.kept is None else TraceFile.of(run.trace, _NAME),
    )
