"""Waits, busy units and prices of the reference run, counted by hand; batches change nothing."""

from fractions import Fraction

import pyarrow.compute as pc
import pytest

import accelsim
from accelsim.analysis.prices import spent
from accelsim.analysis.stalls import BEFORE, FLIGHT, QUEUE, parts, stalls, together
from accelsim.analysis.utilization import groups, utilization
from accelsim.errors import ReconciliationError
from accelsim.topology import Topology

TOPOLOGY = Topology(circuits=2, lanes=8, planes=4, read_ports=2, write_ports=1)


@pytest.fixture(scope="module")
def reference():
    return accelsim.simulate(accelsim.load_machine(), accelsim.load_network("mnist"), 1)


def test_thirteen_waits_of_two_cycles(reference):
    found = stalls(reference.trace.to_batches())
    ((where, reason), total), *others = together(found, "where", "reason").items()
    assert not others
    assert (where, reason) == (FLIGHT, "unsettled")
    assert (total.records, total.time_ps, total.longest_ps) == (13, 26_000, 2000)
    assert sorted(stall.step for stall in found) == list(range(2, 15))


def test_a_wait_of_charge_is_mostly_for_charging(charge, mnist):
    """A step reads for 9 cycles and settles for 2; the next waits from its second cycle on."""
    trace = accelsim.simulate(charge, mnist, 1).trace
    found = stalls(trace.to_batches())
    sums = together(parts(found), "where", "reason")
    charged, settling = sums[FLIGHT, "charged"], sums[FLIGHT, "settling"]
    assert (charged.records, charged.time_ps, charged.longest_ps) == (13, 13 * 8_000, 8_000)
    assert (settling.records, settling.time_ps, settling.longest_ps) == (13, 13 * 2_000, 2_000)
    assert set(sums) == {(FLIGHT, "charged"), (FLIGHT, "settling")}
    # The whole waits are kept beside their parts.
    ((reason,), total), *_ = together(found, "reason").items()
    assert (reason, total.records, total.longest_ps) == ("unsettled", 13, 10_000)
    assert stalls(trace.to_batches(max_chunksize=7)) == found


def test_a_wait_without_its_settle_record_is_not_split(reference):
    waits = reference.trace.filter(pc.equal(reference.trace["kind"].cast("string"), "wait"))
    found = stalls(waits.to_batches())
    assert parts(found) == found
    assert sum(stall.total.time_ps for stall in found) == 26_000


def test_waits_before_an_image_is_in_flight():
    changes = {"sequencer.contexts": 3, "banks.planes": 12}
    machine = accelsim.load_machine("irmen", changes)
    result = accelsim.simulate(machine, accelsim.load_network("mnist"), 4)
    sums = together(stalls(result.trace.to_batches()), "where", "reason")
    # Images 1 and 2 wait 1 and 2 cycles for the load port, image 3 until image 0 leaves.
    assert sums[BEFORE, "busy"].time_ps == 3000
    assert sums[QUEUE, "no free context"].time_ps == 42_000


def test_size_of_batches_changes_nothing(reference):
    table = reference.trace
    whole, small = table.to_batches(), table.to_batches(max_chunksize=7)
    assert stalls(whole) == stalls(small)
    assert utilization(whole, TOPOLOGY) == utilization(small, TOPOLOGY)
    prices = reference.machine.prices_aJ
    assert spent(whole, prices) == spent(small, prices)


def test_busy_cycles_by_hand(reference):
    units = {
        (unit.unit, unit.group): unit
        for unit in utilization(reference.trace.to_batches(), TOPOLOGY)
    }

    def cycles(unit, group):
        return units[unit, group].busy_ps / 1000

    assert cycles("sequencer", "sequencer, issue slot") == 14
    # conv, diff_h and diff_v of two layers; relu, add_h and add_v back; the add's other operand.
    assert cycles("datapath.a_to_b", "datapath a to b") == 6
    assert cycles("datapath.b_to_a", "datapath b to a") == 6
    assert cycles("datapath.a_local", "datapath a local") == 4
    assert cycles("datapath.b_local", "datapath b local") == 0
    # Lane 0 of A: load, and relu, add_h, add_v twice; each then settles for two cycles.
    assert cycles("circuit_a.lane0.array", "arrays A") == 7
    assert cycles("circuit_a.lane7.array", "arrays A") == 3
    assert cycles("circuit_a.lane0.bank", "banks A, planes settling") == 14
    assert cycles("host.load", "host, load port") == 1
    shares = {group.name: group for group in groups(units.values(), 42_000)}
    assert shares["arrays A"].most == pytest.approx(7 / 42)
    assert shares["banks A, planes settling"].slots == 32


