"""Networks that share a machine: who gets contexts and the issue slot, by hand and by property."""

import json
import random

import numpy as np
import pytest

import accelsim
from accelsim.compiler import Tenancy, compile_network, compile_tenants
from accelsim.energy import Pricing
from accelsim.errors import InputError
from accelsim.model import Accelerator, Arrival, Design
from accelsim.model.accelerator import Checkpoint
from accelsim.network import Tenant
from accelsim.records import recorder
from accelsim.simulation import execute, run_events
from accelsim.trace import TableTrace, write_csv
from tests.conftest import CONV, MAX2, RELU
from tests.model.test_checkpoint import Collected

POLICIES = ("oldest", "priority", "fair")


@pytest.fixture(scope="module")
def short(make_network):
    """Load, conv, relu, handoff: 4 steps, 12 cycles."""
    return make_network([1, 4, 4], CONV, RELU)


@pytest.fixture(scope="module")
def long(make_network):
    """The same and four steps of a pooling: 8 steps, 24 cycles."""
    return make_network([1, 4, 4], CONV, RELU, MAX2)


def machine_of(policy, contexts=1, planes=8, **changes):
    return accelsim.load_machine(
        "irmen",
        {
            "sequencer.arbitration": policy,
            "sequencer.contexts": contexts,
            "banks.planes": planes,
            **changes,
        },
    )


