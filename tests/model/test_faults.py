"""Faults in a running machine: cycle counts derived by hand.

One lane, two planes a bank, steps of 1 + 2 cycles of 1 ns, and a network of four steps, alone 0-3
load (writes plane 0 of A), 3-6 conv (A.0 to B.0), 6-9 relu (B.0 to A.0), 9-12 handoff (A.0).
"""

import random

import pytest

import accelsim
from accelsim.compiler import compile_network
from accelsim.energy import Pricing
from accelsim.errors import DeadlockError
from accelsim.model import Accelerator, Arrival, Design
from accelsim.records.reasons import sentence
from accelsim.simulation.events import run_events
from accelsim.trace.sinks import TableTrace
from tests.conftest import CONV, RELU, with_faults

A, B = "circuit_a.lane0.bank", "circuit_b.lane0.bank"
SMALL = {"arrays.lanes": 1, "banks.planes": 2, "power.off.exit_time": "20 ns"}
REFRESHED = {"banks.refresh_interval": "5 ns", "banks.refresh_cycles": 1, "banks.write_ports": 2}


@pytest.fixture(scope="module")
def run(make_network):
    def start(*events, images=1, name="irmen", seed=0, **changes):
        keys = SMALL | {key.replace("__", "."): value for key, value in changes.items()}
        machine = with_faults(accelsim.load_machine(name, keys), *events, seed=seed)
        return accelsim.simulate(machine, make_network([1, 4, 4], CONV, RELU), images)

    return start


def seen(result, *kinds):
    """Return (component, begin, end, why) in ns of records."""
    return [
        (
            row["component"],
            row["t_start_ps"] / 1000,
            row["t_end_ps"] / 1000,
            sentence(row["cause"], row["resource"]),
        )
        for row in sorted(result.trace.to_pylist(), key=lambda row: (row["t_start_ps"], row["id"]))
        if row["kind"] in kinds
    ]


def waits(result):
    return [
        (begin, end, why)
        for component, begin, end, why in seen(result, "wait")
        if component.startswith("sequencer")
    ]


def late(**keys):
    return {"kind": "late_settle", "where": f"{B}.plane0", "at": "0 ns", "cycles": 3} | keys


def stuck(**keys):
    return {"kind": "stuck_port", "where": f"{A}.write_ports", "at": "4 ns"} | keys


def lost(**keys):
    return {"kind": "lost_release", "where": f"{B}.plane0", "at": "0 ns"} | keys


def failure(at, duration="10 ns"):
    return {"kind": "power_failure", "at": at, "duration": duration}


def test_a_plane_that_settles_late(run):
    # The conv charges B.0 until 4; it should be stored at 6, and is at 9. Relu waits for the plane
    # until 6, for the fault until 9: 9-12, handoff 12-15.
    result = run(late())
    assert result.stats.latency.value == 15_000
    assert waits(result) == [
        (1, 3, f"unsettled {A}.plane0"),
        (4, 6, f"unsettled {B}.plane0"),
        (6, 9, f"faulty {B}.plane0"),
        (10, 12, f"unsettled {A}.plane0"),
    ]
    assert seen(result, "fault") == [
        ("faults.fault0", 4, 5, f"injected {B}.plane0"),
        ("faults.fault0", 6, 9, f"faulty {B}.plane0"),
    ]
    figures = {name: figure.value for name, figure in result.stats.faults.items()}
    assert figures == {
        "injected": 1,
        "late_settle": 1,
        "without_effect": 0,
        "held_up": 3000,
        "waited": 3000,
    }


def test_the_wait_names_the_record_of_the_fault(run):
    rows = run(late()).trace.to_pylist()
    (strike,) = [row for row in rows if (row["kind"], row["cause"]) == ("fault", "injected")]
    (wait,) = [row for row in rows if (row["kind"], row["cause"]) == ("wait", "faulty")]
    (settle,) = [row for row in rows if row["id"] == strike["cause_id"]]
    assert wait["cause_id"] == strike["id"]
    assert (strike["image"], strike["step"], strike["op"]) == (0, 2, "conv")
    assert (settle["kind"], settle["t_end_ps"]) == ("settle", 9000)


def test_nobody_notices_it(run):
    result = run(late(detected=False))
    assert result.stats.latency.value == 12_000
    assert seen(result, "fault") == [("faults.fault0", 4, 5, f"injected {B}.plane0")]


