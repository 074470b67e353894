"""What `accelsim run` does: simulates or completes a run, shows how far it is, heeds interrupts."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer

from accelsim.arrivals import Arrivals
from accelsim.cli.consoles import plain_console
from accelsim.cli.jsons import print_json
from accelsim.cli.progress import Watch, watching
from accelsim.cli.report import print_report
from accelsim.cli.subject import Subject
from accelsim.compiler import Program
from accelsim.config import Machine
from accelsim.config.checks import effects_of
from accelsim.files import read_json, size_text
from accelsim.network import Network
from accelsim.resources import display
from accelsim.runs import Stop, heeding, open_partial, resume, simulate
from accelsim.runs.directory import STATS
from accelsim.simulation import Result, memory
from accelsim.simulation.position import Position, Progress
from accelsim.trace import Window
from accelsim.units import render


@dataclass(frozen=True)
class Job:
    """What is to be run, and where it goes."""

    machine: Machine
    subject: Subject
    images: range | Arrivals
    outdir: Path
    force: bool
    seed: int
    kept: Window | None
    fast_forward: bool


def simulate_with_progress(job: Job) -> Result:
    """Simulate, and leave a run directory; InterruptError with a partial one after a signal."""
    with _shown(len(job.images)) as (progress, stop):
        return simulate(
            job.machine,
            job.subject,
            job.images,
            outdir=job.outdir,
            force=job.force,
            seed=job.seed,
            trace=job.kept,
            command=["accelsim", *sys.argv[1:]],
            compiled=lambda programs: warn_of_memory(job, programs),
            progress=progress,
            stop=stop,
            fast_forward=job.fast_forward,
            keep_maps=False,
        )


def warn_of_memory(job: Job, programs: Sequence[Program]) -> None:
    """Say, before the work begins, if a run will take more memory than this computer has."""
    subject = job.subject
    networks = [subject] if isinstance(subject, Network) else [each.network for each in subject]
    needed = memory.estimate(
        programs,
        job.machine.sequencer.contexts.value,
        len(job.images),
        values=any(each.weights_file and each.images_file for each in networks),
        effects=bool(effects_of(job.machine)),
    )
    there = memory.installed()
    if there is not None and needed > there:
        typer.echo(
            f"warning: the run takes about {size_text(needed)} of memory, and this computer has "
            f"{size_text(there)}",
            err=True,
        )


def resume_with_progress(folder: Path, dataset: Path | None) -> tuple[Result, int]:
    """Complete a partial run; return it with its seed."""
    partial = open_partial(folder)
    with _shown(partial.recorded.images) as (progress, stop):
        result = resume(partial, dataset=dataset, progress=progress, stop=stop)
    return result, partial.recorded.seed


@contextmanager
def _shown(images: int) -> Iterator[tuple[Progress, Stop]]:
    """Give what shows how far a run has come, and what tells that it is to stop."""
    with heeding() as stop, watching() as watch:
        yield _progress(watch, images), stop


def _progress(watch: Watch, images: int) -> Progress:
    def progress(now: Position) -> None:
        if now.valued:
            watch("computing values", now.valued, images)
        else:
            watch(f"simulating images, {render(now.time_ps, 'ps', 3)}", now.images, images)

    return progress


def print_result(result: Result, seed: int, *, as_json: bool) -> None:
    """Print the report of a run, or as JSON its directory and what its stats.json has."""
    if not as_json or result.outdir is None:
        print_report(plain_console(), result, seed)
        return
    figures = read_json(result.outdir / STATS)
    assert isinstance(figures, dict)  # noqa: S101 - just written
    print_json({"outdir": display(result.outdir), **figures})
