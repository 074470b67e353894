"""Figures of charge-based cells and of three images in flight, derived by hand.

Charge-based cells read for 9 cycles and write for 2, so that a step takes 11 cycles of 1 ns
and one image 14 x 11 = 154. Its counts are those of the reference table, step by step; what
is counted for each read cycle is nine times as many.

Three images in flight on irmen start in cycles 0, 1 and 2 and meet nowhere: each takes 42
cycles, and the next three take their places at 42, 43 and 44.

Three images in flight on charge-based cells meet at the arrays. Array A of lane 0 is used
for 9 cycles by seven steps of an image (load; relu, add_h and add_v, twice), array B between
them by six. Loads start at 0, 9 and 18, so that array A is busy until 27. Image 0's conv is
issued at 11 and stored at 22: its relu waits 5 cycles, and with it the two behind. From there
on array A is free again only at multiples of 27, where one image alone would be there every
22 cycles. That happens six times:

    array A, image 0    load 0, relu 27, add_h 54, add_v 81, relu 108, add_h 135, add_v 162
    handoff, image 0    162 + 11 = 173, stored at 184; images 1 and 2 at 193 and 202
    array A, image 2    its last use, add_v, is from 162 + 18 = 180 to 189

Image 3 is admitted at 184 and loaded at 189, when image 2 leaves array A: the round takes
7 x 27 = 189 cycles, and the same follows from there.
"""

import numpy as np
import pytest

import accelsim
from accelsim.analysis.utilization import utilization
from accelsim.topology import Topology

# Cells written, cells read and taps x cells written of each step: the reference table.
WRITTEN = (784, 3136, 3136, 1568, 1568, 784, 784, 1568, 1568, 784, 784, 392, 392, 392)
READ = (0, 784, 3136, 3136, 3136, 1568, 1568, 784, 1568, 1568, 1568, 784, 784, 392)
TAPS = (784, 31360, 6272, 4704, 4704, 2352, 2352, 58016, 3136, 2352, 2352, 1176, 1176, 392)
CYCLES, READ_CYCLES = 154, 9
CELLS_OF_A_PLANE, LANES_OF_BOTH_CIRCUITS = 784, 16

# aJ. tap-cycle, write, static current of a cell's cycle, issue, clock cycle, leakage.
TAP, WRITE, STATIC, ISSUE, CLOCK, LEAK = 3_100, 229_000, 30_000, 350_000, 20_000, 1
STEPS_CHARGE = [
    READ_CYCLES * taps * TAP + written * (WRITE + READ_CYCLES * STATIC) + ISSUE
    for written, taps in zip(WRITTEN, TAPS, strict=True)
]
IRMEN_AN_IMAGE_WITHOUT_CLOCK = 99_722_000 - 42 * CLOCK


def simulate(machine, images, contexts):
    planes = 4 if contexts == 1 else 6
    keys = {"sequencer.contexts": contexts, "banks.planes": planes}
    point = accelsim.load_machine(machine, keys)
    return accelsim.simulate(point, accelsim.load_network("mnist"), images)


def values(stats, *names):
    return [getattr(stats, name).value for name in names]


@pytest.fixture(scope="module")
def charge_alone():
    return simulate("charge", 2, 1)


@pytest.fixture(scope="module")
def irmen_three():
    return simulate("irmen", 6, 3)


@pytest.fixture(scope="module")
def charge_three():
    return simulate("charge", 6, 3)


def test_charge_times_of_one_image_after_another(charge_alone):
    times, stats = charge_alone.times, charge_alone.stats
    assert times.started_ps.tolist() == [0, 154_000]
    assert times.done_ps.tolist() == [154_000, 308_000]
    assert values(stats, "latency", "latency_max", "cycles_per_image") == [154_000, 154_000, 154]
    assert values(stats, "queue_wait", "load_wait") == [154_000 / 2, 0]
    assert values(stats, "time_in_system", "time_in_system_max") == [231_000, 308_000]
    assert stats.makespan.value == 308_000
    assert stats.throughput.value == pytest.approx(2 / 308e-9)
    rows = charge_alone.schedule
    assert [row.t_start_ps for row in rows] == [11_000 * n for n in range(14)]
    assert [row.t_end_ps for row in rows] == [11_000 * (n + 1) for n in range(14)]


def test_charge_counts_and_energy(charge_alone):
    ledger = charge_alone.ledger
    cells = LANES_OF_BOTH_CIRCUITS * 4 * CELLS_OF_A_PLANE  # 50,176 in banks of 4 planes
    assert ledger.counts == {
        "ota_tap_cycle": 2 * READ_CYCLES * sum(TAPS),
        "cell_read_cycle": 2 * READ_CYCLES * sum(READ),
        "cell_write": 2 * sum(WRITTEN),
        "cell_static_cycle": 2 * READ_CYCLES * sum(WRITTEN),
        "issue": 2 * 14,
        "clock_cycle": 2 * CYCLES,
        "leakage": cells * 2 * CYCLES,
    }
    # The sums of the table: 121,128 taps, 20,776 cells read, 17,640 written.
    assert (sum(TAPS), sum(READ), sum(WRITTEN)) == (121_128, 20_776, 17_640)
    # A step has the 11 clock cycles from its issue to the next.
    steps = {n + 1: 2 * (energy + 11 * CLOCK) for n, energy in enumerate(STEPS_CHARGE)}
    assert ledger.step_aJ == steps | {-1: LEAK * cells * 2 * CYCLES}
    assert steps[1] == 2 * 413_659_600  # 784 cells: 7,056 x 3,100 + 784 x 499,000 + 570,000
    assert ledger.total_aJ == 2 * 12_197_538_304
    assert charge_alone.stats.energy_per_image.value == 12_197_538_304


