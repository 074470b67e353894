"""What faults leave in values: planes that settle late unnoticed, and planes not refreshed."""

import numpy as np
import pytest

import accelsim
from accelsim.compiler import compile_network
from accelsim.config.checks import cells_of, effects_of, no_values_of
from accelsim.network import Weights
from accelsim.records import StepTimes
from accelsim.records.steptimes import Lapse, LateWrite
from accelsim.values import Effects
from accelsim.values.ageing import Ageing
from accelsim.values.noisy import NoisyEngine
from accelsim.values.tables import linear
from tests.conftest import AVG2, with_faults

TAU_PS, READ_PS, WRITE_PS = 648, 1000, 2000
LATE = {
    "kind": "late_settle", "where": "circuit_b.lane0.bank.plane0", "at": "0 ns", "cycles": 1,
    "detected": False,
}  # fmt: skip
MISSED = {"kind": "missed_refresh", "where": "circuit_b.lane0.bank", "at": "0 ns"}


@pytest.fixture(scope="module")
def average(irmen, make_network):
    """Load, average of four, handoff of one cell: run on white images."""
    program = compile_network(make_network([1, 2, 2], AVG2), irmen)

    def run(late=(), waited=0, images=1, effects=None):
        issued = np.tile(np.arange(3) * (READ_PS + WRITE_PS), (images, 1))
        issued[:, 2] += waited
        charged = issued + READ_PS
        times = StepTimes(issued, charged, charged + WRITE_PS, np.full(images, -1), tuple(late))
        effects = effects or Effects(cell=linear(settling_ps=TAU_PS))
        engine = NoisyEngine(program, Weights({}, {}), effects, 4)
        white = np.full((images, 1, 2, 2), 255, np.uint8)
        return engine.run(white, np.arange(images), times).ravel()

    return run


def relaxed(level, begins_ps, reads_ps):
    """Simulate a cell that holds 0 and relaxes toward a level from a time on, by small steps."""
    value, step = 0.0, 0.5
    for _ in range(int(max(0, reads_ps - begins_ps) / step)):
        value += (level - value) * step / TAU_PS
    return value


@pytest.mark.parametrize("late_ps", [500, 1000, 2000, 5000])
@pytest.mark.parametrize("waited_ps", [0, 1000])
def test_a_read_before_a_plane_has_settled(average, late_ps, waited_ps):
    # The load leaves x; the average of four drives x again, and begins to relax so much later. The
    # handoff reads it at 2 cycles after its isolation, or later; a whole write is the most.
    x = 1 - np.exp(-WRITE_PS / TAU_PS)
    found = average([LateWrite(0, 1, 0, late_ps)], waited_ps)
    expected = relaxed(x, late_ps, min(WRITE_PS + waited_ps, late_ps + WRITE_PS))
    assert found.item() == pytest.approx(expected, abs=1e-3)


def test_a_plane_that_has_not_begun_to_settle_is_read_as_it_was(average):
    assert average([LateWrite(0, 1, 0, WRITE_PS)]).item() == 0


def test_only_the_image_that_is_hit_sees_it(average):
    usual = average(images=3)
    found = average([LateWrite(1, 1, 0, 1000)], images=3)
    assert found[1] < 0.9 * usual[1]
    assert (found[[0, 2]] == usual[[0, 2]]).all()


def test_the_noise_of_the_write_is_the_same(average):
    # A read that comes when the plane has settled finds what it would have found anyway.
    effects = Effects(cell=linear(0.01, TAU_PS), write_noise=0.05, seed=3)
    usual = average(waited=4000, effects=effects)
    found = average([LateWrite(0, 1, 0, 4000)], 4000, effects=effects)
    assert found.item() == usual.item()


def test_times_of_some_images_have_their_late_writes():
    zeros = np.zeros((4, 1), np.int64)
    late = (LateWrite(1, 0, 2, 7), LateWrite(3, 0, 0, 9))
    times = StepTimes(zeros, zeros, zeros, np.full(4, -1), late)
    assert times.of(np.array([3, 1, 3])).late == (
        LateWrite(1, 0, 2, 7), LateWrite(0, 0, 0, 9), LateWrite(2, 0, 0, 9),
    )  # fmt: skip
    assert times.of(slice(2, None)).late == (LateWrite(1, 0, 0, 9),)
    assert times.of(np.array([0])).late == ()


def test_one_that_is_noticed_settles_as_long_as_it_should():
    charged = np.full((2, 3), 100)
    times = StepTimes(charged - 50, charged, charged + 90, np.full(2, -1))
    found = times.struck([LateWrite(1, 2, 0, 30)], noticed=True)
    assert found.charged_ps.tolist() == [[100, 100, 100], [100, 100, 130]]
    assert found.late == ()


def ages(reads_ps, stored_ps, missed, interval):
    """Follow rounds of refresh one by one; return the age of a value when it is read."""
    rounds = [each for each in range(0, reads_ps + 1, interval) if each not in missed]
    return reads_ps - max([stored_ps, *(each for each in rounds if each >= stored_ps)])


