"""The study of load: what saturates, and what waits, by hand."""

import csv

import pytest

from accelsim.errors import InputError
from accelsim.study.captions import Source
from accelsim.study.catalog import Setting
from accelsim.study.load import Plan, load_csv, study_load
from accelsim.study.load_figure import load_figure
from tests.conftest import CONV, RELU


def silent(*_):
    """Say nothing of the progress."""


@pytest.fixture(scope="module")
def study(tmp_path_factory, make_network):
    setting = Setting("irmen", {}, tmp_path_factory.mktemp("load"))
    network = make_network([1, 4, 4], CONV, RELU)
    plan = Plan((1, 2, 8), (0.5, 0.9), images=2000, seed=1)
    return study_load(setting, network, plan, silent)


def test_saturation_is_what_the_machine_can_take(study):
    # 4 steps of 3 cycles of 1 ns: an image every 12 ns; two in flight share nothing but the issue
    # slot, 6 ns; 8 would take 1.5 ns, but the slot takes one of 4 steps each ns: 4 ns.
    assert study.capacity == pytest.approx({1: 1e9 / 12, 2: 1e9 / 6, 8: 1e9 / 4})


def test_more_load_waits_longer(study):
    for contexts in (1, 2, 8):
        half, most = (point for point in study.points if point.contexts == contexts)
        assert 12_000 <= half.load.in_system.value < most.load.in_system.value
        assert half.rate == pytest.approx(0.5 * study.capacity[contexts])


def test_power_is_energy_over_time(study):
    for point in study.points:
        energy = point.energy_aJ * point.images * 1e-18
        assert point.power_w == pytest.approx(energy / (point.load.end_ps * 1e-12))


def test_csv_has_a_row_a_point(study):
    rows = list(csv.DictReader(load_csv(study).splitlines()))
    assert [(row["contexts"], row["load"]) for row in rows] == [
        (contexts, share) for contexts in "128" for share in ("0.5", "0.9")
    ]
    assert float(rows[0]["capacity_per_s"]) == pytest.approx(1e9 / 12, rel=1e-5)


def test_the_figure_marks_saturation(study):
    axes = load_figure(study, Source("mnist", 4000, [0], "irmen")).axes[0]
    upright = [line.get_xdata() for line in axes.lines if len(set(line.get_xdata())) == 1]
    assert [x[0] for x in upright] == pytest.approx([1e3 / 12, 1e3 / 6, 1e3 / 4])


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (Plan(process="posson"), "--process posson: expected poisson, periodic, bursty"),
        (Plan(shares=(0.0,)), "--loads 0: expected shares from 1e-06 to 2"),
        (Plan(shares=(1e-9,)), "--loads 1e-09: expected shares from 1e-06 to 2"),
        (Plan(contexts=(100,)), "--contexts 100: expected 1 to 64"),
    ],
)
def test_plans_that_cannot_be(tmp_path, mnist, plan, message):
    with pytest.raises(InputError, match=message):
        study_load(Setting("irmen", {}, tmp_path), mnist, plan, silent)
