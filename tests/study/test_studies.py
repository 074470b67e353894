"""Studies: what each point changes, hand-checked times, and rows that survive interruption."""

from dataclasses import replace

import numpy as np
import pytest

import accelsim
from accelsim.config import load_machine, response_of
from accelsim.config.effects import EFFECTS
from accelsim.device.technologies import magnet_cell
from accelsim.errors import InputError
from accelsim.plots.files import save
from accelsim.study import measure
from accelsim.study.accuracy import run_study
from accelsim.study.accuracy_figure import accuracy_figure
from accelsim.study.captions import Source
from accelsim.study.catalog import STUDIES, Setting
from accelsim.study.measure import Bench
from accelsim.study.summary import summarize
from accelsim.study.values import parse_values

IMAGES = 60


def setting(tmp_path, **keys):
    return Setting("irmen", keys.pop("changes", {}), tmp_path, **keys)


def rows_of(name, tmp_path, mnist, seeds=(0,), **keys):
    study = STUDIES[name](setting(tmp_path, **keys))
    return run_study(study, Bench(mnist, IMAGES), list(seeds), tmp_path)


def test_cells_has_the_charge_machine_beside(tmp_path, mnist):
    rows = rows_of("cells", tmp_path, mnist)
    times = {row.point.coordinates["cell"]: row.latency_ps for row in rows}
    # 14 steps of 1 + 2, of 1 + 3 (the smallest magnet is slower), and of 9 + 2 cycles of 1 ns.
    assert times == {"irmen": 42_000, "smallest magnet": 56_000, "charge": 154_000}
    ideal = {row.correct for row in rows if row.point.coordinates["effects"] == "none"}
    assert len(ideal) == 1  # ideal cells compute the same, whatever they are made of


def test_the_smallest_magnet_is_noisier(tmp_path):
    study = STUDIES["volume"](setting(tmp_path, values="1530,5400"))
    small, large = (point.machine for point in study.points)
    # Quick runs: 0.037 and 0.012 at level 0.5; the ratio is about 3.
    one, other = (response_of(machine) for machine in (small, large))
    ratio = np.interp(0.5, one.levels, one.read_noise) / np.interp(
        0.5, other.levels, other.read_noise
    )
    assert 2 < ratio < 4
    # The read-out's voltage goes with 1 / width, but for what the barrier shunts, and so does
    # kT/C as a share of it.
    shares = [magnet_cell(machine).stack.unshunted for machine in (small, large)]
    ratio = small.noise.readout_ktc.value / large.noise.readout_ktc.value
    assert ratio == pytest.approx((1530 / 5400) ** 0.5 * shares[1] / shares[0], rel=1e-3)


def test_a_row_is_a_run(tmp_path, mnist):
    dies = {"changes": {"effects.stuck_cells": 0.02}}  # far from all right and all wrong
    rows = rows_of("write", tmp_path, mnist, [3, 4, 5], values="2", clocks=["1 GHz"], **dies)
    assert len({row.correct for row in rows}) > 1
    row = rows[0]
    machine = load_machine("irmen", dict(row.point.changes))
    result = accelsim.simulate(machine, mnist, IMAGES, seed=3)
    assert result.values is not None
    assert result.values.correct == row.correct
    assert result.stats.latency.value == row.latency_ps
    assert result.stats.energy_per_image.value == row.energy_aJ


def test_a_clock_takes_cycles_and_prices_along(tmp_path):
    for name, leakage in (("irmen", None), ("charge", 2)):
        start = Setting(name, {}, tmp_path, values="2", clocks=["500 MHz", "1 GHz", "2 GHz"])
        points = STUDIES["write"](start).points
        slow, same, fast = (point.machine for point in points)
        shipped = load_machine(name)
        for action in ("ota_tap_cycle", "cell_read_cycle", "cell_static_cycle"):
            price = shipped.prices_aJ[action]
            prices = [point.prices_aJ[action] for point in (slow, same, fast)]
            assert prices == [2 * price, price, price / 2], action
        if leakage is not None:
            assert slow.prices_aJ["leakage"] == leakage * shipped.prices_aJ["leakage"]
        assert slow.energy == fast.energy == shipped.energy
    irmen = [p.machine for p in STUDIES["write"](Setting("irmen", {}, tmp_path)).points]
    # 0.727 ns of read-out and charging: a cycle of 2 ns or 1 ns, two of 500 ps.
    assert [machine.timing.read_cycles.value for machine in irmen[::5]] == [1, 1, 2]


