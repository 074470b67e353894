"""A fast-forward leaves what the run event by event leaves, byte for byte."""

import pytest

from accelsim import load_machine, load_network
from accelsim.compiler import compile_network
from accelsim.energy import Pricing
from accelsim.model import Arrival
from accelsim.simulation import run_events
from tests.forward.cases import make, run, without_steps


@pytest.mark.parametrize("seed", range(30))
def test_the_same_bytes(seed):
    case = make(seed)
    one, other = run(case, fast_forward=True), run(case, fast_forward=False)
    assert one.plain == other.plain, case.shown
    assert one.trace == other.trace, case.shown
    assert other.skipped == 0


@pytest.mark.parametrize("seed", range(100, 120))
def test_sums_of_batches_are_those_of_records(seed):
    """Without a trace nobody needs each record: they are not made, and the sums are the same."""
    case = make(seed)
    ahead = seed % 2 == 0
    records = run(case, fast_forward=ahead).plain
    batches = run(case, fast_forward=ahead, traced=False).plain
    assert batches == without_steps(records), case.shown


@pytest.mark.parametrize(("name", "latency_ps"), [("irmen", 42_000), ("charge", 154_000)])
def test_records_are_not_made_where_sums_will_do(monkeypatch, name, latency_ps):
    monkeypatch.setattr(Pricing, "write", lambda *_: pytest.fail("makes records"))
    machine = load_machine(name)
    program = compile_network(load_network("mnist"), machine)
    found = run_events(machine, program, [Arrival(n, n * n * 20_011) for n in range(20)])
    assert found.ledger.total_aJ > 20 * 99_722_000
    assert set(found.times.latency_ps.tolist()) == {latency_ps}
