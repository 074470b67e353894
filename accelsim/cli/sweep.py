"""`accelsim sweep`: the points of a space, on workers, kept in one data set that resumes.

The work is in `sweep_tasks`, which loads the simulator: only this command waits for it.
"""

from pathlib import Path
from typing import Annotated

import typer

from accelsim.cli.jsons import JsonOption, report_files
from accelsim.cli.options import WidthOption, complete_space, whole_of
from accelsim.plots import COLUMN


def sweep(
    space: Annotated[
        str,
        typer.Argument(
            metavar="SPACE",
            help="File of a space, or the name of one that ships.",
            autocompletion=complete_space,
        ),
    ],
    outdir: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the data set; runs/sweep/SPACE if not given.", file_okay=False
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Processes of a Dask cluster on this computer; 0: this process alone. One a core "
            "if not given, or 0 without Dask.",
            parser=whole_of("--workers", least=0),
        ),
    ] = None,
    scheduler: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS", help="A Dask cluster instead, such as tcp://127.0.0.1:8786."
        ),
    ] = "",
    budget: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Evaluate at most N points: of a grid or sample a part, drawn evenly.",
            parser=whole_of("--budget", least=1),
        ),
    ] = None,
    again: Annotated[
        bool, typer.Option("--retry", help="Evaluate points that failed once more.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the sweep of another space in --outdir.")
    ] = False,
    width: WidthOption = COLUMN,
    as_json: JsonOption = False,
) -> None:
    """Sweep a space of machines, networks, seeds and effects; resumes where it was stopped."""
    from accelsim.cli import sweep_tasks as tasks  # noqa: PLC0415 - loads numba, matplotlib
    from accelsim.sweeps.sweeping import Plan  # noqa: PLC0415 - loads pyarrow

    plan = Plan(budget, again, force)
    who = tasks.Workers(workers, scheduler)
    report_files(lambda: tasks.run_sweep(space, outdir, plan, who, width), as_json=as_json)