@pytest.mark.parametrize("circuits", [1, 2])
def test_no_busy_time_is_left_out(circuits):
    machine = accelsim.load_machine("irmen", {"circuits": circuits})
    table = accelsim.simulate(machine, accelsim.load_network("mnist"), 1).trace
    topology = Topology(circuits, lanes=8, planes=4, read_ports=2, write_ports=1)
    found = sum(unit.busy_ps for unit in utilization(table.to_batches(), topology))
    rows = zip(
        *(table[name].to_pylist() for name in ("kind", "component", "t_start_ps", "t_end_ps")),
        strict=True,
    )
    kinds = ("issue", "transfer", "read", "compute", "write", "settle")
    expected = sum(
        end - start
        for kind, component, start, end in rows
        if kind in kinds and not component.startswith("host.boundary")
    )
    assert found == expected


def test_prices_are_exact(reference):
    prices = reference.machine.prices_aJ
    found = spent(reference.trace.to_batches(), prices)
    assert found.total_aJ == 99_722_000
    dearest = found.actions[0]
    assert (dearest.action, dearest.count, dearest.price_aJ) == ("ota_tap_cycle", 121_128, 500)
    assert dearest.moved_aJ() == Fraction(6_056_400)
    assert dearest.moved_aJ(Fraction(1, 3000)) == Fraction(121_128 * 500, 3000)
    assert sum(found.steps[2, "conv", "conv1"].values()) == 17_375_760
    with pytest.raises(ReconciliationError, match="their counts times the prices are"):
        spent(reference.trace.to_batches(), prices | {"issue": 1})


def test_what_follows_values_is_what_counts_leave(mnist):
    machine = accelsim.load_machine("irmen", {"energy.model": "by_value"})
    result = accelsim.simulate(machine, mnist, 2)
    batches, prices = result.trace.to_batches(max_chunksize=7), machine.prices_aJ
    found = spent(batches, prices, machine.energy.by_values)
    for one in found.actions:
        assert one.energy_aJ == result.ledger.action_aJ[one.action]
        assert (one.apart_aJ is None) == (one.action not in ("ota_tap_cycle", "cell_write"))
    assert {step: sum(row.values()) for (step, _, _), row in found.steps.items()} == (
        result.ledger.step_aJ
    )
    # A price that is off leaves something of records that count nothing by value.
    with pytest.raises(ReconciliationError, match="their counts times the prices are"):
        spent(batches, prices | {"issue": 1}, machine.energy.by_values)
    with pytest.raises(ReconciliationError, match="their counts times the prices are"):
        spent(batches, prices)


def test_steps_are_in_order_and_what_is_of_none_comes_last(reference):
    # Records of the clock belong to no step, -1; the batches are told in the order of time.
    found = spent(reference.trace.to_batches(max_chunksize=5), reference.machine.prices_aJ)
    assert [step for step, _, _ in found.steps] == [*range(1, 15), -1]
    # Whatever the order of the records, and of steps beyond a hundred: those of 10, 20, ... 140.
    table = reference.trace
    step = table["step"]
    tens = pc.if_else(pc.greater(step, 0), pc.multiply(step, 10), step).cast(step.type)
    table = table.set_column(table.column_names.index("step"), "step", tens)
    turned = table.take(list(reversed(range(len(table)))))
    again = spent(turned.to_batches(max_chunksize=5), reference.machine.prices_aJ)
    assert [step for step, _, _ in again.steps] == [*range(10, 150, 10), -1]
