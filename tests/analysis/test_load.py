"""A machine under load, against queueing theory."""

from fractions import Fraction

import numpy as np
import pytest

import accelsim
from accelsim.analysis.flow import lengths
from accelsim.analysis.load import LEAST, load_of
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
    # 9 us fall to 1 us over the first 65 images.
    values = np.full(600, 1000, np.int64)
    values[:65] = np.linspace(9000, 1100, 65)
    arrived = np.arange(600) * 10**6
    zero = np.zeros(600, np.int64)
    load = load_of(Times(np.arange(600), arrived, arrived, arrived + values, zero, zero))
    assert load.warm_up == 65
    assert load.in_system.value == 1000


def met(values):
    """Return the load of images that never queue, and take so long each."""
    arrived, zero = np.arange(len(values)) * 10**6, np.zeros(len(values), np.int64)
    return load_of(Times(np.arange(len(values)), arrived, arrived, arrived + values, zero, zero))


def test_no_more_than_half_is_warm_up():
    # 310 of 600 images are slow: of 120 groups of 5 no more than 60 may go, 300 images.
    assert met(np.repeat([9000, 1000], [310, 290])).warm_up == 300


def test_the_width_of_an_interval():
    # Twenty batches of 1000 and 3000 in turns: deviation of a sample 1000 sqrt(20/19), of the
    # mean a sqrt(20)th of that, times Student's 2.093.
    mean = met(np.tile(np.repeat([1000, 3000], 10), 10)).in_system
    assert mean.value == 2000
    assert mean.half == pytest.approx(2.093 * 1000 / 19**0.5, rel=1e-12)


def test_streams_on_the_charge_machine_with_three_contexts(make_network):
    # 4 steps of 11 ns; alone they wait for nothing. Of 3 at once the arrays of A take a load and a
    # relu of each image, 9 ns a step: 18 ns an image once the machine is full.
    machine = accelsim.load_machine("charge", {"sequencer.contexts": 3, "banks.planes": 6})
    network = make_network([1, 4, 4], CONV, RELU)
    slow = load_of(run_network(machine, network, Arrivals(np.arange(50) * 60_000), 0).times)
    assert slow.percentiles == (44_000,) * 4
    many = run_network(machine, network, Arrivals(np.arange(50) * 17_000), 0)
    last = np.diff(many.times.done_ps)[10:]
    assert last.mean() == pytest.approx(18_000, rel=0.02)
    assert load_of(many.times).queued_most > 0


def test_too_few_images_have_no_interval(run):
    assert run(np.arange(LEAST - 1) * 50_000).in_system.half is None
