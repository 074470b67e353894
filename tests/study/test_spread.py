"""The spread of energy over images: parts that add up, and what counts alone would say."""

import csv

import numpy as np
import pytest

import accelsim
from accelsim.errors import InputError
from accelsim.study.captions import Source
from accelsim.study.catalog import Setting
from accelsim.study.spread import IMAGE, spread_csv, study_spread
from accelsim.study.spread_figure import spread_figure

IMAGES = range(5, 30)


@pytest.fixture(scope="module")
def study(mnist, tmp_path_factory):
    setting = Setting("charge", {}, tmp_path_factory.mktemp("energy"))
    return study_spread(setting, mnist, IMAGES, 0, lambda *_: None)


def test_parts_add_up_to_the_ledger_of_a_run(study, mnist):
    machine = accelsim.load_machine("charge", {"energy.model": "by_value"})
    result = accelsim.simulate(machine, mnist, IMAGES)
    own, _ = study.cases
    *parts, image = own.parts
    assert image.each.tolist() == result.ledger.image_aJ[5:].tolist()
    assert sum(part.each for part in parts).tolist() == image.each.tolist()
    for part in parts[:2]:
        assert int(part.each.sum()) == result.ledger.action_aJ[part.part]


def test_by_count_is_what_a_run_by_count_costs(study, mnist, charge):
    counted = accelsim.simulate(charge, mnist, IMAGES).ledger
    for case in study.cases:
        assert case.images.part == IMAGE
        assert case.images.by_count == pytest.approx(counted.image_aJ[5:].mean(), rel=1e-12)


def test_class_ab_draws_less_and_spreads_more(study):
    class_a, class_ab = study.cases
    assert (class_a.signal_share, class_ab.signal_share) == (0, 1)
    taps_a, taps_ab = (case.parts[0] for case in study.cases)
    assert len(set(taps_a.each.tolist())) == 1
    assert (taps_ab.each < taps_a.each).all()
    assert len(set(taps_ab.each.tolist())) == len(IMAGES)
    assert (class_a.parts[1].each == class_ab.parts[1].each).all()


def test_figures_of_a_part(study):
    part = study.cases[0].images
    mean, deviation, least, low, middle, high, most = part.figures()
    assert (mean, deviation) == pytest.approx((part.each.mean(), part.each.std()))
    assert [least, most] == [part.each.min(), part.each.max()]
    assert [low, middle, high] == np.percentile(part.each, [5, 50, 95]).tolist()


def test_csv_has_a_row_an_image_and_case(study):
    rows = list(csv.DictReader(spread_csv(study).splitlines()))
    assert [int(row["image"]) for row in rows] == [*IMAGES, *IMAGES]
    assert [row["signal_share"] for row in rows] == ["0"] * 25 + ["1"] * 25
    for row in rows:
        parts = [row[f"{name}_aJ"] for name in ("ota_tap_cycle", "cell_write", "counted")]
        assert sum(map(int, parts)) == int(row["image_aJ"])


def test_the_figure_marks_the_energy_by_count(study):
    images, labels = spread_figure(study, Source("mnist", 25, [0], "charge")).axes
    (line,) = images.lines
    assert line.get_xdata()[0] == study.cases[0].images.by_count / 1e6
    assert [tick.get_text() for tick in labels.get_xticklabels()] == [
        str(label) for label in np.unique(study.labels)
    ]


def test_the_command(command, tmp_path):
    options = ("--images", "12", "--outdir", tmp_path)
    code, out, err = command("study", "energy", *options)
    assert (code, err) == (0, "")
    assert "Energy of an image by value, pJ" in out
    assert "By label: mean, and against that of all" in out
    lines = [line.split() for line in out.splitlines() if "ota_tap_cycle" in line]
    # 121,128 tap-cycles x 500 aJ by count; by value the weights alone decide, of class A.
    assert lines[0][:5] == ["0", "ota_tap_cycle", "60.5640", "44.6800", "0.0000"]
    assert {path.name for path in tmp_path.iterdir()} == {"energy.csv", "energy.svg", "energy.png"}
    code, _, err = command("study", "energy", *options, "--seed", "3")
    assert code == 2
    assert "holds another study" in err


def test_a_network_without_values_has_no_spread(make_network, tmp_path):
    network = make_network([1, 4, 4], {"op": "avgpool", "kernel": 2})
    with pytest.raises(InputError, match=r"^energy.model: got 'by_value'; .* names no weights"):
        study_spread(Setting("irmen", {}, tmp_path), network, range(1), 0, lambda *_: None)
