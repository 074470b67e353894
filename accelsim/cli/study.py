"""`accelsim study`: accuracy over machines and dies, and where it is lost."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from accelsim.cli.commands import Commands
from accelsim.cli.destinations import FOLDER
from accelsim.cli.jsons import JsonOption, report_files
from accelsim.cli.options import (
    ConfigArgument,
    DatasetOption,
    SetOption,
    WidthOption,
    WorkloadOption,
    whole_of,
)
from accelsim.plots import COLUMN

study_app = typer.Typer(
    cls=Commands,
    name="study",
    help="Accuracy, load, power and energy over machines, dies, seeds and images.",
    no_args_is_help=True,
)


class Over(StrEnum):
    """What `study accuracy` goes over."""

    CELLS = "cells"
    VOLUME = "volume"
    BITS = "bits"
    EFFECTS = "effects"
    WRITE = "write"
    VARIATION = "variation"
    STUCK = "stuck"
    DIES = "dies"
    CONVERSION = "conversion"


Images = Annotated[
    str, typer.Option(metavar="N|FIRST:LAST", help="The first N images, or a range.")
]
Outdir = Annotated[
    Path, typer.Option(help="Folder for CSV and figures.", file_okay=False, callback=FOLDER)
]


@study_app.command("accuracy")
def accuracy_command(
    over: Annotated[
        Over,
        typer.Argument(
            help="cells: ideal and real ones, charge-based beside. volume: size and stability of "
            "the magnet. bits: of a weight. effects: all but one, and none. write: write cycles "
            "and clock, against latency and energy. variation, stuck, dies: Monte Carlo over dies, "
            "of synapses, defects, and the geometry of cells. conversion: length of the read-out's "
            "IR layer.",
        ),
    ],
    config: ConfigArgument = "irmen",
    workload: WorkloadOption = "mnist",
    dataset: DatasetOption = None,
    images: Images = "10000",
    seeds: Annotated[
        str, typer.Option(metavar="N|S,S,...", help="So many seeds from 0, or these.")
    ] = "5",
    values: Annotated[
        str, typer.Option(metavar="LIST", help="Go over these instead: 0,0.01,0.1 or 1..8.")
    ] = "",
    clock: Annotated[
        list[str] | None, typer.Option(help="Clock of the study `write`; repeatable.")
    ] = None,
    changes: SetOption = None,
    outdir: Outdir = Path("runs/study"),
    force: Annotated[
        bool, typer.Option("--force", help="Replace another study in --outdir.")
    ] = False,
    width: WidthOption = COLUMN,
    as_json: JsonOption = False,
) -> None:
    """Study accuracy: table, CSV and figure; resumes where it was interrupted."""
    from accelsim.cli import study_tasks as tasks  # noqa: PLC0415 - loads numba, matplotlib

    setting = tasks.setting_of(config, changes, outdir, values, clock, width)
    network, chosen = tasks.network_of(workload, dataset), tasks.seeds_of(seeds)
    report_files(
        lambda: tasks.run_accuracy(over.value, setting, network, images, chosen, force=force),
        as_json=as_json,
    )


@study_app.command("snr")
def snr_command(
    config: ConfigArgument = "irmen",
    workload: WorkloadOption = "mnist",
    dataset: DatasetOption = None,
    images: Images = "1000",
    seed: Annotated[
        int,
        typer.Option(help="Of the die and of all noise.", metavar="N", parser=whole_of("--seed")),
    ] = 0,
    changes: SetOption = None,
    outdir: Outdir = Path("runs/study"),
    force: Annotated[
        bool, typer.Option("--force", help="Replace another study in --outdir.")
    ] = False,
    width: WidthOption = COLUMN,
    as_json: JsonOption = False,
) -> None:
    """Where accuracy is lost: signal-to-noise of each step's maps against ideal cells."""
    from accelsim.cli import study_tasks as tasks  # noqa: PLC0415 - loads numba, matplotlib

    setting = tasks.setting_of(config, changes, outdir, width=width)
    network = tasks.network_of(workload, dataset)
    report_files(
        lambda: tasks.run_snr(setting, network, images, seed, force=force), as_json=as_json
    )


