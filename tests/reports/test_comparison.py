"""Machines side by side: figures by hand, ratios, and what is refused."""

import json
from pathlib import Path

import pytest

import accelsim
from accelsim.config import load_machine
from accelsim.errors import InputError
from accelsim.reports.comparison import compare
from accelsim.reports.contenders import labels_of, read_contender


@pytest.fixture(scope="module")
def both():
    machines = [load_machine(name) for name in ("irmen", "charge")]
    return compare(machines, accelsim.load_network("mnist"), 20)


def values(comparison, section, figure):
    (line,) = (one for one in comparison.lines if (one.section, one.figure) == (section, figure))
    return line


def test_figures_by_hand(both):
    assert values(both, "", "cycles_per_image").values == (14 * 3, 14 * 11)
    assert values(both, "", "latency").ratios == (1, pytest.approx(154 / 42))
    # Standby is 0 on the nonvolatile machine, so that it has no ratio.
    assert values(both, "layer", "standby").ratios == (None, None)


@pytest.mark.parametrize("section", ["block", "layer"])
def test_views_add_up(both, section):
    total = values(both, "", "energy_per_image").values
    for place in range(2):
        parts = [line.values[place] or 0 for line in both.lines if line.section == section]
        assert sum(parts) == pytest.approx(total[place], rel=1e-12)


def test_ratio_that_was_published(both):
    (ratio,) = both.published
    assert (ratio.machine, ratio.base, ratio.relation) == ("charge", "irmen", "over")
    assert ratio.published == 12e9 / 100e6
    energies = values(both, "", "energy_per_image").values
    assert ratio.ours == energies[1] / energies[0]
    assert ratio.ours > ratio.published


def test_one_machine_is_refused():
    with pytest.raises(InputError, match="got irmen; expected two machines or runs, or more"):
        compare([load_machine()], accelsim.load_network("mnist"), 1)


def test_printed(command):
    code, out, err = command("compare", "irmen", "charge", "--images", "20")
    assert (code, err) == (0, "")
    text = " ".join(out.split())
    for expected in (
        "mnist on irmen, charge, 20 images",
        "cycles per image 42 154 3.667",
        "charge over irmen: published over 120 (over 12 nJ / about 100 pJ), computed 122.3",
        "calibrated 60.73 %",
        "no prediction",
    ):
        assert expected in text, expected


def test_three_machines_and_a_change_of_all(command, tmp_path, repository):
    text = (repository / "configs" / "irmen.yaml").read_text()
    (tmp_path / "slow.yaml").write_text(text.replace("name: irmen", "name: slow", 1))
    arguments = ("compare", "irmen", "charge", "slow.yaml", "--images", "1", "--json")
    tree = json.loads(command(*arguments, "--set", "timing.write_cycles=3")[1])
    assert tree["machines"] == ["irmen", "charge", "slow"]
    cycles = tree["figures"][1]
    assert cycles["values"] == {"irmen": 56, "charge": 168, "slow": 56}
    assert cycles["ratios"] == {"irmen": 1, "charge": 3, "slow": 1}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("irmen",), "compare: got irmen; expected two machines or runs, or more, such as: "
         "accelsim compare irmen charge"),
        ((), "compare: got no machine"),
        (("irmen", "irmen"), "compare: got irmen twice; expected what differs, such as: accelsim "
         "compare irmen irmen:sequencer.contexts=3"),
        (("irmen", "irmen:clock=1 GHz"), "got clock=1 GHz twice; expected what differs"),
        (("irmen", "irmen:contexts"), "irmen:contexts: expected KEY=VALUE after ':', such as "
         "irmen:sequencer.contexts=3"),
        (("irmen", "irmen:sequencer.context=3"),
         "irmen:sequencer.context=3: --set sequencer.context=3: sequencer.context: unknown key"),
        (("irmen", "irmen:"), "irmen:: expected KEY=VALUE after ':'"),
        (("irmen", ":circuits=1"), ":circuits=1: expected a machine before ':', such as irmen:"),
        (("irmen", "chrage"), "error: chrage: no such machine: "),
        (("irmen", "chrage"), "did you mean 'charge'?"),
        (("irmen", "charge", "--set", "clok=1"), "did you mean 'clock'?"),
        (("irmen", "charge", "--images", "many"), "--images many: expected a number"),
    ],
)  # fmt: skip
def test_bad_input(command, arguments, message):
    code, out, err = command("compare", *arguments)
    assert (code, out) == (2, "")
    assert message in err


def names_of(*texts, changes=None):
    return labels_of([read_contender(text, changes) for text in texts])


