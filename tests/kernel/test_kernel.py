"""The kernel: integer time, the order within an instant, ports, lines, resources."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accelsim.kernel import (
    DECIDE,
    MAINTAIN,
    Clock,
    Line,
    Message,
    Port,
    Resource,
    Simulation,
    Stop,
    first_of,
    lanes_of,
)


class Note(Message):
    def __init__(self, name):
        self.name = name


def receiver(simulation, name, seen):
    """Start a process that notes what it receives, and when; return its port."""
    port = Port(simulation, name)

    def run():
        while True:
            message = yield port
            seen.append((message.name, message.time_ps))

    simulation.process(run())
    return port


@pytest.mark.parametrize(
    ("time", "edge"), [(0, 0), (1, 1000), (999, 1000), (1000, 1000), (1001, 2000)]
)
def test_clock_edges(time, edge):
    assert Clock(1000).edge(time) == edge


@pytest.mark.parametrize("seed", range(5))
def test_an_instant_ends_then_maintains_then_decides(seed):
    simulation, seen = Simulation(random.Random(seed)), []
    line = Line([receiver(simulation, "x", seen)])
    simulation.send(Note("decide"), line, 500, DECIDE)
    simulation.send(Note("maintain"), line, 500, MAINTAIN)
    for name in "abc":
        simulation.send(Note(name), line, 500)
    assert simulation.go_on() is Stop.STUCK
    assert sorted(seen[:3]) == [("a", 500), ("b", 500), ("c", 500)]
    assert seen[3:] == [("maintain", 500), ("decide", 500)]
    assert simulation.now_ps == 500
    assert isinstance(simulation.now_ps, int)


def test_shuffle_shuffles_events_and_receivers():
    events, receivers = set(), set()
    for seed in range(20):
        simulation, seen = Simulation(random.Random(seed)), []
        ports = [receiver(simulation, name, []) for name in "xy"]
        order = []
        for port, name in zip(ports, "xy", strict=True):
            port.receive = lambda _, name=name, order=order: order.append(name)
        simulation.send(Note("both"), Line(ports), 1)
        line = Line([receiver(simulation, "z", seen)])
        for name in "abc":
            simulation.send(Note(name), line, 1)
        simulation.go_on()
        events.add("".join(name for name, _ in seen))
        receivers.add("".join(order))
    assert len(events) > 1
    assert receivers == {"xy", "yx"}


def test_one_message_reaches_all_ports_of_a_line():
    simulation, one, other = Simulation(), [], []
    line = Line([receiver(simulation, "one", one), receiver(simulation, "other", other)])
    simulation.send(Note("n"), line, 30)
    simulation.go_on()
    assert one == other == [("n", 30)]


def test_what_is_told_is_known_at_once():
    simulation, seen, heard = Simulation(), [], []
    line = Line([receiver(simulation, "told", seen)])
    port = Port(simulation, "teller")

    def tell():
        message = yield port
        simulation.tell(Note("now"), line)
        heard.extend(seen)
        assert message.time_ps == 7
        yield port

    simulation.process(tell())
    simulation.send(Note("go"), Line([port]), 7)
    simulation.go_on()
    assert heard == [("now", 7)]


def test_a_port_without_a_process():
    simulation = Simulation()
    simulation.send(Note("n"), Line([Port(simulation, "lonely")]), 1)
    with pytest.raises(RuntimeError, match=r"nobody receives at port 'lonely'"):
        simulation.go_on()


def test_a_process_that_waits_elsewhere():
    simulation = Simulation()
    port = Port(simulation, "p")

    def run():
        yield port
        yield simulation.timeout(3)

    simulation.process(run())
    simulation.send(Note("n"), Line([port]), 1)
    with pytest.raises(RuntimeError, match=r"the process at port 'p' waits for something else"):
        simulation.go_on()


def test_what_a_process_raises_ends_the_run():
    simulation = Simulation()
    port = Port(simulation, "p")

    def run():
        yield port
        raise ValueError("broken")

    simulation.process(run())
    simulation.send(Note("n"), Line([port]), 1)
    with pytest.raises(ValueError, match="broken"):
        simulation.go_on()


def test_finish_ends_the_run_after_everything_of_its_instant():
    simulation, seen = Simulation(), []
    port = Port(simulation, "p")

    def run():
        yield port
        simulation.finish()
        yield port

    simulation.process(run())
    line = Line([receiver(simulation, "x", seen)])
    simulation.send(Note("end"), Line([port]), 5)
    simulation.send(Note("decide"), line, 5, DECIDE)
    simulation.send(Note("later"), line, 6)
    assert simulation.go_on() is Stop.OVER
    assert seen == [("decide", 5)]


def test_background_messages_keep_no_run_going():
    simulation, quiet = Simulation(), []
    port = Port(simulation, "timer")
    line = Line([port])

    def run():
        simulation.send_in_background(Note("tick"), line, 10)
        while True:
            yield port
            simulation.arrived_in_background()
            quiet.append(simulation.quiet)
            if not simulation.quiet:
                simulation.send_in_background(Note("tick"), line, 10)

    simulation.process(run())
    simulation.send(Note("work"), Line([receiver(simulation, "x", [])]), 25)
    assert simulation.go_on() is Stop.STUCK
    assert quiet == [False, False, True]  # at 10 and 20 there is work to come, at 30 none
    assert simulation.now_ps == 30


def test_sets_of_lanes():
    assert lanes_of([0, 3]) == 0b1001
    assert first_of([3, 0], 0b1001) == 3
    assert first_of([0, 3], 0b1000) == 3
    with pytest.raises(ValueError, match=r"none of \[1\] is among the lanes 1001"):
        first_of([1], 0b1001)


@given(
    st.integers(1, 4),
    st.lists(st.tuples(st.booleans(), st.integers(0, 31)), max_size=40),
)
def test_a_resource_counts_slots_in_each_lane(capacity, changes):
    # Against a count for each lane and a list of holders in order.
    resource, taken, holders = Resource(capacity), [0] * 5, []
    for number, (takes, lanes) in enumerate(changes):
        members = [lane for lane in range(5) if lanes >> lane & 1]
        if takes and all(taken[lane] < capacity for lane in members):
            holder = f"holder {number}"
            resource.take(holder, lanes)
            holders.append((holder, lanes))
            for lane in members:
                taken[lane] += 1
        elif not takes and holders:
            holder, held = holders.pop(lanes % len(holders))
            resource.release(holder, held)
            for lane in range(5):
                taken[lane] -= held >> lane & 1
        for slots in range(1, capacity + 2):
            full = lanes_of(lane for lane in range(5) if taken[lane] + slots > capacity)
            assert resource.full(0b11111, slots) == full
            assert resource.full(lanes, slots) == full & lanes
        for lane in range(5):
            oldest = next((one for one, held in holders if held >> lane & 1), None)
            assert resource.oldest(lane) == oldest
    assert resource.holders() == holders
    assert resource.idle == (not holders)


def test_a_slot_that_is_not_free():
    resource = Resource()
    resource.take("one", 0b110)
    with pytest.raises(RuntimeError, match=r"no slot of 1 is free in lanes 10$"):
        resource.take("other", 0b011)
