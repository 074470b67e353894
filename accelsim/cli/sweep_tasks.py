"""What `accelsim sweep` does: evaluate, print the front, write CSV, figure and page."""

import re
from pathlib import Path
from typing import NamedTuple

import typer
from rich.table import Table

from accelsim.cli.consoles import plain_console
from accelsim.cli.progress import watching
from accelsim.cli.study_tasks import wrote
from accelsim.cli.tables import new_table
from accelsim.errors import AccelsimError, InputError
from accelsim.files import write_text
from accelsim.plots.files import save
from accelsim.quantities import label
from accelsim.resources import display
from accelsim.sweeps.columns import ERROR, POINT
from accelsim.sweeps.crew import Crew, cores, crew_of, has_dask
from accelsim.sweeps.figure import pareto_figure
from accelsim.sweeps.front import front_csv, front_rows, shown
from accelsim.sweeps.page import page_html
from accelsim.sweeps.space import load_space
from accelsim.sweeps.sweeping import Plan, Sweep, Sweeping

_INTERRUPTED = 130
_NUMBER = re.compile(r"[0-9]+")
_MOST_ROWS, _MOST_ERRORS = 20, 3


class Workers(NamedTuple):
    """Who evaluates. number: processes here, None for one a core. scheduler: of a cluster."""

    number: int | None
    scheduler: str


def run_sweep(
    name: str, outdir: Path | None, plan: Plan, workers: Workers, width: float
) -> list[Path]:
    """Sweep a space, print its front, write the files of it; return these."""
    if workers.scheduler and workers.number is not None:
        raise InputError(
            f"--workers {workers.number}: the cluster of --scheduler has its own; leave one out"
        )
    space = load_space(name)
    folder = Path("runs/sweep") / space.name if outdir is None else outdir
    sweeping = Sweeping(space, folder, plan)
    sweep = _evaluated(sweeping, workers)
    console = plain_console()
    failed = sweep.failed
    console.print(
        f"{space.name}: {sweep.rows.num_rows:,} points"
        + (f", {failed:,} failed" if failed else "")
        + (f"; {sweep.total:,} at most" if sweep.rows.num_rows < sweep.total else "")
    )
    for line in _errors(sweep):
        console.print(line)
    console.print(front_table(sweep))
    write_text(folder / "front.csv", front_csv(sweep))
    paths = save(pareto_figure(sweep, width), folder / "front")
    page = folder / "index.html"
    write_text(page, page_html(sweep))
    return wrote([folder / "front.csv", *paths, page])


def _evaluated(sweeping: Sweeping, workers: Workers) -> Sweep:
    """Evaluate what is missing; say what is kept if that ends early."""
    with watching() as watch:
        watch("starting workers", 0, 0)
        try:
            with crew_of(*_chosen(sweeping, workers)) as crew:
                return _run(sweeping, crew, watch)
        except (KeyboardInterrupt, SystemExit) as stop:
            if getattr(stop, "code", _INTERRUPTED) != _INTERRUPTED:
                raise
            typer.echo(f"interrupted: {_kept(sweeping)}", err=True)
            raise typer.Exit(_INTERRUPTED) from None


def _run(sweeping: Sweeping, crew: Crew, watch: object) -> Sweep:
    try:
        return sweeping.run(crew, watch)  # type: ignore[arg-type]
    except InputError:
        raise
    except AccelsimError as error:
        raise AccelsimError(f"{error}; {_kept(sweeping)}") from None


def _kept(sweeping: Sweeping) -> str:
    kept, total = sweeping.store.kept, sweeping.total
    return f"{kept:,} of {total:,} points are kept; the same command goes on from there"


def _chosen(sweeping: Sweeping, workers: Workers) -> tuple[int, str]:
    """Return how many processes here, and which scheduler, evaluate."""
    if workers.scheduler:
        return 0, workers.scheduler
    if sweeping.is_done:
        return 0, ""
    if workers.number is not None:
        return workers.number, ""
    return (cores() if has_dask() else 0), ""


def _errors(sweep: Sweep) -> list[str]:
    """Return a line for each of the commonest errors, alike but for their numbers."""
    alike: dict[str, list[tuple[int, str]]] = {}
    for row in sweep.rows.select([POINT, ERROR]).to_pylist():
        if row[ERROR] is not None:
            line = row[ERROR].partition("\n")[0]
            alike.setdefault(_NUMBER.sub("", line), []).append((row[POINT], line))
    common = sorted(alike.values(), key=lambda found: (-len(found), found[0]))
    lines = [
        f"failed: {len(found):,} as point {found[0][0]}: {found[0][1]}"
        for found in common[:_MOST_ERRORS]
    ]
    more = len(common) - _MOST_ERRORS
    return [*lines, f"... and {more} other errors, in column 'error'"] if more > 0 else lines


def front_table(sweep: Sweep) -> Table:
    """Return the Pareto front: coordinates and objectives of its points."""
    goals = sweep.space.objectives
    aims = ", ".join(f"{label(name)} {goal}" for name, goal in goals.items())
    names = sweep.space.columns
    words = [name for name in names if not _is_number(sweep, name)]
    numbers = [name for name in names if name not in words]
    figures = [label(name) for name in goals]
    table = new_table(
        f"Pareto front: {aims}",
        left=words,
        right=(POINT, *numbers, *figures),
        order=(POINT, *names, *figures),
    )
    rows = front_rows(sweep)
    for row in rows[:_MOST_ROWS]:
        table.add_row(str(row[POINT]), *(shown(sweep, row, name) for name in (*names, *goals)))
    if len(rows) > _MOST_ROWS:
        more = len(rows) - _MOST_ROWS
        table.caption = f"And {more:,} more in {display(sweep.folder / 'front.csv')}."
    return table


def _is_number(sweep: Sweep, name: str) -> bool:
    return str(sweep.rows.schema.field(name).type) != "string"
