"""One cell of a machine over its size, its read-out, or time, as a user asks for it.

Numbers and ranges are checked here; what is simulated is in `accelsim.device`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from accelsim.config import Machine
from accelsim.device import conversion, sweep
from accelsim.device.cell import IrmenDevice
from accelsim.device.disturbance import MeanShift, Reads, mean_shift
from accelsim.device.magnet import TimeStepError
from accelsim.device.technologies import magnet_cell
from accelsim.device.technology import Numerics
from accelsim.device.waveform import Protocol, Waveform, simulate_waveform
from accelsim.errors import InputError
from accelsim.units import UnitError, parse_real, render
from accelsim.values.effects import check_seed
from accelsim.wording import given

Progress = Callable[[int, int], None]
"""Called with what is done, and what there is."""

# Cells whose mean tells what reading does, to far less than half a step.
_CELLS = 1024
# Least and most seconds of a time step, and of a level that is held.
_STEPS, _HOLDS = (1e-14, 1e-9), (1e-12, 1e-3)
_LEAST_SAMPLES, _MOST_SAMPLES = 16, 1_000_000
_MOST_STEPS, _MOST_POINTS = 5_000_000, 1000


def numerics_of(time_step: str, seed: int, samples: int = _LEAST_SAMPLES) -> Numerics:
    """Return the numerical choices of a user; InputError for numbers out of range."""
    check_seed(seed)
    if not _LEAST_SAMPLES <= samples <= _MOST_SAMPLES:
        raise InputError(
            f"{given('samples', samples)}: expected a whole number from {_LEAST_SAMPLES} to "
            f"{_MOST_SAMPLES}"
        )
    return Numerics(_time(time_step, "time-step", _STEPS), seed, samples)


@contextmanager
def naming_time_step() -> Iterator[None]:
    """Name the argument of a time step that a cell cannot be simulated with."""
    try:
        yield
    except TimeStepError as error:
        raise InputError(f"{given('time-step')}: {error.reason}") from None


def magnet_of(machine: Machine) -> IrmenDevice:
    """Return the magnet's cell of a machine; InputError for one without."""
    device = magnet_cell(machine)
    if device is None:
        raise InputError(
            f"machine '{machine.name}' has no spintronic cell; configs/irmen.yaml has one"
        )
    return device


@naming_time_step()
def sweep_volumes(
    machine: Machine, numerics: Numerics, volumes: str, points: int, progress: Progress | None
) -> list[sweep.SweepPoint]:
    """Characterize the cell at each volume of a list or a range of so many points, in nm^3."""
    device = magnet_of(machine)
    _check_points(points)
    chosen = sweep.parse_range(volumes, points)
    for each in chosen:
        _check_volume(device, each)
    return sweep.sweep(device, chosen, machine.period_ps, numerics, progress)


@naming_time_step()
def sweep_lengths(
    machine: Machine, numerics: Numerics, lengths: str, points: int
) -> list[conversion.ConversionPoint]:
    """Characterize the read-out at each conversion length of a list or a range, in nm."""
    device = magnet_of(machine)
    _check_points(points)
    chosen = sweep.parse_range(lengths, points, sweep.IR_LENGTH)
    return conversion.sweep_conversion(device, chosen, machine.period_ps, numerics)


@dataclass(frozen=True)
class HeldLevels:
    """A cell that is written to a level and its opposite, held, and read.

    shift: of the mean of many cells by reading. bits: precision of the cell.
    """

    protocol: Protocol
    wave: Waveform = field(repr=False)
    shift: MeanShift
    bits: int


def protocol_of(level: float, hold: str, numerics: Numerics) -> Protocol:
    """Return what is done to a cell; InputError for a level or a time out of range."""
    if not -1 <= level <= 1:
        raise InputError(f"{given('level', f'{level:g}')}: expected a number from -1 to 1")
    return Protocol(levels=(level, -level), hold=_hold(hold, numerics.dt))


@naming_time_step()
def hold_levels(
    machine: Machine, numerics: Numerics, protocol: Protocol, progress: Progress | None
) -> HeldLevels:
    """Simulate one cell through a protocol, and how reading moves the mean of many."""
    device = magnet_of(machine)
    wave = simulate_waveform(device, protocol, numerics.dt, numerics.seed)
    number = max(1, int((protocol.hold - protocol.standby) / protocol.interval))
    reads = Reads(protocol.pulse, protocol.interval, number)
    many = replace(numerics, samples=_CELLS)
    shift = mean_shift(device, protocol.levels[0], reads, many, progress)
    return HeldLevels(protocol, wave, shift, device.cell.precision.value)


def said(numerics: Numerics, *, cells: bool = False) -> str:
    """Say the numerical choices; with those of an ensemble, how many cells it has."""
    many = f", {numerics.samples} cells a figure" if cells else ""
    return f"seed {numerics.seed}, time step {render(numerics.dt, 's')}{many}"


def caption(machine: Machine, options: str) -> str:
    """Return what the caption of a figure says of where it is from."""
    return f"Machine {machine.name}, {options}."


def _check_points(points: int) -> None:
    if points > _MOST_POINTS:
        raise InputError(f"{given('points', points)}: expected {_MOST_POINTS} at most")


def _check_volume(device: IrmenDevice, volume: float) -> None:
    """Raise InputError for a volume (m^3) that a cell of the machine cannot have."""
    try:
        device.with_volume(volume)
    except InputError as error:
        shown = f"{volume / sweep.CUBIC_NM:g} nm^3"
        raise InputError(
            f"{given('volume')}: {shown} cannot be a magnet of this cell: {error}"
        ) from None


def _hold(text: str, step: float) -> float:
    """Return how long a level is held; InputError for more steps than memory holds."""
    least, most = _HOLDS
    most = min(most, _MOST_STEPS * step)
    hold = _time(text, "hold", (least, most), "29 ns")
    if hold / step < 1:
        raise InputError(f"{given('hold', text)}: shorter than a time step; expected more than it")
    return hold


def _time(text: str, option: str, bounds: tuple[float, float], example: str = "1 ps") -> float:
    try:
        value = parse_real(text, "s")
    except UnitError as error:
        raise InputError(f"{given(option)}: {error}; expected a time such as '{example}'") from None
    least, most = bounds
    if not least <= value <= most:
        expected = f"expected a time from {render(least, 's')} to {render(most, 's')}"
        raise InputError(f"{given(option, text[:80])}: {expected}, such as '{example}'")
    return value