def test_effects_are_left_out_one_by_one(tmp_path, mnist):
    on = {"effects.active": "read_noise, weight_bits"}
    study = STUDIES["effects"](Setting("irmen", on, tmp_path))
    found = [(each.coordinates["effects"], each.machine.effects.names()) for each in study.points]
    assert found == [
        ("all of them", ("weight_bits", "read_noise")),
        ("without weight_bits", ("read_noise",)),
        ("without read_noise", ("weight_bits",)),
        ("none", ()),
    ]
    rows = run_study(study, Bench(mnist, IMAGES), [0], tmp_path)
    # The weights are on a grid of 4 bits.
    assert rows[2].correct == rows[3].correct
    with pytest.raises(InputError, match="the study of effects goes over no values"):
        STUDIES["effects"](Setting("irmen", {}, tmp_path, "1,2"))


def test_each_write_says_by_which_criteria_it_is_settled(tmp_path):
    # tests/device: 2, 3 and 1 cycles of 1 ns by magnetization (1.79 ns), envelope and as read; in
    # cycles of 2 ns the first takes 1 and, above 2 ns as it is, the second 2.
    points = STUDIES["write"](Setting("irmen", {}, tmp_path, "1..3", ("1 GHz", "500 MHz"))).points
    assert [point.coordinates["settled_by"] for point in points] == [
        "as_read", "magnetization, as_read", "all",
        "magnetization, as_read", "all", "all",
    ]  # fmt: skip
    charge = STUDIES["write"](Setting("charge", {}, tmp_path, "1..3", ("1 GHz",)))
    assert "settled_by" not in charge.columns


def test_shorter_writes_of_magnets_do_not_lose_accuracy(tmp_path, mnist):
    rows = rows_of("write", tmp_path, mnist, values="1,2", clocks=["1 GHz"])
    assert [row.latency_ps for row in rows] == [28_000, 42_000]
    # What a read sees of the old value after one cycle is small: no accuracy is lost.
    assert abs(rows[0].accuracy - rows[1].accuracy) <= 0.05


def test_shorter_writes_of_charge_based_cells_lose_accuracy(tmp_path, mnist):
    # One cycle of 1 ns leaves exp(-1 / 0.4) = 8 % of the old value, two 0.7 %.
    keys = {"values": "1,2", "clocks": ["1 GHz"]}
    study = STUDIES["write"](Setting("charge", {}, tmp_path, **keys))
    rows = run_study(study, Bench(mnist, IMAGES), [0], tmp_path)
    assert rows[0].accuracy < rows[1].accuracy


def test_bits_and_dies(tmp_path, mnist):
    rows = rows_of("bits", tmp_path, mnist, values="1,4,8")
    alone = {
        row.point.coordinates["weight_bits"]: row.correct
        for row in rows
        if row.point.coordinates["effects"] == "weight_bits"
    }
    assert alone[1] < alone[4] - 10
    assert abs(alone[4] - alone[8]) <= 2  # the weights are on a grid of 4 bits
    dies = summarize(rows_of("variation", tmp_path, mnist, (0, 1, 2), values="0,0.2"))
    assert [die.seeds for die in dies] == [3, 3]
    assert dies[1].mean < 0.6 < dies[0].least
    stuck = rows_of("stuck", tmp_path, mnist, values="0,0.1")
    assert stuck[1].correct < stuck[0].correct


