"""Who gets what when several want it: contexts, planes, ports; derived by hand."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

import accelsim
from accelsim.analysis.dependencies import records_of
from accelsim.compiler import Kernel, Operand, Tap, compile_network
from accelsim.compiler.instruction import Grid, PlaneRef
from accelsim.model import Arrival
from accelsim.simulation import execute
from accelsim.topology import Place
from tests.conftest import CONV, RELU
from tests.dependency_graph import END, START, ImageRecords, dependencies


def trace_of(machine, program, arrivals):
    return execute(machine, program, [Arrival(*one) for one in arrivals]).read_trace()


def test_a_new_image_gets_the_context_that_was_freed_first(make_network):
    # Three contexts. Images far apart find all of them idle: those that no image ever had
    # come first, by their number, then the one that was freed first.
    machine = accelsim.load_machine("irmen", {"sequencer.contexts": 3, "banks.planes": 6})
    program = compile_network(make_network([1, 4, 4], CONV, RELU), machine)
    rows = trace_of(machine, program, [(n, 100_000 * n) for n in range(7)]).to_pylist()
    loaded = [row["component"] for row in rows if row["op"] == "load" and row["kind"] == "settle"]
    planes = program.planes[Place.A]
    assert loaded == [
        f"circuit_a.lane0.bank.plane{planes * context}" for context in (0, 1, 2, 0, 1, 2, 0)
    ]


def test_one_image_after_another_takes_turns(make_network):
    # Two images at a time in three contexts: contexts 0 and 1, then 2 (never used) and 0
    # (freed first), then 1 and 2.
    machine = accelsim.load_machine("irmen", {"sequencer.contexts": 3, "banks.planes": 6})
    program = compile_network(make_network([1, 4, 4], CONV, RELU), machine)
    arrivals = [(n, 100_000 * (n // 2)) for n in range(6)]
    rows = trace_of(machine, program, arrivals).to_pylist()
    loaded = {
        row["image"]: row["component"]
        for row in rows
        if row["op"] == "load" and row["kind"] == "settle"
    }
    planes = program.planes[Place.A]
    contexts = [int(loaded[n].rpartition("plane")[2]) // planes for n in range(6)]
    assert contexts == [0, 1, 2, 0, 1, 2]


def test_an_image_that_arrives_when_the_slot_is_taken_waits_for_it(make_network):
    # Image 1 arrives at 3 ns, when image 0 issues its conv: nothing but the issue slot keeps its
    # load back, for one cycle.
    machine = accelsim.load_machine("irmen", {"sequencer.contexts": 2})
    program = compile_network(make_network([1, 4, 4], CONV, RELU), machine)
    rows = trace_of(machine, program, [(0, 0), (1, 3000)]).to_pylist()
    wait = next(row for row in rows if row["kind"] == "wait" and row["image"] == 1)
    assert (wait["t_start_ps"], wait["t_end_ps"]) == (3000, 4000)
    assert (wait["cause"], wait["resource"], wait["step"]) == ("issue slot taken", "", 1)
    (taker,) = [row for row in rows if row["id"] == wait["cause_id"]]
    assert (taker["kind"], taker["op"], taker["image"]) == ("issue", "conv", 0)


@pytest.mark.parametrize("contexts", [3, 4])
def test_a_wait_for_a_port_names_its_oldest_holder(mnist, contexts):
    # tests/kernel holds who is the oldest of several; here the record that is named is a read.
    changes = {"sequencer.contexts": contexts, "banks.planes": 2 * contexts}
    machine = accelsim.load_machine("charge", changes | {"banks.read_ports": 1})
    rows = accelsim.simulate(machine, mnist, 12).trace.to_pylist()
    reads = {}
    for row in rows:
        if row["kind"] == "read":
            bank = row["component"].rpartition(".")[0]
            reads.setdefault(bank, []).append(row)
    waits = 0
    for wait in rows:
        if wait["cause"] == "busy" and wait["resource"].endswith("read_ports"):
            bank, now = wait["resource"].rpartition(".")[0], wait["t_start_ps"]
            held = [row for row in reads[bank] if row["t_start_ps"] <= now < row["t_end_ps"]]
            assert wait["cause_id"] == min(row["id"] for row in held)
            waits += 1
    assert waits


def summed(template, step, sources, to):
    """Return an instruction that writes the sum of some planes to another."""
    operands = tuple(
        Operand((source,), (Tap(0, 0),), Kernel(fixed=(1.0,)), Grid(1, 1), (4, 4))
        for source in sources
    )
    return replace(template, step=step, op="copy", operands=operands, destination=(to,), bias=None)


def copy(template, step, source, to):
    """Return an instruction that copies one plane of circuit A to another."""
    return summed(template, step, [PlaneRef(Place.A, 0, source)], PlaneRef(Place.A, 0, to))


def test_a_plane_that_is_read_is_not_charged(make_network):
    # Reads of 3 cycles, steps of 5, one read port: load A.0 0-5; copy A.0 to A.1 5-10; conv waits
    # for the port and reads A.0 from 8 to 11; the next copy, A.1 to A.0, waits for A.1 until 10,
    # and then for A.0, which is in use until 11. Relu, B.0 (stored at 13) to A.1, waits until A.1
    # is read at 14 and ends at 19.
    machine = accelsim.load_machine(
        "irmen", {"timing.read_cycles": 3, "arrays.lanes": 1, "banks.read_ports": 1}
    )
    program = compile_network(make_network([1, 4, 4], CONV, RELU), machine)
    load, conv, relu, handoff = program.instructions
    steps = (
        load,
        copy(relu, 2, 0, 1),
        replace(conv, step=3),
        copy(relu, 4, 1, 0),
        replace(relu, step=5, destination=(PlaneRef(Place.A, 0, 1),)),
        replace(
            handoff,
            step=6,
            operands=(replace(handoff.operands[0], planes=(PlaneRef(Place.A, 0, 1),)),),
        ),
    )
    planes = dict(program.planes) | {Place.A: 2}
    table = trace_of(machine, replace(program, instructions=steps, planes=planes), [(0, 0)])
    rows = table.to_pylist()
    issues = {row["step"]: row["t_start_ps"] // 1000 for row in rows if row["kind"] == "issue"}
    assert issues == {1: 0, 2: 5, 3: 8, 4: 11, 5: 14, 6: 19}
    first, wait = [row for row in rows if row["kind"] == "wait" and row["step"] == 4]
    assert (first["t_start_ps"], first["t_end_ps"]) == (9_000, 10_000)
    assert (first["cause"], first["resource"]) == ("unsettled", "circuit_a.lane0.bank.plane1")
    assert (wait["t_start_ps"], wait["t_end_ps"]) == (10_000, 11_000)
    assert (wait["cause"], wait["resource"]) == ("in use", "circuit_a.lane0.bank.plane0")
    (read,) = [row for row in rows if row["id"] == wait["cause_id"]]
    assert (read["kind"], read["step"], read["t_end_ps"]) == ("read", 3, 11_000)


def test_read_ports_are_looked_at_in_the_order_of_the_operands(make_network):
    # Two lanes, one read port, reads of 3 cycles, steps of 5: load A0.0 0-5; copies A0.0 to A1.0
    # from 5, A0.0 to B0.0 from 8, stored at 13. B0.0 to B0.1 then reads until 16, A0.0 to B1.0,
    # issued a cycle later, until 17. The sum of A0.0, B0.0 and A1.0 would be next, at 15: ports
    # of A and of B are taken, and A comes first, until 17.
    machine = accelsim.load_machine(
        "irmen", {"timing.read_cycles": 3, "arrays.lanes": 2, "banks.read_ports": 1}
    )
    program = compile_network(make_network([1, 4, 4], CONV, RELU), machine)
    load, _, relu, handoff = program.instructions
    a0, a1, b0 = PlaneRef(Place.A, 0, 0), PlaneRef(Place.A, 1, 0), PlaneRef(Place.B, 0, 0)
    to = PlaneRef(Place.A, 0, 1)
    b1, b_far = PlaneRef(Place.B, 0, 1), PlaneRef(Place.B, 1, 0)
    moves = [([a0], a1), ([a0], b0), ([b0], b1), ([a0], b_far), ([a0, b0, a1], to)]
    steps = [load, *(summed(relu, step, *move) for step, move in enumerate(moves, 2))]
    steps.append(replace(handoff, step=7, operands=(replace(handoff.operands[0], planes=(to,)),)))
    program = replace(program, instructions=tuple(steps), planes={Place.A: 2, Place.B: 2})
    rows = trace_of(machine, program, [(0, 0)]).to_pylist()
    issues = [row["t_start_ps"] // 1000 for row in rows if row["kind"] == "issue"]
    assert issues == [0, 5, 8, 13, 14, 17, 22]
    (wait,) = [row for row in rows if row["kind"] == "wait" and row["step"] == 6]
    assert (wait["t_start_ps"], wait["t_end_ps"], wait["cause"]) == (15_000, 17_000, "busy")
    assert wait["resource"] == "circuit_a.lane0.bank.read_ports"


def test_a_step_takes_a_read_port_for_each_of_its_planes(make_network):
    # Two lanes, two read ports, reads of 3 cycles, steps of 5: load A0.0 0-5, copies A0.0 to A1.0
    # 5-10 and, through the other port, A0.0 to A0.1 8-13 (the way within A is free again at 8).
    # From 13 the sum of A0.0, A0.1 and A1.0 to A1.1 takes both ports of lane 0 and one of lane 1
    # until 16: A0.0 to B0.0 would be next at 14, and waits.
    machine = accelsim.load_machine(
        "irmen", {"timing.read_cycles": 3, "arrays.lanes": 2, "banks.read_ports": 2}
    )
    program = compile_network(make_network([1, 4, 4], CONV, RELU), machine)
    load, _, relu, handoff = program.instructions
    a0, a1, more = PlaneRef(Place.A, 0, 0), PlaneRef(Place.A, 1, 0), PlaneRef(Place.A, 0, 1)
    to = PlaneRef(Place.A, 1, 1)
    moves = [([a0], a1), ([a0], more), ([a0, more, a1], to), ([a0], PlaneRef(Place.B, 0, 0))]
    steps = [load, *(summed(relu, step, *move) for step, move in enumerate(moves, 2))]
    steps.append(replace(handoff, step=6, operands=(replace(handoff.operands[0], planes=(to,)),)))
    program = replace(program, instructions=tuple(steps), planes={Place.A: 2, Place.B: 1})
    rows = trace_of(machine, program, [(0, 0)]).to_pylist()
    issues = [row["t_start_ps"] // 1000 for row in rows if row["kind"] == "issue"]
    assert issues == [0, 5, 8, 13, 16, 18]
    (wait,) = [row for row in rows if row["kind"] == "wait" and row["step"] == 5]
    assert (wait["t_start_ps"], wait["t_end_ps"], wait["cause"]) == (14_000, 16_000, "busy")
    assert wait["resource"] == "circuit_a.lane0.bank.read_ports"


def test_what_is_free_when_a_context_is_ready_is_no_wait(make_network):
    # One read port, 1 + 2 cycles: load A0.0 0-3, A0.0 to A0.1 from 3, A0.0 to B0.0 from 4, when the
    # port is free again: in the very cycle in which the context may go on. It waited for nothing.
    machine = accelsim.load_machine("irmen", {"arrays.lanes": 1, "banks.read_ports": 1})
    program = compile_network(make_network([1, 4, 4], CONV, RELU), machine)
    load, _, relu, handoff = program.instructions
    a0, to = PlaneRef(Place.A, 0, 0), PlaneRef(Place.B, 0, 0)
    steps = [load, copy(relu, 2, 0, 1), summed(relu, 3, [a0], to)]
    steps.append(replace(handoff, step=4, operands=(replace(handoff.operands[0], planes=(to,)),)))
    program = replace(program, instructions=tuple(steps), planes={Place.A: 2, Place.B: 1})
    rows = trace_of(machine, program, [(0, 0)]).to_pylist()
    issues = [row["t_start_ps"] // 1000 for row in rows if row["kind"] == "issue"]
    assert issues == [0, 3, 4, 7]
    assert [row["step"] for row in rows if row["kind"] == "wait"] == [2, 4]


def test_a_lane_that_is_not_the_first_is_unsettled_by_itself(make_network):
    # Load A0.0 0-3, copy to A1.0 3-6: what reads A1.0 waits from 4, when its context may go on.
    machine = accelsim.load_machine("irmen", {"arrays.lanes": 2})
    program = compile_network(make_network([1, 4, 4], CONV, RELU), machine)
    load, _, relu, handoff = program.instructions
    a0, a1, to = PlaneRef(Place.A, 0, 0), PlaneRef(Place.A, 1, 0), PlaneRef(Place.A, 0, 1)
    steps = [load, summed(relu, 2, [a0], a1), summed(relu, 3, [a1], to)]
    steps.append(replace(handoff, step=4, operands=(replace(handoff.operands[0], planes=(to,)),)))
    program = replace(program, instructions=tuple(steps), planes={Place.A: 2, Place.B: 1})
    rows = trace_of(machine, program, [(0, 0)]).to_pylist()
    (wait,) = [row for row in rows if row["kind"] == "wait" and row["step"] == 3]
    assert (wait["t_start_ps"], wait["t_end_ps"], wait["cause"]) == (4_000, 6_000, "unsettled")
    assert wait["resource"] == "circuit_a.lane1.bank.plane0"


def test_the_graph_has_the_edge_from_a_read_to_the_next_write(irmen, mnist):
    # Whatever reads a plane is over before the next step that writes it is issued.
    table = accelsim.simulate(irmen, mnist).trace
    image = ImageRecords(records_of(table))
    graph = dependencies(image)
    readers, found = {}, 0
    for step in sorted(image.steps):
        records = image.steps[step]
        issue = next(record for record in records if record.kind == "issue")
        for record in records:
            if record.kind == "write":
                for reader in readers.pop(record.component, []):
                    assert graph.has_edge((reader, END), (issue.id, START))
                    found += 1
        for record in records:
            if record.kind == "read":
                readers.setdefault(record.component, []).append(record.id)
    assert found > 20


@pytest.mark.parametrize("machine", ["irmen", "charge"])
def test_counts_of_reads_follow_the_read_cycles(machine, mnist):
    # 20,776 cells are read an image, each for `read_cycles`: 1 and 9.
    point = accelsim.load_machine(machine)
    cycles = {"irmen": 1, "charge": 9}[machine]
    result = accelsim.simulate(point, mnist)
    assert result.ledger.counts["cell_read_cycle"] == 20_776 * cycles
    assert [row.cells_read for row in result.schedule] == [
        0, 784, 3136, 3136, 3136, 1568, 1568, 784, 1568, 1568, 1568, 784, 784, 392,
    ]  # fmt: skip
    assert [row.cells_written for row in result.schedule] == [
        784, 3136, 3136, 1568, 1568, 784, 784, 1568, 1568, 784, 784, 392, 392, 392,
    ]  # fmt: skip
    steps = {"irmen": 3, "charge": 11}[machine]
    assert [row.t_end_ps for row in result.schedule] == [
        1000 * steps * step for step in range(1, 15)
    ]


def test_image_numbers_do_not_depend_on_their_order(make_network):
    machine = accelsim.load_machine("irmen", {"sequencer.contexts": 2})
    program = compile_network(make_network([1, 4, 4], CONV, RELU), machine)
    rows = trace_of(machine, program, [(5, 0), (2, 0), (9, 50_000)]).to_pylist()
    begun = {}
    for row in rows:
        if row["kind"] == "issue":
            begun.setdefault(row["image"], row["t_start_ps"])
    assert begun == {5: 0, 2: 1000, 9: 50_000}
    ids = np.array([row["id"] for row in rows])
    assert (ids == np.arange(len(ids))).all()
    for one, other in itertools.pairwise(rows):
        assert one["id"] < other["id"]
