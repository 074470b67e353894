"""Networks in folds, as whole runs: what other parts of the program make of them."""

import random

import numpy as np
import pytest

import accelsim
from accelsim.analysis.critical import critical_path
from accelsim.compiler import compile_network, count
from accelsim.model import Accelerator, Arrival, Design
from accelsim.simulation import run_events
from accelsim.trace import TableTrace
from tests.conftest import CONV, RELU

# 10 maps come in as many loads; 12 leave in two handoffs, after sums in 4 + 3 + 3 planes.
LAYERS = (CONV | {"out": 12}, RELU)
SHAPE = [10, 4, 4]
TWO = {"sequencer.contexts": 2, "banks.planes": 8}


def images(number):
    return [Arrival(n, 0) for n in range(number)]


@pytest.mark.parametrize("changes", [{}, TWO, {"circuits": 1}], ids=["one", "two", "circuit"])
def test_fast_forward_and_shuffles_change_no_record(make_network, changes):
    network, machine = make_network(SHAPE, *LAYERS), accelsim.load_machine("irmen", changes)
    program = compile_network(network, machine)
    tables = []
    for forward in (True, False):
        trace = TableTrace()
        events = run_events(machine, program, images(30), trace=trace, fast_forward=forward)
        tables.append(trace.table())
    assert tables[0].equals(tables[1])
    assert len(events.times) == 30
    design = Design.of(machine)
    ends = {
        Accelerator(design, program, images(6), shuffle=random.Random(seed)).run()
        for seed in range(3)
    }
    assert ends == {Accelerator(design, program, images(6)).run()}


def test_counts_of_the_run_are_those_of_the_program(make_network, irmen):
    network = make_network(SHAPE, *LAYERS)
    result = accelsim.simulate(irmen, network, 1)
    counts = [count(step, 1) for step in result.program.instructions]
    assert [row.cells_written for row in result.schedule] == [each.written for each in counts]
    assert [row.tap_cycles for row in result.schedule] == [each.tap_cycles for each in counts]
    # Lanes of each step: loads 1 each, folds of 8 and of 4 maps; handoffs read theirs.
    loads = [row.lanes for row in result.schedule if row.layer == "input"]
    others = [row.lanes for row in result.schedule if row.layer != "input"]
    folds = [8, 4]
    assert (loads, others) == ([1] * 10, [*folds * 3, *folds, *folds])


def test_the_critical_path_adds_up(make_network, irmen):
    # Two handoffs settle at the same time, each in a place of its own.
    result = accelsim.simulate(irmen, make_network(SHAPE, *LAYERS), 1)
    path = critical_path(result.trace)
    assert sum(record.duration_ps for record in path.path) == path.latency_ps
    assert path.latency_ps == result.stats.latency.value


def test_images_are_done_when_all_their_maps_are(make_network, irmen):
    # Before the first conv come 10 loads, the partials of its fold and one of the other: slots
    # 0-12. The last partial is @13: conv@15,16 relu@18,19 handoff@21,22, stored at 25.
    result = accelsim.simulate(irmen, make_network(SHAPE, *LAYERS), 3)
    assert np.array_equal(result.times.done_ps, [25_000, 50_000, 75_000])