def starts(machine, tenants, arrivals):
    """Return the cycle in which each image is loaded."""
    times = run_events(machine, compile_tenants(tenants, machine), arrivals).times
    return (times.started_ps // 1000).tolist()


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        # A context that all share, 12 cycles an image. Tenant 0 sends images 0, 1, 2 at once,
        # tenant 1 images 3 and 4 a cycle later.
        ("oldest", [0, 12, 24, 36, 48]),
        # From cycle 12 on those of priority 5 go first.
        ("priority", [0, 36, 48, 12, 24]),
        # Turns: 0, then tenant 1, tenant 0, tenant 1, and what is left.
        ("fair", [0, 24, 48, 12, 36]),
    ],
)
def test_a_shared_context(short, policy, expected):
    tenants = [Tenant("a", short), Tenant("b", short)]
    arrivals = [Arrival(0, 0), Arrival(1, 0), Arrival(2, 0)]
    arrivals += [Arrival(3, 1000, 1, 5), Arrival(4, 1000, 1, 5)]
    assert starts(machine_of(policy), tenants, arrivals) == expected


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        # Four images in four contexts, two of each tenant: three fill every slot, as each has a
        # step every three cycles, and the fourth gets its first slot when one is done.
        ("oldest", [0, 1, 2, 12]),
        ("priority", [2, 12, 0, 1]),
        # In turns each of the four has a step every four cycles: 0 loads in cycle 0, 2 in 1, then
        # 1, as the conv of 0 has to wait for its load until 3, and 3 for the same reason.
        ("fair", [0, 2, 1, 3]),
    ],
)
def test_the_issue_slot(short, policy, expected):
    tenants = [Tenant("a", short, contexts=2), Tenant("b", short, contexts=2)]
    arrivals = [Arrival(0, 0), Arrival(1, 0), Arrival(2, 0, 1, 9), Arrival(3, 0, 1, 9)]
    machine = machine_of(policy, 4)
    assert starts(machine, tenants, arrivals) == expected
    if policy == "fair":
        times = run_events(machine, compile_tenants(tenants, machine), arrivals).times
        # Issues of image 0 in cycles 0, 4, 8, 12, then three cycles; of the others one later each.
        assert (times.done_ps // 1000).tolist() == [15, 17, 16, 18]


def test_a_tenant_that_cannot_use_its_turn_holds_nobody_up(short):
    # Both arrive at 0, one context each: image 1 is loaded in cycle 1. No step of the one is
    # ever ready with one of the other: 12 cycles each, whatever the policy.
    tenants = [Tenant("a", short, contexts=1), Tenant("b", short, contexts=1)]
    arrivals = [Arrival(0, 0), Arrival(1, 0, 1)]
    for policy in POLICIES:
        assert starts(machine_of(policy, 2), tenants, arrivals) == [0, 1]


def test_a_context_of_its_own_is_always_there(short):
    # Tenant a floods the shared context; b has one of its own, and is never behind a.
    tenants = [Tenant("a", short), Tenant("b", short, contexts=1)]
    arrivals = [Arrival(n, 0) for n in range(3)] + [Arrival(3, 5000, 1), Arrival(4, 17_000, 1)]
    for policy in POLICIES:
        # a: 0, 12, 24, but for slots and ports that b holds; b at once.
        found = starts(machine_of(policy, 2), tenants, arrivals)
        assert found[0] == 0
        assert found[3:] == [5, 17]


def test_programs_of_other_lengths_share_a_context(short, long):
    # 24 cycles of the long one, then 12 of the short one, then 24 again.
    tenants = [Tenant("a", short), Tenant("b", long)]
    machine = machine_of("oldest")
    arrivals = [Arrival(0, 0, 1), Arrival(1, 0, 0), Arrival(2, 0, 1)]
    events = run_events(machine, compile_tenants(tenants, machine), arrivals)
    assert (events.times.done_ps // 1000).tolist() == [24, 36, 60]
    a, b = events.tenants
    assert (a.images, b.images) == (1, 2)
    assert [row.step for row in a.schedule] == [1, 2, 3, 4]
    assert [row.step for row in b.schedule] == list(range(1, 9))
    alone = run_events(machine, compile_network(short, machine), [Arrival(0, 0)])
    assert a.ledger.total_aJ == alone.ledger.total_aJ
    assert {entry.layer for entry in a.ledger.entries} == {"input", "conv0", "relu1", "output"}
    assert events.ledger.tenant_aJ["a"] == a.ledger.total_aJ
    assert sum(events.ledger.tenant_aJ.values()) == events.ledger.total_aJ


def test_planes_of_contexts_do_not_overlap(short, mnist, irmen):
    # mnist takes two planes of A and one of B, the small network one of each: own contexts of a
    # begin at 0 and 2, that of b at 4; the shared one has room for the largest.
    programs = (compile_network(mnist, irmen), compile_network(short, irmen))
    tenancy = Tenancy((*programs, programs[0]), ("a", "b", "c"), (2, 1, 0))
    plans = tenancy.plans(5)
    assert [plan.programs for plan in plans] == [(0,), (0,), (1,), (2,), (2,)]
    first_of = [{str(place): n for place, n in plan.first.items() if n} for plan in plans]
    assert programs[1].planes == {"a": 1, "b": 1}
    assert [each.get("a", 0) for each in first_of] == [0, 2, 4, 5, 7]
    assert [each.get("b", 0) for each in first_of] == [0, 1, 2, 3, 4]
    shared = Tenancy(programs, ("a", "b"), (0, 0))
    assert shared.planes(3) == {place: 3 * n for place, n in programs[0].planes.items()}


def test_what_does_not_fit_says_what_would(mnist):
    tenants = [Tenant("cam", mnist, contexts=2), Tenant("mic", mnist), Tenant("eye", mnist)]
    few = accelsim.load_machine("irmen", {"sequencer.contexts": 3})
    with pytest.raises(InputError) as caught:
        compile_tenants(tenants, few)
    assert str(caught.value) == (
        "tenants cam, mic, eye: 3 contexts need 6 planes in a bank of circuit A (cam 2 x 2, "
        "shared 1 x 2); the machine 'irmen' has banks.planes = 4: 6 would do"
    )
    compile_tenants(
        tenants, accelsim.load_machine("irmen", {"sequencer.contexts": 3, "banks.planes": 6})
    )
    one = accelsim.load_machine("irmen", {"sequencer.contexts": 2})
    with pytest.raises(InputError) as caught:
        compile_tenants(tenants, one)
    assert str(caught.value) == (
        "tenants cam, mic, eye: contexts: 2 of tenants' own and at least 1 for mic, eye; the "
        "machine 'irmen' has sequencer.contexts = 2: 3 would do"
    )
    idle = accelsim.load_machine("irmen", {"sequencer.contexts": 4, "banks.planes": 8})
    with pytest.raises(InputError, match=r"contexts: 2 of tenants' own; .* = 4: 2 would"):
        compile_tenants(tenants[:1], idle)


@pytest.mark.parametrize(
    ("policy", "contexts"), [("oldest", (0, 0)), ("priority", (0, 0)), ("fair", (1, 1))]
)
def test_a_silent_tenant_changes_no_record(mnist, long, repository, tmp_path, policy, contexts):
    # Whoever is first has the first contexts and planes; the other one sends nothing.
    tenants = [Tenant("a", mnist, contexts[0]), Tenant("b", long, contexts[1])]
    machine = machine_of(policy, max(1, sum(contexts)), planes=4)
    execution = execute(machine, compile_tenants(tenants, machine), [Arrival(0, 0)])
    golden = repository / "traces" / "golden" / "irmen-mnist.csv"
    text = golden.read_text()
    lines = [line[2:] for line in text.splitlines() if line.startswith("#")]
    write_csv(tmp_path / "trace.csv", execution.read_trace().to_batches(), lines)
    assert (tmp_path / "trace.csv").read_text() == text
    assert execution.stats.energy.total.value == 99_722_000
    a, b = execution.tenants
    assert (a.images, b.images) == (1, 0)
    assert a.schedule[-1].t_end_ps == 42_000
    assert a.ledger.total_aJ == 99_722_000
    assert b.ledger.total_aJ == 0
    assert execution.stats.tenants.keys() == {"a"}


def random_case(seed, short, long):
    chance = random.Random(seed)
    policy, number = chance.choice(POLICIES), chance.randint(2, 3)
    own = [chance.randint(0, 2) for _ in range(number)]
    contexts = sum(own) + (chance.randint(1, 2) if 0 in own else 0)
    changes = {
        "timing.read_cycles": chance.randint(1, 3),
        "circuits": chance.choice([1, 2]),
    }
    if chance.random() < 0.3:
        changes |= {"banks.refresh_interval": "90 ns", "banks.refresh_cycles": 2}
    machine = machine_of(policy, contexts, 16, **changes)
    tenants = [
        Tenant(f"t{n}", chance.choice([short, long]), contexts=each) for n, each in enumerate(own)
    ]
    times = sorted(chance.choice([0, 700, 9_000]) * n for n in range(14))
    arrivals = [
        Arrival(n, time, chance.randrange(number), chance.randrange(3))
        for n, time in enumerate(times)
    ]
    return machine, tenants, arrivals


@pytest.mark.parametrize("seed", range(12))
def test_no_order_of_events_changes_a_record(short, long, seed):
    machine, tenants, arrivals = random_case(seed, short, long)
    tenancy = compile_tenants(tenants, machine)

    def trace(shuffle):
        table = TableTrace()
        pricing = Pricing(machine.prices_aJ, [table])
        Accelerator(Design.of(machine), tenancy, arrivals, [pricing], shuffle=shuffle).run()
        return table.table()

    assert trace(None).equals(trace(random.Random(seed)))


@pytest.mark.parametrize("seed", range(12))
def test_everybody_is_served_and_nothing_is_lost(short, long, seed):
    machine, tenants, arrivals = random_case(seed, short, long)
    events = run_events(machine, compile_tenants(tenants, machine), arrivals)
    assert len(events.times.image) == len(arrivals)
    for number, tenant in enumerate(events.tenants):
        mine = [each for each in arrivals if each.tenant == number]
        assert tenant.images == len(mine)
        if not mine:
            assert tenant.ledger.total_aJ == 0
            continue
        # In a line of one tenant and priority contexts are given in order of arrival.
        admitted = dict(zip(
            tenant.times.image.tolist(),
            (tenant.times.arrived_ps + tenant.times.queued_ps).tolist(),
            strict=True,
        ))  # fmt: skip
        for priority in range(3):
            line = [admitted[each.image] for each in mine if each.priority == priority]
            assert line == sorted(line)
    whole = sum(tenant.ledger.total_aJ for tenant in events.tenants)
    assert whole + events.ledger.tenant_aJ["standby"] == events.ledger.total_aJ
    assert events.ledger.tenant_aJ["standby"] == events.ledger.no_image_aJ


@pytest.mark.parametrize("seed", range(6))
def test_priority_never_yields(short, seed):
    # One context: when an image is taken in, none of a higher priority waits.
    chance = random.Random(seed)
    machine = machine_of("priority")
    tenants = [Tenant("a", short), Tenant("b", short)]
    times = sorted(chance.randrange(0, 100) * 1000 for _ in range(15))
    arrivals = [
        Arrival(n, time, chance.randrange(2), chance.randrange(4)) for n, time in enumerate(times)
    ]
    began = starts(machine, tenants, arrivals)
    for one in arrivals:
        now = began[one.image]
        waiting = [
            each for each in arrivals if each.time_ps <= now * 1000 and began[each.image] > now
        ]
        assert all((-one.priority, one.image) < (-each.priority, each.image) for each in waiting)


@pytest.mark.parametrize("seed", range(6))
def test_fair_turns_bound_the_wait(short, seed):
    # One context and three tenants: between two turns of a tenant with images waiting, each of
    # the others has one at most.
    chance = random.Random(seed)
    tenants = [Tenant(name, short) for name in "abc"]
    arrivals = [Arrival(n, 0, chance.randrange(3)) for n in range(18)]
    began = starts(machine_of("fair"), tenants, arrivals)
    served = [arrivals[image].tenant for image in np.argsort(began)]
    for tenant in range(3):
        turns = [place for place, each in enumerate(served) if each == tenant]
        for place, following in zip([-1, *turns], turns, strict=False):
            others = served[place + 1 : following]
            assert len(others) == len(set(others))


def poisson(rate_per_ns, number, seed):
    rng = np.random.default_rng(seed)
    return np.cumsum(np.rint(rng.exponential(1000 / rate_per_ns, number))).astype(np.int64)


@pytest.fixture(scope="module")
def streams(short):
    """Two Poisson streams for one context of 12 ns an image, loads 0.25 and 0.5, by policy."""
    times = [poisson(0.25 / 12, 600, 1), poisson(0.5 / 12, 1200, 2)]
    end = min(each[-1] for each in times)
    rows = sorted(
        (int(time), tenant) for tenant, each in enumerate(times) for time in each if time <= end
    )
    arrivals = [
        Arrival(number, time, tenant, 1 - tenant) for number, (time, tenant) in enumerate(rows)
    ]
    tenants = [Tenant("a", short), Tenant("b", short)]
    found = {}
    for policy in POLICIES:
        machine = machine_of(policy)
        found[policy] = run_events(machine, compile_tenants(tenants, machine), arrivals)
    return found


def test_priorities_wait_as_in_theory(streams):
    # A. Cobham, Operations Research 2, 70 (1954), of equal lengths S: W = load S / 2 is what is
    # left of whoever is served; then W / (1 - r) for those that go first, of load r, and
    # W / ((1 - r) (1 - load)) for the others. The load is issued at the next clock edge, up to
    # 1 ns later.
    mean = 0.75 * 12_000 / 2
    high, low = mean / (1 - 0.25), mean / ((1 - 0.25) * (1 - 0.75))
    for tenant, expected in zip(streams["priority"].tenants, (high, low), strict=True):
        waiting = tenant.load.waiting
        assert abs(waiting.value - expected) <= waiting.half + 1000


def test_no_policy_changes_the_sum_of_waits(streams):
    # Images of one length take the context in turn: at any time as many of them wait.
    sums = {policy: events.times.time_in_system_ps.sum() for policy, events in streams.items()}
    assert len(set(sums.values())) == 1
    shares = {
        policy: [each.load.in_system.value for each in events.tenants]
        for policy, events in streams.items()
    }
    (a_first, b_last), (a_fair, _), (a_oldest, _) = (
        shares[policy] for policy in ("priority", "fair", "oldest")
    )
    assert a_first < a_fair < a_oldest < b_last


def test_those_that_come_alone_are_skipped_as_ever(short):
    # The other one is silent: what repeats itself is skipped, and nothing differs.
    tenants = [Tenant("a", short), Tenant("b", short)]
    machine = machine_of("fair", 2)
    tenancy = compile_tenants(tenants, machine)
    arrivals = [Arrival(number, 7_000 * number) for number in range(200)]
    skipping = run_events(machine, tenancy, arrivals)
    assert skipping.skipped > 100
    plain = run_events(machine, tenancy, arrivals, fast_forward=False)
    assert skipping.stats() == plain.stats()
    mixed = [Arrival(number, 7_000 * number, number % 2) for number in range(200)]
    assert run_events(machine, tenancy, mixed).skipped == 0


@pytest.mark.parametrize("policy", POLICIES)
def test_a_machine_that_is_restored_goes_on(short, monkeypatch, policy):
    monkeypatch.setattr(recorder, "BLOCK", 50)
    tenants = [Tenant("a", short), Tenant("b", short), Tenant("c", short, contexts=1)]
    machine = machine_of(policy, 3)
    tenancy = compile_tenants(tenants, machine)
    arrivals = [Arrival(n, 2_300 * n, n * n % 3, n % 2) for n in range(24)]

    def built(sink):
        return Accelerator(Design.of(machine), tenancy, arrivals, [sink])

    whole = Collected()
    end = built(whole).run()
    for images in (3, 14):
        first, second = Collected(), Collected()
        left = built(first)
        assert left.run(pause=lambda done, images=images: done >= images) is None
        follower = built(second)
        follower.restore(Checkpoint(*json.loads(json.dumps(left.checkpoint()))))
        assert follower.run() == end
        assert first.rows + second.rows == whole.rows