def test_columns_are_named_by_what_differs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert names_of("irmen", "charge") == ("irmen", "charge")
    assert names_of("irmen", "irmen:sequencer.contexts=3") == ("contexts=1", "contexts=3")
    assert names_of("irmen:clock=2 GHz", "irmen:timing.write_cycles=3") == (
        "clock=2 GHz write_cycles=2",
        "clock=1 GHz write_cycles=3",
    )
    assert names_of("irmen", "charge:clock=2 GHz") == ("irmen", "charge clock=2 GHz")
    # A comma within a value begins no change.
    assert names_of("irmen", "irmen:effects.active=read_noise, settling,arrays.lanes=4") == (
        "active=none lanes=8",
        "active=read_noise, settling lanes=4",
    )
    # Two files of one name, without changes: what their keys say.
    for name, lanes in (("a", 4), ("b", 2)):
        text = f"extends: irmen\nname: mine\narrays: {{lanes: {lanes}}}\n"
        (tmp_path / f"{name}.yaml").write_text(text)
    assert names_of("a.yaml", "b.yaml") == ("lanes=4", "lanes=2")
    # All changes of a variant are told, of files three keys.
    four = "irmen:clock=2 GHz,arrays.lanes=4,arrays.fan_in=2,timing.write_cycles=3"
    assert names_of("irmen", four)[1] == "clock=2 GHz lanes=4 fan_in=2 write_cycles=3"
    text = "extends: irmen\nname: mine\narrays: {lanes: 2, fan_in: 2, rows: 30, cols: 30}\n"
    (tmp_path / "c.yaml").write_text(text)
    assert [len(name.split()) for name in names_of("a.yaml", "c.yaml")] == [3, 3]
    # Of a variant its changes tell, not what else differs.
    assert names_of("a.yaml", "b.yaml:clock=2 GHz") == ("clock=1 GHz", "clock=2 GHz")
    # A file whose name has a colon is no variant.
    (tmp_path / "a:clock=2.yaml").write_text("extends: irmen\nname: colon\n")
    assert names_of("irmen", "a:clock=2.yaml") == ("irmen", "colon")
    # Keys of one last name are told in full.
    both = "irmen:power.off.entry=1 pJ,power.clock_gated.entry=1 aJ"
    assert names_of("irmen", both)[1] == "power.off.entry=1 pJ power.clock_gated.entry=1 aJ"


def test_a_change_of_all_and_one_of_a_variant():
    slow = {"timing.write_cycles": 3}
    one, other = (read_contender(text, slow) for text in ("irmen", "irmen:timing.write_cycles=1"))
    assert one.machine.timing.write_cycles.value == 3
    assert other.machine.timing.write_cycles.value == 1


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Run two images on a slow machine; return the run directory."""
    machine = load_machine("irmen", {"timing.write_cycles": 3})
    folder = tmp_path_factory.mktemp("runs") / "slow"
    accelsim.simulate(machine, accelsim.load_network("mnist"), range(40, 42), outdir=folder)
    return folder


def test_a_run_beside_a_machine_that_runs_the_same_images(recorded):
    found = compare([read_contender(str(recorded)), read_contender("irmen")])
    assert values(found, "", "latency").values == (56_000, 42_000)
    assert (found.network, [column.images for column in found.columns]) == ("mnist", [2, 2])
    assert values(found, "", "accuracy").values == (1.0, 1.0)
    # Of the run alone, as stats.json has it.
    stats = json.loads((recorded / "stats.json").read_text())
    assert values(found, "", "energy_per_image").values[0] == stats["energy_per_image"]["value"]
    assert values(found, "layer", "conv1").values[0] == (
        stats["energy"]["by_layer"]["conv1"]["value"] / 2
    )


def test_runs_are_named_by_their_folders(recorded, command, tmp_path):
    (tmp_path / "slow").symlink_to(recorded)
    assert command("run", "--images", "1", "--outdir", "fast", "-w", "mnist")[0] == 0
    code, out, err = command("compare", "slow", "fast", "irmen:circuits=1")
    assert (code, err) == (0, "")
    assert "irmen circuits=1, 2, 1, 2 images" in out
    code, out, _ = command("compare", "slow", "fast", "--json")
    tree = json.loads(out)
    assert tree["columns"]["fast"] == {
        "of": "fast", "machine": "irmen", "changes": {}, "images": 1,
    }  # fmt: skip
    for arguments, message in (
        (["--set", "circuits=1"], "--set circuits=1: slow is a run, which has its own machine; "
         "leave one of them out"),
        (["-w", "mnist"], "--workload: slow is a run, which has its own; leave it out"),
        (["--images", "3"], "--images: slow is a run, which has its own; leave it out"),
    ):  # fmt: skip
        assert command("compare", "slow", "fast", *arguments) == (2, "", f"error: {message}\n")


def test_runs_of_different_networks_are_refused(recorded, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    accelsim.simulate(load_machine(), accelsim.load_network("fashion"), outdir="other")
    with pytest.raises(InputError) as caught:
        compare([read_contender("other"), read_contender(str(recorded))])
    assert str(caught.value).endswith("slow: a run of mnist; expected fashion, as other is of")


def test_several_networks(command):
    words = "compare", "irmen", "charge", "-w", "mnist", "-w", "lenet", "--images", "1"
    code, out, err = command(*words, "--outdir", "drawn")
    assert (code, err) == (0, "")
    assert "Machines on each network" in out
    lines = [
        line.split() for line in out.splitlines() if line.split()[:1] in (["mnist"], ["lenet"])
    ]
    assert [line[:2] for line in lines] == [
        ["mnist", "irmen"], ["mnist", "charge"], ["lenet", "irmen"], ["lenet", "charge"]
    ]  # fmt: skip
    assert "448.5" in lines[1]
    assert sorted(each.name for each in Path("drawn").iterdir()) == ["compare.png", "compare.svg"]
    drawn = Path("drawn/compare.svg").read_text()
    assert all(text in drawn for text in ("irmen", "charge", "mnist", "lenet", "pJ ns"))
    code, out, _ = command(*words, "--json")
    trees = json.loads(out)["networks"]
    assert [tree["workload"] for tree in trees] == ["mnist", "lenet"]
    code, _, err = command(*words, "-w", "mnist")
    assert (code, err) == (2, "error: --workload: got mnist twice; expected each network once\n")
