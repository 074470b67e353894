"""The rules that blocks live by: one writer for each state, no decision but at its moment."""

import random
from copy import copy
from dataclasses import replace

import pytest

import accelsim
from accelsim.analysis import TimesTally, compute_stats
from accelsim.compiler import compile_network
from accelsim.energy import Pricing, Tally
from accelsim.errors import DeadlockError
from accelsim.kernel import Port, Resource
from accelsim.model import Accelerator, Arrival, Design
from accelsim.model.binding import Binding
from accelsim.model.datapath import Route
from accelsim.model.messages import Decide
from accelsim.model.plane import Plane
from accelsim.trace import TableTrace
from tests.conftest import CONV, MAX2, RELU

POINTS = {
    "irmen": ("irmen", {}),
    "three contexts": ("irmen", {"sequencer.contexts": 3, "banks.planes": 6}),
    "charge": ("charge", {"sequencer.contexts": 2}),
    "refresh": (
        "charge",
        {
            "sequencer.contexts": 3,
            "banks.planes": 6,
            "banks.refresh_interval": "300 ns",
            "banks.refresh_cycles": 4,
        },
    ),
    "one circuit": ("irmen", {"circuits": 1}),
    "sram": ("mixed_signal", {"sequencer.contexts": 2, "maps.digital": "relu, pool"}),
}


def accelerator(mnist, point, shuffle=None, images=5):
    name, changes = POINTS[point]
    machine = accelsim.load_machine(name, changes)
    arrivals = [Arrival(n, 1_700 * n) for n in range(images)]
    return Accelerator(
        Design.of(machine), compile_network(mnist, machine), arrivals, [], shuffle=shuffle
    )


def owners(machine):
    """Return who may write each piece of state: the port of its block."""
    found = {}
    for block in (machine._sequencer, *machine._workers):
        for value in vars(block).values():
            if isinstance(value, Resource | Route):
                found[id(value)] = block.inbox
        for plane in getattr(block, "planes", ()):
            found[id(plane)] = block.inbox
    return found


@pytest.mark.parametrize("point", POINTS)
def test_state_has_one_writer(monkeypatch, mnist, point):
    # A shuffled run hands messages over through Port.receive, where the process that is
    # running can be seen.
    machine = accelerator(mnist, point, random.Random(1))
    mine, running, written = owners(machine), [], set()
    receive = Port.receive

    def watched_receive(port, message):
        running.append(port)
        receive(port, message)
        running.pop()

    monkeypatch.setattr(Port, "receive", watched_receive)
    changes = {
        Resource: ("take", "release"),
        Route: ("take", "release"),
        Plane: ("read_by", "read_no_more", "written_by", "store"),
    }
    for kind, names in changes.items():
        for name in names:
            method = getattr(kind, name)

            def watched(self, *arguments, method=method):
                assert mine[id(self)] is running[-1], (self, running)
                written.add(type(self))
                return method(self, *arguments)

            monkeypatch.setattr(kind, name, watched)
    machine.run()
    assert written == set(changes)


@pytest.mark.parametrize("point", POINTS)
def test_others_state_is_read_when_everything_has_ended(monkeypatch, mnist, point):
    # The sequencer looks at claims only inside a decision, and after the first decision of an
    # instant no block hears that something ended or arrived in it.
    machine = accelerator(mnist, point, random.Random(2))
    receive, obstacle = Port.receive, Binding.obstacle
    heard, decided = [], []

    def watched_receive(port, message):
        heard.append(message)
        if not isinstance(message, Decide) and decided and decided[-1] == message.time_ps:
            assert type(message).__name__ in ("Issued", "Admission"), message
        receive(port, message)

    def watched_obstacle(binding, image, seen):
        decisions = [message for message in heard if isinstance(message, Decide)]
        decided.append(decisions[-1].time_ps)
        assert heard[-1].time_ps == decided[-1]
        return obstacle(binding, image, seen)

    monkeypatch.setattr(Port, "receive", watched_receive)
    monkeypatch.setattr(Binding, "obstacle", watched_obstacle)
    machine.run()
    assert decided


