"""Size against stability: the cell over a range of magnet volumes, in its shape."""

import csv
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from accelsim.device.cell import IrmenDevice
from accelsim.device.criteria import magnetization
from accelsim.device.melayer import storage_of
from accelsim.device.noise import read_noise
from accelsim.device.settling import settle
from accelsim.device.spintronic import timing_of
from accelsim.device.technology import Numerics, Phases
from accelsim.device.timestep import check_time_step
from accelsim.errors import InputError
from accelsim.files import new_text

CUBIC_NM = 1e-27
# The level at which the sweep shows read-out noise: facts and figures quote it there.
LEVEL = 0.5


@dataclass(frozen=True)
class SweepPoint:
    """One volume. Times in s, energies in kT, sigma in units of the full scale.

    settling: of the full swing at the cell's precision; worst: of any step. sigma: read-out
    noise at the end of the read phase, level 0.5; instantaneous: before the RC. *_error:
    standard errors, as the tails of the cells have it. flip: mean time until m_x flips. usable:
    time until a level of the swing has moved half a step; nan: no decay is modelled.
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
    instantaneous_error: float
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
    ("sigma_before_rc_error", lambda p: p.instantaneous_error),
    ("sigma_after_rc", lambda p: p.sigma),
    ("sigma_after_rc_error", lambda p: p.sigma_error),
    ("flip_s", lambda p: p.flip),
    ("level_usable_s", lambda p: p.usable),
    ("read_cycles", lambda p: p.timing.read_cycles),
    ("write_cycles", lambda p: p.timing.write_cycles),
)


def parse_volumes(text: str, points: int) -> list[float]:
    """Return volumes in m^3 of "1530..5400" (points of them, evenly spaced) or "1530,5400".

    In nm^3. Raises InputError for anything else.
    """
    number = r"\s*([0-9.]+(?:[eE][-+]?[0-9]+)?)\s*"
    match = re.fullmatch(rf"{number}\.\.{number}", text)
    try:
        ends = match.groups() if match else tuple(text.split(","))
        values = [float(part) for part in ends]
    except ValueError:
        raise _bad_range(text) from None
    if min(values) <= 0 or (match and values[0] >= values[1]):
        raise _bad_range(text)
    if match:
        if points < 2:
            raise InputError(f"--points {points}: expected 2 or more for a range of volumes")
        values = [float(value) for value in np.linspace(values[0], values[1], points)]
    return [value * CUBIC_NM for value in values]


def _bad_range(text: str) -> InputError:
    return InputError(
        f"--volume {text}: expected positive volumes in nm^3, a range such as 1530..5400 "
        "or a list such as 1530,2500,5400"
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
        instantaneous=float(noise.instantaneous[0]),
        instantaneous_error=float(noise.instantaneous_error[0]),
        flip=magnet.flip_time(device.cell.attempt_time.value),
        usable=storage.usable_for(bits) if storage.decays else math.nan,
        timing=timing,
    )


def write_csv(points: list[SweepPoint], path: Path) -> None:
    """Write the table as CSV, units in the header; InputError if it cannot be written."""
    with new_text(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([name for name, _ in COLUMNS])
        for point in points:
            writer.writerow([f"{value(point):.6g}" for _, value in COLUMNS])
