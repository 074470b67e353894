"""What a space file may say, and the message for what it may not, read whole."""

import pytest

import accelsim
from accelsim.errors import InputError
from accelsim.sweeps.axes import Axis
from accelsim.sweeps.commands import command_of

LANES = "axes: {arrays.lanes: [4, 8]}"

REFUSED = {
    "an unknown key": (
        [LANES, "axis: 1"],
        "space.yaml:2:1: axis: unknown key; allowed here: description, machine, workload, dataset, "
        "images, seed, arrivals, set, values, axes, derived, constraints, sample, objectives, "
        "characterize, chunk, block; did you mean 'axes'?",
    ),
    "no axes": (["machine: irmen"], "space.yaml: axes: missing key"),
    "an empty space": (
        ["axes: {}"],
        "space.yaml:1:1: axes: is empty; expected an axis such as arrays.lanes: [4, 8]",
    ),
    "an axis without values": (
        ["axes: {arrays.lanes: []}"],
        "space.yaml:1:8: axes.arrays.lanes: got 0 values; expected 1 to 1,000,000",
    ),
    "an axis of no key": (
        ["axes: {arrays.lane: [4, 8]}"],
        "space.yaml:1:8: axes.arrays.lane: unknown key; expected a key of a machine file, machine, "
        "workload, seed, arrivals.rate, or a name that a formula uses; did you mean "
        "'arrays.lanes'?",
    ),
    "a parameter that nothing uses": (
        ["axes: {volume: [1, 2]}"],
        "space.yaml:1:8: axes.volume: unknown key; expected a key of a machine file, machine, "
        "workload, seed, arrivals.rate, or a name that a formula uses",
    ),
    "a value of no machine": (
        ["axes:", "  arrays.lanes: [4, 0]"],
        "space.yaml:2:21: axes.arrays.lanes[1]: got 0; expected a whole number of lanes from 1 to "
        "4096",
    ),
    "a value in another unit": (
        ["axes:", "  cell.length: [5 mV]"],
        "space.yaml:2:17: axes.cell.length[0]: '5 mV' is not in m; expected a positive number in m "
        "such as '40 nm'",
    ),
    "a value twice": (
        ["axes: {seed: [1, 1]}"],
        "space.yaml:1:18: axes.seed[1]: got 1 twice; leave one out",
    ),
    "a range backwards": (
        ["axes: {cell.damping: {from: 0.1, to: 0.1}}"],
        "space.yaml:1:8: axes.cell.damping: got 0.1 to 0.1; expected from below to",
    ),
    "a logarithm of zero": (
        ["axes: {effects.stuck_cells: {from: 0, to: 0.1, scale: log, points: 3}}"],
        "space.yaml:1:8: axes.effects.stuck_cells: got 0 to 0.1; expected from above 0 and below "
        "to",
    ),
    "another scale": (
        ["axes: {cell.damping: {from: 0.1, to: 0.2, scale: lin}}"],
        "space.yaml:1:43: axes.cell.damping.scale: got 'lin'; expected 'linear' or 'log'; did you "
        "mean 'linear'?",
    ),
    "a range without points in a grid": (
        ["axes: {cell.damping: {from: 0.1, to: 0.2}}"],
        "space.yaml:1:8: axes.cell.damping: a range without points; a grid needs points, or step",
    ),
    "a step of a clock": (
        ["axes: {clock: {from: 1 GHz, to: 2 GHz, step: 1 MHz}}"],
        "space.yaml:1:40: axes.clock.step: a clock takes the nearest period of whole ps; leave it "
        "out",
    ),
    "an unknown machine": (
        ["machine: irmem", LANES],
        "space.yaml:1:1: machine: irmem: no such machine: expected a path from the folder of this "
        "file, or one of charge, irmen, mixed_signal, mixed_signal_8bit; did you mean 'irmen'?",
    ),
    "a change of no key": (
        [LANES, "set: {arrays.row: 3}"],
        "space.yaml:2:7: set.arrays.row: unknown key; did you mean 'arrays.rows'?",
    ),
    "a change that an axis makes, too": (
        [LANES, "set: {arrays.lanes: 3}"],
        "space.yaml:2:7: set.arrays.lanes: axes has it, too; leave one out",
    ),
    "a formula that is none": (
        [LANES, "constraints: ['arrays.lanes <']"],
        "space.yaml:2:15: constraints[0]: 'arrays.lanes <' is no formula; expected one such as "
        "'arrays.lanes * sequencer.contexts <= 32'",
    ),
    "a formula with more than arithmetic": (
        [LANES, "constraints: ['open(arrays.lanes)']"],
        "space.yaml:2:15: constraints[0]: 'open(arrays.lanes)': 'open(arrays.lanes)' is not known "
        "in formulas; expected numbers, names, + - * / // % **, comparisons, and or not, if else, "
        "abs, ceil, floor, log2, max, min, round, sqrt",
    ),
    "a formula with an unknown name": (
        [LANES, "derived: {banks.planes: arrays.lane * 2}"],
        "space.yaml:2:11: derived.banks.planes: 'arrays.lane * 2': unknown name 'arrays.lane'; did "
        "you mean 'arrays.lanes'?",
    ),
    "an unknown method": (
        [LANES, "sample: {method: sobl, points: 4}"],
        "space.yaml:2:10: sample.method: got 'sobl'; expected 'grid', 'random', 'latin-hypercube', "
        "'sobol' or 'search'; did you mean 'sobol'?",
    ),
    "a sample without points": (
        [LANES, "sample: {method: sobol}"], "space.yaml:2:1: sample: method sobol needs points",
    ),
    "a grid with points": (
        [LANES, "sample: {points: 4}"],
        "space.yaml:2:10: sample.points: a grid has the points of its axes; leave it out, or "
        "choose another method",
    ),
    "an objective that is no figure": (
        [LANES, "objectives: {latncy: min}"],
        "space.yaml:2:1: objectives: got 'latncy'; expected",
    ),
    "an objective without a goal": (
        [LANES, "objectives: {latency: least}"],
        "space.yaml:2:14: objectives.latency: got 'least'; expected 'min' or 'max'",
    ),
    "accuracy without values": (
        [LANES, "values: false", "objectives: {accuracy: max}"],
        "space.yaml:3:14: objectives.accuracy: is not known with 'values: false'",
    ),
    "rates without a stream": (
        ["axes: {arrivals.rate: [1 MHz]}"],
        "space.yaml:1:8: axes.arrivals.rate: expected a section 'arrivals', too, which says how "
        "images come",
    ),
    "images that are no number": (
        [LANES, "images: many"],
        "space.yaml:2:1: images: got 'many'; expected a number such as 100, or a range such as "
        "'40:60'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_with_its_place(make_space, monkeypatch, tmp_path, case):
    monkeypatch.chdir(tmp_path)
    lines, message = REFUSED[case]
    with pytest.raises(InputError) as caught:
        make_space(*lines)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_files_are_found_from_the_folder_of_the_space(make_space, tmp_path, monkeypatch):
    (tmp_path / "mine.yaml").write_text("extends: irmen\nname: mine\n")
    space = make_space("axes: {machine: [irmen, mine.yaml]}")
    assert space.places_of("machine") == ("irmen", str(tmp_path / "mine.yaml"))
    assert space.places_of("workload") == ("mnist",)
    rows = accelsim.sweep(tmp_path / "space.yaml", tmp_path / "out")
    # Where the files are is in no row.
    assert rows.column("machine").to_pylist() == ["irmen", "mine.yaml"]
    row = rows.to_pylist()[1]
    monkeypatch.chdir(tmp_path)
    spelled = command_of(space, row, tmp_path / "out")
    assert spelled == "accelsim run mine.yaml --workload mnist --images 1"


def test_axes_between_two_ends():
    lanes = Axis("arrays.lanes", "", low=1, high=4, step=1)
    assert lanes.grid() == (1, 2, 3, 4)
    # Each of the four has a quarter of the axis, ends as well.
    assert [lanes.at(share) for share in (0.0, 0.24, 0.26, 0.74, 0.76, 0.999)] == [1, 1, 2, 3, 4, 4]
    # 1, 10, 100: equal factors.
    assert Axis("x", "", low=1, high=100, is_log=True, grid_points=3).grid() == (1, 10, 100)
    assert Axis("x", "", low=0, high=1, grid_points=5).grid() == (0, 0.25, 0.5, 0.75, 1)


def test_quantities_keep_their_unit_and_clocks_a_whole_period():
    width = Axis("cell.width", "", low=40e-9, high=80e-9, unit="m", grid_points=3)
    assert width.grid() == ("40 nm", "60 nm", "80 nm")
    clock = Axis("clock", "", low=0.5e9, high=2e9, unit="Hz", is_log=True, grid_points=4)
    # 794 MHz is 1259.9 ps and 1.26 GHz is 793.7 ps: the nearest whole ps.
    assert clock.grid() == ("500 MHz", "1260 ps", "794 ps", "2 GHz")
