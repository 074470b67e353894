"""A machine under load, against queueing theory."""

from fractions import Fraction

import numpy as np
import pytest

import accelsim
from accelsim.analysis.load import LEAST, lengths, load_of
from accelsim.analysis.times import Times
from accelsim.arrivals import Arrivals
from accelsim.arrivals.generators import Settings, generate
from accelsim.simulation.run import run_network
from tests.conftest import CONV, RELU

SERVICE = 12_000
"""Load, conv, relu, handoff: 4 steps of 3 ns, one image at a time."""


@pytest.fixture(scope="module")
def run(make_network):
    machine, network = accelsim.load_machine("irmen"), make_network([1, 4, 4], CONV, RELU)

    def stream(times, deadline=None):
        arrivals = Arrivals(np.asarray(times, np.int64), None, deadline)
        return load_of(run_network(machine, network, arrivals, 0).times, deadline)

    return stream


def test_a_slow_periodic_stream_never_waits(run):
    # D/D/1 below saturation: 300 images every 50 ns.
    load = run(np.arange(300) * 50_000)
    assert (load.in_system.value, load.waiting.value) == (SERVICE, 0)
    assert load.percentiles == (SERVICE,) * 4
    assert load.number == SERVICE * 300 / (299 * 50_000 + SERVICE)
    assert (load.queued, load.queued_most) == (0, 0)


def test_a_fast_periodic_stream_waits_longer_and_longer(run):
    # D/D/1 above saturation, every 10 ns: image n waits n x 2 ns.
    load = run(np.arange(100) * 10_000)
    wait = 2000 * np.arange(100)
    assert load.percentiles == (
        SERVICE + wait[49], SERVICE + wait[94], SERVICE + wait[98], SERVICE + wait[99],
    )  # fmt: skip
    # Image 99 arrives at 990 ns, when 990 / 12 = 82.5 have begun: 100 - 83 are in the queue.
    assert load.queued_most == 17


@pytest.mark.parametrize("share", [0.3, 0.6, 0.8])
def test_poisson_arrivals_wait_as_pollaczek_and_khinchine_say(run, share):
    # M/D/1: mean wait = rho S / (2 (1 - rho)), and an edge of the clock, up to 1 ns away.
    rate = Fraction(round(share * 10**12), SERVICE)
    load = run(generate("poisson", Settings(12_000, rate, seed=7)).time_ps)
    expected = share * SERVICE / (2 * (1 - share))
    assert load.waiting.half is not None
    assert load.waiting.half < 0.25 * expected + 500
    assert expected - load.waiting.half < load.waiting.value < expected + 1000 + load.waiting.half


def test_deadlines(run):
    # Three images at once take 12, 24 and 36 ns.
    load = run([0, 0, 0], np.array([12_000, 23_999, -1]))
    assert (load.missed, load.deadlines) == (1, 2)


def test_how_many_wait_over_time():
    times, number = lengths(np.array([0, 5, 5]), np.array([5, 9, 5]))
    assert times.tolist() == [0, 5, 9]
    assert number.tolist() == [1, 1, 0]


def test_an_interval_holds_the_mean_of_correlated_values():
    # An autoregressive process of mean 1000: 95 of 100 intervals should hold it. Intervals from
    # independent values would be 4.4 times as narrow, and hold it in 35.
    held = 0
    for seed in range(100):
        noise = np.random.default_rng(seed).normal(0, 100, 4000)
        values = np.empty(4000)
        last = 0.0
        for place, each in enumerate(noise.tolist()):
            last = 0.9 * last + each
            values[place] = 1_000_000 + 100 * last
        zero = np.zeros(4000, np.int64)
        arrived = np.arange(4000) * 10**9
        times = Times(
            np.arange(4000), arrived, arrived, arrived + values.astype(np.int64), zero, zero
        )
        mean = load_of(times).in_system
        held += abs(mean.value - 1_000_000) < (mean.half or 0)
    assert 86 <= held <= 100


def test_a_warm_up_is_left_out():
    # 300 images of 9 us fall to 1 us over the first 60.
    values = np.full(600, 1000, np.int64)
    values[:60] = np.linspace(9000, 1100, 60)
    arrived = np.arange(600) * 10**6
    zero = np.zeros(600, np.int64)
    load = load_of(Times(np.arange(600), arrived, arrived, arrived + values, zero, zero))
    assert load.warm_up == 60
    assert load.in_system.value == 1000


def test_too_few_images_have_no_interval(run):
    assert run(np.arange(LEAST - 1) * 50_000).in_system.half is None
