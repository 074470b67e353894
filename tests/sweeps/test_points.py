"""Points follow from the space alone: numbers, constraints, samples, budgets."""

import pytest

from accelsim.errors import InputError
from accelsim.sweeps.points import points_of, within


def _coordinates(points):
    return [tuple(point.coordinates.values()) for point in points]


def test_a_grid_is_every_combination_the_last_axis_fastest(make_space):
    space = make_space("axes:", "  arrays.lanes: [4, 8]", "  seed: [0, 1, 2]")
    points = points_of(space)
    assert _coordinates(points) == [(4, 0), (4, 1), (4, 2), (8, 0), (8, 1), (8, 2)]
    assert [point.number for point in points] == [0, 1, 2, 3, 4, 5]
    assert [point.seed for point in points] == [0, 1, 2, 0, 1, 2]
    assert dict(points[4].changes) == {"arrays.lanes": 8}


def test_what_is_derived_is_a_change_and_constraints_see_it(make_space):
    space = make_space(
        "set: {banks.read_ports: 2}",
        "axes: {lanes: [1, 2, 4], cell.length: [40 nm, 44 nm]}",
        "derived: {arrays.lanes: 2 * lanes, cell.width: cell.length, cell.thickness: "
        "cell.length / 20}",
        "constraints: [arrays.lanes * banks.read_ports >= 8, cell.width < '42 nm']",
    )
    (first, last) = points_of(space)
    # Two read ports of the machine: lanes of 4 and 8 are enough.
    assert dict(first.changes) == {
        "banks.read_ports": 2, "cell.length": "40 nm", "arrays.lanes": 4, "cell.width": "40 nm",
        "cell.thickness": "2 nm",
    }  # fmt: skip
    assert (first.number, last.number) == (0, 1)
    assert last.coordinates["lanes"] == 4
    assert "lanes" not in last.changes


def test_formulas_see_constants_of_the_machine_of_the_point(make_space):
    space = make_space(
        "axes: {machine: [irmen, charge], seed: [1]}",
        "constraints: ['timing.read_cycles > 1']",
    )
    assert [point.machine for point in points_of(space)] == ["charge"]  # 9 cycles, and 1


def test_constraints_that_leave_nothing_say_so(make_space, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    space = make_space("axes: {arrays.lanes: [4, 8]}", "constraints: [arrays.lanes > 8]")
    with pytest.raises(InputError) as caught:
        points_of(space)
    assert str(caught.value) == (
        "space.yaml:2:15: constraints[0]: the constraints leave none of 2 points; expected "
        "constraints that some point meets"
    )


def test_a_grid_too_large_is_refused_at_once(make_space):
    space = make_space(
        "axes:",
        "  arrays.lanes: {from: 1, to: 4096, step: 1}",
        "  arrays.fan_in: {from: 1, to: 4096, step: 1}",
    )
    with pytest.raises(InputError, match="16,777,216 points; expected 1,000,000 at most"):
        points_of(space)


AXES = ("axes:", "  arrays.lanes: {from: 1, to: 64, step: 1}", "  cell.damping: {from: 0.01, "
        "to: 1, scale: log}")  # fmt: skip


@pytest.mark.parametrize("method", ["random", "latin-hypercube", "sobol"])
def test_a_sample_is_the_same_each_time_and_another_for_another_seed(make_space, method):
    space = make_space(*AXES, f"sample: {{method: {method}, points: 32, seed: 7}}")
    points = points_of(space)
    assert len(points) == 32
    assert points == points_of(space)
    other = make_space(*AXES, f"sample: {{method: {method}, points: 32, seed: 8}}")
    assert points_of(other) != points
    assert all(1 <= point.coordinates["arrays.lanes"] <= 64 for point in points)
    assert all(0.01 <= point.coordinates["cell.damping"] <= 1 for point in points)


@pytest.mark.parametrize("method", ["latin-hypercube", "sobol"])
def test_even_samples_have_one_point_in_each_part_of_an_axis(make_space, method):
    # 32 points, 32 parts of two lanes each, and of a factor of 100^(1/32) in damping.
    space = make_space(*AXES, f"sample: {{method: {method}, points: 32, seed: 7}}")
    parts = {(point.coordinates["arrays.lanes"] - 1) // 2 for point in points_of(space)}
    assert parts == set(range(32))


def test_a_random_sample_has_as_many_points_as_wanted_within_constraints(make_space):
    space = make_space(
        *AXES, "constraints: [arrays.lanes <= 16]", "sample: {method: random, points: 40}"
    )
    points = points_of(space)
    assert len(points) == 40
    assert max(point.coordinates["arrays.lanes"] for point in points) <= 16


def test_a_budget_keeps_numbers_and_a_larger_one_the_points_of_a_smaller(make_space):
    space = make_space("axes: {seed: {from: 0, to: 99, step: 1}}")
    points = points_of(space)
    few, more = within(points, 10, 1), within(points, 30, 1)
    assert (len(few), len(more)) == (10, 30)
    assert set(_coordinates(few)) < set(_coordinates(more))
    assert all(point.number == point.seed for point in more)
    assert [point.number for point in more] == sorted(point.number for point in more)
    assert within(points, 1000, 1) == points
    # Drawn evenly: each half has its share, 15, to 3 deviations of a draw of 30 of 100.
    assert 7 <= sum(point.seed < 50 for point in more) <= 23