def test_an_interrupted_study_goes_on(tmp_path, mnist, monkeypatch):
    whole = tmp_path / "whole"
    rows_of("stuck", whole, mnist, (0, 1), values="0,0.01")
    expected = (whole / "stuck.csv").read_bytes()
    kept = expected.splitlines(keepends=True)
    part = tmp_path / "part"
    part.mkdir()
    (part / "stuck.csv").write_bytes(b"".join(kept[:5]))  # two lines of header, names, two rows
    measured = []
    real = Bench.measure

    def counting(bench, point, seed):
        measured.append((point.coordinates["stuck_cells"], seed))
        return real(bench, point, seed)

    monkeypatch.setattr(measure.Bench, "measure", counting)
    rows_of("stuck", part, mnist, (0, 1), values="0,0.01")
    assert measured == [(0.01, 0), (0.01, 1)]
    assert (part / "stuck.csv").read_bytes() == expected


def test_another_study_is_not_overwritten(tmp_path, mnist):
    rows_of("stuck", tmp_path, mnist, values="0")
    study = STUDIES["stuck"](setting(tmp_path, values="0"))
    with pytest.raises(InputError, match=r"holds another study: line 2 is .* --force"):
        run_study(study, Bench(mnist, 20), [0], tmp_path)
    with pytest.raises(InputError, match=r"stuck.csv:4: holds a point or seed that this study has"):
        run_study(study, Bench(mnist, IMAGES), [5], tmp_path)
    changed = STUDIES["stuck"](
        setting(tmp_path, values="0", changes={"effects.synapse_variation": 0.03})
    )
    with pytest.raises(InputError, match=r"stuck.csv:4: this row is of another machine .* --force"):
        run_study(changed, Bench(mnist, IMAGES), [0], tmp_path)
    assert len(run_study(study, Bench(mnist, 20), [0], tmp_path, force=True)) == 1


def test_a_damaged_row_is_named(tmp_path, mnist):
    (row,) = rows_of("stuck", tmp_path, mnist, values="0")
    path = tmp_path / "stuck.csv"
    whole = path.read_text()
    for before, after, message in (
        (",60,", ",sixty,", "damaged: .*sixty"),
        (f",{row.correct},", ",61,", "damaged: 61 of 60 images correct"),
        (",42000,", ",inf,", "damaged: 'inf' is no time or energy"),
        (",42000,", ",٤٢٠٠٠,", "damaged: '٤٢٠٠٠' is no time or energy"),
        (",42000,", ",4_2,", "damaged: '4_2' is no time or energy"),
    ):
        path.write_text(whole.replace(before, after))
        with pytest.raises(InputError, match=rf"stuck.csv:4: {message}"):
            rows_of("stuck", tmp_path, mnist, values="0")
    path.write_bytes(b"\xff")
    with pytest.raises(
        InputError, match=r"stuck.csv: cannot be read as text: not UTF-8: byte 0 is 0xff"
    ):
        rows_of("stuck", tmp_path, mnist, values="0")


def test_what_is_studied_is_switched_on(tmp_path):
    some = {"effects.active": "read_noise"}
    for name, effect in (("stuck", "stuck_cells"), ("variation", "synapse_variation")):
        point = STUDIES[name](setting(tmp_path, changes=some)).points[0]
        assert point.machine.effects.names() == tuple(
            each for each in EFFECTS if each in ("read_noise", effect)
        )
        none = STUDIES[name](setting(tmp_path, changes={"effects.active": "none"})).points[0]
        assert none.machine.effects.names() == (effect,)
    bits = STUDIES["bits"](setting(tmp_path, changes=some, values="4")).points
    assert [point.coordinates["effects"] for point in bits] == [
        "weight_bits",
        "read_noise, weight_bits",
    ]


def test_a_point_has_the_last_word(tmp_path):
    mine = {"effects.stuck_cells": 0.5, "effects.synapse_variation": 0.01}
    points = STUDIES["stuck"](setting(tmp_path, changes=mine, values="0,0.1")).points
    assert [point.machine.effects.stuck_cells.value for point in points] == [0, 0.1]
    assert {point.machine.effects.synapse_variation.value for point in points} == {0.01}


