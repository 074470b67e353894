"""`sweep_device` and `waveform`: what the commands of `accelsim device` do of these names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from accelsim.api.frames import new_frame
from accelsim.api.inputs import Changes, MachineLike, machine_of
from accelsim.api.tabled import PAGE, Tabled, print_tables
from accelsim.cli import device_report as report
from accelsim.device import conversion, sweep, sweep_figures
from accelsim.device.conversion import ConversionPoint
from accelsim.device.figures import waveform_figure
from accelsim.device.sweep import SweepPoint
from accelsim.device.waveform import columns
from accelsim.errors import InputError, nearest
from accelsim.study.cells import (
    HeldLevels,
    Progress,
    caption,
    hold_levels,
    numerics_of,
    protocol_of,
    said,
    sweep_lengths,
    sweep_volumes,
)
from accelsim.wording import of_arguments

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas as pd

SweptOver = Literal["volume", "ir_length"]


@dataclass(frozen=True, repr=False, kw_only=True)
class SizeSweep(Tabled):
    """A cell over the volume of its magnet. See `sweep_device`.

    Attributes
    ----------
    points
        Times in s, energies in kT, noise of full scale.
    caption
        Machine, seed, time step and cells, as the caption of a figure has them.
    """

    points: Sequence[SweepPoint] = field(repr=False)
    caption: str

    def to_pandas(self) -> "pd.DataFrame":
        """Return a row for each volume, units in the names of the columns."""
        return new_frame({name: of(each) for name, of in sweep.COLUMNS} for each in self.points)

    def plot(self, width: float = PAGE) -> "matplotlib.figure.Figure":
        """Return the figure that the command draws; width in inches."""
        return sweep_figures.sweep_figure(self.points, self.caption, width)


@dataclass(frozen=True, repr=False, kw_only=True)
class LengthSweep(Tabled):
    """A cell over the conversion length of its read-out. See `sweep_device`.

    Attributes
    ----------
    points
        Lengths in m, voltages in V, noise of full scale.
    caption
        Machine, seed, time step and cells, as the caption of a figure has them.
    """

    points: Sequence[ConversionPoint] = field(repr=False)
    caption: str

    def to_pandas(self) -> "pd.DataFrame":
        """Return a row for each length, units in the names of the columns."""
        of_point = conversion.COLUMNS
        return new_frame({name: of(each) for name, of in of_point} for each in self.points)

    def plot(self, width: float = PAGE) -> "matplotlib.figure.Figure":
        """Return the figure that the command draws; width in inches."""
        return sweep_figures.conversion_figure(self.points, self.caption, width)


@dataclass(frozen=True, repr=False, kw_only=True)
class WaveformResult(Tabled):
    """A cell over time. See `waveform`.

    Attributes
    ----------
    held
        The protocol, the samples of one cell (s, V), and how reading moves the mean of many.
    caption
        Machine, level, hold, seed and time step, as the caption of a figure has them.
    """

    held: HeldLevels = field(repr=False)
    caption: str

    def to_pandas(self) -> "pd.DataFrame":
        """Return a row for each sample, units in the names of the columns."""
        series: Mapping[str, object] = columns(self.held.wave)
        return new_frame(
            dict(zip(series, row, strict=True)) for row in zip(*series.values(), strict=True)
        )

    def plot(self, width: float = PAGE) -> "matplotlib.figure.Figure":
        """Return the content of Fig. 3 of S2, as the command draws it; width in inches."""
        return waveform_figure(self.held.wave, self.caption, width)


@of_arguments
def sweep_device(  # noqa: PLR0913 - each is an option of the command
    machine: MachineLike = "irmen",
    over: SweptOver = "volume",
    values: Sequence[float] | str = "",
    *,
    points: int = 9,
    set: Changes | None = None,  # noqa: A002 - named as the option of the command
    seed: int = 1,
    samples: int = 2048,
    time_step: str = "1 ps",
    progress: Progress | None = None,
) -> SizeSweep | LengthSweep:
    """Sweep the size of a machine's magnet, or the conversion length of its read-out.

    Parameters
    ----------
    machine
        Name, path or a `Machine`.
    over
        volume: of the magnet, in nm^3. ir_length: of the spin-to-charge conversion, in nm.
    values
        A list, or text such as "1530..5400" or "1530,5400"; the published range if empty.
    points
        Of a range.
    set
        Dotted keys of the machine file and their new values.
    seed
        Of the thermal field.
    samples
        Cells simulated for each noise figure.
    time_step
        Of the simulation, with its unit; one whose half changes the figures is refused.
    progress
        Called with volumes done, and how many there are.

    Returns
    -------
    SizeSweep or LengthSweep
        Prints as the command does.

    Raises
    ------
    accelsim.errors.InputError
        For a machine without a spintronic cell, and values that its cell cannot have.

    Examples
    --------
    >>> import accelsim
    >>> found = accelsim.sweep_device(values=[5400], samples=16)
    >>> found.to_pandas()["stability_kT"].round(1).tolist()
    [58.7]
    """
    if over not in get_args(SweptOver):
        names = get_args(SweptOver)
        raise InputError(f"over '{over}': expected one of {', '.join(names)}{nearest(over, names)}")
    numerics = numerics_of(time_step, seed, samples)
    chosen = machine_of(machine, set)
    text = values if isinstance(values, str) else ",".join(f"{each:.17g}" for each in values)
    of = caption(chosen, said(numerics, cells=True))
    if over == "ir_length":
        lengths = sweep_lengths(chosen, numerics, text or sweep.IR_LENGTH.example, points)
        return LengthSweep(text=print_tables(report.lengths_table(lengths)), points=lengths,
                           caption=of)  # fmt: skip
    sizes = sweep_volumes(chosen, numerics, text or sweep.VOLUME.example, points, progress)
    return SizeSweep(text=print_tables(report.volumes_table(sizes)), points=sizes, caption=of)


@of_arguments
def waveform(  # noqa: PLR0913 - each is an option of the command
    machine: MachineLike = "irmen",
    *,
    level: float = 0.5,
    hold: str = "29 ns",
    set: Changes | None = None,  # noqa: A002 - named as the option of the command
    seed: int = 1,
    time_step: str = "1 ps",
    progress: Progress | None = None,
) -> WaveformResult:
    """Write a level and its opposite to a cell, hold each, and read again and again.

    Parameters
    ----------
    machine
        Name, path or a `Machine`.
    level
        From -1 to 1.
    hold
        How long each is held, with its unit.
    set
        Dotted keys of the machine file and their new values.
    seed
        Of the thermal field.
    time_step
        Of the simulation, with its unit; one whose half changes the figures is refused.
    progress
        Called with reads done of the cells whose mean tells what reading does, and how many.

    Returns
    -------
    WaveformResult
        Prints as the command does.

    Raises
    ------
    accelsim.errors.InputError
        For a machine without a spintronic cell, a level or a time out of range.

    Examples
    --------
    >>> import accelsim
    >>> held = accelsim.waveform(level=0.5, hold="9 ns")
    >>> len(held.to_pandas())  # 2 x (1 ns written + 9 ns held), a sample each 5 ps
    4001
    """
    numerics = numerics_of(time_step, seed)
    chosen = machine_of(machine, set)
    held = hold_levels(chosen, numerics, protocol_of(level, hold, numerics), progress)
    lines = (*report.decay_lines(chosen, held, hold), *report.reading_lines(held))
    of = caption(chosen, f"level {level:g}, hold {hold}, {said(numerics)}")
    return WaveformResult(text=print_tables(*lines), held=held, caption=of)
