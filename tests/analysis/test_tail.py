"""The slowest images of a stream: what they waited for and behind whom, by hand."""

import numpy as np
import pytest

import accelsim
from accelsim.analysis.passages import COLUMNS, Passages
from accelsim.analysis.tail import tail_of
from accelsim.arrivals import Arrivals
from accelsim.errors import ReconciliationError
from accelsim.trace import TraceFile
from tests.conftest import AVG2

IMAGE = 9_000  # load, average, handoff: three steps of three cycles
NO_CONTEXT = ("queue", "no free context")


@pytest.fixture(scope="module")
def passages(make_network):
    network = make_network([1, 4, 4], AVG2)

    def run(times, changes=None, **columns):
        machine = accelsim.load_machine("irmen", changes or {})
        result = accelsim.simulate(machine, network, Arrivals(np.array(times), **columns))
        trace = TraceFile.of(result.trace, "run")
        return Passages.of(lambda: trace.batches(columns=COLUMNS), 0, len(times)), result

    return run


def waits(tail):
    return {(one.where, one.reason): (one.image_ps, one.tail_ps, one.all_ps) for one in tail.shares}


def test_a_burst_of_three_and_one_alone(passages):
    # Done at 9, 18, 27 ns, and at 1,009: the last of the burst waits for the two before it.
    found, _ = passages([0, 0, 0, 10**6])
    tail = tail_of(found)
    assert (tail.image, tail.limit_ps, tail.images, tail.of) == (2, 3 * IMAGE, (2,), 4)
    assert waits(tail) == {NO_CONTEXT: (2 * IMAGE, 2 * IMAGE, 3 * IMAGE)}
    assert tail.own_ps == (IMAGE, IMAGE, 4 * IMAGE)
    # Of three steps two begin two cycles after the one before is issued, when its plane settled.
    assert tail.planes_ps == (4_000, 4_000, 16_000)
    assert (tail.behind, tail.overtook, tail.begun_by) == ((1, 0), 0, 0)
    burst = tail.burst
    assert (burst.first, burst.last, burst.images, burst.tail) == (0, 2, 3, 1)
    assert (burst.begin_ps, burst.last_arrival_ps, burst.end_ps) == (0, 0, 3 * IMAGE)
    assert (tail.bursts, tail.of_bursts) == ((burst,), 1)
    assert tail.rate == 3e6  # three distances in a microsecond


def test_an_image_done_when_the_next_one_comes_is_of_another_burst(passages):
    found, _ = passages([0, IMAGE, IMAGE + 1000])
    tail = tail_of(found)
    # Image 2 comes at 10 ns, image 1 is done at 18: it waits 8 ns.
    assert (tail.image, tail.behind, tail.limit_ps) == (2, (1,), IMAGE + 8_000)
    assert (tail.burst.first, tail.burst.images) == (1, 2)


def test_where_all_take_as_long_all_are_slow(passages):
    found, _ = passages([20_000 * number for number in range(30)])
    tail = tail_of(found)
    assert (tail.image, tail.images, tail.behind) == (0, tuple(range(30)), ())
    assert (tail.of_bursts, len(tail.bursts)) == (30, 30)
    assert [burst.first for burst in tail.bursts] == list(range(30))
    assert tail.shares == ()
    assert tail.own_ps == (IMAGE, 30 * IMAGE, 30 * IMAGE)


def test_who_came_later_and_went_first(passages):
    # 0 runs to 9 ns; then 2, with priority, to 18; then 1, which came before it.
    found, _ = passages(
        [0, 1000, 2000], {"sequencer.arbitration": "priority"}, priority=np.array([0, 0, 5])
    )
    tail = tail_of(found)
    assert (tail.image, tail.limit_ps) == (1, 3 * IMAGE - 1000)
    assert (tail.behind, tail.overtook, tail.begun_by) == ((2, 0), 1, 0)
    # Of images 0 and 2 alone, 2 is the slowest: behind 0, 16 ns in the system.
    of_two = tail_of(found, np.array([True, False, True]))
    assert (of_two.image, of_two.of, of_two.behind) == (2, 2, (0,))
    assert of_two.limit_ps == 2 * IMAGE - 2000
    assert of_two.own_ps == (IMAGE, IMAGE, 2 * IMAGE)


def test_a_wait_for_the_machine_to_wake_and_for_an_edge(passages):
    # Gated from 1,009 ns on, a cycle in; woken at the edge after 5,000.3 ns, two cycles.
    found, result = passages([0, 5_000_300], {"power.policy": "gate_after", "power.after": "1 us"})
    tail = tail_of(found)
    assert (tail.image, tail.behind) == (1, ())
    assert waits(tail) == {("queue", "waking"): (2_700, 2_700, 2_700)}
    assert result.stats.power["waking_wait"].value == 2_700
    found, _ = passages([300])
    assert waits(tail_of(found)) == {("queue", "clock edge"): (700, 700, 700)}


@pytest.mark.parametrize("seed", range(4))
def test_waits_and_own_steps_are_the_time_in_the_system(passages, seed):
    chance = np.random.default_rng(seed)
    times = np.cumsum(chance.integers(0, 8_000, 40))
    changes = {"sequencer.contexts": 3, "banks.planes": 9, "timing.read_cycles": 1 + seed % 2}
    changes |= {"banks.refresh_interval": "60 ns", "banks.refresh_cycles": 2} if seed > 1 else {}
    found, result = passages(times, changes)
    alone = passages([0], changes)[1].times.latency_ps[0]
    assert found.in_system_ps.tolist() == result.times.time_in_system_ps.tolist()
    load = result.stats.load
    assert tail_of(found).limit_ps == load["time_in_system_p99"].value
    foreign = 0
    for image in range(40):
        tail = tail_of(found, np.arange(40) == image)
        waited = sum(one.image_ps for one in tail.shares)
        assert waited + tail.own_ps[0] == found.in_system_ps[image]
        # What is waited for meanwhile may hide a wait for a plane of its own.
        assert 0 < tail.own_ps[0] <= alone
        foreign += sum(one.image_ps for one in tail.shares if one.where != "queue")
        assert all(found.done_ps[each] > times[image] for each in tail.behind)
    assert foreign > 0


def test_records_that_are_not_the_runs(passages):
    _, result = passages([0, 0])
    trace = TraceFile.of(result.trace, "run")
    with pytest.raises(ReconciliationError, match="an image that the run does not have"):
        Passages.of(lambda: trace.batches(columns=COLUMNS), 0, 1)
    with pytest.raises(ReconciliationError, match="not every image of the run has records"):
        Passages.of(lambda: trace.batches(columns=COLUMNS), 0, 3)
