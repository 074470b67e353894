"""The reference runs, record by record, against traces/golden."""

import pytest

import accelsim
from accelsim.trace import first_divergence, read_csv


@pytest.mark.parametrize("machine", ["irmen", "charge"])
def test_golden_trace(repository, mnist, machine):
    golden, provenance = read_csv(repository / "traces" / "golden" / f"{machine}-mnist.csv")
    result = accelsim.simulate(accelsim.load_machine(machine), mnist)
    divergence = first_divergence(golden, result.trace)
    assert divergence is None, str(divergence)
    assert any("Made by accelsim" in line for line in provenance)


def test_a_divergence_shows_both_records_and_what_led_to_it(repository, mnist):
    golden, _ = read_csv(repository / "traces" / "golden" / "irmen-mnist.csv")
    slower = accelsim.load_machine("irmen", {"timing.write_cycles": 3})
    divergence = first_divergence(golden, accelsim.simulate(slower, mnist).trace)
    # The first record that a third write cycle changes: the load settles until 4 ns.
    text = str(divergence)
    assert divergence.row == 4
    assert text.startswith("traces diverge at row 4, in t_end_ps\n")
    assert "expected  #4 1000..3000 ps circuit_a.lane0.bank.plane0 settle" in text
    assert "actual    #4 1000..4000 ps circuit_a.lane0.bank.plane0 settle" in text
    assert "led by    #0 0..1000 ps sequencer issue" in text
    assert "led by    #3 0..1000 ps circuit_a.lane0.bank.plane0 write" in text


def test_a_trace_that_ends_early(repository):
    golden, _ = read_csv(repository / "traces" / "golden" / "irmen-mnist.csv")
    divergence = first_divergence(golden, golden.slice(0, 10))
    assert divergence.row == 10
    assert "actual    no record: the trace ends before" in str(divergence)
