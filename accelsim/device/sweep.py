"""Size against stability: the cell over a range of magnet volumes, in its shape."""

import csv
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from accelsim.device.cell import IrmenDevice
from accelsim.device.criteria import magnetization
from accelsim.device.equilibrium import boltzmann_deviation
from accelsim.device.melayer import storage_of
from accelsim.device.noise import read_noise
from accelsim.device.settling import settle
from accelsim.device.spintronic import timing_of
from accelsim.device.technology import Numerics, Phases
from accelsim.device.timestep import check_time_step
from accelsim.errors import InputError
from accelsim.files import new_text
from accelsim.wording import given

CUBIC_NM = 1e-27
# The level at which the sweep shows read-out noise: facts and figures quote it there.
LEVEL = 0.5


@dataclass(frozen=True)
class SweepPoint:
    """One volume. Times in s, energies in kT, sigma in units of the full scale.

    settling: of the full swing at the cell's precision; worst: of any step. sigma: read-out
    noise at the end of the read phase, level 0.5, and its standard error, as the tails of the
    cells have it; instantaneous: before the RC, in equilibrium. flip: mean time until m_x flips.
    usable: time until a level of the swing has moved half a step; nan: no decay is modelled.
    """

    volume: float
    edge: float
    stability: float
    stiffness: float
    settling: float
    worst: float
    sigma: float
    sigma_error: float
    instantaneous: float
    flip: float
    usable: float
    timing: Phases


COLUMNS: tuple[tuple[str, Callable[[SweepPoint], float]], ...] = (
    ("volume_nm3", lambda p: p.volume / CUBIC_NM),
    ("edge_nm", lambda p: p.edge * 1e9),
    ("stability_kT", lambda p: p.stability),
    ("out_of_plane_T", lambda p: p.stiffness),
    ("settling_ns", lambda p: p.settling * 1e9),
    ("worst_step_ns", lambda p: p.worst * 1e9),
    ("sigma_before_rc", lambda p: p.instantaneous),
    ("sigma_after_rc", lambda p: p.sigma),
    ("sigma_after_rc_error", lambda p: p.sigma_error),
    ("flip_s", lambda p: p.flip),
    ("level_usable_s", lambda p: p.usable),
    ("read_cycles", lambda p: p.timing.read_cycles),
    ("write_cycles", lambda p: p.timing.write_cycles),
)


@dataclass(frozen=True)
class Axis:
    """What a sweep goes over. option: of the command. unit: of its text, in SI units.

    log: a range is evenly spaced in the logarithm.
    """

    option: str
    plural: str
    unit: str
    scale: float
    example: str
    log: bool = False


VOLUME = Axis("volume", "volumes", "nm^3", CUBIC_NM, "1530..5400")
IR_LENGTH = Axis("ir-length", "conversion lengths", "nm", 1e-9, "0.06..6", log=True)


def parse_range(text: str, points: int, axis: Axis = VOLUME) -> list[float]:
    """Return the values in SI units of "1530..5400" (so many points of it) or "1530,5400".

    Raises InputError for anything else.
    """
    number = r"\s*([0-9.]+(?:[eE][-+]?[0-9]+)?)\s*"
    match = re.fullmatch(rf"{number}\.\.{number}", text)
    try:
        ends = match.groups() if match else tuple(text.split(","))
        values = [float(part) for part in ends]
    except ValueError:
        raise _bad_range(text, axis) from None
    if min(values) <= 0:
        raise _bad_range(text, axis)
    if match and values[0] >= values[1]:
        raise InputError(
            f"{given(axis.option, text)}: a range that does not rise; expected FROM below TO, "
            f"such as {axis.example}"
        )
    if match:
        if points < 2:
            raise InputError(
                f"{given('points', points)}: expected 2 or more for a range of {axis.plural}"
            )
        spaced = np.geomspace if axis.log else np.linspace
        values = [float(value) for value in spaced(values[0], values[1], points)]
    return [value * axis.scale for value in values]


def _bad_range(text: str, axis: Axis) -> InputError:
    listed = ",".join(axis.example.split(".."))
    return InputError(
        f"{given(axis.option, text)}: expected positive {axis.plural} in {axis.unit}, a range "
        f"such as {axis.example} or a list such as {listed}"
    )


def sweep(
    device: IrmenDevice,
    volumes: list[float],
    period_ps: int,
    numerics: Numerics,
    progress: Callable[[int, int], None] | None = None,
) -> list[SweepPoint]:
    """Characterize the cell at each volume (m^3); progress: (points done, points).

    Raises InputError for a time step that is too long for one of them.
    """
    found = []
    for done, volume in enumerate(volumes, 1):
        found.append(_point(device.with_volume(volume), period_ps, numerics))
        if progress:
            progress(done, len(volumes))
    return found


def _point(device: IrmenDevice, period_ps: int, numerics: Numerics) -> SweepPoint:
    check_time_step(device, numerics.dt)
    magnet, bits = device.magnet, device.cell.precision.value
    times = magnetization(device, device.cell.swing.value, numerics.dt)
    settling = settle(device, device.cell.swing.value, numerics.dt)
    timing = timing_of(device, times[bits - 1], period_ps)
    read = timing.read_phase
    noise = read_noise(device, [LEVEL], read, numerics)
    storage = storage_of(device.cell, device)
    return SweepPoint(
        volume=magnet.volume,
        edge=magnet.length,
        stability=magnet.stability,
        stiffness=magnet.normal_stiffness,
        settling=times[bits - 1],
        worst=settling.worst[bits - 1],
        sigma=noise.rms(read),
        sigma_error=noise.rms_error(read),
        instantaneous=float(boltzmann_deviation(device, LEVEL).item()),
        flip=magnet.flip_time(device.cell.attempt_time.value),
        usable=storage.usable_for(bits) if storage.decays else math.nan,
        timing=timing,
    )


P = TypeVar("P")


def write_csv(
    points: Sequence[P], path: Path, columns: Sequence[tuple[str, Callable[[P], float]]]
) -> None:
    """Write the table as CSV, units in the header; InputError if it cannot be written."""
    with new_text(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([name for name, _ in columns])
        for point in points:
            writer.writerow([f"{value(point):.6g}" for _, value in columns])
