"""What the commands of `accelsim device` do: characterize, print, write files."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
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
from accelsim.device.cell import DeviceWarning, IrmenDevice
from accelsim.device.disturbance import Reads, mean_shift
from accelsim.device.magnet import TimeStepError
from accelsim.device.result import device_tree, device_yaml, write_device_file
from accelsim.device.technologies import (
    TECHNOLOGIES,
    characterize,
    check_cell,
    magnet_cell,
    storage_of,
)
from accelsim.device.technology import Characterization, Numerics
from accelsim.errors import InputError
from accelsim.files import write_text
from accelsim.plots.files import save
from accelsim.units import UnitError, parse_real, render

# Cells whose mean tells what reading does, to far less than half a step.
_CELLS = 1024
# Least and most seconds of a time step, and of a level that is held.
_STEPS, _HOLDS = (1e-14, 1e-9), (1e-12, 1e-3)
_MOST_STEPS, _MOST_SAMPLES, _MOST_POINTS = 5_000_000, 1_000_000, 1000


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


def numerics_of(time_step: str, seed: int, samples: int = 2) -> Numerics:
    """Return the numerical choices of the options."""
    for option, value, most in (("seed", seed, 2**63 - 1), ("samples", samples, _MOST_SAMPLES)):
        if not 0 <= value <= most:
            raise InputError(f"--{option} {value}: expected a whole number from 0 to {most}")
    return Numerics(_time(time_step, "--time-step", _STEPS), seed, samples)


@contextmanager
def _of_option() -> Iterator[None]:
    """Name the option of a time step that a cell cannot be simulated with."""
    try:
        yield
    except TimeStepError as error:
        raise InputError(f"--time-step: {error.reason}") from None


@_of_option()
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
            said = _said(numerics, cells=True)
            _draw_characterized(result, _caption(machine, said), outdir, width)


def _print_tables(machine: Machine, result: Characterization) -> None:
    kept = storage_of(machine)
    technology = TECHNOLOGIES[machine.technology]
    title = f"{machine.name}: {technology.title}{f', {kept.title}' if kept else ''}"
    console = plain_console()
    print_changes(console, machine)
    for table in report.tables(title, result):
        console.print(table)


def _draw_characterized(result: Characterization, caption: str, outdir: Path, width: float) -> None:
    drawn = result.figure(caption, width)
    if drawn:
        _wrote(save(drawn, outdir / "characterization"))
    else:
        typer.echo(f"no figure: {result.no_figure}", err=True)


def write_characterization(machine: Machine, output: Path) -> None:
    """Characterize a machine's cell with the default choices and write the device file."""
    result = _characterize(machine, Numerics())
    write_device_file(machine, result, output)
    _wrote([output])


@_of_option()
def run_waveform(
    machine: Machine, numerics: Numerics, level: float, hold: str, outdir: Path, width: float
) -> list[Path]:
    """Simulate one cell; write figure and CSV, and return these."""
    if not -1 <= level <= 1:
        raise InputError(f"--level {level:g}: expected a number from -1 to 1")
    device = _irmen(machine, "waveform")
    protocol = waveform.Protocol(levels=(level, -level), hold=_hold(hold, numerics.dt))
    with _explained():
        wave = waveform.simulate_waveform(device, protocol, numerics.dt, numerics.seed)
    print_changes(plain_console(), machine)
    storage = storage_of(machine)
    if storage is not None and storage.decays:
        typer.echo(f"{storage.title}: {100 * storage.share_left(protocol.hold):.4g} % of a level "
                   f"of {storage.swing:g} is left at the end of {hold}")  # fmt: skip
    options = f"level {level:g}, hold {hold}, {_said(numerics)}"
    figure = figures.waveform_figure(wave, _caption(machine, options), width)
    paths = save(figure, outdir / "waveform")
    waveform.write_csv(wave, outdir / "waveform.csv")
    written = [*paths, outdir / "waveform.csv", _resolved(machine, outdir / "waveform", options)]
    _wrote(written)
    with _progress() as bars:
        many = replace(numerics, samples=_CELLS)
        number = max(1, int((protocol.hold - protocol.standby) / protocol.interval))
        reads = Reads(protocol.pulse, protocol.interval, number)
        shift = mean_shift(device, level, reads, many, _Bar(bars, "mean over cells").update)
    console = plain_console()
    for line in report.shift_lines(shift, device.cell.precision.value):
        console.print(line)
    console.print(
        "this one trajectory, against itself without reads in the same thermal field: m_y differs "
        f"by up to {wave.largest_disturbance:.2g} for a moment, as its phase changes; no shift"
    )
    return written


def _check_points(points: int) -> None:
    if points > _MOST_POINTS:
        raise InputError(f"--points {points}: expected {_MOST_POINTS} at most")