@pytest.mark.parametrize(
    ("event", "cycles"),
    [
        (late(at="3999 ps"), 15),  # the write that begins to settle at 4 is hit
        (late(at="4 ns"), 12),  # a fault strikes after what ends in its instant
        (late(where=f"{A}.plane0"), 15),  # of the load
        (late(where=f"{A}.plane0", step=3), 15),  # of the relu
        (late(where=f"{A}.plane0", at="2 ns"), 15),  # of the relu, too
        (late(where=f"{A}.plane1"), 12),  # nobody writes it
        (late(image=1), 12),
        (late(step=3), 12),  # which writes A
    ],
)
def test_which_write_is_hit(run, event, cycles):
    result = run(event)
    assert result.stats.latency.value == 1000 * cycles
    hit = result.stats.faults["injected"].value
    assert (hit, result.stats.faults["without_effect"].value) == ((1, 0) if cycles > 12 else (0, 1))


def test_the_image_that_is_named(run):
    result = run(late(image=2), images=4)
    assert result.times.latency_ps.tolist() == [12_000, 12_000, 15_000, 12_000]


def test_the_later_of_two(run):
    result = run(late(cycles=2), late(cycles=5))
    assert result.stats.latency.value == 17_000
    assert result.stats.faults["injected"].value == 2


def test_a_port_is_stuck_for_a_time(run):
    # From 4 to 8: relu would charge A.0 at 6 and does at 8: 8-11, handoff 11-14.
    result = run(stuck(duration="4 ns"))
    assert result.stats.latency.value == 14_000
    assert (6, 8, f"faulty {A}.write_ports") in waits(result)
    assert seen(result, "fault") == [
        ("faults.fault0", 4, 5, f"injected {A}.write_ports"),
        ("faults.fault0", 4, 8, f"faulty {A}.write_ports"),
    ]


def test_a_port_in_use_is_stuck_when_it_is_free(run):
    # Relu has the port of A from 6 to 7. It is stuck then, until the run ends: nothing needs it.
    result = run(stuck(at="6500 ps"))
    assert result.stats.latency.value == 12_000
    assert seen(result, "fault") == [
        ("faults.fault0", 7, 8, f"injected {A}.write_ports"),
        ("faults.fault0", 7, 12, f"faulty {A}.write_ports"),
    ]


def test_another_port_serves(run):
    assert run(stuck(), banks__write_ports=2).stats.latency.value == 12_000


def test_a_deadlock_says_how_many_images_are_in_the_queue(run):
    for images, text in ((2, "1 image waits, image 1 since"), (3, "2 images wait, image 1 since")):
        with pytest.raises(DeadlockError, match=f"host.queue: {text} 0 s"):
            run(stuck(), images=images)


def test_a_port_that_is_stuck_for_ever(run):
    with pytest.raises(DeadlockError) as caught:
        run(stuck())
    assert str(caught.value) == (
        "deadlock: nothing can happen any more, and images are in flight\n"
        "  sequencer.context0: image 0, step 3 (relu of layer 'relu1') waits for faulty "
        f"{A}.write_ports since 6 ns\n"
        f"  {A}.write_ports: stuck since 4 ns (faults.fault0, stuck_port)"
    )


def test_a_release_of_a_plane_that_is_lost(run):
    with pytest.raises(DeadlockError) as caught:
        run(lost())
    assert str(caught.value) == (
        "deadlock: nothing can happen any more, and images are in flight\n"
        "  sequencer.context0: image 0, step 3 (relu of layer 'relu1') waits for faulty "
        f"{B}.plane0 since 6 ns\n"
        f"  {B}.plane0: is written by image 0, step 2 (conv of layer 'conv0')\n"
        f"  {B}.plane0: not released by image 0, step 2 (conv of layer 'conv0') since 6 ns "
        "(faults.fault0, lost_release)"
    )


def test_a_release_of_a_way_that_is_lost(run):
    # Only the conv goes from A to B: the image is done, and the next one is not.
    event = lost(where="datapath.a_to_b")
    assert run(event).stats.latency.value == 12_000
    with pytest.raises(DeadlockError) as caught:
        run(event, images=2)
    assert str(caught.value) == (
        "deadlock: nothing can happen any more, and images are in flight\n"
        "  sequencer.context0: image 1, step 2 (conv of layer 'conv0') waits for faulty "
        "datapath.a_to_b since 15 ns\n"
        "  datapath.a_to_b: not released by image 0, step 2 (conv of layer 'conv0') "
        "(faults.fault0, lost_release)"
    )


def test_a_supply_that_comes_back_sets_a_deadlock_going(run):
    # The conv of 3-6 is lost with the release of its plane. 100-110 without supply, 20 ns to come
    # back, 4 instructions: the conv again at 134, done at 134 + 9.
    result = run(lost(), failure("100 ns"))
    assert result.stats.latency.value == 143_000
    assert (100, 134, "waking") in waits(result)


