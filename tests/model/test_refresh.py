"""Refresh as an activity of the banks: collisions with steps, derived by hand.

All on a machine with one lane, two planes a bank, steps of 1 + 2 cycles of 1 ns, and a network
of four steps, alone 0-3 load (writes plane 0 of A), 3-6 conv (A.0 to B.0), 6-9 relu (B.0 to
A.0), 9-12 handoff (A.0). A refresh of a plane takes 2 cycles.
"""

import random
from dataclasses import replace

import pytest

import accelsim
from accelsim.compiler import compile_network
from accelsim.errors import DeadlockError
from accelsim.model import Accelerator, Arrival, Design
from accelsim.records.reasons import sentence
from tests.conftest import CONV, RELU

A, B = "circuit_a.lane0.bank", "circuit_b.lane0.bank"
VOLATILE = {
    "arrays.lanes": 1,
    "banks.planes": 2,
    "banks.refresh_interval": "5 ns",
    "banks.refresh_cycles": 2,
}


def run(make_network, images=1, **changes):
    keys = VOLATILE | {key.replace("__", "."): value for key, value in changes.items()}
    machine = accelsim.load_machine("irmen", keys)
    return accelsim.simulate(machine, make_network([1, 4, 4], CONV, RELU), images)


def spans(result, *kinds):
    """Return (component, begin, end) of records in ns, in order of time."""
    found = [
        (row["component"], row["t_start_ps"] // 1000, row["t_end_ps"] // 1000)
        for row in result.trace.to_pylist()
        if row["kind"] in kinds
    ]
    return sorted(found, key=lambda span: (span[1:], span[0]))


def waits(result):
    """Return (step, begin, end, why) of the waits in ns."""
    return [
        (
            row["step"],
            row["t_start_ps"] // 1000,
            row["t_end_ps"] // 1000,
            sentence(row["cause"], row["resource"]),
        )
        for row in result.trace.to_pylist()
        if row["kind"] == "wait"
    ]


def test_three_collisions(make_network):
    # At 5 every plane is due. A.0 is idle: 5-7, then A.1: 7-9. B.0 settles until 6, and its
    # refresh begins before the sequencer decides: 6-8, then B.1: 8-10.
    #   relu reads B.0: it waits for the refresh, 6-8, and then for the one write port of A, which
    #   the refresh of A.1 has until 9: so it is issued at 9.
    # At 10 all are due again. B.0: 10-12, B.1: 12-14. A.0 settles until 12: 12-14, A.1: 14-16.
    #   handoff reads A.0: it waits for the refresh, 12-14, and ends at 17.
    # At 15 for the third time: B.0: 15-17; A.0 after A.1, from 16 until the run ends at 17.
    result = run(make_network)
    assert result.stats.latency.value == 17_000
    assert spans(result, "refresh") == [
        (f"{A}.plane0", 5, 7),
        (f"{B}.plane0", 6, 8),
        (f"{A}.plane1", 7, 9),
        (f"{B}.plane1", 8, 10),
        (f"{B}.plane0", 10, 12),
        (f"{A}.plane0", 12, 14),
        (f"{B}.plane1", 12, 14),
        (f"{A}.plane1", 14, 16),
        (f"{B}.plane0", 15, 17),
        (f"{A}.plane0", 16, 17),
    ]
    assert waits(result) == [
        (2, 1, 3, f"unsettled {A}.plane0"),
        (3, 4, 6, f"unsettled {B}.plane0"),
        (3, 6, 8, f"refreshing {B}.plane0"),
        (3, 8, 9, f"busy {A}.write_ports"),
        (4, 10, 12, f"unsettled {A}.plane0"),
        (4, 12, 14, f"refreshing {A}.plane0"),
    ]
    # Ten refreshes of a plane of 28 x 28 cells.
    assert result.ledger.counts["refresh"] == 10 * 784
    assert "refresh" not in run(make_network, banks__refresh_interval="1 us").ledger.counts


def test_a_second_write_port_lets_a_step_write_beside_a_refresh(make_network):
    # As above, but relu is issued at 8, when B.0 is refreshed; A.0 settles until 11, and is
    # refreshed 11-13: the handoff goes from 13 to 16.
    result = run(make_network, banks__write_ports=2)
    assert result.stats.latency.value == 16_000
    assert (3, 6, 8, f"refreshing {B}.plane0") in waits(result)
    assert (4, 11, 13, f"refreshing {A}.plane0") in waits(result)
    assert not any("write_ports" in wait[3] for wait in waits(result))


def test_a_step_waits_for_the_read_port_that_a_refresh_has(make_network):
    # Interval 7: due at 7. Relu reads B.0 and charges A.0 from 6 to 7; with that over, B.0 is
    # refreshed 7-9, B.1 9-11; A.0 settles until 9: 9-11, A.1 11-13.
    #   handoff reads A.0 and waits for its refresh, 9-11; then, with one read port, for the port
    #   that the refresh of A.1 has, 11-13. It ends at 16. With two ports it is issued at 11.
    one = run(make_network, banks__refresh_interval="7 ns", banks__read_ports=1)
    assert one.stats.latency.value == 16_000
    assert waits(one)[-2:] == [
        (4, 9, 11, f"refreshing {A}.plane0"),
        (4, 11, 13, f"busy {A}.read_ports"),
    ]
    two = run(make_network, banks__refresh_interval="7 ns")
    assert two.stats.latency.value == 14_000
    assert waits(two)[-1] == (4, 9, 11, f"refreshing {A}.plane0")


def test_a_refresh_says_what_it_had_to_wait_for(make_network):
    trace = run(make_network).trace.to_pylist()
    by_id = {row["id"]: row for row in trace}
    refreshes = {
        (row["component"], row["t_start_ps"] // 1000): row
        for row in trace
        if row["kind"] == "refresh"
    }
    free = refreshes[f"{A}.plane0", 5]
    assert (free["cause"], free["resource"], free["cause_id"]) == ("due", "", None)
    assert (free["step"], free["image"], free["op"], free["layer"]) == (None, None, "", "")
    held_up = refreshes[f"{B}.plane0", 6]
    assert (held_up["cause"], held_up["resource"]) == ("unsettled", f"{B}.plane0")
    settling = by_id[held_up["cause_id"]]
    assert (settling["kind"], settling["step"], settling["t_end_ps"]) == ("settle", 2, 6000)
    # Steps that wait for a refresh name its record, which ends when the wait does.
    for row in trace:
        if row["kind"] == "wait" and row["cause"] == "refreshing":
            refresh = by_id[row["cause_id"]]
            assert (refresh["kind"], refresh["component"]) == ("refresh", row["resource"])
            assert refresh["t_end_ps"] == row["t_end_ps"]


def test_a_plane_that_is_read_is_refreshed_afterwards(make_network):
    # Reads of 4 cycles, interval 8: load 0-6, conv reads A.0 from 6 to 10. Due at 8, A.0 is in
    # use until 10.
    result = run(make_network, timing__read_cycles=4, banks__refresh_interval="8 ns")
    first = next(span for span in spans(result, "refresh") if span[0] == f"{A}.plane0")
    assert first == (f"{A}.plane0", 10, 12)
    trace = result.trace.to_pylist()
    row = next(row for row in trace if row["kind"] == "refresh")
    assert (row["cause"], row["resource"]) == ("in use", f"{A}.plane0")
    (read,) = (other for other in trace if other["id"] == row["cause_id"])
    assert (read["kind"], read["step"], read["t_end_ps"]) == ("read", 2, 10_000)


@pytest.mark.parametrize("machine", ["charge", "irmen"])
def test_every_lane_is_refreshed_at_once(machine, mnist):
    changes = {"banks.refresh_interval": "60 ns", "banks.refresh_cycles": 3}
    result = accelsim.simulate(accelsim.load_machine(machine, changes), mnist, 4)
    lanes = {}
    for row in result.trace.to_pylist():
        if row["kind"] == "refresh":
            place = row["component"].replace(".lane", "|").split("|")
            key = (place[0], place[1].split(".", 1)[1], row["t_start_ps"], row["t_end_ps"])
            lanes.setdefault(key, []).append(int(place[1].split(".")[0]))
    assert lanes
    assert all(sorted(members) == list(range(8)) for members in lanes.values())


@pytest.mark.parametrize("contexts", [1, 2, 3])
def test_no_port_or_plane_is_held_twice(mnist, contexts):
    changes = {
        "sequencer.contexts": contexts,
        "banks.planes": 2 * contexts,
        "banks.refresh_interval": "200 ns",
        "banks.refresh_cycles": 4,
    }
    result = accelsim.simulate(accelsim.load_machine("charge", changes), mnist, 6)
    busy = {}
    for row in result.trace.to_pylist():
        path, kind = row["component"], row["kind"]
        span = (row["t_start_ps"], row["t_end_ps"])
        bank = path.rpartition(".")[0]
        if kind in ("write", "settle", "refresh"):
            busy.setdefault(path, []).append(span)
        if kind in ("read", "refresh"):
            busy.setdefault(f"{bank} 2 read ports", []).append(span)
        if kind in ("write", "refresh") and not path.startswith("host"):
            busy.setdefault(f"{bank} write port", []).append(span)
    assert any(row["kind"] == "refresh" for row in result.trace.to_pylist())
    for what, held in busy.items():
        changes = sorted([(start, 1) for start, _ in held] + [(end, -1) for _, end in held])
        now = most = 0
        for _, change in changes:
            now += change
            most = max(most, now)
        assert most <= (2 if "2 read" in what else 1), what
    # Reading does not disturb a plane, but its refresh excludes readers.
    reads = [
        (row["component"], row["t_start_ps"], row["t_end_ps"])
        for row in result.trace.to_pylist()
        if row["kind"] == "read"
    ]
    for row in result.trace.to_pylist():
        if row["kind"] == "refresh":
            for path, start, end in reads:
                apart = end <= row["t_start_ps"] or start >= row["t_end_ps"]
                assert path != row["component"] or apart


@pytest.mark.parametrize("seed", range(10))
def test_order_of_events_changes_nothing(make_network, seed):
    machine = accelsim.load_machine("irmen", VOLATILE | {"sequencer.contexts": 2})
    machine = accelsim.load_machine(
        "irmen",
        VOLATILE | {"sequencer.contexts": 2, "banks.planes": 4, "banks.refresh_interval": "17 ns"},
    )
    program = compile_network(make_network([1, 4, 4], CONV, RELU), machine)

    def records(shuffle):
        blocks = []

        class Sink:
            def write(self, block):
                blocks.append(block)

            def close(self):
                pass

        arrivals = [Arrival(n, 1300 * n) for n in range(9)]
        Accelerator(Design.of(machine), program, arrivals, [Sink()], shuffle=shuffle).run()
        (block,) = blocks
        texts = block.vocabulary.texts
        return [
            (*map(int, numbers), *(texts[code] for code in codes))
            for *numbers, component, kind, cause, resource in zip(
                block.id, block.t_start_ps, block.t_end_ps, block.image, block.cause_id,
                block.component, block.kind, block.cause, block.resource, strict=True,
            )
            for codes in [(component, kind, cause, resource)]
        ]  # fmt: skip

    expected = records(None)
    assert any(row[-3] == "refresh" for row in expected)
    assert records(random.Random(seed)) == expected


def test_refresh_does_not_keep_a_deadlock_going(make_network):
    machine = accelsim.load_machine("irmen", VOLATILE)
    program = compile_network(make_network([1, 4, 4], CONV, RELU), machine)
    broken = replace(program, instructions=program.instructions[:1] + program.instructions[2:])
    with pytest.raises(DeadlockError, match=r"waits for unwritten circuit_b\.lane0\.bank\.plane0"):
        Accelerator(Design.of(machine), broken, [Arrival(0, 0)]).run()


def test_an_idle_machine_goes_on_refreshing(make_network):
    # Two images 100 ns apart: 20 intervals of 5 ns, in which each of four planes is refreshed.
    machine = accelsim.load_machine("irmen", VOLATILE)
    program = compile_network(make_network([1, 4, 4], CONV, RELU), machine)
    assert Accelerator(Design.of(machine), program, [Arrival(0, 0), Arrival(1, 100_000)]).run()
    seen = []

    class Count:
        def write(self, block):
            refreshes = block.kind == block.vocabulary.find("refresh")
            seen.extend(block.t_start_ps[refreshes].tolist())

        def close(self):
            pass

    arrivals = [Arrival(0, 0), Arrival(1, 100_000)]
    Accelerator(Design.of(machine), program, arrivals, [Count()]).run()
    assert sum(20_000 <= time < 100_000 for time in seen) == 16 * 4
