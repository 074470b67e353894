"""The studies of dies that differ in geometry, and of the read-out's conversion length."""

import math
from dataclasses import replace

import pytest

from accelsim.device.variation import VARIED
from accelsim.errors import InputError
from accelsim.study.accuracy import run_study
from accelsim.study.catalog import STUDIES, Setting
from accelsim.study.conversion import reached, reached_text
from accelsim.study.measure import Bench
from accelsim.study.summary import summarize


def study(name, tmp_path, **keys):
    return STUDIES[name](Setting("irmen", keys.pop("changes", {}), tmp_path, **keys))


def test_a_smaller_output_is_noisier(tmp_path):
    points = study("conversion", tmp_path, values="1.5,3,6").points
    third, half, whole = (point.machine for point in points)
    # kT/C is a fixed voltage, and the output proportional to the length; shot noise is of the
    # spins themselves, before they are converted.
    assert whole.noise.readout_ktc.value == pytest.approx(0.01834, rel=1e-3)
    assert half.noise.readout_ktc.value == pytest.approx(2 * 0.01834, rel=1e-3)
    assert third.noise.readout_ktc.value == pytest.approx(4 * 0.01834, rel=1e-3)
    assert half.noise.shot.value == pytest.approx(whole.noise.shot.value, rel=1e-3)
    assert points[1].coordinates["output_mV"] == pytest.approx(61.1 / 2, rel=1e-2)
    noise = math.hypot(half.noise.readout_ktc.value, half.noise.shot.value)
    assert points[1].coordinates["read_noise"] == pytest.approx(noise, rel=1e-3)
    # Nothing else moves: the cell is read and written in the same cycles.
    assert {point.machine.step_cycles for point in points} == {3}


def test_accuracy_falls_with_the_output(tmp_path, mnist):
    small = study("conversion", tmp_path, values="0.06,6")
    rows = run_study(small, Bench(mnist, 60), [0], tmp_path)
    assert rows[0].accuracy < 0.4 < rows[1].accuracy
    # The machine's own noise at its own length: the row at 6 nm is that of the machine file.
    plain = Setting("irmen", {}, tmp_path).point({"effects.active": "all"}, x=1)
    assert Bench(mnist, 60).measure(plain, 0).correct == pytest.approx(rows[1].correct, abs=1)


def rows_at(mnist, tmp_path, curves):
    """Return rows whose accuracies are told: one list a seed, at 1, 2 and 4 nm."""
    points = study("conversion", tmp_path, values="1,2,4")
    (row,) = run_study(replace(points, points=points.points[:1]), Bench(mnist, 2), [0], tmp_path)
    return points, [
        replace(row, point=point, seed=seed, images=1000, correct=correct)
        for seed, curve in enumerate(curves)
        for point, correct in zip(points.points, curve, strict=True)
    ]


def test_where_a_target_is_reached(tmp_path, mnist):
    points, rows = rows_at(mnist, tmp_path, [[500, 900, 980], [500, 960, 990], [960, 940, 960]])
    # By hand, straight in ln(x): 0.95 lies 5/8 of the way from 2 to 4; 45/46 from 1 to 2; and
    # of a curve that dips, beyond the last place below it: half way from 2 to 4.
    found = reached(rows, "ir_length_nm", 0.95)
    assert found == pytest.approx([2 * 2 ** (5 / 8), 2 ** (45 / 46), 2 * 2**0.5])
    assert reached(rows, "ir_length_nm", 0.4) == [1, 1, 1]
    assert reached(rows, "ir_length_nm", 0.99) == [None, pytest.approx(4), None]
    lines = reached_text(rows, replace(points, targets=(0.95, 0.985, 0.999)))
    assert lines == [
        "95 % is reached from 2.63 nm on (1.97 to 3.08 nm over dies)",
        "98.5 % is reached by 1 of 3 dies (3.56 to 3.56 nm over dies)",
        "99.9 % is reached by none of the dies",
    ]


def test_dies_vary_together_and_alone(tmp_path, mnist):
    points = study("dies", tmp_path, values="0,0.02")
    assert [point.coordinates["varied"] for point in points.points] == ["all", "all", *VARIED]
    for point in points.points[2:]:
        varied = [key for key in VARIED if getattr(point.machine.variation, key).value]
        assert varied == [point.coordinates["varied"]]
    wide = study("dies", tmp_path, values="0,0.1")
    rows = run_study(replace(wide, points=wide.points[:2]), Bench(mnist, 100), [0, 1, 2], tmp_path)
    alike, other = summarize(rows)
    assert other.mean < alike.mean - 0.1
    assert len({row.correct for row in rows[3:]}) > 1  # each seed is a die


@pytest.mark.parametrize(
    ("name", "config", "changes", "message"),
    [
        ("dies", "charge", {}, "machine 'charge' has no section 'variation'"),
        ("dies", "irmen", {"variation.edge": 0.1}, "--set variation.edge: the study 'dies' sets"),
        ("conversion", "charge", {}, "machine 'charge' has no spintronic cell"),
        ("conversion", "irmen", {"cell.ir_length": "1 nm"}, "--set cell.ir_length: the study"),
    ],
)
def test_refused(tmp_path, name, config, changes, message):
    with pytest.raises(InputError, match=message):
        STUDIES[name](Setting(config, changes, tmp_path))
