"""`accelsim workload`: files of arrivals, generated or looked at.

The work is in `workload_tasks`, which loads NumPy and Arrow: only these commands wait for them.
"""

from pathlib import Path
from typing import Annotated

import typer

from accelsim.cli.commands import Commands
from accelsim.cli.destinations import FILE_OR_STDOUT, FOLDER
from accelsim.cli.jsons import JsonOption
from accelsim.cli.options import WidthOption, real_of, whole_of
from accelsim.plots import COLUMN

workload_app = typer.Typer(
    cls=Commands,
    help="Make files of arrivals, for `accelsim run --arrivals`, and look at them.",
    no_args_is_help=True,
)

Images = Annotated[
    int, typer.Option(metavar="N", help="How many images arrive.", parser=whole_of("--images"))
]
Output = Annotated[
    Path,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        dir_okay=False,
        allow_dash=True,
        callback=FILE_OR_STDOUT,
        help="CSV, or FILE.parquet; - prints CSV.",
    ),
]
Seed = Annotated[
    int, typer.Option(help="Seed of what is random.", metavar="N", parser=whole_of("--seed"))
]
_RATE = "Images a second: '20 MHz', '50/s', '1/h', or a period such as '50 ns'."
Rate = Annotated[str, typer.Option(help=_RATE)]


def _write(
    name: str, output: Path, rate: str, images: int, *, as_json: bool, **settings: object
) -> None:
    from accelsim.cli import workload_tasks as tasks  # noqa: PLC0415 - loads numpy, arrow

    tasks.write(name, output, tasks.settings_of(rate, images, **settings), as_json=as_json)


@workload_app.command("periodic")
def periodic_command(
    output: Output, rate: Rate = "10 MHz", images: Images = 1000, as_json: JsonOption = False
) -> None:
    """Images at even distances, the first at 0."""
    _write("periodic", output, rate, images, as_json=as_json)


@workload_app.command("poisson")
def poisson_command(
    output: Output,
    rate: Rate = "10 MHz",
    images: Images = 1000,
    seed: Seed = 0,
    as_json: JsonOption = False,
) -> None:
    """Images that come independently of one another."""
    _write("poisson", output, rate, images, as_json=as_json, seed=seed)


@workload_app.command("bursty")
def bursty_command(
    output: Output,
    rate: Rate = "1 MHz",
    images: Images = 1000,
    burst: Annotated[
        float,
        typer.Option(help="Images of a burst, on average.", metavar="X", parser=real_of("--burst")),
    ] = 10.0,
    peak: Annotated[
        str, typer.Option(help="Rate within a burst; ten times the mean if not given.")
    ] = "",
    seed: Seed = 0,
    as_json: JsonOption = False,
) -> None:
    """Bursts of images at a peak rate, and long times without any."""
    _write("bursty", output, rate, images, as_json=as_json, burst=burst, peak=peak, seed=seed)


@workload_app.command("camera")
def camera_command(
    output: Output,
    rate: Annotated[str, typer.Option(help="Frames a second, or a period.")] = "50/s",
    images: Images = 1000,
    regions: Annotated[
        int,
        typer.Option(
            help="Images of a frame, which come at once.", metavar="N", parser=whole_of("--regions")
        ),
    ] = 4,
    jitter: Annotated[
        float,
        typer.Option(
            help="How far a frame is early or late, in periods, up to 0.5.",
            metavar="X",
            parser=real_of("--jitter"),
        ),
    ] = 0.0,
    seed: Seed = 0,
    as_json: JsonOption = False,
) -> None:
    """Frames with some regions of interest each, wanted before the next frame."""
    _write(
        "camera", output, rate, images, as_json=as_json, regions=regions, jitter=jitter, seed=seed
    )


@workload_app.command("diurnal")
def diurnal_command(
    output: Output,
    rate: Rate = "100/h",
    images: Images = 1000,
    depth: Annotated[
        float,
        typer.Option(
            help="How far the rate goes up and down, 0 to 1.",
            metavar="X",
            parser=real_of("--depth"),
        ),
    ] = 0.8,
    seed: Seed = 0,
    as_json: JsonOption = False,
) -> None:
    """Independent images whose rate goes up and down over the day, least at time 0."""
    _write("diurnal", output, rate, images, as_json=as_json, depth=depth, seed=seed)


@workload_app.command("merge")
def merge_command(
    streams: Annotated[
        list[str], typer.Argument(metavar="NAME=FILE NAME=FILE...", help="Files of arrivals.")
    ],
    output: Output,
    as_json: JsonOption = False,
) -> None:
    """Make one file of the arrivals of several tenants, with a column 'tenant'."""
    from accelsim.cli import workload_tasks as tasks  # noqa: PLC0415 - loads numpy, arrow

    tasks.merge(streams, output, as_json=as_json)


@workload_app.command("show")
def show_command(
    file: Annotated[Path, typer.Argument(help="File of arrivals: CSV or Parquet.")],
    outdir: Annotated[
        Path | None,
        typer.Option(help="Write the figure (PNG, SVG) there.", file_okay=False, callback=FOLDER),
    ] = None,
    width: WidthOption = COLUMN,
    as_json: JsonOption = False,
) -> None:
    """Say what a file of arrivals is like: rate over time, distances, burstiness."""
    from accelsim.cli import workload_tasks as tasks  # noqa: PLC0415 - loads numpy, arrow

    tasks.show(file, outdir, width, as_json=as_json)
