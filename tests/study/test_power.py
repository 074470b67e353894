"""The study of power: what a rest costs, by hand, and lists that are none."""

import csv
from fractions import Fraction

import pytest

from accelsim.config.power import POLICIES
from accelsim.plots import WIDTHS
from accelsim.plots.style import styled
from accelsim.study.captions import Source
from accelsim.study.power import Plan, power_csv, study_power
from accelsim.study.power_figure import power_figure
from tests.conftest import CONV, RELU
from tests.plots.checks import faults

KEYS = {
    "arrays.lanes": 1, "banks.planes": 2, "power.clock_gated.cycle": "20 aJ",
    "power.clock_gated.entry": "0 aJ", "power.clock_gated.exit": "10 aJ",
    "power.off.entry_time": "5 ns", "power.off.exit_time": "20 ns", "power.off.entry": "0 aJ",
    "power.off.exit": "100 aJ", "power.off.cycle": "1 aJ", "power.off.bank": "0 aJ",
    "power.off.restore_instruction": "0 aJ", "energy.clock_cycle": "50 aJ",
}  # fmt: skip
MHZ = Fraction(10**6)


@pytest.fixture(scope="module")
def study(make_network):
    network = make_network([1, 4, 4], CONV, RELU)
    return study_power(network, Plan((MHZ, 20 * MHZ), 3, KEYS), lambda *_: None)


def test_energies_by_hand(study, make_network):
    # 12 cycles an image. At 1 MHz 1000 cycles from one to the next, of which the machine rests 988.
    image = study.image_aJ["irmen, held"] - 12 * 50  # but for its clock
    energies = {policy: study.of("irmen, held", policy)[0] for policy in POLICIES}
    assert energies["always_on"].energy_aJ == image + 1000 * 50
    # Gated pays from 30 (g - 3) > 20 on: after 4 cycles. Its entry takes 1, its exit 2, 12 for the
    # image: 19 cycles of a period are active.
    gated = energies["gate_after"]
    assert (gated.after_ps, gated.in_system_ps) == (4000, 14_000)
    assert gated.energy_aJ == image + 19 * 50 + 981 * 20 + 2 * 10
    assert gated.gated == 0.981
    # Off pays from 49 (g - 29) > 200 on: after 34 cycles. Entry 5, exit 20, 4 words, 12: 75 active.
    off = energies["off_after"]
    assert (off.after_ps, off.in_system_ps) == (34_000, 36_000)
    assert off.energy_aJ == image + 75 * 50 + 925 * 1 + 2 * 100
    # The oracle does not wait: 12 + 5 + 24 are active, and no image waits.
    oracle = energies["oracle"]
    assert (oracle.in_system_ps, oracle.off) == (12_000, 0.959)
    assert oracle.energy_aJ == image + 41 * 50 + 959 * 1 + 2 * 100
    # At 20 MHz it rests 38 cycles: gated 3 x 50 + 35 x 20 + 20, off 29 x 50 + 9 + 200.
    assert study.of("irmen, held", "oracle")[1].gated == 35 / 50
    assert study.of("irmen, held", "off_after")[1].off == 0


def test_the_last_point_is_saturation(study):
    for policy in POLICIES:
        points = study.of("irmen, held", policy)
        assert [point.interval_ps for point in points] == [10**6, 50_000, 12_000]
        assert points[-1].energy_aJ == study.image_aJ["irmen, held"]
    assert study.capacity["irmen, held"] == pytest.approx(1e9 / 12)


def test_nothing_beats_the_oracle_and_charge_restores_its_templates(study):
    for machine in study.break_even:
        for points in zip(*(study.of(machine, policy) for policy in POLICIES), strict=True):
            assert min(each.energy_aJ for each in points) == points[-1].energy_aJ
    assert study.break_even["irmen, held"].words == 4
    assert study.break_even["charge"].words == 4 + 13
    assert study.break_even["irmen, held"].off == 34_000


def test_csv_has_a_row_a_point(study):
    rows = list(csv.DictReader(power_csv(study).splitlines()))
    assert len(rows) == len(study.points) == 4 * 4 * 3
    assert rows[0]["machine"] == "irmen, held"
    assert float(rows[0]["energy_per_image_aJ"]) == study.points[0].energy_aJ


@pytest.mark.parametrize("width", WIDTHS.values())
def test_the_figure_has_a_panel_a_machine(study, width):
    figure = power_figure(study, Source("mnist", 2, (), "irmen and charge"), width)
    with styled():
        assert faults(figure) == []
    panels = figure.axes
    assert [axes.get_title() for axes in panels] == list(study.break_even)
    looks = [(line.get_color(), line.get_marker()) for line in panels[0].lines[: len(POLICIES)]]
    assert len(set(looks)) == len(POLICIES)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--rates", "2"], "error: --rates 2: '2' is no rate; expected a rate such as '20 MHz'"),
        (["--rates", "1e-9/h"], "error: --rates: 2.77778e-13 a second: 8 images take longer than"),
        (["--images", "0"], "error: --images 0: expected 1 to 10000"),
        (
            ["--set", "power.policy=oracle"],
            "error: --set power.policy=oracle: the study goes over power.policy itself",
        ),
        (["--set", "power.of=1"], "power.of: unknown key; allowed here: policy, after,"),
    ],
)
def test_refused(command, tmp_path, options, message):
    code, _, err = command("study", "power", *options)
    assert code == 2
    assert message in err
    assert "Traceback" not in err
    assert not list(tmp_path.iterdir())


def test_the_command(command, tmp_path):
    (tmp_path / "small.yaml").write_text(
        "name: small\ninput: [1, 4, 4]\nlayers:\n  - {name: c, op: conv, out: 1, kernel: 3}\n"
        "  - {name: r, op: relu}\n"
    )
    options = ("--workload", "small.yaml", "--images", 1, "--outdir", "s")
    code, out, err = command("study", "power", "--rates", "1/h", *options)
    assert code == 0, err
    # 3600 s of 20 uW, 2 uW, 100 nW; saturated at 12 ns.
    for part in ("1/h", "72 mJ", "7.2 mJ", "360 uJ", "83.33 MHz", "oracle does"):
        assert part in out
    names = {path.name for path in (tmp_path / "s").iterdir()}
    assert names == {"power.csv", "power.png", "power.svg"}
    code, _, err = command("study", "power", "--rates", "2/h", *options)
    assert code == 2
    assert "power.csv" in err