def test_charge_schedule_counts(charge_alone):
    rows = charge_alone.schedule
    assert tuple(row.cells_written for row in rows) == WRITTEN
    assert tuple(row.cells_read for row in rows) == READ
    assert tuple(row.tap_cycles for row in rows) == tuple(READ_CYCLES * taps for taps in TAPS)


def test_irmen_three_in_flight(irmen_three):
    times, stats = irmen_three.times, irmen_three.stats
    assert times.started_ps.tolist() == [0, 1_000, 2_000, 42_000, 43_000, 44_000]
    assert times.done_ps.tolist() == [42_000, 43_000, 44_000, 84_000, 85_000, 86_000]
    # Images 1 and 2 wait for the load port, images 3 to 5 for a context.
    assert times.load_wait_ps.tolist() == [0, 1_000, 2_000, 0, 0, 0]
    assert times.queued_ps.tolist() == [0, 0, 0, 42_000, 43_000, 44_000]
    assert values(stats, "latency", "latency_max") == [42_000, 42_000]
    assert values(stats, "queue_wait", "load_wait") == [129_000 / 6, 500]
    assert values(stats, "time_in_system", "time_in_system_max") == [384_000 / 6, 86_000]
    assert stats.makespan.value == 86_000
    assert stats.throughput.value == pytest.approx(6 / 86e-9)
    # 86 clock cycles for six images, where each alone has 42.
    assert irmen_three.ledger.counts["clock_cycle"] == 86
    assert irmen_three.ledger.total_aJ == 6 * IRMEN_AN_IMAGE_WITHOUT_CLOCK + 86 * CLOCK
    assert irmen_three.ledger.step_aJ[-1] == 0


def test_charge_three_in_flight(charge_three):
    times, stats = charge_three.times, charge_three.stats
    assert times.started_ps.tolist() == [0, 9_000, 18_000, 189_000, 198_000, 207_000]
    assert times.done_ps.tolist() == [184_000, 193_000, 202_000, 373_000, 382_000, 391_000]
    # Image 3 waits for array A from 184 to 189; 4 and 5 are admitted at 193 and 202, and
    # wait for the load before them until 198 and 207.
    assert times.load_wait_ps.tolist() == [0, 9_000, 18_000, 5_000, 5_000, 5_000]
    assert times.queued_ps.tolist() == [0, 0, 0, 184_000, 193_000, 202_000]
    assert values(stats, "latency", "latency_max") == [184_000, 184_000]
    assert values(stats, "queue_wait", "load_wait") == [579_000 / 6, 7_000]
    assert values(stats, "time_in_system", "time_in_system_max") == [1_725_000 / 6, 391_000]
    assert stats.makespan.value == 391_000
    issued = {27_000 * n for n in range(7)} | {27_000 * n + 11_000 for n in range(7)}
    assert {row.t_start_ps for row in charge_three.schedule} == issued


def test_charge_three_in_flight_energy(charge_three):
    ledger = charge_three.ledger
    cells = LANES_OF_BOTH_CIRCUITS * 6 * CELLS_OF_A_PLANE  # 75,264 in banks of 6 planes
    assert ledger.counts["clock_cycle"] == 391
    assert ledger.counts["leakage"] == cells * 391
    assert ledger.counts["ota_tap_cycle"] == 6 * READ_CYCLES * sum(TAPS)
    assert ledger.counts["cell_read_cycle"] == 6 * READ_CYCLES * sum(READ)
    standby = LEAK * cells * 391
    assert ledger.total_aJ == 6 * sum(STEPS_CHARGE) + 391 * CLOCK + standby
    # All but the clock is an image's own.
    clock = ledger.image_aJ - sum(STEPS_CHARGE)
    assert clock.sum() == 391 * CLOCK
    assert (clock % CLOCK == 0).all()
    for number, energy in enumerate(STEPS_CHARGE):
        cycles, rest = divmod(ledger.step_aJ[number + 1] - 6 * energy, CLOCK)
        assert rest == 0
        assert 6 <= cycles <= 6 * 11  # from its issue to the next of any image
    assert ledger.step_aJ[-1] == standby


@pytest.mark.parametrize(
    ("machine", "images", "contexts", "held"),
    [("charge", 2, 1, 9), ("irmen", 6, 3, 1), ("charge", 6, 3, 9)],
)
def test_busy_cycles(request, machine, images, contexts, held):
    """A unit is busy as often as on the reference machine, and as long as a read takes."""
    name = f"{machine}_{'alone' if contexts == 1 else 'three'}"
    result = request.getfixturevalue(name)
    planes = result.machine.banks.planes.value
    hardware = Topology(circuits=2, lanes=8, planes=planes, read_ports=2, write_ports=1)
    found = utilization(result.trace.to_batches(), hardware)
    cycles = {(unit.unit, unit.group): unit.busy_ps / 1000 / images for unit in found}
    assert cycles["sequencer", "sequencer, issue slot"] == 14  # a cycle each, whatever the read
    for unit, group, uses in (
        ("datapath.a_to_b", "datapath a to b", 6),
        ("datapath.b_to_a", "datapath b to a", 6),
        ("datapath.a_local", "datapath a local", 4),
        ("circuit_a.lane0.array", "arrays A", 7),
        ("circuit_b.lane0.array", "arrays B", 6),
        ("circuit_a.lane7.array", "arrays A", 3),
        ("host.load", "host, load port", 1),
    ):
        assert cycles[unit, group] == uses * held, unit
    # Seven planes of lane 0 of A settle for two cycles each, on both machines.
    assert cycles["circuit_a.lane0.bank", "banks A, planes settling"] == 14


def test_values_do_not_depend_on_contexts(charge_alone, charge_three):
    assert np.array_equal(charge_alone.values.features, charge_three.values.features[:2])
