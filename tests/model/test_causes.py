"""What each record names as its cause, and what claims name when several things are in the way.

Times in ns. Ids count the rows of a step in the order of its stages: issue, route, reads,
compute, writes, settlings; a wait or clock record takes its id when it is reported.
"""

import random

import accelsim
from accelsim.compiler import compile_network
from accelsim.kernel import Port, Simulation
from accelsim.model import Accelerator, Arrival, Design
from accelsim.model.bank import Banks
from accelsim.model.binding import Slots
from accelsim.model.messages import Arrived, NoMore
from accelsim.model.plane import DestinationClaim, Plane, SourceClaim
from accelsim.model.refresh import Refresh
from accelsim.records.reasons import DUE, IN_USE, UNWRITTEN
from accelsim.records.recorder import NO_CAUSE, Cause, Recorder
from accelsim.topology import Place
from tests.conftest import CONV, RELU

A, B = "circuit_a.lane0.bank.plane0", "circuit_b.lane0.bank.plane0"


def run(network, images, **changes):
    point = accelsim.load_machine("irmen", {k.replace("__", "."): v for k, v in changes.items()})
    return accelsim.simulate(point, network, images).trace.to_pylist()


def build(network, arrivals, shuffle=None, sinks=(), **changes):
    point = accelsim.load_machine("irmen", {k.replace("__", "."): v for k, v in changes.items()})
    program = compile_network(network, point)
    return Accelerator(Design.of(point), program, arrivals, sinks, shuffle=shuffle)


def causes(rows):
    """Return (id, kind, component, cause, resource, cause_id)."""
    names = ("id", "kind", "component", "cause", "resource", "cause_id")
    return [tuple(row[name] or (0 if row[name] == 0 else "") for name in names) for row in rows]


def test_causes_of_two_images(make_network):
    # Load 0-3, conv 3-6, relu 6-9, handoff 9-12. The load follows the arrival; later steps wait
    # for the settling of what they read; image 1 waits in the queue for image 0's last record.
    rows = run(make_network([1, 4, 4], CONV, RELU), 2)
    array, bus = "circuit_a.lane0.array", "datapath.a_to_b"
    assert causes(rows[:13]) == [
        (0, "issue", "sequencer", "arrival", "", ""),
        (1, "transfer", "host.load", "issue", "", 0),
        (2, "compute", array, "issue", "", 0),
        (3, "write", A, "issue", "", 0),
        (4, "settle", A, "write", "", 3),
        (5, "wait", "sequencer.context0", "unsettled", A, 4),
        (6, "clock", "clock", "issue", "", 0),
        (7, "issue", "sequencer", "wait", "", 5),
        (8, "transfer", bus, "issue", "", 7),
        (9, "read", A, "issue", "", 7),
        (10, "compute", "circuit_b.lane0.array", "issue", "", 7),
        (11, "write", B, "issue", "", 7),
        (12, "settle", B, "write", "", 11),
    ]
    # 15-22 are the relu, 23 the issue of the handoff: route, read, drivers, boundary.
    assert causes(rows[26:32]) == [
        (26, "compute", "host.boundary", "issue", "", 23),
        (27, "write", "host.boundary.plane0", "issue", "", 23),
        (28, "settle", "host.boundary.plane0", "write", "", 27),
        (29, "wait", "host.queue", "no free context", "", 28),
        (30, "clock", "clock", "issue", "", 23),
        (31, "issue", "sequencer", "arrival", "", 29),
    ]
    # The wait in the queue is the load's.
    assert (rows[29]["op"], rows[29]["step"], rows[29]["layer"]) == ("load", 1, rows[0]["layer"])


def test_standby_clock_and_leakage_begin_at_zero(make_network):
    # The only image arrives at 5: the clock idles for 5 cycles, all banks leak from 0 to 17.
    sink = Keep()
    network = make_network([1, 4, 4], CONV, RELU)
    assert build(network, [Arrival(0, 5000)], sinks=[sink]).run() == 17_000
    idle = [row for row in sink.rows if row[0] == "clock" and row[3] == "idle"]
    assert idle == [("clock", 0, 5000, "idle", -1, 5)]
    leaks = {row[1:4] for row in sink.rows if row[3] == "powered"}
    assert leaks == {(0, 17_000, "powered")}


class Keep:
    """Keeps (component, start, end, cause, cause_id, clock cycles), and all texts."""

    def __init__(self):
        self.rows = []

    def write(self, records):
        texts = records.vocabulary.texts
        for place in range(len(records)):
            self.rows.append(
                (
                    texts[records.component[place]],
                    int(records.t_start_ps[place]),
                    int(records.t_end_ps[place]),
                    texts[records.cause[place]],
                    int(records.cause_id[place]),
                    int(records.actions["clock_cycle"][place]),
                )
            )

    def close(self):
        pass