@study_app.command("load")
def load_command(
    config: ConfigArgument = "irmen",
    workload: WorkloadOption = "mnist",
    contexts: Annotated[
        str, typer.Option(metavar="LIST", help="Images in flight: 1,2 or 1..4.")
    ] = "1..4",
    loads: Annotated[
        str, typer.Option(metavar="LIST", help="Shares of the rate that saturates: 0.5,0.9.")
    ] = "",
    process: Annotated[
        str, typer.Option(help="How images arrive: poisson, periodic or bursty.")
    ] = "poisson",
    images: Annotated[
        int, typer.Option(metavar="N", help="Images of each stream.", parser=whole_of("--images"))
    ] = 4000,
    seed: Annotated[
        int, typer.Option(help="Of the streams.", metavar="N", parser=whole_of("--seed"))
    ] = 0,
    changes: SetOption = None,
    outdir: Outdir = Path("runs/study"),
    force: Annotated[
        bool, typer.Option("--force", help="Replace another study in --outdir.")
    ] = False,
    width: WidthOption = COLUMN,
    as_json: JsonOption = False,
) -> None:
    """Latency against offered load, by images in flight: queueing, saturation, energy, power."""
    from accelsim.cli import load_tasks as loads_  # noqa: PLC0415 - loads numba, matplotlib
    from accelsim.cli import study_tasks as tasks  # noqa: PLC0415 - loads numba, matplotlib

    plan = loads_.plan_of(contexts, loads, process, images, seed)
    setting = tasks.setting_of(config, changes, outdir, width=width)
    network = tasks.network_of(workload, None)
    report_files(lambda: loads_.run_load(setting, network, plan, force=force), as_json=as_json)


@study_app.command("power")
def power_command(
    workload: WorkloadOption = "mnist",
    rates: Annotated[
        str, typer.Option(metavar="LIST", help="Rates of images: 1/h,10Hz,2MHz.")
    ] = "",
    images: Annotated[
        int, typer.Option(metavar="N", help="Images of each stream.", parser=whole_of("--images"))
    ] = 8,
    changes: SetOption = None,
    outdir: Outdir = Path("runs/study"),
    force: Annotated[
        bool, typer.Option("--force", help="Replace another study in --outdir.")
    ] = False,
    width: WidthOption = COLUMN,
    as_json: JsonOption = False,
) -> None:
    """Energy against the rate of images, by machine and policy of power: what a rest costs."""
    from accelsim.cli import power_tasks as power  # noqa: PLC0415 - loads numba, matplotlib
    from accelsim.cli import study_tasks as tasks  # noqa: PLC0415 - loads numba, matplotlib

    plan = power.plan_of(rates, images, changes)
    network = tasks.network_of(workload, None)
    report_files(
        lambda: power.run_power(network, plan, outdir, width, force=force), as_json=as_json
    )


@study_app.command("energy")
def energy_command(
    config: ConfigArgument = "irmen",
    workload: WorkloadOption = "mnist",
    dataset: DatasetOption = None,
    images: Images = "10000",
    seed: Annotated[
        int,
        typer.Option(help="Of the die and of all noise.", metavar="N", parser=whole_of("--seed")),
    ] = 0,
    changes: SetOption = None,
    outdir: Outdir = Path("runs/study"),
    force: Annotated[
        bool, typer.Option("--force", help="Replace another study in --outdir.")
    ] = False,
    width: WidthOption = COLUMN,
    as_json: JsonOption = False,
) -> None:
    """Energy over images, by weights and values: how much the data matter, by action and label."""
    from accelsim.cli import spread_tasks as spread  # noqa: PLC0415 - loads numba, matplotlib
    from accelsim.cli import study_tasks as tasks  # noqa: PLC0415 - loads numba, matplotlib

    setting = tasks.setting_of(config, changes, outdir, width=width)
    network = tasks.network_of(workload, dataset)
    report_files(
        lambda: spread.run_spread(setting, network, images, seed, force=force), as_json=as_json
    )