def test_a_round_of_refresh_that_is_missed(run):
    # Rounds are due at 5 and 10 in both banks, two planes of 1 cycle each. The first in B is
    # missed: only at 10 are its planes refreshed.
    event = {"kind": "missed_refresh", "where": B, "at": "1 ns"}
    result = run(event, **{key.replace(".", "__"): value for key, value in REFRESHED.items()})
    begins = {
        place: [begin for component, begin, _, _ in seen(result, "refresh") if place in component]
        for place in (A, B)
    }
    assert begins[B][0] == 10
    assert begins[A][0] == 5
    assert seen(result, "fault") == [("faults.fault0", 5, 6, f"injected {B}")]
    # A fault at the instant of a round comes after it.
    later = run(event | {"at": "5 ns"}, **{k.replace(".", "__"): v for k, v in REFRESHED.items()})
    assert seen(later, "fault") == [("faults.fault0", 10, 11, f"injected {B}")]


def power(result):
    return [(begin, end) for _, begin, end, _ in seen(result, "exit", "restore")]


def test_a_supply_that_fails(run):
    # At 7.5 relu (6-9) is writing A.0, which is lost; the source B.0 is kept. Back at the edge
    # after 17.5; exit 18-38, 4 instructions until 42: relu 42-45, handoff 45-48.
    result = run(failure("7500 ps"))
    assert result.stats.latency.value == 48_000
    assert power(result) == [(18, 38), (38, 42)]
    assert (7.5, 42, "waking") in waits(result)
    issues = [begin for _, begin, _, _ in seen(result, "issue")]
    assert issues == [0, 3, 6, 42, 45]
    # The clock stands from 7.5, and counts from 18 on: 7 + 30 cycles, by whole cycles.
    assert result.ledger.counts["clock_cycle"] == 7 + 30
    assert result.ledger.counts["restore_instruction"] == 4
    assert result.ledger.counts["issue"] == 5
    assert "off_bank" not in result.ledger.counts
    assert [row.lanes for row in result.schedule] == [1, 1, 1, 1]


def test_what_cells_lose_is_loaded_again(run):
    # Charge-based memory loses all without its supply: 13 templates are written again, too, and
    # the image begins with its load. 9 + 2 cycles a step: relu runs 22-33 at the failure.
    result = run(failure("24 ns"), name="charge")
    # Back at 34, exit 20 ns, 4 + 13 words at a cycle each: 71, and 44 cycles for an image.
    assert power(result) == [(34, 54), (54, 58), (58, 61), (61, 71)]
    assert result.stats.latency.value == (71 + 44) * 1000
    assert result.stats.load_wait.value == 0
    in_system = result.stats.time_in_system.value
    assert in_system == result.stats.queue_wait.value + result.stats.latency.value


def test_a_handoff_that_is_lost_is_made_again(run):
    # At 11 the handoff (9-12) settles at the host: its result does not count. 21, 41, 45: 45-48.
    result = run(failure("11 ns"), images=2)
    assert result.times.done_ps.tolist() == [48_000, 60_000]


@pytest.fixture(scope="module")
def in_time(make_network):
    def start(times, *events, shuffle=None, fast_forward=True, seed=0, trace=None, **changes):
        keys = SMALL | {key.replace("__", "."): value for key, value in changes.items()}
        machine = with_faults(accelsim.load_machine("irmen", keys), *events, seed=seed)
        program = compile_network(make_network([1, 4, 4], CONV, RELU), machine)
        arrivals = [Arrival(number, time) for number, time in enumerate(times)]
        if shuffle is None:
            return run_events(machine, program, arrivals, fast_forward=fast_forward)
        table = TableTrace()
        sinks = [Pricing(machine.prices_aJ, [table])]
        Accelerator(Design.of(machine), program, arrivals, sinks, shuffle=shuffle).run()
        return table.table().to_pylist()

    return start


def test_images_wait_for_the_supply(in_time):
    # Out 20-30, exit until 50, restored at 54. The second image comes at 25 and is loaded at 54.
    found = in_time([0, 25_000], failure("20 ns"))
    assert found.times.done_ps.tolist() == [12_000, 66_000]
    assert found.times.queued_ps.tolist() == [0, 29_000]