@pytest.mark.parametrize("missed", [(300,), (300, 400)])
def test_how_old_a_value_gets_without_its_refresh(missed):
    # A time constant and a refresh every 100 ps; rounds at 300, or 300 and 400, are missed: a value
    # read at t in the lapse was refreshed at 200 last.
    interval, tau = 100, 500.0
    ageing = Ageing(time_constant=tau, longest=float(interval))
    lapse = Lapse("b", missed[0], missed[-1] + interval, missed[0] - interval)
    for reads in range(250, 620, 7):
        limit = ageing.limit(np.array([reads]), "b", (lapse,))
        for stored in range(0, reads, 13):
            age = np.array([[reads - stored]])
            found = ageing.read(np.ones((1, 1, 1), np.float32), age, None, limit).item()
            simulated = ages(reads, stored, missed, interval)
            if lapse.since_ps <= reads < lapse.until_ps and stored <= lapse.last_ps:
                assert found == pytest.approx(np.exp(-simulated / tau))
            # Without phases of single planes no value is taken for younger than it is.
            assert found <= np.exp(-simulated / tau) + 1e-6
    assert ageing.limit(np.array([310]), "a", (lapse,)).item() == interval
    assert ageing.limit(np.array([310]), "b", ()) == interval


def test_values_show_what_nobody_notices(irmen, charge):
    assert effects_of(with_faults(irmen, LATE)) == ("transfer", "settling")
    assert cells_of(with_faults(irmen, LATE)) == (
        "with transfer, settling, as planes settle late unnoticed"
    )
    assert effects_of(with_faults(charge, LATE)) == ("settling",)
    assert effects_of(with_faults(irmen, LATE | {"detected": True})) == ()
    assert cells_of(with_faults(charge, MISSED)) == "with retention, as values get older by faults"
    without = irmen.model_copy(update={"noise": None, "response": None})
    assert no_values_of(with_faults(without, LATE)) == (
        "faults.events: what a cell holds that settles late is not known: the machine has no "
        "section 'noise'"
    )


def test_a_run_on_digits(irmen, mnist):
    # Plane 0 of B, lane 0, after step 4: a cycle late changes little, two or more leave the image
    # with what the plane held before; one that is noticed changes nothing.
    active = accelsim.load_machine("irmen", {"effects.active": "transfer, settling"})

    def maps(*events):
        machine = with_faults(active, *events)
        return accelsim.simulate(machine, mnist, 2).values.features

    usual = maps()
    moved = [
        np.abs(maps(LATE | {"step": 4, "cycles": cycles}) - usual).max(axis=(1, 2, 3))
        for cycles in (1, 2)
    ]
    assert 0 < moved[0][0] < 1e-3
    assert moved[1][0] > 0.1
    assert (maps(LATE | {"step": 4, "detected": True}) == usual).all()
    assert moved[1][1] < 0.01  # what it left is overwritten by the next image


def test_a_missed_refresh_lets_values_decay(charge, mnist):
    # Step 11 (add_h) waits from 110 until 1100 ns, as a port of A is stuck, and 4 more for planes
    # of A whose refresh waited, too; then it reads s in B, -1 where the centre is the maximum.
    # Rounds come every 400 ns: s is read as 400 ns old, and as 1104 - 400 = 704 if the one at 800
    # is missed. Its size is less by exp(-0.04) - exp(-0.0704), what the add leaves is so much more.
    keys = {
        "banks.refresh_interval": "400 ns", "banks.refresh_cycles": 1,
        "effects.active": "retention", "effects.retention": "10 us",
    }  # fmt: skip
    machine = accelsim.load_machine("charge", keys)
    stuck = {
        "kind": "stuck_port", "where": "circuit_a.lane0.bank.write_ports", "at": "100 ns",
        "duration": "1 us",
    }  # fmt: skip
    one, other = (
        accelsim.simulate(with_faults(machine, *events), mnist, 1).values.features
        for events in ([stuck], [stuck, MISSED | {"at": "790 ns"}])
    )
    most = np.exp(-0.04) - np.exp(-0.0704)
    assert (other - one).max() == pytest.approx(most, rel=0.01)
    assert (other - one).min() > -1e-3


def test_what_cells_keep_without_a_supply(mnist):
    # Charge of the cells leaks in seconds: in 0.1 s a level moves by less than half a step of 4
    # bits, and the image goes on with what is left; after 100 s nothing is, and it is loaded again.
    keys = {"effects.active": "retention", "cell.storage": "charge"}
    machine = accelsim.load_machine("irmen", keys)

    def run(*durations, name=machine):
        events = [
            {"kind": "power_failure", "at": "22500 ps", "duration": each} for each in durations
        ]
        return accelsim.simulate(with_faults(name, *events), mnist, 1)

    usual, brief, long = run(), run("0.1 s"), run("100 s")
    moved = np.abs(brief.values.features - usual.values.features).max()
    assert 1e-4 < moved < 1 / 16
    assert (long.values.features == usual.values.features).all()
    assert [len(each.ledger.entries) > 0 for each in (brief, long)] == [True, True]
    # Step 8 is issued twice, or steps 1 to 8.
    issues = [each.ledger.counts["issue"] for each in (usual, brief, long)]
    assert issues == [14, 15, 22]
    held = accelsim.load_machine("irmen", {"effects.active": "retention"})
    same = run("100 s", name=held)
    assert same.ledger.counts["issue"] == 15
    assert (same.values.features == run(name=held).values.features).all()
