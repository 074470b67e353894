"""Programs written by hand, for what no compiled program does today: what a step must wait for.

One lane, and mostly one image. Steps that do not depend on one another overlap, so that ports
and planes have several users at once. Waits name the record that is in the way.
"""

from dataclasses import replace

import accelsim
from accelsim.analysis.critical import critical_path
from accelsim.compiler import Place, PlaneRef, compile_network
from accelsim.model import Arrival
from accelsim.records.reasons import sentence
from accelsim.simulation.execution import execute
from tests.conftest import CONV, RELU

A0, A1, A2 = (PlaneRef(Place.A, 0, plane) for plane in range(3))
B0, B1 = PlaneRef(Place.B, 0, 0), PlaneRef(Place.B, 0, 1)
BANK_A, BANK_B = "circuit_a.lane0.bank", "circuit_b.lane0.bank"


class Workbench:
    """Writes programs of steps of one map of 4 x 4 cells, and runs them for one image."""

    def __init__(self, make_network, **changes):
        keys = {key.replace("__", "."): value for key, value in changes.items()}
        self.machine = accelsim.load_machine("irmen", {"arrays.lanes": 1} | keys)
        network = make_network([1, 4, 4], CONV, RELU)
        self.program = compile_network(network, self.machine)
        self._load, self._conv, self._relu, self._handoff = self.program.instructions

    def load(self, to):
        return replace(self._load, destination=(to,))

    def conv(self, source, to):
        return self._moved(self._conv, source, to)

    def relu(self, source, to):
        return self._moved(self._relu, source, to)

    def handoff(self, source):
        return self._moved(self._handoff, source)

    def sum(self, one, other, to):
        """A step with two operands, each over a way of its own."""
        (operand,) = self._conv.operands
        operands = tuple(replace(operand, planes=(source,)) for source in (one, other))
        return replace(self._conv, operands=operands, destination=(to,))

    def run(self, *steps, planes=2, arrivals=(0,)):
        """Return the run, and its records by id. planes: of an image in a bank. arrivals: in ns."""
        numbered = tuple(replace(step, step=n) for n, step in enumerate(steps, 1))
        of_image = {Place.A: planes, Place.B: planes}
        program = replace(self.program, instructions=numbered, planes=of_image)
        images = [Arrival(image, 1000 * time) for image, time in enumerate(arrivals)]
        execution = execute(self.machine, program, images)
        return execution, {row["id"]: row for row in execution.read_trace().to_pylist()}

    @staticmethod
    def _moved(step, source, *to):
        (operand,) = step.operands
        return replace(step, operands=(replace(operand, planes=(source,)),), destination=to)


