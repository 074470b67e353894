"""What the commands of `accelsim study` do: measure, print, write files."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import typer
from rich.table import Table

from accelsim.cli.consoles import plain_console
from accelsim.cli.header import print_changes
from accelsim.cli.options import parse_images
from accelsim.cli.progress import watching
from accelsim.cli.tables import new_table
from accelsim.config.checks import rounded, shows_settling, too_short
from accelsim.config.effects import SHORT_NAMES
from accelsim.config.machine import parse_changes
from accelsim.errors import InputError
from accelsim.files import TEXT, read_bytes, what_is, write_text
from accelsim.network import Network, load_network
from accelsim.plots import COLUMN
from accelsim.plots.files import save
from accelsim.quantities import label
from accelsim.resources import display
from accelsim.study.accuracy import Interrupted, header, run_study
from accelsim.study.accuracy_figure import accuracy_figure
from accelsim.study.captions import Source, machine_text
from accelsim.study.catalog import STUDIES, Setting
from accelsim.study.conversion import reached_text
from accelsim.study.measure import Bench, Measured
from accelsim.study.points import Study
from accelsim.study.signal_figure import signal_figure
from accelsim.study.snr import ALL, ROUNDING_DB, Floats, SignalStudy, signal_csv, study_signal
from accelsim.study.summary import Summary, summarize
from accelsim.units import UnitError, parse_period, read_whole, render
from accelsim.values.effects import check_seed
from accelsim.wording import replacing

_MOST_SEEDS = 10_000
_INTERRUPTED = 130


def setting_of(
    config: str,
    changes: list[str] | None,
    outdir: Path,
    values: str = "",
    clocks: list[str] | None = None,
    width: float = COLUMN,
) -> Setting:
    """Return the setting of a study; InputError if the machine or a clock is wrong."""
    for clock in clocks or ():
        try:
            parse_period(clock)
        except UnitError as error:
            raise InputError(f"--clock {clock}: {error}") from None
    setting = Setting(config, parse_changes(changes or []), outdir, values, clocks or (), width)
    setting.load({})
    return setting


def network_of(workload: str, dataset: Path | None) -> Network:
    """Load the network, with the data set that the user points at."""
    return load_network(workload, dataset)


def seeds_of(text: str) -> list[int]:
    """Return the seeds of '5' (0 to 4) or '3,7'; InputError otherwise."""
    wrong = InputError(f"--seeds {text}: expected a number of seeds, or seeds such as 3,7")
    try:
        numbers = [read_whole(part) for part in text.split(",")]
    except ValueError:
        raise wrong from None
    if "," not in text:
        numbers = list(range(numbers[0])) if numbers[0] <= _MOST_SEEDS else []
    if not numbers or len(set(numbers)) < len(numbers):
        raise wrong
    for number in numbers:
        check_seed(number)
    return numbers


def source_of(setting: Setting, network: Network, images: int, seeds: Sequence[int]) -> Source:
    """Return what the caption of a figure says the results are of."""
    machine = machine_text(setting.load({}).name, setting.changes)
    return Source(network.name, images, seeds, machine)


def run_accuracy(
    over: str, setting: Setting, network: Network, images: str, seeds: Sequence[int], *, force: bool
) -> list[Path]:
    """Run a study of accuracy; print the table, write CSV and figure; return these."""
    chosen = parse_images(images)
    if setting.clocks and over != "write":
        raise InputError(f"--clock: the study '{over}' has one clock; --set clock=... changes it")
    with watching() as watch:
        setting = replace(setting, report=lambda text: watch(text, 0, 0))
        study = STUDIES[over](setting)
        _warn(study)
        rows = _run(
            study,
            Bench(network, chosen),
            seeds,
            setting.outdir,
            force=force,
            progress=lambda done, total, text: watch(text, done, total),
        )
    summaries = summarize(rows)
    console = plain_console()
    print_changes(console, setting.load({}))
    console.print(accuracy_table(study, summaries, network, len(chosen), seeds))
    for line in reached_text(rows, study):
        typer.echo(line)
    source = source_of(setting, network, len(chosen), seeds)
    figure = accuracy_figure(study, summaries, source, setting.width)
    paths = save(figure, setting.outdir / study.name)
    return wrote([setting.outdir / f"{study.name}.csv", *paths])


def wrote(paths: list[Path]) -> list[Path]:
    """Say what was written; return it."""
    for path in paths:
        typer.echo(f"written: {path}")
    return paths


def _warn(study: Study) -> None:
    """Print once what whole attojoules do not hold."""
    rounding = (text for point in study.points for text in rounded(point.machine))
    for text in dict.fromkeys(rounding):
        typer.echo(f"warning: {text}", err=True)


def _unsettled(rows: Sequence[Summary]) -> str:
    """Say how many points have cells that do not settle, and whether their values show it."""
    short = [row.point.machine for row in rows if too_short(row.point.machine)]
    if not short:
        return ""
    blind = sum(1 for machine in short if not shows_settling(machine))
    hidden = f"; in {blind} of them values are as if they did (effect settling is off)"
    return f" Points whose cells get less time than they need: {len(short)}{hidden * bool(blind)}."


def _run(*arguments: Any, **options: Any) -> list[Measured]:
    try:
        return run_study(*arguments, **options)
    except Interrupted as error:
        typer.echo(f"interrupted: {error}", err=True)
        raise typer.Exit(_INTERRUPTED) from None


def accuracy_table(
    study: Study, rows: Sequence[Summary], network: Network, images: int, seeds: Sequence[int]
) -> Table:
    """Return the points with mean and spread over the seeds."""
    names = [column.replace("_", " ") for column in study.columns]
    figures = map(label, ("cycles_per_image", "latency", "energy_per_image"))
    measured = ("mean, %", "deviation", "min", "max", *figures)
    words = [
        name
        for name, column in zip(names, study.columns, strict=True)
        if isinstance(rows[0].point.coordinates[column], str)
    ]
    numbers = [name for name in names if name not in words]
    table = new_table(
        study.title,
        left=words,
        right=(*numbers, *measured),
        order=(*names, *measured),
        keys=len(names),
        spare=(measured[4], "min", "max"),
    )
    for row in rows:
        table.add_row(
            *(_text(row.point.coordinates[column]) for column in study.columns),
            f"{100 * row.mean:.2f}",
            f"{100 * row.deviation:.2f}",
            f"{100 * row.least:.2f}",
            f"{100 * row.most:.2f}",
            f"{row.cycles:g}",
            render(row.latency_ps, "ps"),
            render(row.energy_aJ, "aJ"),
        )
    table.caption = (
        f"Network '{network.name}', {images:,} images, seeds {', '.join(map(str, seeds))}; "
        f"deviation of a sample, in points. {study.note}"
        f"{_unsettled(rows)}"
    )
    return table


def run_snr(
    setting: Setting, network: Network, images: str, seed: int, *, force: bool
) -> list[Path]:
    """Compare each step with ideal cells; print the table, write CSV and figure; return these."""
    chosen = parse_images(images)
    check_seed(seed)
    lines = _header(setting, network, chosen, seed)
    if not force:
        refuse_another(setting.outdir / "snr.csv", lines)
    with watching() as watch:
        bench = Bench(network, chosen)
        study = study_signal(
            setting,
            bench,
            seed,
            lambda done, total, text: watch(text, done, total),
        )
    console = plain_console()
    print_changes(console, setting.load(setting.active))
    console.print(signal_table(study, network))
    stem = setting.outdir / "snr"
    write_text(stem.with_suffix(".csv"), lines + signal_csv(study))
    source = source_of(setting, network, len(chosen), [seed])
    figure = signal_figure(study, source, setting.width)
    return wrote([stem.with_suffix(".csv"), *save(figure, stem)])


def _header(setting: Setting, network: Network, images: range, seed: int) -> str:
    """Return what the CSV of a signal study begins with: what it is of."""
    machine = setting.point(setting.active)
    lines = header("Signal to noise of each step", network, images)
    lines.append(f"machine {machine.machine.name} {machine.hash}, {machine.settings}; seed {seed}")
    return "".join(f"# {line}\n" for line in lines)


def refuse_another(path: Path, lines: str) -> None:
    """Raise InputError if a file is there that begins otherwise."""
    if what_is(path) and not read_bytes(path, TEXT).startswith(lines.encode()):
        raise InputError(f"{display(path)}: holds another study; {replacing()}")


def signal_table(study: SignalStudy, network: Network) -> Table:
    """Return signal, error and signal-to-noise of each step; the last row is the accuracy."""
    felt = study.felt
    columns = ("signal", "error", "all", "worst map", *(SHORT_NAMES[name] for name in felt))
    table = new_table(
        "Signal to noise of each step, dB, against ideal cells",
        left=("op", "layer"),
        right=("step", *columns),
        order=("step", "op", "layer", *columns),
        keys=2,
    )
    for step in study.steps:
        ratios = step.ratios()
        worst = int(ratios.argmin())
        table.add_row(
            str(step.step),
            step.op,
            step.layer,
            f"{_rms(step.signal):.3f}",
            f"{_rms(step.error[ALL]):.4f}",
            f"{step.ratio():.1f}",
            f"{ratios[worst]:.1f} (map {worst})",
            *(_ratio(step.ratio(name)) for name in felt),
            end_section=step is study.steps[-1],
        )
    right = {name: f"{100 * share:.2f}" for name, share in study.accuracy.items()}
    each = [right.get(name, "") for name in felt]
    others = [name for name in study.effects if name not in felt]
    table.add_row("", "accuracy, %", "", "", "", right.get(ALL, ""), "", *each)
    table.caption = (
        f"Network '{network.name}', {study.images:,} images, seed {study.seed}; ideal cells "
        f"{right.get('ideal', 'no labels')} %. Signal: deviation of the ideal cells; error: rms "
        "of what cells hold beyond them; both of full scale, over all maps. "
        "all: every effect at once, over all maps; the columns on the right: one effect alone."
    )
    if others:
        table.caption += f" No error of its own here: {', '.join(others)}."
    return table


def _ratio(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio < ROUNDING_DB else "-"


def _rms(values: Floats) -> float:
    return float(np.sqrt(np.mean(values**2)))


def _text(value: str | float) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
