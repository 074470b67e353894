"""What-ifs: each is compared with what is derived by hand, and with a run of that machine."""

import pytest

import accelsim
from accelsim.analysis.limits import CONTEXTS
from accelsim.analysis.utilization import ISSUE_SLOT
from accelsim.reports.whatif import _variants, in_short, what_if
from accelsim.runs import open_run

KEYS = {
    "irmen": ["timing.write_cycles", "clock"],
    "charge": ["timing.write_cycles", "timing.read_cycles", "clock"],
}
DOUBLED = ["arrays.lanes", "arrays.fan_in", "banks.write_ports"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, mnist):
    folder = tmp_path_factory.mktemp("what_if")
    for name in KEYS:
        accelsim.simulate(accelsim.load_machine(name), mnist, 1, outdir=folder / name)
    return folder


@pytest.fixture(scope="module")
def found(folder):
    return {name: what_if(open_run(folder / name)) for name in KEYS}


def line(found, key, value):
    """Return latency, interval, limit and whether the trial is marked."""
    trial = next(t for t in found.trials if t.changes.get(key, ("", ""))[1] == value)
    return trial.latency_ps, trial.limit.interval_ps, trial.limit.by, bool(trial.new_warnings)


def test_irmen(found):
    """Fourteen steps of 1 + 2 cycles, an image at a time; three images fill the issue slot."""
    irmen = found["irmen"]
    keys = [key for trial in irmen.trials for key in trial.changes]
    assert keys == [*KEYS["irmen"], *["sequencer.contexts"] * 3, *DOUBLED]
    assert (irmen.base.latency_ps, irmen.base.limit.interval_ps) == (42_000, 42_000)
    assert line(irmen, "timing.write_cycles", "1") == (14 * 2_000, 28_000, CONTEXTS, True)
    assert line(irmen, "clock", "1.25 GHz") == (42 * 800, 33_600, CONTEXTS, True)
    assert line(irmen, "sequencer.contexts", "2") == (42_000, 21_000, CONTEXTS, False)
    assert line(irmen, "sequencer.contexts", "3") == (42_000, 14_000, ISSUE_SLOT, False)
    assert line(irmen, "sequencer.contexts", "4") == (42_000, 14_000, ISSUE_SLOT, False)
    assert line(irmen, "arrays.lanes", "16") == (42_000, 42_000, CONTEXTS, False)
    needed = [dict(trial.needed) for trial in irmen.contexts().values()]
    assert needed == [{}, {}, {"banks.planes": 6}, {"banks.planes": 8}]


def test_charge(found):
    """Steps of 9 + 2 cycles; array A is read from in 7 of 14 steps, 63 cycles an image."""
    charge = found["charge"]
    assert (charge.base.latency_ps, charge.base.limit.busy_ps) == (154_000, 63_000)
    assert line(charge, "timing.read_cycles", "8") == (140_000, 140_000, CONTEXTS, True)
    assert line(charge, "timing.write_cycles", "1") == (140_000, 140_000, CONTEXTS, True)
    assert line(charge, "sequencer.contexts", "2")[1:] == (77_000, CONTEXTS, False)
    assert line(charge, "sequencer.contexts", "3")[1:] == (63_000, "arrays A", False)


def test_a_trial_is_what_a_run_of_that_machine_gives(found, mnist):
    machine = accelsim.load_machine("charge", {"sequencer.contexts": 3, "banks.planes": 6})
    trial = found["charge"].contexts()[3]
    run = accelsim.simulate(machine, mnist, trial.images)
    assert trial.latency_ps == run.stats.latency.value
    assert trial.limit.interval_ps == run.stats.initiation_interval.value
    assert trial.energy_aJ == run.stats.energy_per_image.value


def test_in_short_changes_images_in_flight_alone(folder):
    found = in_short(open_run(folder / "irmen"))
    assert list(found.contexts()) == [1, 2, 3, 4]
    assert {key for trial in found.trials for key in trial.changes} == {"sequencer.contexts"}


def test_few_images_of_three_contexts(folder, monkeypatch):
    """Issued a cycle apart, three leave at 42, 43 and 44 ns, the next three at 84, 85 and 86."""

    def limit(images):
        monkeypatch.setattr("accelsim.reports.whatif._MOST_STEPS", 14 * images)
        trial = what_if(open_run(folder / "irmen"), contexts_alone=True).contexts()[3]
        assert trial.images == images
        return trial.limit

    # Without the last two, beside which fewer run, the second half: 84 - 43, of two images.
    assert (limit(6).interval_ps, limit(6).repeats) == (20_500, False)
    # As many images as contexts: none waits for another.
    assert (limit(3).interval_ps, limit(3).by) == (None, CONTEXTS)


def test_a_network_that_is_gone_leaves_the_machine_as_it_is(tmp_path):
    (tmp_path / "net.yaml").write_text(
        "name: net\ninput: [1, 4, 4]\nlayers:\n- {name: c, op: conv, out: 1, kernel: 3}\n"
        "- {name: r, op: relu}\n"
    )
    network = accelsim.load_network(tmp_path / "net.yaml")
    accelsim.simulate(accelsim.load_machine(), network, 1, outdir=tmp_path / "out")
    (tmp_path / "net.yaml").unlink()
    found = what_if(open_run(tmp_path / "out"))
    # load, conv, relu and handoff.
    assert (found.base.latency_ps, found.trials) == (12_000, ())
    assert found.why_none.startswith("the network file is gone: ")


@pytest.mark.parametrize(
    ("clock", "faster"),
    [("500 MHz", "625 MHz"), ("900 ps", "720 ps"), ("1 THz", None)],
)
def test_a_faster_clock_is_a_whole_number_of_ps(clock, faster):
    changes = list(_variants(accelsim.load_machine("irmen", {"clock": clock})))
    assert [each["clock"] for each in changes if "clock" in each] == ([faster] if faster else [])
    assert {"sequencer.contexts": 1} not in changes


def test_a_long_program_is_left_to_compare(folder, monkeypatch):
    run = open_run(folder / "irmen")
    monkeypatch.setattr("accelsim.reports.whatif._SHORT_PROGRAM", 13)
    assert in_short(run).why_none == "14 steps; accelsim explain RUN latency simulates it"
    monkeypatch.setattr("accelsim.reports.whatif._LONG_PROGRAM", 13)
    assert what_if(run).why_none == (
        "14 steps take minutes for all changes; accelsim compare MACHINE MACHINE:KEY=VALUE "
        "simulates one"
    )