def test_a_refresh_is_the_record_of_its_lane():
    # Ten is the refresh in lane 0, eleven that in lane 1.
    simulation, recorder = Simulation(), Recorder([])
    machine = accelsim.load_machine(
        "irmen", {"banks.refresh_interval": "20 ns", "banks.refresh_cycles": 2}
    )
    banks = Banks(simulation, Design.of(machine), Place.A, recorder)
    refresh = Refresh(banks.refresher.activities[0], 10, 0, Cause(DUE))
    for lane, number in ((0, 10), (1, 11)):
        bank = f"circuit_a.lane{lane}.bank"
        for part in ("plane0", "read_ports", "write_ports"):
            assert refresh.record(f"{bank}.{part}") == number


class Holder:
    def __init__(self, number):
        self.number = number

    def record(self, path):  # noqa: ARG002 - whatever it holds
        return self.number


def test_another_images_lanes_are_unwritten():
    # Image 7 stores lane 1; lane 0 still has the values of image 6.
    plane = Plane()
    for image, lanes in ((6, 0b11), (7, 0b10)):
        plane.written_by(Holder(1), lanes)
        plane.store(plane.writers[0][0], lanes, image)
    assert SourceClaim(plane, {1: "p1"}).obstacle(7) is None
    assert SourceClaim(plane, {0: "p0", 1: "p1"}).obstacle(7) == Cause(UNWRITTEN, "p0", NO_CAUSE)


def test_who_reads_the_blocked_lane_is_named():
    plane = Plane()
    plane.read_by(Holder(1), 0b01)
    plane.read_by(Holder(2), 0b10)
    assert DestinationClaim(plane, {1: "p1"}).obstacle(0) == Cause(IN_USE, "p1", 2)


def test_claims_are_looked_at_stage_by_stage(mnist):
    # Sources, destination, routes, read ports by operand, array, write port.
    for binding in build(mnist, [])._sequencer._contexts[0].bindings:
        paths = [next(iter(claim.paths.values())) for claim in binding.claims]
        kinds = []
        for claim, path in zip(binding.claims, paths, strict=True):
            if isinstance(claim, SourceClaim):
                kinds.append("a source")
            elif isinstance(claim, DestinationClaim):
                kinds.append("b destination")
            elif not isinstance(claim, Slots):
                kinds.append("c route")
            else:
                last = path.rpartition(".")[2]
                kinds.append({"array": "e array", "read_ports": "d read"}.get(last, "f write"))
        assert kinds == sorted(kinds)


def test_all_that_may_be_waited_for_has_a_code_before_the_run(mnist):
    machine = build(mnist, [], sequencer__contexts=2)
    known = set(machine._recorder.vocabulary.texts)
    for context in machine._sequencer._contexts:
        for binding in context.bindings:
            for claim in binding.claims:
                assert set(claim.paths.values()) <= known


def test_a_run_without_images_ends_at_zero(mnist):
    assert build(mnist, []).run() == 0


def test_a_machine_without_refresh_has_no_cycles_of_it(irmen):
    assert (Design.of(irmen).refresh_interval_ps, Design.of(irmen).refresh_cycles) == (None, 0)


def test_the_order_of_blocks_is_shuffled(mnist):
    class Watched(random.Random):
        seen = ()

        def shuffle(self, items):
            self.seen = (*self.seen, tuple(items))

    order = Watched(0)
    machine = build(mnist, [Arrival(0, 0)], order)
    machine.run()
    assert any(machine._sequencer in items for items in order.seen)


def test_images_of_one_time_arrive_together_and_time_never_goes_back(monkeypatch, mnist):
    heard = []
    receive = Port.receive

    def watched(port, message):
        heard.append(message)
        receive(port, message)

    monkeypatch.setattr(Port, "receive", watched)
    arrivals = [Arrival(0, 0), Arrival(1, 500), Arrival(2, 500), Arrival(3, 900)]
    build(mnist, arrivals, random.Random(3)).run()
    times = [message.time_ps for message in heard]
    assert times == sorted(times)
    groups = {message.time_ps: message.end for message in heard if isinstance(message, Arrived)}
    assert groups == {0: 1, 500: 3, 900: 4}  # images before which have arrived by then
    assert [message.images for message in heard if isinstance(message, NoMore)] == [4]
