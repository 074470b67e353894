"""Three images in flight on charge-based cells, every figure of the run derived by hand.

A network of four steps on 4 x 4 cells and one lane: load to A, conv to B, relu to A, handoff. A
step reads for 9 cycles of 1 ns, and writes for 2.

    cycle   0 load 0    9 load 1   11 conv 0   18 load 2   20 conv 1   27 relu 0
           29 conv 2   36 relu 1   38 hand 0   45 relu 2   47 hand 1   56 hand 2   67 end

Loads take the load port in turn, 9 cycles each. Conv of image n begins when its load is stored,
at 11 + 9 n, and B is stored at 22 + 9 n. Relu 0 could go at 22, but array A is busy with load 2
until 27; relu 1 could go at 31, but the way from B to A is taken until 36, and relu 2 at 40, but
it is taken until 45. Handoffs begin when A is stored: at 38, 47 and 56.
"""

import pytest

import accelsim
from accelsim.analysis.stalls import BEFORE, FLIGHT, stalls, together
from accelsim.analysis.utilization import groups, utilization
from accelsim.records.reasons import sentence
from accelsim.topology import Topology
from tests.conftest import CONV, RELU

IMAGES, CELLS, READ = 3, 16, 9
LOAD, CONVOLVE, RECTIFY, HAND = 1, 10, 2, 1  # taps of a cell
TAP, WRITE, STATIC, ISSUE, CLOCK = 3_100, 229_000, 30_000, 350_000, 20_000  # aJ
PLANES, PLANE_CELLS, CYCLES = 4, 784, 67
A, B = "circuit_a.lane0", "circuit_b.lane0"


@pytest.fixture(scope="module")
def result(make_network):
    machine = accelsim.load_machine("charge", {"arrays.lanes": 1, "sequencer.contexts": 3})
    return accelsim.simulate(machine, make_network([1, 4, 4], CONV, RELU), IMAGES)


@pytest.fixture(scope="module")
def rows(result):
    return {row["id"]: row for row in result.trace.to_pylist()}


