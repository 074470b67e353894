"""Printed tables of a characterization and of a sweep."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from rich.table import Table

from accelsim.cli.tables import new_table
from accelsim.config import Machine
from accelsim.device import conversion, sweep
from accelsim.device.disturbance import MeanShift
from accelsim.device.technologies import storage_of
from accelsim.device.technology import Characterization, Listing, Phases
from accelsim.study.cells import HeldLevels
from accelsim.units import readable_time

P = TypeVar("P")
_WORDS = re.compile("[a-z]{4}")  # what no number with its unit has
_SECONDS = "_s"  # ends the name of a column of times that may be of any size


def tables(title: str, result: Characterization) -> Iterable[Table]:
    """Return the tables of a characterization: figures, those of the technology, timing."""
    yield _figures(title, result.figures())
    for listing in result.listings():
        yield _listing(listing)
    yield _timing(result.timing)


def _figures(title: str, figures: dict[str, object]) -> Table:
    table = new_table(
        title, left=("figure", "unit"), right=("value",), order=("figure", "value", "unit")
    )
    for key, entry in figures.items():
        if isinstance(entry, dict):
            table.add_row(key.replace("_", " "), f"{entry['value']:g}", str(entry["unit"]))
    return table


def _listing(listing: Listing) -> Table:
    words = [
        name
        for place, name in enumerate(listing.columns)
        if place == 0 or any(_WORDS.search(row[place]) for row in listing.rows)
    ]
    numbers = [name for name in listing.columns if name not in words]
    table = new_table(listing.title, left=words, right=numbers, order=listing.columns)
    for place, row in enumerate(listing.rows):
        table.add_row(*row, style="bold" if place == listing.marked else "")
    return table


def _timing(timing: Phases) -> Table:
    title = f"At {timing.precision} bits, {timing.period_ps} ps a cycle"
    table = new_table(title, left=("phase",), right=("needs, ps", "cycles"))
    table.add_row("read", str(timing.read_ps), str(timing.read_cycles))
    table.add_row("write", str(timing.write_ps), str(timing.write_cycles))
    return table


def volumes_table(points: Sequence[sweep.SweepPoint]) -> Table:
    """Return the table of a sweep of the magnet's volume."""
    return _sweep_table("Size and stability", points, sweep.COLUMNS)


def lengths_table(points: Sequence[conversion.ConversionPoint]) -> Table:
    """Return the table of a sweep of the read-out's conversion length."""
    return _sweep_table("Read-out by conversion length", points, conversion.COLUMNS)


def length_note(nominal: float) -> str:
    """Say what columns of a sweep of the conversion length mean. nominal: the cell's own (m)."""
    return (
        "gain: write voltage over output. equal noise: the read-out capacitance, and the read "
        f"cycles, with kT/C as at {nominal * 1e9:g} nm. Accuracy: accelsim study accuracy "
        "conversion"
    )


def _sweep_table(
    title: str, points: Sequence[P], columns: Sequence[tuple[str, Callable[[P], float]]]
) -> Table:
    """Return the table of a sweep."""
    names = [name.removesuffix(_SECONDS).replace("_", " ") for name, _ in columns]
    table = new_table(title, right=names)
    for point in points:
        table.add_row(*(_cell(name, value(point)) for name, value in columns))
    return table


def _cell(name: str, value: float) -> str:
    """Return a figure of a column; '-' for what is not modelled (nan), seconds with their unit."""
    if math.isnan(value):
        return "-"
    return readable_time(value) if name.endswith(_SECONDS) else f"{value:.4g}"


def decay_lines(machine: Machine, found: HeldLevels, hold: str) -> Iterable[str]:
    """Say what is left of a level at the end, of a storage that decays."""
    storage = storage_of(machine)
    if storage is not None and storage.decays:
        share = 100 * storage.share_left(found.protocol.hold)
        yield (
            f"{storage.title}: {share:.4g} % of a level of {storage.swing:g} is left at the end of "
            f"{hold}"
        )


def reading_lines(found: HeldLevels) -> Iterable[str]:
    """Say what reading does to the mean of many cells, and to the one that was simulated."""
    yield from _shift_lines(found.shift, found.bits)
    yield (
        "this one trajectory, against itself without reads in the same thermal field: m_y differs "
        f"by up to {found.wave.largest_disturbance:.2g} for a moment, as its phase changes; no "
        "shift"
    )


def _shift_lines(shift: MeanShift, bits: int) -> Iterable[str]:
    """Say how far reading moves the mean, against half a step at a precision."""
    yield (
        f"shift of the mean of m_y by reading, {shift.cells:,} cells at level {shift.level:g}, the "
        "same thermal field with and without:"
    )
    for when, moved, error in (
        ("during pulses", shift.during, shift.during_error),
        ("between them", shift.between, shift.between_error),
    ):
        share, of = 100 * moved * 2**bits, 100 * error * 2**bits
        yield (
            f"  {when}: {moved:+.2g} +- {error:.1g}, {share:.2g} +- {of:.1g} % of half a step at "
            f"{bits} bits"
        )
