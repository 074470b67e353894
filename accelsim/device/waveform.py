"""One cell over time: two levels written and held, and read again and again.

The content of Fig. 3 of S2: the magnetization is held at one of two levels for long; the
output follows it at every read pulse, damped by the RC of the read-out, which smooths the
thermal motion in part. What holds a level between is the cell's storage: one that decays does so
here. Times in s, voltages in V.
"""

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accelsim.device.cell import IrmenDevice
from accelsim.device.ensemble import Drive, Ensemble, Floats
from accelsim.device.melayer import storage_of
from accelsim.device.timestep import check_time_step
from accelsim.errors import InputError
from accelsim.files import new_text


@dataclass(frozen=True)
class Protocol:
    """What is done to the cell. Times in s; levels in [-1, 1], one for each write.

    Each write: access is on for `access`, then `hold` passes with a read pulse of `pulse`
    every `interval`; in the last `standby` of it the supply stays off.
    """

    levels: tuple[float, ...] = (0.5, -0.5)
    access: float = 1e-9
    hold: float = 29e-9
    pulse: float = 1e-9
    interval: float = 2e-9
    standby: float = 4e-9

    def __post_init__(self) -> None:
        for level in self.levels:
            if not -1 <= level <= 1:
                raise InputError(f"level: got {level:g}; expected a value from -1 to 1")
        if not 0 < self.pulse < self.interval:
            raise InputError(
                f"pulse: {self.pulse:g} s does not fit the read interval of {self.interval:g} s"
            )

    @property
    def period(self) -> float:
        """Time of one write with its hold."""
        return self.access + self.hold


@dataclass(frozen=True)
class Waveform:
    """Samples of one cell, all of shape (T,). field: of the ME capacitor, as a level.

    m: (3, T). supply: 1 in a read pulse. settled: output without RC and noise, read
    voltage x m_y; output: with them. disturbance: the change of m_y by the reads' field,
    against the same thermal draws without it.
    """

    time: Floats
    field: Floats
    supply: Floats
    m: Floats
    settled: Floats
    output: Floats
    disturbance: Floats

    @property
    def largest_disturbance(self) -> float:
        """Largest abs change of m_y by reading."""
        return float(np.abs(self.disturbance).max())


def simulate_waveform(
    device: IrmenDevice, protocol: Protocol, dt: float, seed: int, stride: int = 5
) -> Waveform:
    """Simulate a cell through a protocol; a sample every `stride` steps of dt (s).

    Raises InputError for a time step that is too long.
    """
    check_time_step(device, dt)
    steps = round(len(protocol.levels) * protocol.period / dt)
    time = np.arange(steps + 1.0) * dt
    level = _charged(device, protocol, time)
    supply = _pulses(protocol, time)
    drive = device.level_field(level)
    quiet, read = (
        _trajectory(device, drive + disturb, dt, seed, stride)
        for disturb in (0.0, device.read_field * supply)
    )
    sampled = slice(None, None, stride)
    settled = device.read_voltage * read[1] * supply[sampled]
    return Waveform(
        time=time[sampled],
        field=level[sampled],
        supply=supply[sampled],
        m=read,
        settled=settled,
        output=_output(device, settled, dt * stride, seed),
        disturbance=read[1] - quiet[1],
    )


def _charged(device: IrmenDevice, protocol: Protocol, time: Floats) -> Floats:
    """Return the level that drives the magnet: charged while access is on, then held.

    By the storage of the cell; how cells spread that were written alike is left out.
    """
    level, storage = np.zeros(len(time)), storage_of(device.cell, device)
    old = 0.0
    for number, new in enumerate(protocol.levels):
        since = time - number * protocol.period
        now = since >= 0
        charging = device.charging(np.minimum(since[now], protocol.access), old, new)
        isolated = np.maximum(since[now] - protocol.access, 0.0)
        level[now] = storage.left(charging, isolated)
        old = float(storage.left(charging[-1], protocol.hold))
    return level


def _pulses(protocol: Protocol, time: Floats) -> Floats:
    phase = np.mod(time, protocol.period)
    since = phase - protocol.access
    reading = (since >= 0) & (phase < protocol.period - protocol.standby)
    return (reading & (np.mod(since, protocol.interval) < protocol.pulse)).astype(float)


def _trajectory(
    device: IrmenDevice, field: NDArray[np.float64], dt: float, seed: int, stride: int
) -> Floats:
    ensemble = Ensemble(device.magnet, 1, dt, seed)
    start = ensemble.m[:, 0]
    moved = ensemble.run(Drive(0.0, 1.0, field), every=stride)
    return np.concatenate([start[:, None], moved[:, :, 0].T], axis=1)


def _output(device: IrmenDevice, settled: Floats, dt: float, seed: int) -> Floats:
    """Return the voltage on the read-out capacitance, with the kT/C noise of its RC."""
    decay = math.exp(-dt / device.readout_rc)
    sigma = device.readout_ktc * device.read_voltage * device.full_scale
    kicks = np.random.default_rng(seed).normal(size=len(settled))
    kicks *= sigma * math.sqrt(1 - decay * decay)
    out = np.zeros(len(settled))
    for k in range(1, len(out)):
        out[k] = decay * out[k - 1] + (1 - decay) * settled[k] + kicks[k]
    return out


def columns(waveform: Waveform) -> dict[str, Floats]:
    """Return the samples by name, units in the names."""
    m_x, m_y, m_z = waveform.m
    return {
        "time_ns": waveform.time * 1e9,
        "me_level": waveform.field,
        "supply": waveform.supply,
        "m_x": m_x,
        "m_y": m_y,
        "m_z": m_z,
        "output_without_rc_mV": waveform.settled * 1e3,
        "output_mV": waveform.output * 1e3,
        "disturbance_of_m_y": waveform.disturbance,
    }


def write_csv(waveform: Waveform, path: Path) -> None:
    """Write the samples as CSV, units in the header; InputError if it cannot be written."""
    series = columns(waveform)
    with new_text(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(series)
        for row in zip(*series.values(), strict=True):
            writer.writerow([f"{value:.6g}" for value in row])
