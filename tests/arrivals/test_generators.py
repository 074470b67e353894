"""Generators: what they promise of rate, distances and bursts."""

from fractions import Fraction

import numpy as np
import pytest

from accelsim.arrivals import ArrivalFile
from accelsim.arrivals.columns import joined
from accelsim.arrivals.generators import DAY_PS, GENERATORS, Settings, generate
from accelsim.arrivals.survey import survey
from accelsim.errors import InputError

MANY = 40_000
RATE = Fraction(10**6)


def test_periodic_is_exact():
    found = generate("periodic", Settings(5, Fraction(10**12, 333)))
    assert found.time_ps.tolist() == [0, 333, 666, 999, 1332]
    assert survey(found).burstiness == -1


@pytest.mark.parametrize("name", sorted(GENERATORS))
def test_times_never_fall_and_the_seed_decides(name):
    one, same, other = (
        generate(name, Settings(1000, RATE, seed, jitter=0.3)) for seed in (1, 1, 2)
    )
    assert (np.diff(one.time_ps) >= 0).all()
    assert one.time_ps[0] >= 0
    assert (one.time_ps == same.time_ps).all()
    assert (one.time_ps == other.time_ps).all() == (name == "periodic")


@pytest.mark.parametrize("name", ["poisson", "bursty"])
def test_the_mean_rate_is_as_asked_for(name):
    found = survey(generate(name, Settings(MANY, RATE, 3)))
    spread = found.gaps_ps.std() / MANY**0.5
    assert abs(found.gaps_ps.mean() - 1e6) < 4 * spread


def test_poisson_has_exponential_distances():
    found = survey(generate("poisson", Settings(MANY, RATE, 4)))
    # Of an exponential distribution: deviation = mean, median = ln 2; counts have variance = mean.
    assert found.burstiness == pytest.approx(0, abs=0.02)
    assert found.quantile(0.5) == pytest.approx(np.log(2) * 1e6, rel=0.03)
    assert found.dispersion == pytest.approx(1, abs=0.1)


def test_bursts_have_the_size_and_the_peak():
    settings = Settings(MANY, RATE, 5, burst=20, peak=Fraction(10**8))
    gaps = np.diff(generate("bursty", settings).time_ps)
    # 19 of 20 distances are within a burst, of 10 ns on average: hardly one is above 200 ns.
    within = gaps[gaps < 200_000]
    assert len(within) / len(gaps) == pytest.approx(0.95, abs=0.01)
    assert within.mean() == pytest.approx(10_000, rel=0.05)


def test_a_camera_brings_the_regions_of_a_frame_at_once():
    found = generate("camera", Settings(7, Fraction(50), regions=3))
    assert found.time_ps.tolist() == [0] * 3 + [20 * 10**9] * 3 + [40 * 10**9]
    assert set(found.deadline_ps.tolist()) == {20 * 10**9}
    late = generate("camera", Settings(3000, Fraction(50), 1, regions=3, jitter=0.5))
    frames = late.time_ps[::3] - np.arange(1000) * 20 * 10**9
    assert (frames >= 0).all()
    assert (frames <= 20 * 10**9).all()
    assert frames.std() == pytest.approx(20e9 / 12**0.5, rel=0.1)


def test_diurnal_follows_the_day():
    # A rate of mean (1 - depth cos): in the quarter around noon 1/4 + depth sqrt(2) / (2 pi) of
    # a day's images, around midnight 1/4 - depth sqrt(2) / (2 pi).
    settings = Settings(MANY, Fraction(MANY, 10 * 86_400), 6, depth=0.8)
    day = generate("diurnal", settings).time_ps % DAY_PS / DAY_PS
    extra = 0.8 * 2**0.5 / (2 * np.pi)
    assert (np.abs(day - 0.5) < 0.125).mean() == pytest.approx(0.25 + extra, abs=0.01)
    assert (np.abs(day - 0.5) > 0.375).mean() == pytest.approx(0.25 - extra, abs=0.01)


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("periodic", Settings(0, RATE), "--images 0: expected 1 to 10,000,000"),
        ("poisson", Settings(10**8, RATE), "--images 100000000: expected 1 to"),
        ("poisson", Settings(9, RATE, -1), "--seed -1: expected a whole number"),
        ("periodic", Settings(9, Fraction(3 * 10**6)),
         "--rate 3 MHz: a period of 333333.333 ps is no whole number of ps; the nearest is"),
        ("bursty", Settings(9, RATE, burst=0.5), "--burst 0.5: expected 1 to"),
        ("bursty", Settings(9, RATE, burst=float("nan")), "--burst nan: expected 1 to"),
        ("bursty", Settings(9, RATE, burst=1e308), "--burst 1e[+]308: expected 1 to"),
        ("bursty", Settings(9, RATE, peak=Fraction(10)), "--peak 10 Hz: expected more than"),
        ("camera", Settings(9, RATE, regions=0), "--regions 0: expected 1 or more"),
        ("camera", Settings(9, RATE, jitter=0.6), "--jitter 0.6: expected 0 to 0.5"),
        ("diurnal", Settings(9, RATE, depth=2), "--depth 2: expected 0 to 1"),
        ("poisson", Settings(10**6, Fraction(1, 3600)), "take 4.17e[+]04 days; expected up to 26"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be(name, settings, message):
    with pytest.raises(InputError, match=message):
        generate(name, settings)


@pytest.mark.parametrize(
    ("file", "name", "settings"),
    [
        ("poisson", "poisson", Settings(500, Fraction(20 * 10**6), 1)),
        ("bursty", "bursty", Settings(500, Fraction(2 * 10**6), 1, 20, Fraction(60 * 10**6))),
        ("camera", "camera", Settings(400, Fraction(50), 1, regions=8, jitter=0.05)),
        ("diurnal", "diurnal", Settings(500, Fraction(100, 3600), 1)),
    ],
)
def test_the_files_that_ship_are_what_their_page_says(repository, file, name, settings):
    path = repository / "workloads" / "arrivals" / f"{file}.csv"
    shipped, made = joined(ArrivalFile(path).pieces()), generate(name, settings)
    # Another processor may round a logarithm otherwise, by a ps or a few.
    assert np.abs(shipped.time_ps - made.time_ps).max() <= 1000
