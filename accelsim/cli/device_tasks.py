"""What the commands of `accelsim device` do: characterize, print, write files."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import Progress

from accelsim.cli import device_report as report
from accelsim.cli.consoles import is_stdout, muted, plain_console
from accelsim.cli.header import print_changes
from accelsim.cli.jsons import print_json
from accelsim.config import Machine, load_machine
from accelsim.config.device import EVERYTHING
from accelsim.config.machine import parse_changes, resolved_yaml
from accelsim.device import conversion, figures, sweep, sweep_figures, waveform
from accelsim.device.cell import DeviceWarning
from accelsim.device.result import device_tree, device_yaml, write_device_file
from accelsim.device.technologies import (
    TECHNOLOGIES,
    characterize,
    check_cell,
    storage_of,
)
from accelsim.device.technology import Characterization, Numerics
from accelsim.files import write_text
from accelsim.plots.files import save
from accelsim.study.cells import (
    caption,
    hold_levels,
    magnet_of,
    naming_time_step,
    protocol_of,
    said,
    sweep_lengths,
    sweep_volumes,
)


def machine_of(config: str, settings: list[str] | None) -> Machine:
    """Load the machine with its changes; say whose cell it has, and what is wrong with it."""
    machine = load_machine(config, parse_changes(settings or []))
    origin = machine.device_file
    if origin is not None and origin.gives == EVERYTHING:
        but = f", except for {origin.differs}" if origin.differs else ""
        typer.echo(f"the cell is that of {origin.name}{but}", err=True)
    for text in check_cell(machine):
        typer.echo(f"warning: {text}", err=True)
    return machine


@naming_time_step()
def run_characterize(
    machine: Machine,
    numerics: Numerics,
    output: Path | None,
    outdir: Path | None,
    width: float,
    *,
    as_json: bool = False,
) -> None:
    """Characterize, print the tables, write device file and figure where asked.

    as_json: print instead of the tables what a device file holds. An output of '-': that file.
    """
    result = _characterize(machine, numerics)
    to_screen = output is not None and is_stdout(output)
    if as_json:
        print_json(device_tree(machine, result))
    elif to_screen:
        typer.echo(device_yaml(machine, result), nl=False)
    else:
        _print_tables(machine, result)
    with muted() if as_json or to_screen else nullcontext():
        if output is not None and not to_screen:
            write_device_file(machine, result, output)
            _wrote([output])
        if outdir is not None:
            of = caption(machine, said(numerics, cells=True))
            _draw_characterized(result, of, outdir, width)


def _print_tables(machine: Machine, result: Characterization) -> None:
    kept = storage_of(machine)
    technology = TECHNOLOGIES[machine.technology]
    title = f"{machine.name}: {technology.title}{f', {kept.title}' if kept else ''}"
    console = plain_console()
    print_changes(console, machine)
    for table in report.tables(title, result):
        console.print(table)


def _draw_characterized(result: Characterization, of: str, outdir: Path, width: float) -> None:
    drawn = result.figure(of, width)
    if drawn:
        _wrote(save(drawn, outdir / "characterization"))
    else:
        typer.echo(f"no figure: {result.no_figure}", err=True)


def write_characterization(machine: Machine, output: Path) -> None:
    """Characterize a machine's cell with the default choices and write the device file."""
    result = _characterize(machine, Numerics())
    write_device_file(machine, result, output)
    _wrote([output])


def run_waveform(
    machine: Machine, numerics: Numerics, level: float, hold: str, outdir: Path, width: float
) -> list[Path]:
    """Simulate one cell; write figure and CSV, and return these."""
    protocol = protocol_of(level, hold, numerics)
    with _explained(), _progress() as bars:
        bar = _Bar(bars, "mean over cells")
        found = hold_levels(machine, numerics, protocol, bar.update)
    options = f"level {level:g}, hold {hold}, {said(numerics)}"
    figure = figures.waveform_figure(found.wave, caption(machine, options), width)
    print_changes(plain_console(), machine)
    for line in report.decay_lines(machine, found, hold):
        typer.echo(line)
    paths = save(figure, outdir / "waveform")
    waveform.write_csv(found.wave, outdir / "waveform.csv")
    written = [*paths, outdir / "waveform.csv", _resolved(machine, outdir / "waveform", options)]
    _wrote(written)
    console = plain_console()
    for line in report.reading_lines(found):
        console.print(line)
    return written


def run_sweep(
    machine: Machine,
    numerics: Numerics,
    volume: str | None,
    points: int,
    outdir: Path,
    width: float,
) -> list[Path]:
    """Sweep the volume; print the table, write CSV and figure; return these."""
    with _explained(), _progress() as bars:
        bar = _Bar(bars, "volumes")
        volumes = volume or sweep.VOLUME.example
        found = sweep_volumes(machine, numerics, volumes, points, bar.update)
    print_changes(plain_console(), machine)
    plain_console().print(report.volumes_table(found))
    sweep.write_csv(found, outdir / "sweep.csv", sweep.COLUMNS)
    options = said(numerics, cells=True)
    figure = sweep_figures.sweep_figure(found, caption(machine, options), width)
    paths = save(figure, outdir / "sweep")
    resolved = _resolved(machine, outdir / "sweep", options)
    return _wrote([outdir / "sweep.csv", *paths, resolved])


def run_conversion(
    machine: Machine, numerics: Numerics, lengths: str, points: int, outdir: Path, width: float
) -> list[Path]:
    """Sweep the conversion length; print the table, write CSV and figure; return these."""
    with _explained():
        found = sweep_lengths(machine, numerics, lengths, points)
        nominal = magnet_of(machine).cell.ir_length.value
    print_changes(plain_console(), machine)
    plain_console().print(report.lengths_table(found))
    plain_console().print(report.length_note(nominal))
    sweep.write_csv(found, outdir / "conversion.csv", conversion.COLUMNS)
    options = said(numerics, cells=True)
    figure = sweep_figures.conversion_figure(found, caption(machine, options), width)
    paths = save(figure, outdir / "conversion")
    resolved = _resolved(machine, outdir / "conversion", options)
    return _wrote([outdir / "conversion.csv", *paths, resolved])


def _resolved(machine: Machine, beside: Path, options: str) -> Path:
    """Write the machine whose cell a command simulated, with its device file, beside the rest."""
    path = beside.with_suffix(".config.yaml")
    write_text(path, f"# accelsim device {beside.name}: {options}\n{resolved_yaml(machine)}")
    return path


def _characterize(machine: Machine, numerics: Numerics) -> Characterization:
    with _explained(), _progress() as bars:
        return characterize(machine, numerics, lambda part: _Bar(bars, part).update)


@contextmanager
def _explained() -> Iterator[None]:
    """Print each warning of the device once, on standard error."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DeviceWarning)
        yield
    for message in dict.fromkeys(str(warning.message) for warning in caught):
        typer.echo(f"warning: {message}", err=True)


def _progress() -> Progress:
    console = Console(stderr=True)
    return Progress(console=console, transient=True, disable=not console.is_terminal)


class _Bar:
    """One bar of a progress display."""

    def __init__(self, bars: Progress, name: str) -> None:
        self._bars = bars
        self._task = bars.add_task(name, total=None)

    def update(self, done: int, total: int) -> None:
        """Show how much is done."""
        self._bars.update(self._task, completed=done, total=total)


def _wrote(paths: list[Path]) -> list[Path]:
    for path in paths:
        typer.echo(f"written: {path}")
    return paths
