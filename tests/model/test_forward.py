"""What a machine skips, against schedules by hand and Lindley's recursion."""

import numpy as np
import pytest

import accelsim
from accelsim.compiler import compile_network
from accelsim.energy import Pricing
from accelsim.errors import ReconciliationError
from accelsim.model import Arrival, Stream
from accelsim.records import period
from accelsim.simulation import run_events

IMAGE_PS = 9_000  # load, average, handoff: three steps of three cycles


@pytest.fixture(scope="module")
def run(irmen, make_network):
    program = compile_network(make_network([1, 4, 4], {"op": "avgpool", "kernel": 2}), irmen)
    return lambda arrivals, **options: run_events(irmen, program, arrivals, **options)


def lindley(times):
    """Return when each image of a machine for one at a time is done: it begins at an edge."""
    done, found = 0, []
    for time in times:
        done = max(-(-time // 1000) * 1000, done) + IMAGE_PS
        found.append(done)
    return found


@pytest.mark.parametrize(
    "times",
    [
        [0] * 40,
        [20_000 * number for number in range(40)],
        [20_300 * number for number in range(80)],  # each tenth on an edge
        [9_000 * number for number in range(40)],  # as fast as the machine
        [4_000 * number for number in range(40)],
        [0] * 20 + [11_000 * number for number in range(20)],  # a queue that becomes shorter
        [30_000 * (number // 3) for number in range(60)],  # three at a time
        [20_000 * number + 7_000 * (number > 25) for number in range(60)],
    ],
)
def test_a_machine_for_one_image_follows_lindley(run, times):
    times = sorted(times)
    found = run(Stream(range(len(times)), np.array(times)))
    assert found.times.done_ps.tolist() == lindley(times)
    assert found.times.arrived_ps.tolist() == times
    assert found.skipped > 10


def test_a_million_images_cost_what_one_does_a_million_times(run):
    one, many = run([Arrival(0, 0)]), run(Stream.at_once(range(10**6)))
    assert many.ledger.total_aJ == 10**6 * one.ledger.total_aJ
    standby = 16  # of each bank in each lane, once; all images but the first wait in the queue
    of_images = 10**6 * (one.ledger.records - standby) + 10**6 - 1
    assert many.ledger.records == of_images + standby
    assert many.times.makespan_ps == 10**6 * IMAGE_PS
    assert many.schedule == one.schedule


@pytest.mark.parametrize("policy", ["gate_after", "off_after"])
def test_a_stretch_without_sleep_after_the_supply_was_switched(make_network, policy):
    machine = accelsim.load_machine("irmen", {"power.policy": policy, "power.after": "50 ns"})
    program = compile_network(make_network([1, 4, 4], {"op": "avgpool", "kernel": 2}), machine)
    # An image, a rest of 20 us, and then one each 15 ns: 9 of them busy.
    times = np.append(0, 20_000_000 + 15_000 * np.arange(120))
    one, other = (
        run_events(machine, program, Stream(range(121), times), fast_forward=fast_forward)
        for fast_forward in (True, False)
    )
    assert one.skipped > 60
    assert one.stats() == other.stats()
    assert one.ledger.counts == other.ledger.counts
    assert sum(one.power.entries.values()) == 1


@pytest.mark.parametrize(
    "times",
    [
        list(np.cumsum(np.random.default_rng(3).integers(1, 40_000, 60))),
        [0, 5, 7],
        [0] * 4,
    ],
)
def test_without_a_pattern_nothing_is_skipped(run, times):
    assert run(Stream(range(len(times)), np.array(times))).skipped == 0


def test_a_period_is_the_same_in_blocks_and_one_by_one(monkeypatch, run):
    seen = []
    monkeypatch.setattr(Pricing, "repeat", lambda _, found: seen.append(found))
    with pytest.raises(ReconciliationError, match="counts"):  # what is not passed on is missed
        run(Stream(range(40), 4_000 * np.arange(40)))
    found, _ = seen  # while images come, and then without
    monkeypatch.setattr(period, "ROWS", 3 * len(found) + 1)
    blocks = list(found.blocks())
    assert [len(block) // len(found) for block in blocks[:-1]] == [3] * (len(blocks) - 1)
    for name in ("id", "t_start_ps", "t_end_ps", "image", "cause_id", "component", "cause"):
        together = np.concatenate([getattr(block, name) for block in blocks])
        each = [getattr(found.of(number), name) for number in range(found.times)]
        assert (together == np.concatenate(each)).all()
    first, second = found.of(0), found.of(1)
    assert (second.id == first.id + found.stride.ids).all()
    moved = np.where(found.from_arrival, 4_000, IMAGE_PS)  # of images that come faster than leave
    assert (second.t_start_ps - first.t_start_ps == moved).all()
    assert ((first.image < 0) == (second.image < 0)).all()


def test_streams():
    stream = Stream.of([Arrival(3, 0), Arrival(4, 0), Arrival(5, 7), Arrival(6, 20)])
    assert [stream.together(place) for place in range(4)] == [2, 2, 3, 4]
    assert [stream.arrived(now) for now in (0, 6, 7, 30)] == [2, 2, 3, 4]
    assert stream[-1] == Arrival(6, 20)
    assert stream.lowest == 3
    with pytest.raises(IndexError):
        stream[4]
    # 0 0 7 | 10 10 17 | 20 20 28: the last is not ten after the one three before.
    times = np.array([0, 0, 7, 10, 10, 17, 20, 20, 28])
    assert Stream(range(9), times).regular(3, 3, 10) == 8
    assert Stream(range(9), times).regular(3, 3, 11) == 3
    assert Stream(np.array([0, 1, 2, 3, 4, 5, 6, 9, 8]), times).regular(3, 3, 10) == 7
