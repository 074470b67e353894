"""`accelsim device`: from the physics of a cell to the figures of the machine.

The work is in `device_tasks`, which loads numba and matplotlib: only these commands wait
for them.
"""

from pathlib import Path
from typing import Annotated

import typer

from accelsim.cli.commands import Commands
from accelsim.cli.destinations import FILE_OR_STDOUT, FOLDER
from accelsim.cli.jsons import JsonOption, report_files
from accelsim.cli.options import WidthOption, real_of, whole_of
from accelsim.errors import InputError
from accelsim.plots import COLUMN

device_app = typer.Typer(
    cls=Commands,
    help="Derive timing and noise of the machine from the physics of its cell.",
    no_args_is_help=True,
)

Config = Annotated[str, typer.Argument(help="Machine file, or the name of one that ships.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a key, such as cell.damping=0.02."),
]
Seed = Annotated[
    int, typer.Option(help="Seed of the thermal field.", metavar="N", parser=whole_of("--seed"))
]
Step = Annotated[
    str, typer.Option(help="Time step; one is refused if half of it changes the figures.")
]
Samples = Annotated[
    int,
    typer.Option(
        help="Cells simulated for each noise figure.", metavar="N", parser=whole_of("--samples", 16)
    ),
]
Outdir = Annotated[
    Path, typer.Option(help="Folder for the files.", file_okay=False, callback=FOLDER)
]


@device_app.command("characterize")
def characterize_command(
    config: Config = "irmen",
    settings: Settings = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Write a device file, for `device: FILE`; - prints it.",
            dir_okay=False,
            allow_dash=True,
            callback=FILE_OR_STDOUT,
        ),
    ] = None,
    outdir: Annotated[
        Path | None,
        typer.Option(help="Write the figure (PNG, SVG) there.", file_okay=False, callback=FOLDER),
    ] = None,
    seed: Seed = 1,
    time_step: Step = "1 ps",
    samples: Samples = 2048,
    width: WidthOption = COLUMN,
    as_json: JsonOption = False,
) -> None:
    """Characterize the cell of a machine: settling, noise, energies, and the cycles they need."""
    from accelsim.cli import device_tasks as tasks  # noqa: PLC0415 - loads numba
    from accelsim.study.cells import numerics_of  # noqa: PLC0415

    numerics = numerics_of(time_step, seed, samples)
    machine = tasks.machine_of(config, settings)
    tasks.run_characterize(machine, numerics, output, outdir, width, as_json=as_json)


@device_app.command("waveform")
def waveform_command(
    config: Config = "irmen",
    settings: Settings = None,
    outdir: Outdir = Path("runs/device"),
    level: Annotated[
        float,
        typer.Option(
            help="The levels held are this one and its negative.",
            metavar="X",
            parser=real_of("--level"),
        ),
    ] = 0.5,
    hold: Annotated[str, typer.Option(help="How long each level is held.")] = "29 ns",
    seed: Seed = 1,
    time_step: Step = "1 ps",
    width: WidthOption = COLUMN,
    as_json: JsonOption = False,
) -> None:
    """Write two levels, hold them, read again and again, as in Fig. 3 of S2: PNG, SVG, CSV."""
    from accelsim.cli import device_tasks as tasks  # noqa: PLC0415 - loads numba
    from accelsim.study.cells import numerics_of  # noqa: PLC0415

    numerics = numerics_of(time_step, seed)
    machine = tasks.machine_of(config, settings)
    report_files(
        lambda: tasks.run_waveform(machine, numerics, level, hold, outdir, width),
        as_json=as_json,
        rows=False,
    )


@device_app.command("sweep")
def sweep_command(
    config: Config = "irmen",
    volume: Annotated[
        str | None,
        typer.Option(help="Magnet volumes in nm^3: a range FROM..TO, or a list. 1530..5400"),
    ] = None,
    ir_length: Annotated[
        str | None,
        typer.Option(help="Conversion lengths in nm instead: a range such as 0.06..6, or a list."),
    ] = None,
    points: Annotated[
        int, typer.Option(help="Points of a range.", metavar="N", parser=whole_of("--points"))
    ] = 9,
    settings: Settings = None,
    outdir: Outdir = Path("runs/device"),
    seed: Seed = 1,
    time_step: Step = "1 ps",
    samples: Samples = 2048,
    width: WidthOption = COLUMN,
    as_json: JsonOption = False,
) -> None:
    """Show size against what holds a level, or the read-out against its conversion length."""
    from accelsim.cli import device_tasks as tasks  # noqa: PLC0415 - loads numba
    from accelsim.study.cells import numerics_of  # noqa: PLC0415

    numerics = numerics_of(time_step, seed, samples)
    if ir_length is not None and volume is not None:
        raise InputError("--ir-length: a sweep goes over one thing; leave --volume out")
    machine = tasks.machine_of(config, settings)

    def sweep() -> list[Path]:
        if ir_length is not None:
            return tasks.run_conversion(machine, numerics, ir_length, points, outdir, width)
        return tasks.run_sweep(machine, numerics, volume, points, outdir, width)

    report_files(sweep, as_json=as_json)
