"""The kernel: integer time, the order within an instant, links."""

import random

import pytest
import simpy

from accelsim.kernel import DECIDE, Clock, Link, Simulation


@pytest.mark.parametrize(
    ("time", "edge"), [(0, 0), (1, 1000), (999, 1000), (1000, 1000), (1001, 2000)]
)
def test_clock_edges(time, edge):
    assert Clock(1000).edge(time) == edge


@pytest.mark.parametrize("seed", range(5))
def test_decisions_come_after_everything_else_of_an_instant(seed):
    simulation = Simulation(random.Random(seed))
    seen = []
    decide = simpy.Event(simulation)
    decide.callbacks.append(lambda _: seen.append("decide"))
    simulation.fire(decide, DECIDE, 500)
    for name in "abc":
        simulation.after(500, seen.append, name)
    simulation.run()
    assert sorted(seen[:3]) == ["a", "b", "c"]
    assert seen[3] == "decide"
    assert simulation.now_ps == 500
    assert isinstance(simulation.now_ps, int)


def test_shuffle_really_shuffles():
    orders = set()
    for seed in range(20):
        simulation = Simulation(random.Random(seed))
        seen = []
        for name in "abc":
            simulation.after(1, seen.append, name)
        simulation.run()
        orders.add("".join(seen))
    assert len(orders) > 1


def test_link():
    link = Link("wire")
    with pytest.raises(RuntimeError, match=r"link 'wire' is not connected; got 3"):
        link.send(3)
    received = []
    link.to(received.append)
    link.send(4)
    assert received == [4]
    with pytest.raises(RuntimeError, match=r"link 'wire' is connected already"):
        link.to(received.append)
