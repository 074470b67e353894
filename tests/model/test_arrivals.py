"""Images that arrive over time: idle cycles are standby, and nobody issues off the clock."""

from accelsim.compiler import compile_network
from accelsim.energy import Pricing, Tally
from accelsim.model import Accelerator, Arrival, Design
from accelsim.trace import TableTrace
from tests.conftest import CONV, RELU


def simulate(machine, network, times_ps):
    prices = machine.prices_aJ
    table, tally = TableTrace(), Tally(prices)
    arrivals = [Arrival(number, time) for number, time in enumerate(times_ps)]
    Accelerator(
        Design.of(machine),
        compile_network(network, machine),
        arrivals,
        [Pricing(prices, [table, tally])],
    ).run()
    return table.table().to_pylist(), tally.ledger()


def test_idle_clock_is_standby(irmen, make_network):
    # 4 steps of 3 cycles; the second image arrives at 20 ns: 8 idle cycles from 12 to 20.
    trace, ledger = simulate(irmen, make_network([1, 4, 4], CONV, RELU), [0, 20_000])
    idle = [row for row in trace if row["kind"] == "standby" and row["component"] == "clock"]
    assert [(row["t_start_ps"], row["t_end_ps"]) for row in idle] == [(12_000, 20_000)]
    assert idle[0]["actions"]["clock_cycle"] == 8
    assert idle[0]["image"] is None
    assert ledger.no_image_aJ == 8 * 20_000
    assert ledger.counts["clock_cycle"] == 32
    ledger.reconcile()


def test_an_arrival_between_edges_waits_for_the_clock(irmen, make_network):
    trace, _ = simulate(irmen, make_network([1, 4, 4], CONV, RELU), [1_300])
    load = next(row for row in trace if row["kind"] == "issue")
    wait = next(row for row in trace if row["component"] == "host.queue")
    assert load["t_start_ps"] == 2_000
    assert (wait["t_start_ps"], wait["t_end_ps"], wait["cause"]) == (1_300, 2_000, "clock edge")
    assert load["cause_id"] == wait["id"]


def test_standby_of_a_volatile_memory(charge, make_network):
    # 4 steps of 11 cycles: every cell of 16 banks x 4 planes x 784 cells leaks 44 cycles.
    _, ledger = simulate(charge, make_network([1, 4, 4], CONV, RELU), [0])
    assert ledger.counts["leakage"] == 16 * 4 * 784 * 44
    assert "refresh" not in ledger.counts
    # Two milliseconds later another image: each of the cells was refreshed twice.
    _, ledger = simulate(charge, make_network([1, 4, 4], CONV, RELU), [0, 2_000_000_000])
    assert ledger.counts["refresh"] == 16 * 4 * 784 * 2
    assert ledger.layer_aJ["standby"] >= 16 * 4 * 784 * 2 * 229_000
    ledger.reconcile()