@_of_option()
def run_sweep(
    machine: Machine,
    numerics: Numerics,
    volume: str | None,
    points: int,
    outdir: Path,
    width: float,
) -> list[Path]:
    """Sweep the volume; print the table, write CSV and figure; return these."""
    device = _irmen(machine, "sweep")
    _check_points(points)
    volumes = sweep.parse_range(volume or sweep.VOLUME.example, points)
    for each in volumes:
        _check_volume(device, each)
    with _explained(), _progress() as bars:
        bar = _Bar(bars, "volumes")
        found = sweep.sweep(device, volumes, machine.period_ps, numerics, bar.update)
    print_changes(plain_console(), machine)
    plain_console().print(report.sweep_table("Size and stability", found, sweep.COLUMNS))
    sweep.write_csv(found, outdir / "sweep.csv", sweep.COLUMNS)
    said = _said(numerics, cells=True)
    figure = sweep_figures.sweep_figure(found, _caption(machine, said), width)
    paths = save(figure, outdir / "sweep")
    resolved = _resolved(machine, outdir / "sweep", said)
    return _wrote([outdir / "sweep.csv", *paths, resolved])


@_of_option()
def run_conversion(
    machine: Machine, numerics: Numerics, lengths: str, points: int, outdir: Path, width: float
) -> list[Path]:
    """Sweep the conversion length; print the table, write CSV and figure; return these."""
    device = _irmen(machine, "sweep")
    _check_points(points)
    chosen = sweep.parse_range(lengths, points, sweep.IR_LENGTH)
    with _explained():
        found = conversion.sweep_conversion(device, chosen, machine.period_ps, numerics)
    print_changes(plain_console(), machine)
    plain_console().print(
        report.sweep_table("Read-out by conversion length", found, conversion.COLUMNS)
    )
    plain_console().print(
        "gain: write voltage over output. equal noise: the read-out capacitance, and the read "
        f"cycles, with kT/C as at {device.cell.ir_length.value * 1e9:g} nm. Accuracy: accelsim "
        "study accuracy conversion"
    )
    sweep.write_csv(found, outdir / "conversion.csv", conversion.COLUMNS)
    said = _said(numerics, cells=True)
    figure = sweep_figures.conversion_figure(found, _caption(machine, said), width)
    paths = save(figure, outdir / "conversion")
    resolved = _resolved(machine, outdir / "conversion", said)
    return _wrote([outdir / "conversion.csv", *paths, resolved])


def _said(numerics: Numerics, *, cells: bool = False) -> str:
    """Say the numerical choices; with those of an ensemble, how many cells it has."""
    many = f", {numerics.samples} cells a figure" if cells else ""
    return f"seed {numerics.seed}, time step {render(numerics.dt, 's')}{many}"


def _caption(machine: Machine, options: str) -> str:
    """Return what the caption of a figure says of where it is from."""
    return f"Machine {machine.name}, {options}."


def _resolved(machine: Machine, beside: Path, options: str) -> Path:
    """Write the machine whose cell a command simulated, with its device file, beside the rest."""
    path = beside.with_suffix(".config.yaml")
    write_text(path, f"# accelsim device {beside.name}: {options}\n{resolved_yaml(machine)}")
    return path


def _check_volume(device: IrmenDevice, volume: float) -> None:
    """Raise InputError for a volume (m^3) that a cell of the machine cannot have."""
    try:
        device.with_volume(volume)
    except InputError as error:
        shown = f"{volume / sweep.CUBIC_NM:g} nm^3"
        raise InputError(f"--volume: {shown} cannot be a magnet of this cell: {error}") from None


def _characterize(machine: Machine, numerics: Numerics) -> Characterization:
    with _explained(), _progress() as bars:
        return characterize(machine, numerics, lambda part: _Bar(bars, part).update)


def _irmen(machine: Machine, command: str) -> IrmenDevice:
    with _explained():
        device = magnet_cell(machine)
    if device is None:
        raise InputError(
            f"accelsim device {command}: machine '{machine.name}' has no spintronic cell; "
            "configs/irmen.yaml has one"
        )
    return device


def _hold(text: str, step: float) -> float:
    """Return how long a level is held; InputError for more steps than memory holds."""
    least, most = _HOLDS
    most = min(most, _MOST_STEPS * step)
    hold = _time(text, "--hold", (least, most), "29 ns")
    if hold / step < 1:
        raise InputError(f"--hold {text}: shorter than a time step; expected more than it")
    return hold


def _time(text: str, option: str, bounds: tuple[float, float], example: str = "1 ps") -> float:
    try:
        value = parse_real(text, "s")
    except UnitError as error:
        raise InputError(f"{option}: {error}; expected a time such as '{example}'") from None
    least, most = bounds
    if not least <= value <= most:
        expected = f"expected a time from {render(least, 's')} to {render(most, 's')}"
        raise InputError(f"{option} {text:.80}: {expected}, such as '{example}'")
    return value


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
