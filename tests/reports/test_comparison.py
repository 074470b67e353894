"""Machines side by side: figures by hand, ratios, and what is refused."""

import json

import pytest

import accelsim
from accelsim.errors import InputError
from accelsim.reports.comparison import compare


@pytest.fixture(scope="module")
def both():
    machines = [accelsim.load_machine(name) for name in ("irmen", "charge")]
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
    with pytest.raises(InputError, match="got irmen; expected two machines or more"):
        compare([accelsim.load_machine()], accelsim.load_network("mnist"), 1)


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
        (("irmen",), "compare: got irmen; expected two machines or more"),
        ((), "compare: got no machine"),
        (("irmen", "irmen"), "more than one machine is named 'irmen'"),
        (("irmen", "chrage"), "did you mean 'charge'?"),
        (("irmen", "charge", "--set", "clok=1"), "did you mean 'clock'?"),
        (("irmen", "charge", "--images", "many"), "--images many: expected a number"),
    ],
)
def test_bad_input(command, arguments, message):
    code, out, err = command("compare", *arguments)
    assert (code, out) == (2, "")
    assert message in err
