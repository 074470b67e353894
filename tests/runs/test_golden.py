"""The reference runs, record by record, against traces/golden."""

import pytest

import accelsim
from accelsim.runs import read_provenance
from accelsim.trace import read_csv
from accelsim.trace.diff import first_divergence

GOLDEN = "../../traces/golden"


@pytest.mark.parametrize("machine", ["irmen", "charge"])
def test_golden_trace(accelsim_golden, mnist, machine):
    result = accelsim.simulate(accelsim.load_machine(machine), mnist)
    accelsim_golden.check(result, f"{GOLDEN}/{machine}-mnist.csv")


@pytest.mark.parametrize("machine", ["irmen", "charge"])
def test_a_golden_trace_says_where_it_comes_from(repository, machine):
    _, lines = read_csv(repository / "traces" / "golden" / f"{machine}-mnist.csv")
    provenance = read_provenance(lines)
    assert (provenance.machine, provenance.changes, provenance.network) == (machine, (), "mnist")
    assert any("made by accelsim" in line for line in lines)


def test_a_divergence_shows_both_records_and_what_led_to_it(repository, mnist):
    golden, _ = read_csv(repository / "traces" / "golden" / "irmen-mnist.csv")
    slower = accelsim.load_machine("irmen", {"timing.write_cycles": 3})
    divergence = first_divergence(golden, accelsim.simulate(slower, mnist).trace)
    # The first thing that a third write cycle changes: the load settles until 4 ns, not 3.
    assert divergence.moment_ps == 3_000
    assert divergence.fields == ("t_end_ps",)
    text = divergence.text("golden", "actual")
    assert text.splitlines() == [
        "First divergence, at 3 ns: t_end_ps of the settle of step 1 in "
        "circuit_a.lane0.bank.plane0, image 0",
        "  golden    #4 1000..3000 ps circuit_a.lane0.bank.plane0 settle (step 1 load of input, "
        "image 0; write #3; no actions; 0 aJ)",
        "  actual    #4 1000..4000 ps circuit_a.lane0.bank.plane0 settle (step 1 load of input, "
        "image 0; write #3; no actions; 0 aJ)",
        "  led by    #0 0..1000 ps sequencer issue (step 1 load of input, image 0; arrival; "
        "issue=1; 350000 aJ)",
        "  led by    #3 0..1000 ps circuit_a.lane0.bank.plane0 write (step 1 load of input, "
        "image 0; issue #0; cell_write=784; 7840 aJ)",
    ]


def test_a_trace_that_ends_early(repository):
    golden, _ = read_csv(repository / "traces" / "golden" / "irmen-mnist.csv")
    divergence = first_divergence(golden, golden.slice(0, 10))
    assert divergence.a["id"] == 10
    assert divergence.moment_ps == 3_000
    assert divergence.b is None
    assert "B         no such record" in str(divergence)
