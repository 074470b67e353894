"""The steady interval: what an endless run would have, or none."""

import random
from itertools import pairwise

import numpy as np
import pytest

import accelsim
from accelsim.analysis.steady import steady_interval
from accelsim.compiler import compile_network
from accelsim.model import Arrival
from accelsim.simulation import run_events
from tests.conftest import CONV, RELU


def interval(done, contexts=1, arrived=None):
    """Return the interval of departures, of images that take over a context at once."""
    done = np.array(done, np.int64)
    arrived = np.zeros_like(done) if arrived is None else np.array(arrived, np.int64)
    free = np.concatenate([np.zeros(contexts, np.int64), np.sort(done)])[: len(done)]
    return steady_interval(arrived, np.maximum(arrived, free), done)


# Three contexts, as on the reference machine: bursts of three every 42.
BURSTS = [42 * (n // 3 + 1) + n % 3 for n in range(40)]


@pytest.mark.parametrize(
    ("done", "contexts", "expected"),
    [
        ([42], 1, None),
        ([42, 84], 1, None),  # once is no repetition
        ([42, 84, 126], 1, 42),
        ([126, 42, 84], 1, 42),  # whatever the order of the images
        ([42, 43, 126], 1, None),
        # A pattern of two, of which there has to be one and then another: 10 + 31 = 41.
        ([10, 20, 51, 61], 1, None),
        ([10, 20, 51, 61, 92], 1, 20.5),
        ([10, 20, 50, 60, 90], 1, 20),
        # Fill of three, then a pattern of three and its repetition, and the departure that
        # makes room for the last: 3 + 6 departures, and two that are drain.
        (BURSTS[:3], 3, None),
        (BURSTS[:6], 3, None),
        (BURSTS[:10], 3, None),
        (BURSTS[:11], 3, 14),
        (BURSTS, 3, 14),
        # Drain that is faster, as there is less beside it.
        ([*BURSTS[:11], 170, 171], 3, 14),
        # A start that does not belong to the pattern is not counted.
        ([5, 50, 60, 70, 80, 90, 100, 110], 1, 10),
        # Nothing repeats.
        ([0, 1, 12, 40, 55, 77, 102], 1, None),
    ],
)
def test_departures(done, contexts, expected):
    assert interval(done, contexts) == expected


@pytest.mark.parametrize(
    ("arrived", "done", "expected"),
    [
        # Every 50 ns, and 42 in the machine.
        ([0, 50_000, 100_000], [42_000, 92_000, 142_000], 50_000),
        # Between clock edges: departures are 104, 103 and 103 ns apart, but in the long run
        # as many leave as arrive.
        ([103_300 * n for n in range(5)], [42_000, 146_000, 249_000, 352_000, 456_000], 103_300),
        # Faster than the machine: 42 ns, and the queue grows.
        ([10_000 * n for n in range(6)], [42_000 * (n + 1) for n in range(6)], 42_000),
        # A queue that empties is no steady state, nor are arrivals without a pattern.
        ([0, 0, 0, 200_000], [42_000, 84_000, 126_000, 242_000], None),
        ([0, 50_000, 120_000, 400_000], [42_000, 92_000, 162_000, 442_000], None),
    ],
)
def test_arrivals_in_time(arrived, done, expected):
    admitted = [
        -(-max(start, before) // 1000) * 1000
        for start, before in zip(arrived, [0, *done[:-1]], strict=True)
    ]
    columns = (np.array(column, np.int64) for column in (arrived, admitted, done))
    assert steady_interval(*columns) == expected


def times_of(machine, network, arrivals):
    return run_events(machine, compile_network(network, machine), arrivals).times


def machine_of(name, contexts):
    planes = max(4, 2 * contexts)
    keys = {"sequencer.contexts": contexts, "banks.planes": planes}
    if name == "charge":
        keys["banks.refresh_interval"] = "100 ms"  # no refresh in any of the runs
    return accelsim.load_machine(name, keys)


# In cycles. irmen: 42 for an image shared by its contexts, at least the 14 issue slots.
# charge: 154 shared, at least the 63 in which array A of lane 0 is busy.
STEADY = {
    ("irmen", 1): 42, ("irmen", 2): 21, ("irmen", 3): 14, ("irmen", 4): 14,
    ("charge", 1): 154, ("charge", 2): 77, ("charge", 3): 63, ("charge", 4): 63,
}  # fmt: skip


@pytest.mark.parametrize(("name", "contexts"), STEADY)
def test_a_short_run_tells_the_truth_or_nothing(mnist, name, contexts):
    machine = machine_of(name, contexts)

    def run(images):
        return times_of(machine, mnist, [Arrival(number, 0) for number in range(images)])

    # The endless run: 240 departures, 60 of them left out at each end, in whole rounds.
    done = np.sort(run(240).done_ps)
    expected = STEADY[name, contexts] * 1000
    assert done[180] - done[60] == 120 * expected
    # Fill, a round and its repetition, and the drain: 3 or 4 contexts and 14 images at most.
    known = max(3, 4 * contexts - 1) if contexts < 4 else 14
    for images in [*range(1, 22), 29, 30, 31, 47, 60]:
        found = run(images).interval_ps
        assert found == (expected if images >= known else None), images


@pytest.mark.parametrize("contexts", [1, 2, 3])
@pytest.mark.parametrize("every_ps", [50_000, 60_250, 103_116])
def test_slow_arrivals_set_the_interval(mnist, contexts, every_ps):
    machine = machine_of("irmen", contexts)
    for images in (5, 8, 20):
        arrivals = [Arrival(number, every_ps * number) for number in range(images)]
        assert times_of(machine, mnist, arrivals).interval_ps == every_ps


def test_fast_arrivals_do_not(mnist):
    arrivals = [Arrival(number, 5_300 * number) for number in range(40)]
    assert times_of(machine_of("irmen", 3), mnist, arrivals).interval_ps == 14_000


def test_bursts_of_arrivals(mnist):
    """Three bursts of ten, 1 us apart: one every 100 ns, once two whole bursts are seen."""
    arrivals = [Arrival(number, number // 10 * 1_000_000) for number in range(30)]
    machine = machine_of("irmen", 1)
    assert times_of(machine, mnist, arrivals).interval_ps == 100_000
    assert times_of(machine, mnist, arrivals[:19]).interval_ps is None


def test_refreshes_belong_to_the_steady_state(mnist):
    """A bank that refreshes every microsecond delays some images: the pattern holds 28 of them."""
    machine = accelsim.load_machine("charge", {"banks.refresh_interval": "1 us"})

    def run(images):
        return times_of(machine, mnist, [Arrival(number, 0) for number in range(images)])

    done = np.sort(run(700).done_ps)
    endless = (done[660] - done[100]) / 560  # 20 patterns
    assert endless > 154_000
    assert run(120).interval_ps == pytest.approx(endless, rel=1e-12)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", ["irmen", "charge"])
def test_the_time_in_system_is_accounted_for(make_network, name, seed):
    """Arrival, wait for a context, wait for the load, latency: nothing is between them."""
    chance = random.Random(seed)
    machine = machine_of(name, chance.randint(1, 4))
    times = sorted(chance.choice([0, 0, 700, 13_000, 40_321]) * n for n in range(40))
    numbers = chance.sample(range(100), len(times))
    arrivals = [Arrival(number, time) for number, time in zip(numbers, times, strict=True)]
    found = times_of(machine, make_network([1, 8, 8], CONV, RELU), arrivals)
    assert dict(zip(found.image.tolist(), found.arrived_ps.tolist(), strict=True)) == {
        one.image: one.time_ps for one in arrivals
    }
    parts = found.queued_ps + found.load_wait_ps + found.latency_ps
    assert (found.time_in_system_ps == parts).all()
    assert (found.time_in_system_ps == found.done_ps - found.arrived_ps).all()
    assert (found.load_wait_ps.sum() > 0) or machine.sequencer.contexts.value == 1


def test_an_arrival_between_clock_edges(make_network):
    """It waits for the edge, in the queue: 1.3 ns to 2 ns."""
    network = make_network([1, 4, 4], CONV, RELU)
    found = times_of(machine_of("irmen", 2), network, [Arrival(7, 1_300)])
    assert (found.arrived_ps[0], found.queued_ps[0], found.load_wait_ps[0]) == (1_300, 700, 0)
    assert (found.started_ps[0], found.time_in_system_ps[0]) == (2_000, 12_700)


def test_departures_of_the_same_times_are_of_one_pattern():
    """A longer pattern is found as well: seven departures in 101."""
    steps = [3, 30, 8, 1, 40, 12, 7]
    done = np.cumsum(steps * 4)
    assert interval(done) == 101 / 7
    assert all(later > before for before, later in pairwise(done))
