"""What values learn of faults: late writes by image and step, and lapses of the refresh."""

import numpy as np
import pytest

import accelsim
from accelsim.analysis import with_faults as times_with_faults
from accelsim.analysis.faults import Strike
from accelsim.records import StepTimes
from accelsim.records.steptimes import Lapse, LateWrite
from tests.conftest import with_faults

BANK = "circuit_b.lane0.bank"


@pytest.fixture(scope="module")
def machine():
    keys = {"banks.refresh_interval": "100 ns", "banks.refresh_cycles": 1}
    return with_faults(
        accelsim.load_machine("irmen", keys),
        {"kind": "late_settle", "rate": "1 Hz", "cycles": 3, "detected": False},
        {"kind": "late_settle", "rate": "1 Hz", "cycles": 2},
        {"kind": "missed_refresh", "rate": "1 Hz"},
        {"kind": "power_failure", "rate": "1 Hz", "duration": "30 ns"},
        {"kind": "stuck_port", "rate": "1 Hz", "duration": "1 ns"},
    )


@pytest.fixture
def times():
    zeros = np.zeros((4, 3), np.int64)
    return StepTimes(zeros, zeros + 1000, zeros + 3000, np.full(4, -1))


def test_late_writes(machine, times):
    strikes = [
        Strike(0, 5, "circuit_b.lane2.bank.plane0", 12, 3),
        Strike(1, 6, "circuit_b.lane1.bank.plane1", 10, 1),
        Strike(4, 7, "circuit_b.lane1.bank.read_ports", -1, -1),
    ]
    # Images from 10 on. That of event 0 was not noticed; the machine waited for that of event 1.
    found = times_with_faults(times, strikes, machine, 10)
    assert found.late == (LateWrite(2, 2, 2, 3000),)
    assert found.charged_ps[0].tolist() == [3000, 1000, 1000]
    assert (found.charged_ps[1:] == 1000).all()
    assert found.lapses == ()


def test_lapses(machine, times):
    # Rounds at 200 and 300 ns are missed in B, which was refreshed at 100 last and is at 400; and
    # one at 600. Without supply from 1000 to 1030 nothing is refreshed until 100 ns after that.
    strikes = [
        Strike(2, 200_000, BANK, -1, -1),
        Strike(2, 300_000, BANK, -1, -1),
        Strike(2, 600_000, BANK, -1, -1),
        Strike(3, 1_000_000, "power.off", -1, -1),
    ]
    found = times_with_faults(times, strikes, machine, 0).lapses
    failure = (1_000_000, 1_131_000, 900_000)  # a cycle for the edge at which it is back
    assert found == (
        Lapse("a", *failure),
        Lapse("b", 200_000, 400_000, 100_000),
        Lapse("b", 600_000, 700_000, 500_000),
        Lapse("b", *failure),
    )


def test_without_refresh_nothing_lapses(times, irmen):
    machine = with_faults(irmen, {"kind": "power_failure", "at": "1 ns", "duration": "1 ns"})
    strikes = [Strike(0, 1000, "power.off", -1, -1)]
    assert times_with_faults(times, strikes, machine, 0) is times