def test_it_fails_again_before_it_is_back(in_time):
    # 20-30, and again at 26 for 10: back at 36, exit 56, restored at 60.
    found = in_time([0, 25_000], failure("20 ns"), failure("26 ns"))
    assert found.times.done_ps.tolist() == [12_000, 72_000]
    # While it comes back, at 40: out until 50, 70, 74.
    found = in_time([0, 25_000], failure("20 ns"), failure("40 ns"))
    assert found.times.done_ps.tolist() == [12_000, 86_000]


MANY = (
    late(at="100 ns"),
    late(rate="20 MHz", at=None, where=None),
    {"kind": "stuck_port", "rate": "10 MHz", "duration": "7 ns"},
    {"kind": "missed_refresh", "rate": "5 MHz"},
    failure("300500 ps", "1 ns"),
)


def many():
    return [{key: value for key, value in event.items() if value is not None} for event in MANY]


@pytest.mark.parametrize("seed", [2, 3])
def test_order_of_events_changes_nothing(in_time, seed):
    keys = REFRESHED | {"sequencer.contexts": 2, "banks.planes": 4}
    changes = {key.replace(".", "__"): value for key, value in keys.items()}
    times = [10_000 * number for number in range(30)]
    first, other = (
        in_time(times, *many(), shuffle=random.Random(chance), **changes) for chance in (1, seed)
    )
    assert first == other
    assert sum(row["kind"] == "fault" for row in first) > 20


def test_seeds(in_time):
    times = [0] * 40
    event = {"kind": "late_settle", "rate": "20 MHz", "cycles": 1}
    one, again, other = (in_time(times, event, seed=seed) for seed in (1, 1, 2))
    assert one.faults == again.faults
    assert one.faults.strikes != other.faults.strikes
    # An event more, before it or after it, does not change when it strikes; only its number is.
    alone = [strike.at_ps for strike in in_time(times, event, seed=1).faults.strikes]
    beside = in_time(times, event, stuck(at="1 s"), seed=1).faults
    assert [strike.at_ps for strike in beside.strikes] == alone


def test_chance_is_a_poisson_process(irmen):
    machine = with_faults(irmen, {"kind": "stuck_port", "rate": "1 GHz", "duration": "1 ns"})
    design = Design.of(machine).faults
    time, gaps, parts = 0, [], set()
    for count in range(2000):
        strike = design.drawn(design.events[0], count, time)
        gaps.append(strike.at_ps - time)
        parts.add(strike.target.path)
        time = strike.at_ps
    # Mean and deviation of exponential gaps are both 1 ns; of 2000 within 4 x 1 / sqrt(2000).
    mean = sum(gaps) / len(gaps)
    deviation = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert mean == pytest.approx(1000, rel=0.09)
    assert deviation == pytest.approx(1000, rel=0.15)
    assert len(parts) == 2 * 8 * 2  # read and write ports of eight lanes, two circuits


def test_nothing_is_skipped_over_a_fault(in_time):
    # 300 images at once, 12 cycles each; faults in the middle of it.
    times = [0] * 300
    events = [late(at="1000 ns"), late(image=200), stuck(at="500 ns", duration="9 ns")]
    one, other = (in_time(times, *events, fast_forward=fast) for fast in (True, False))
    assert one.skipped > 200
    assert one.times.done_ps.tolist() == other.times.done_ps.tolist()
    assert one.faults == other.faults
    # 3 + 3, and the port of A that the relu or the load has to wait for.
    assert one.times.makespan_ps > 300 * 12_000 + 6_000
    assert (one.ledger.total_aJ, one.ledger.records) == (
        other.ledger.total_aJ,
        other.ledger.records,
    )


def test_a_port_that_is_stuck_for_ever_is_no_obstacle_to_a_period(in_time):
    times = [0] * 200
    one, other = (
        in_time(times, stuck(), banks__write_ports=2, fast_forward=fast) for fast in (True, False)
    )
    assert one.skipped > 150
    assert one.times.done_ps.tolist() == other.times.done_ps.tolist()
    assert one.faults == other.faults


def test_a_machine_that_only_chance_would_set_going_ends(in_time):
    event = {"kind": "power_failure", "rate": "1 MHz", "duration": "1 ns"}
    with pytest.raises(DeadlockError, match="stuck since"):
        in_time([0, 0], event, stuck())


def test_templates_that_were_not_restored_are_lost_still(run):
    # Charge-based: out 24-34, exit until 54, 4 + 13 words until 71. It fails again at 60, for 1 ns:
    # back at 61, exit until 81, all 17 words again until 98, then the image from its load.
    result = run(failure("24 ns"), failure("60 ns", "1 ns"), name="charge")
    assert result.stats.latency.value == (98 + 44) * 1000