@pytest.mark.parametrize("machine", ["irmen", "charge"])
@pytest.mark.parametrize("contexts", [1, 2, 3, 4])
def test_order_changes_no_byte(make_network, machine, contexts):
    # Sixty shuffles of the order in which processes start, events of an instant happen and
    # receivers hear of them: the same trace, ledger and figures each time. Images arrive on and
    # off clock edges, and the banks are refreshed.
    changes = {
        "sequencer.contexts": contexts,
        "banks.planes": 2 * max(2, contexts),
        "banks.refresh_interval": "30 ns",
        "banks.refresh_cycles": 2,
    }
    point = accelsim.load_machine(machine, changes)
    program = compile_network(make_network([2, 4, 4], CONV | {"out": 3}, RELU, MAX2), point)

    prices = point.prices_aJ

    def run(shuffle):
        table, tally, times = TableTrace(), Tally(prices), TimesTally()
        arrivals = [Arrival(n, 900 * n) for n in range(6)]
        pricing = Pricing(prices, [table, tally, times])
        Accelerator(Design.of(point), program, arrivals, [pricing], shuffle=shuffle).run()
        stats = compute_stats(times.times(), tally.ledger(), point.period_ps, None)
        return table.table(), tally.ledger().csv(point.quoted), stats

    trace, *figures = run(None)
    kinds = set(trace.column("kind").to_pylist())
    assert {"wait", "settle", "refresh"} <= kinds
    for seed in range(60):
        shuffled, *of_shuffled = run(random.Random(seed))
        assert shuffled.equals(trace), seed
        assert of_shuffled == figures, seed


def test_a_deadlock_names_every_block_that_is_not_at_rest(make_network):
    # A release is lost: the datapath goes on carrying the conv of image 0.
    machine = accelsim.load_machine("irmen", {"arrays.lanes": 1})
    program = compile_network(make_network([1, 4, 4], CONV, RELU), machine)
    arrivals = [Arrival(0, 0), Arrival(1, 0), Arrival(2, 0)]
    stuck = Accelerator(Design.of(machine), program, arrivals)
    conv = stuck._sequencer._contexts[0].bindings[1].common
    conv.charged.to = conv.charged.to[:0]
    with pytest.raises(DeadlockError) as caught:
        stuck.run()
    assert str(caught.value).splitlines() == [
        "deadlock: nothing can happen any more, and images are in flight",
        "  sequencer.context0: image 0, step 3 (relu of layer 'relu1') waits for unsettled "
        "circuit_b.lane0.bank.plane0 since 4 ns",
        "  host.queue: 2 images wait, image 1 since 0 s",
        "  datapath.a_to_b: carries image 0, step 2 (conv of layer 'conv0')",
        "  circuit_b.lane0.array: busy with image 0, step 2 (conv of layer 'conv0')",
        "  circuit_a.lane0.bank.plane0: is read by image 0, step 2 (conv of layer 'conv0')",
        "  circuit_b.lane0.bank.plane0: is written by image 0, step 2 (conv of layer 'conv0')",
    ]


def test_a_deadlock_does_not_name_what_is_at_rest(make_network):
    # Image 0 is done long before image 1, in the other context, comes to a halt.
    machine = accelsim.load_machine("irmen", {"sequencer.contexts": 2})
    program = compile_network(make_network([1, 4, 4], CONV, RELU), machine)
    stuck = Accelerator(Design.of(machine), program, [Arrival(0, 0), Arrival(1, 1_000_000)])
    conv = stuck._sequencer._contexts[1].bindings[1]
    conv.common = copy(conv.common)  # the other context's stays as it is
    conv.common.charged = stuck._line()
    with pytest.raises(DeadlockError) as caught:
        stuck.run()
    lines = str(caught.value).splitlines()[1:]
    assert lines
    assert all("image 1" in line for line in lines)


def test_a_deadlock_of_the_handoff(irmen, mnist):
    program = compile_network(mnist, irmen)
    stuck = Accelerator(Design.of(irmen), program, [Arrival(0, 0)])
    handoff = stuck._sequencer._contexts[0].bindings[-1].common
    handoff.charged.to = handoff.charged.to[:0]
    with pytest.raises(DeadlockError, match=r"host\.handoff: carries image 0, step 14 \(handoff"):
        stuck.run()


def test_a_program_that_ends_too_early_is_no_finished_run(irmen, mnist):
    program = compile_network(mnist, irmen)
    # Without its handoff an image never leaves.
    broken = replace(program, instructions=program.instructions[:-1])
    with pytest.raises(DeadlockError, match="nothing can happen any more"):
        Accelerator(Design.of(irmen), broken, [Arrival(0, 0)]).run()
