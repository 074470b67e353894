"""Order of registration, of ties and of receivers changes no byte of what a run leaves."""

import random

import pytest

import accelsim
from accelsim.analysis import TimesTally, compute_stats
from accelsim.compiler import compile_network
from accelsim.energy import Pricing, Tally
from accelsim.model import Accelerator, Arrival, Design
from accelsim.trace import TableTrace
from tests.conftest import CONV, MAX2, RELU


@pytest.mark.parametrize("name", ["irmen", "charge"])
@pytest.mark.parametrize("contexts", [1, 2, 3, 4])
def test_sixty_shuffles_leave_the_same_trace_ledger_and_figures(make_network, name, contexts):
    changes = {
        "arrays.lanes": 2,
        "sequencer.contexts": contexts,
        "banks.planes": 2 * max(2, contexts),
    }
    machine = accelsim.load_machine(name, changes)
    network = make_network([1, 4, 4], {**CONV, "out": 2}, RELU, MAX2)
    design, program = Design.of(machine), compile_network(network, machine)
    prices = machine.energy.prices_aJ()
    # Some together, some between clock edges, one when the machine is idle again.
    arrivals = [Arrival(n, time) for n, time in enumerate([0, 0, 1_300, 1_300, 900_000])]

    def run(shuffle):
        table, tally, times = TableTrace(), Tally(prices), TimesTally()
        sinks = [Pricing(prices, [table, tally, times])]
        Accelerator(design, program, arrivals, sinks, shuffle).run()
        stats = compute_stats(times.times(), tally.ledger(), machine.period_ps, None)
        return table.table(), tally.ledger().csv(), stats

    trace, ledger, stats = run(None)
    for seed in range(60):
        shuffled = run(random.Random(seed))
        assert shuffled[0].equals(trace), seed
        assert shuffled[1:] == (ledger, stats), seed
