"""Generators of arrivals: periodic, Poisson, bursty, camera, diurnal.

Times are drawn with NumPy's PCG64 by inversion and summed as integers, so that a stream is as
exact in its second week as in its first microsecond. Rates are images (camera: frames) a second,
as exact fractions.

Left out: correlation between bursts, long-range dependence, trends over days.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accelsim.arrivals.columns import LATEST_PS, MADE, Arrivals, Column
from accelsim.errors import InputError
from accelsim.units import PS_PER_S, render
from accelsim.wording import given

Floats = NDArray[np.float64]

DAY_PS = 86_400 * PS_PER_S


@dataclass(frozen=True)
class Settings:
    """What a generator makes. images: how many; rate: a second; seed: of what is random.

    burst: images of a burst, on average; peak: rate within a burst. regions: images of a frame;
    jitter: of a frame, in frame periods. depth: of the rate over a day, 0 to 1.
    """

    images: int
    rate: Fraction
    seed: int = 0
    burst: float = 10.0
    peak: Fraction | None = None
    regions: int = 1
    jitter: float = 0.0
    depth: float = 0.8


def periodic(settings: Settings) -> Arrivals:
    """Return images at even distances, the first at 0; InputError unless these are whole ps."""
    return Arrivals(np.arange(settings.images) * _period_ps(settings.rate))


def poisson(settings: Settings) -> Arrivals:
    """Return images that come independently of one another: exponential distances."""
    mean_ps = float(PS_PER_S / settings.rate)
    return Arrivals(_summed(mean_ps * _exponential(_random(settings), settings.images)))


def bursty(settings: Settings) -> Arrivals:
    """Return bursts: so many images at a peak rate, on average, then none for a while.

    A renewal process: a distance is within a burst, exponential at the peak rate, or, once in
    `burst` images, before the next one, so that the mean rate is as wanted. InputError if the
    peak is not above what that takes.
    """
    burst, peak = settings.burst, settings.peak or 10 * settings.rate
    if not 1 <= burst <= MADE:
        raise InputError(
            f"{given('burst', f'{burst:g}')}: expected 1 to {MADE:,} images in a burst"
        )
    within_ps = float(PS_PER_S / peak)
    between_ps = burst * float(PS_PER_S / settings.rate) - (burst - 1) * within_ps
    if between_ps <= within_ps:
        raise InputError(
            f"{given('peak', render(float(peak), 'Hz'))}: expected more than the rate, "
            f"{render(float(settings.rate), 'Hz')}"
        )
    random = _random(settings)
    last_of_burst = random.random(settings.images) < 1 / burst
    mean_ps = np.where(last_of_burst, between_ps, within_ps)
    return Arrivals(_summed(mean_ps * _exponential(random, settings.images)))


def camera(settings: Settings) -> Arrivals:
    """Return frames at an even rate, each of which brings its regions of interest at once.

    The results of a frame are wanted before the next one. A frame may be late or early by
    `jitter` of its period, up to a half.
    """
    if settings.regions < 1:
        raise InputError(f"{given('regions', settings.regions)}: expected 1 or more")
    if not 0 <= settings.jitter <= 0.5:  # beyond a half, frames change places
        raise InputError(
            f"{given('jitter', f'{settings.jitter:g}')}: expected 0 to 0.5 frame periods"
        )
    period = _period_ps(settings.rate)
    frames = -(-settings.images // settings.regions)
    shift = settings.jitter * (2 * _random(settings).random(frames) - 1)
    start = np.arange(frames) * period + np.rint((shift + settings.jitter) * period).astype(
        np.int64
    )
    times = np.repeat(start, settings.regions)[: settings.images]
    return Arrivals(times, None, np.full(len(times), period))


def diurnal(settings: Settings) -> Arrivals:
    """Return a Poisson process whose rate goes up and down over a day, as a sine.

    rate(t) = mean (1 - depth cos(2 pi t / day)): least at midnight, at time 0.
    """
    if not 0 <= settings.depth <= 1:
        raise InputError(f"{given('depth', f'{settings.depth:g}')}: expected 0 to 1")
    per_ps = float(settings.rate) / PS_PER_S
    wanted = np.cumsum(_exponential(_random(settings), settings.images)) / per_ps

    def expected(times: Floats) -> Floats:
        turn = 2 * np.pi * times / DAY_PS
        return np.asarray(times - settings.depth * DAY_PS / (2 * np.pi) * np.sin(turn))

    low, high = np.zeros(settings.images), wanted + DAY_PS
    for _ in range(64):  # bisection: what is expected never falls
        middle = (low + high) / 2
        below = expected(middle) < wanted
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return Arrivals(_whole(high))


GENERATORS: Mapping[str, Callable[[Settings], Arrivals]] = {
    "periodic": periodic,
    "poisson": poisson,
    "bursty": bursty,
    "camera": camera,
    "diurnal": diurnal,
}
"""The generators by name."""


def generate(name: str, settings: Settings) -> Arrivals:
    """Return the arrivals of a generator.

    Raises InputError for settings that cannot be, and for times beyond 2^62 ps.
    """
    if not 1 <= settings.images <= MADE:
        raise InputError(f"{given('images', settings.images)}: expected 1 to {MADE:,} images")
    if not 0 <= settings.seed < 2**63:
        raise InputError(
            f"{given('seed', settings.seed)}: expected a whole number from 0 to 2^63 - 1"
        )
    span = settings.images / settings.rate * PS_PER_S
    if span > LATEST_PS // 2:
        raise InputError(
            f"{settings.images:,} images at {render(float(settings.rate), 'Hz')} take "
            f"{float(span / DAY_PS):.3g} days; expected up to 26"
        )
    return GENERATORS[name](settings)


def _period_ps(rate: Fraction) -> int:
    period = PS_PER_S / rate
    if period.denominator != 1:
        near = max(1, round(period))
        raise InputError(
            f"{given('rate', render(float(rate), 'Hz', 8))}: a period of {float(period):.3f} ps is "
            f"no whole number of ps; the nearest is {near} ps, {render(PS_PER_S / near, 'Hz', 8)}"
        )
    return int(period)


def _random(settings: Settings) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(settings.seed))


def _exponential(random: np.random.Generator, number: int) -> Floats:
    """Return exponential numbers of mean 1, by inversion."""
    return np.asarray(-np.log1p(-random.random(number)))


def _summed(gaps: Floats) -> Column:
    times: Column = np.cumsum(_whole(gaps))
    return times


def _whole(times: NDArray[Any]) -> Column:
    whole: Column = np.rint(times).astype(np.int64)
    return whole