def issues(rows):
    """Return the cycle in which each step is issued."""
    return [row["t_start_ps"] // 1000 for row in rows.values() if row["kind"] == "issue"]


def waits(rows):
    """Return (step, begin, end, why, kind and step of the record that it waited for)."""
    return [
        (
            row["step"],
            row["t_start_ps"] // 1000,
            row["t_end_ps"] // 1000,
            sentence(row["cause"], row["resource"]),
            (rows[row["cause_id"]]["kind"], rows[row["cause_id"]]["step"]),
        )
        for row in rows.values()
        if row["kind"] == "wait"
    ]


def test_the_oldest_of_two_readers_is_what_a_charge_waits_for(make_network):
    # Reads of 4 cycles, writes of 2. A.0 is stored at 6 and has two readers: a conv at 6, until
    # 10, and a relu within A at 7, until 11. A load to A.0 waits for the conv, then for the relu.
    bench = Workbench(make_network, timing__read_cycles=4)
    _, rows = bench.run(
        bench.load(A0), bench.conv(A0, B0), bench.relu(A0, A1), bench.load(A0), bench.handoff(A1)
    )
    assert issues(rows)[:4] == [0, 6, 7, 11]
    assert [wait for wait in waits(rows) if wait[0] == 4] == [
        (4, 8, 10, f"in use {BANK_A}.plane0", ("read", 2)),
        (4, 10, 11, f"in use {BANK_A}.plane0", ("read", 3)),
    ]


def test_the_oldest_holder_of_a_port_is_what_a_step_waits_for(make_network):
    # Conv at 6 and relu within A at 7 hold the two read ports of A until 10 and 11; the handoff
    # could read A.0, too, but needs a port: the conv's, which is free first.
    bench = Workbench(make_network, timing__read_cycles=4)
    execution, rows = bench.run(
        bench.load(A0), bench.conv(A0, B0), bench.relu(A0, A1), bench.handoff(A0)
    )
    assert issues(rows) == [0, 6, 7, 10]
    assert waits(rows)[1:] == [(4, 8, 10, f"busy {BANK_A}.read_ports", ("read", 2))]
    assert execution.stats.latency.value == 16_000
    # With a third port the handoff is issued as soon as there is an issue slot.
    bench = Workbench(make_network, timing__read_cycles=4, banks__read_ports=3)
    _, rows = bench.run(bench.load(A0), bench.conv(A0, B0), bench.relu(A0, A1), bench.handoff(A0))
    assert issues(rows) == [0, 6, 7, 8]


def test_a_wait_names_what_comes_first_in_the_order_as_soon_as_it_is_in_the_way(make_network):
    # Reads of 4 cycles, writes of 2, one read port. Image 0, and image 1 that arrives at 7:
    #   load to A.0          0 to 6       7 to 13
    #   conv A.0 to B.0      6 to 12     13 to 19
    #   relu B.0 to A.1     12 to 18     19 to 25
    #   conv A.1 to B.1     18 to 24
    # Step 5 of image 0 reads A.0 and B.0 and writes A.2. From 19 on only the read port of A is
    # missing, which its own step 4 has until 22. In the same cycle image 1 is issued its relu,
    # which has the way B to A until 23: ways come before ports, so from 20 on that is it.
    bench = Workbench(
        make_network,
        timing__read_cycles=4,
        banks__read_ports=1,
        banks__planes=6,
        sequencer__contexts=2,
    )
    _, rows = bench.run(
        bench.load(A0),
        bench.conv(A0, B0),
        bench.relu(B0, A1),
        bench.conv(A1, B1),
        bench.sum(A0, B0, A2),
        bench.handoff(A2),
        planes=3,
        arrivals=(0, 7),
    )
    first = {number: row for number, row in rows.items() if row["image"] == 0}
    assert issues(first)[:5] == [0, 6, 12, 18, 23]
    waited = [row for row in first.values() if row["kind"] == "wait" and row["step"] == 5]
    assert [
        (row["t_start_ps"], row["t_end_ps"], row["resource"], rows[row["cause_id"]]["image"])
        for row in waited
    ] == [
        (19_000, 20_000, f"{BANK_A}.read_ports", 0),
        (20_000, 23_000, "datapath.b_to_a", 1),
    ]


def test_a_refresh_that_begins_is_named_as_soon_as_it_is_the_first_obstacle(make_network):
    # Steps of 1 + 4 cycles: load to A.0 0 to 5, conv A.0 to B.0 5 to 10, load to A.1 6 to 11.
    # The relu A.0 to A.1 waits for A.1, which settles until 11. At 9, when nothing ends, every
    # plane is due: A.0 is refreshed 9-11, and what a step reads comes before what it writes.
    # At 11 A.1 has settled, and is refreshed 11-13.
    bench = Workbench(
        make_network,
        timing__write_cycles=4,
        banks__planes=2,
        banks__refresh_interval="9 ns",
        banks__refresh_cycles=2,
    )
    _, rows = bench.run(
        bench.load(A0), bench.conv(A0, B0), bench.load(A1), bench.relu(A0, A1), bench.handoff(A1)
    )
    assert issues(rows)[:4] == [0, 5, 6, 13]
    of_step = {n: row for n, row in rows.items() if row["kind"] != "wait" or row["step"] == 4}
    assert waits(of_step) == [
        (4, 7, 9, f"unsettled {BANK_A}.plane1", ("settle", 3)),
        (4, 9, 11, f"refreshing {BANK_A}.plane0", ("refresh", None)),
        (4, 11, 13, f"refreshing {BANK_A}.plane1", ("refresh", None)),
    ]


def test_a_step_that_waits_for_nothing_follows_the_issue_before(make_network):
    # Steps of 1 + 2 cycles. A.0 is stored at 3: the conv waits for it, until 3. The relu within A
    # reads A.0, too, and finds all it needs free at 4, when it may be issued.
    bench = Workbench(make_network)
    _, rows = bench.run(bench.load(A0), bench.conv(A0, B0), bench.relu(A0, A1), bench.handoff(A1))
    issued = [row for row in rows.values() if row["kind"] == "issue"]
    assert [row["t_start_ps"] // 1000 for row in issued] == [0, 3, 4, 7]
    assert [row["cause"] for row in issued] == ["arrival", "wait", "order", "wait"]
    assert issued[2]["cause_id"] == issued[1]["id"]


def test_a_read_has_slack_until_its_plane_is_charged_again(make_network):
    # Steps of 1 + 2 cycles.
    #   1 load to A.0     0 to 3              2 conv A.0 to B.0  3 to 6: nobody reads B.0
    #   3 load to A.1     4 to 7              4 load to A.0      5 to 8
    #   5 conv A.0 to B.1 8 to 11             6 relu B.1 to A.1  11 to 14
    #   7 handoff of A.1  14 to 17
    # The path takes steps 1, 4 (behind the issues of 2 and 3), 5, 6 and 7. What step 2 writes
    # could be late by 11 cycles; what it carries and computes, by 4, as step 5 goes the same
    # way at 8. But its read of A.0 ends at 4, and has to before step 4 charges A.0 at 5.
    bench = Workbench(make_network)
    execution, rows = bench.run(
        bench.load(A0),
        bench.conv(A0, B0),
        bench.load(A1),
        bench.load(A0),
        bench.conv(A0, B1),
        bench.relu(B1, A1),
        bench.handoff(A1),
    )
    assert issues(rows) == [0, 3, 4, 5, 8, 11, 14]
    trace = execution.read_trace()
    path = critical_path(trace.slice(0, trace.num_rows))
    assert path.latency_ps == 17_000
    slack = {one.record.kind: one.slack_ps // 1000 for one in path.rest if one.record.step == 2}
    assert slack == {"settle": 11, "write": 11, "transfer": 4, "compute": 4, "read": 1}