def test_issues(rows):
    found = [
        (row["t_start_ps"] // 1000, row["op"], row["image"])
        for row in rows.values()
        if row["kind"] == "issue"
    ]
    assert found == [
        (0, "load", 0), (9, "load", 1), (11, "conv", 0), (18, "load", 2), (20, "conv", 1),
        (27, "relu", 0), (29, "conv", 2), (36, "relu", 1), (38, "handoff", 0), (45, "relu", 2),
        (47, "handoff", 1), (56, "handoff", 2),
    ]  # fmt: skip


def test_times_of_images(result):
    assert result.times.started_ps.tolist() == [0, 9_000, 18_000]
    assert result.times.done_ps.tolist() == [49_000, 58_000, 67_000]
    assert result.times.load_wait_ps.tolist() == [0, 9_000, 18_000]


def test_schedule_of_the_first_image(result):
    found = [
        (row.op, row.t_start_ps // 1000, row.t_end_ps // 1000, row.lanes, row.cells_written,
         row.cells_read, row.tap_cycles)
        for row in result.schedule
    ]  # fmt: skip
    assert found == [
        ("load", 0, 11, 1, 16, 0, 16 * 1 * 9),
        ("conv", 11, 22, 1, 16, 16, 16 * 10 * 9),
        ("relu", 27, 38, 1, 16, 16, 16 * 2 * 9),
        ("handoff", 38, 49, 1, 16, 16, 16 * 1 * 9),
    ]
    # Clock cycles of its steps until the next issue of any image: 9, 7, 2 and 7.
    cell = WRITE + READ * STATIC
    assert [row.energy_aJ for row in result.schedule] == [
        CELLS * (cell + READ * taps * TAP) + ISSUE + cycles * CLOCK
        for taps, cycles in ((LOAD, 9), (CONVOLVE, 7), (RECTIFY, 2), (HAND, 7))
    ]


def test_waits(rows):
    """What each step waited for, from when until when, and the record of whom."""
    found = [
        (
            row["image"],
            row["step"],
            row["t_start_ps"] // 1000,
            row["t_end_ps"] // 1000,
            sentence(row["cause"], row["resource"]),
            (rows[row["cause_id"]]["image"], rows[row["cause_id"]]["step"]),
        )
        for row in rows.values()
        if row["kind"] == "wait"
    ]
    expected = [
        (1, 1, 0, 9, "busy host.load", (0, 1)),
        (2, 1, 0, 9, "busy host.load", (0, 1)),
        (2, 1, 9, 18, "busy host.load", (1, 1)),
        (0, 3, 22, 27, f"busy {A}.array", (2, 1)),
        (1, 3, 31, 36, "busy datapath.b_to_a", (0, 3)),
        (2, 3, 40, 45, "busy datapath.b_to_a", (1, 3)),
    ]
    # Each step but the first also waits for the one before it, from the cycle after its issue.
    for image in range(IMAGES):
        begun = (9 * image, 11 + 9 * image, 27 + 9 * image)
        for step, start, bank in zip((2, 3, 4), begun, (A, B, A), strict=True):
            why = f"unsettled {bank}.bank.plane{image}"
            expected.append((image, step, start + 1, start + 11, why, (image, step - 1)))
    assert sorted(found) == sorted(expected)


def test_stalls_by_cause(result):
    sums = together(stalls(result.trace.to_batches()), "where", "reason")
    figures = {key: (sum_.records, sum_.time_ps, sum_.longest_ps) for key, sum_ in sums.items()}
    assert figures == {
        (FLIGHT, "unsettled"): (9, 90_000, 10_000),
        (BEFORE, "busy"): (3, 27_000, 9_000),
        (FLIGHT, "busy"): (3, 15_000, 5_000),
    }


def test_ledger_by_component(result):
    driven = READ * CELLS * STATIC
    leakage = PLANES * PLANE_CELLS * CYCLES
    expected = {
        f"{A}.array": IMAGES * (READ * CELLS * (LOAD + RECTIFY) * TAP + 2 * driven),
        f"{B}.array": IMAGES * (READ * CELLS * CONVOLVE * TAP + driven),
        "host.boundary": IMAGES * (READ * CELLS * HAND * TAP + driven + CELLS * WRITE),
        f"{A}.bank": IMAGES * 2 * CELLS * WRITE + leakage,
        f"{B}.bank": IMAGES * CELLS * WRITE + leakage,
        "sequencer": IMAGES * 4 * ISSUE,
        "clock": CYCLES * CLOCK,
    }
    found = {name: energy for name, energy in result.ledger.component_aJ.items() if energy}
    assert found == expected


def test_ledger_by_action_step_and_image(result):
    ledger = result.ledger
    assert ledger.counts == {
        "ota_tap_cycle": IMAGES * READ * CELLS * (LOAD + CONVOLVE + RECTIFY + HAND),
        "cell_read_cycle": IMAGES * READ * CELLS * 3,
        "cell_write": IMAGES * CELLS * 4,
        "cell_static_cycle": IMAGES * READ * CELLS * 4,
        "issue": IMAGES * 4,
        "clock_cycle": CYCLES,
        "leakage": 2 * PLANES * PLANE_CELLS * CYCLES,
    }
    # Clock cycles from each issue to the next: 9 2 7 2 7 2 7 2 7 2 9 11.
    own = {
        step: CELLS * (WRITE + READ * STATIC + READ * taps * TAP) + ISSUE
        for step, taps in enumerate((LOAD, CONVOLVE, RECTIFY, HAND), 1)
    }
    clock = {1: 9 + 2 + 2, 2: 7 + 7 + 7, 3: 2 + 2 + 2, 4: 7 + 9 + 11}
    steps = {step: IMAGES * own[step] + clock[step] * CLOCK for step in own}
    standby = 2 * PLANES * PLANE_CELLS * CYCLES
    assert ledger.step_aJ == steps | {-1: standby}
    of_image = [9 + 7 + 2 + 7, 2 + 7 + 2 + 9, 2 + 7 + 2 + 11]
    image = sum(own.values())
    assert ledger.image_aJ.tolist() == [image + cycles * CLOCK for cycles in of_image]
    assert ledger.no_image_aJ == standby


@pytest.mark.parametrize("ports", [1, 2])
def test_utilization(result, ports):
    """Slots of ports are those of the machine; what is busy is counted over all of them."""
    machine = Topology(circuits=2, lanes=1, planes=PLANES, read_ports=2, write_ports=ports)
    found = utilization(result.trace.to_batches(), machine)
    figures = {
        group.name: (group.slots, pytest.approx(group.share * CYCLES))
        for group in groups(found, CYCLES * 1000)
    }
    turns = IMAGES * READ
    expected = {
        "sequencer, issue slot": (1, 12),
        "datapath a to b": (1, turns),
        "datapath b to a": (1, turns),
        "datapath a local": (1, 0),
        "datapath b local": (1, 0),
        "arrays A": (1, 2 * turns),
        "arrays B": (1, turns),
        "banks A, read ports": (2, 2 * turns / 2),
        "banks A, write ports": (ports, 2 * turns / ports),
        "banks A, planes settling": (PLANES, IMAGES * 2 * 2 / PLANES),
        "banks B, read ports": (2, turns / 2),
        "banks B, write ports": (ports, turns / ports),
        "banks B, planes settling": (PLANES, IMAGES * 2 / PLANES),
        "host, load port": (1, turns),
        "host, handoff": (1, turns),
    }
    assert figures == {
        name: (slots, pytest.approx(busy)) for name, (slots, busy) in expected.items()
    }