def test_two_points_alike_are_refused(tmp_path, mnist, repository):
    text = (repository / "configs" / "irmen.yaml").read_text()
    mine = tmp_path / "mine.yaml"
    mine.write_text(text.replace("name: irmen", "name: charge"))
    study = STUDIES["cells"](Setting(str(mine), {}, tmp_path))
    with pytest.raises(InputError, match="two points of the study are alike: charge,none"):
        run_study(study, Bench(mnist, 1), [0], tmp_path)
    with pytest.raises(InputError, match="two of 1 GHz, 1000 MHz are the same"):
        STUDIES["write"](setting(tmp_path, clocks=["1 GHz", "1000 MHz"]))
    with pytest.raises(InputError, match=r"--set clock: the study 'write' sets this itself"):
        STUDIES["write"](setting(tmp_path, changes={"clock": "2 GHz"}))


def test_rows_are_in_order_and_spread_is_of_a_sample(tmp_path, mnist):
    rows_of("stuck", tmp_path, mnist, (1,), values="0,0.01")
    rows = rows_of("stuck", tmp_path, mnist, (0, 1), values="0,0.01")
    order = [(row.point.coordinates["stuck_cells"], row.seed) for row in rows]
    assert order == [(0, 0), (0, 1), (0.01, 0), (0.01, 1)]
    lines = (tmp_path / "stuck.csv").read_text().splitlines()[3:]
    assert [line.split(",")[:2] for line in lines] == [
        ["0.0", "0"], ["0.0", "1"], ["0.01", "0"], ["0.01", "1"],
    ]  # fmt: skip
    one = rows[0]
    pair = [replace(one, correct=correct) for correct in (50, 53)]
    (spread,) = summarize(pair)
    assert spread.deviation == pytest.approx(0.05 / 2**0.5)  # of a sample: d / sqrt 2


@pytest.mark.parametrize(
    ("text", "keys", "expected"),
    [
        ("1..4", {"points": 9, "whole": True}, [1, 2, 3, 4]),
        ("1530..5400", {"points": 3}, [1530, 3465, 5400]),
        ("0, 1e-3,0.1", {"zero": True}, [0, 0.001, 0.1]),
        ("4,4,2", {"whole": True}, [4, 2]),
    ],
)
def test_lists_of_values(text, keys, expected):
    np.testing.assert_allclose(parse_values(text, "x", **keys), expected)


@pytest.mark.parametrize(
    ("text", "keys"),
    [("", {}), ("a", {}), ("0", {}), ("-1", {}), ("1.5", {"whole": True}), ("4..1", {"points": 3}),
     ("1..9", {}), ("nan", {}), ("1..1e9", {"points": 2, "whole": True})],
)  # fmt: skip
def test_wrong_lists(text, keys):
    what = (
        "a range that does not rise" if text == "4..1" else "x: expected (whole )?numbers above 0"
    )
    with pytest.raises(InputError, match=rf"--values .*: {what}"):
        parse_values(text, "x", **keys)


def test_a_network_without_labels_has_no_accuracy(mnist):
    with pytest.raises(InputError, match="no accuracy: the data set of 'mnist' has no labels"):
        Bench(replace(mnist, labels_file=None), 5)
    with pytest.raises(InputError, match="no accuracy: network 'mnist' names no weights"):
        Bench(replace(mnist, weights_file=None), 5)


def test_equal_seeds_draw_a_bar_of_no_length(tmp_path, mnist):
    study = STUDIES["stuck"](setting(tmp_path, values="0"))
    (row,) = run_study(study, Bench(mnist, 1), [0], tmp_path)
    shares = [replace(row, correct=506, images=1000)] * 5
    (summary,) = summarize(shares)
    below = replace(summary, mean=summary.least - 1e-16)  # as fmean may round
    source = Source("mnist", 1000, range(5), "irmen")
    save(accuracy_figure(study, [below], source), tmp_path / "figure")
    assert (tmp_path / "figure.png").stat().st_size > 5000
