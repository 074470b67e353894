"""What limits a latency and an interval, by hand."""

from fractions import Fraction

from accelsim.analysis.limits import CONTEXTS, IntervalLimit, LatencyLimit, interval_limit
from accelsim.analysis.utilization import ISSUE_SLOT, UnitUse


def units(issue_ps, ports_ps):
    return [
        UnitUse("sequencer", ISSUE_SLOT, "issue", 1, issue_ps),
        UnitUse("circuit_a.lane0.bank", "banks A, read ports", "read", 2, ports_ps),
    ]


def test_a_unit_that_is_never_idle_limits():
    """Two images in 28 ns of a slot: one every 14 ns."""
    found = interval_limit(units(28_000, 40_000), 2, 14_000, 3)
    assert (found.by, found.unit, found.busy_ps) == (ISSUE_SLOT, "sequencer", 14_000)


def test_a_unit_of_two_slots_counts_half():
    found = interval_limit(units(28_000, 60_000), 2, 15_000, 3)
    assert (found.by, found.busy_ps) == ("banks A, read ports", 15_000)


def test_without_such_a_unit_the_images_in_flight_limit():
    assert interval_limit(units(28_000, 40_000), 2, 21_000, 2).by == CONTEXTS


def test_an_interval_that_is_a_mean_need_not_be_exact():
    exact = IntervalLimit(27_400, True, "sequencer", ISSUE_SLOT, Fraction(27_000), 3)
    about = IntervalLimit(27_400, False, "sequencer", ISSUE_SLOT, Fraction(27_000), 3)
    assert (exact.by, about.by) == (CONTEXTS, ISSUE_SLOT)
    assert IntervalLimit(None, False, "sequencer", ISSUE_SLOT, Fraction(1), 1).by == CONTEXTS


def test_the_phase_that_is_most_of_a_latency_limits_it():
    """charge: 14 steps of 9 read and 2 write cycles; of equal phases the write counts first."""
    charge = {"write": 28_000, "read": 126_000, "issue": 0, "wait": 0}
    assert LatencyLimit(0, 154_000, 14, charge).phase == "read"
    same = {"wait": 14_000, "issue": 0, "read": 14_000, "write": 14_000}
    assert LatencyLimit(0, 42_000, 14, same).phase == "write"
