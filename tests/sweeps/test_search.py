"""A search asks the same each time, keeps to constraints, and finds a front that is known."""

from statistics import median

import pytest

from accelsim.sweeps.crew import Here
from accelsim.sweeps.search import Search
from accelsim.sweeps.sweeping import Plan, Sweeping
from tests.sweeps.crews import Backwards, Stopping, files, silent

LINES = (
    "axes:",
    "  x: {from: 0, to: 1}",
    "  arrays.lanes: {from: 1, to: 64, step: 1}",
    "  effects.active: [none, all]",
    "derived: {arrays.synapse_range: x + 8}",
    "objectives: {latency: min, energy_per_image: min}",
)


def _search(make_space, points, *more, objectives=None):
    """Search with formulas in place of machines; return the points and what they cost."""
    space = make_space(*LINES, *more, f"sample: {{method: search, points: {points}, seed: 3}}")
    search, found = Search(space, points), []
    for generation in search.generations():
        rows = []
        for point in generation:
            x, lanes = point.coordinates["x"], point.coordinates["arrays.lanes"]
            latency, energy = objectives(x, lanes)
            rows.append({"point": point.number, "latency_ps": latency,
                         "energy_per_image_aJ": energy})  # fmt: skip
            found.append((x, lanes, latency, energy))
        search.tell(rows)
    return found


def _trade(x, lanes):
    """Return costs whose front is x = 0, any lanes: fewer lanes, less energy, more time."""
    return x + 64 / lanes, x + lanes


def test_it_nears_the_front(make_space):
    found = _search(make_space, 200, objectives=_trade)
    assert len(found) == 200
    begin, end = found[:20], found[-40:]
    # The front is x = 0; a draw has 1/2 in the median.
    assert median(x for x, *_ in begin) > 0.3
    assert median(x for x, *_ in end) < 0.1
    # And covers it: few lanes and many.
    assert min(lanes for _, lanes, *_ in end) <= 4
    assert max(lanes for _, lanes, *_ in end) >= 48


def test_it_asks_the_same_and_more_points_begin_alike(make_space):
    first = _search(make_space, 60, objectives=_trade)
    assert _search(make_space, 60, objectives=_trade) == first
    assert _search(make_space, 90, objectives=_trade)[:60] == first


def test_it_keeps_to_constraints(make_space):
    limit = "constraints: [arrays.lanes <= 8]"
    found = _search(make_space, 40, limit, objectives=_trade)
    assert found
    assert max(lanes for _, lanes, *_ in found) <= 8


def test_a_small_space_is_exhausted(make_space):
    space = make_space("axes: {seed: [0, 1, 2]}", "sample: {method: search, points: 50}")
    search, found = Search(space, 50), []
    for generation in search.generations():
        found += [point.seed for point in generation]
        search.tell([{"point": point.number, "error": "failed"} for point in generation])
    assert sorted(found) == [0, 1, 2]


def test_a_search_that_was_stopped_goes_on_to_the_same_bytes(make_space, tmp_path):
    space = make_space(
        "axes: {arrays.lanes: {from: 1, to: 32, step: 1}, arrays.fan_in: [1, 2, 4]}",
        "sample: {method: search, points: 12, population: 4}",
        "chunk: 3",
        "values: false",
    )

    def run(folder, crew):
        return Sweeping(space, tmp_path / folder, Plan()).run(crew, silent)

    rows = run("whole", Here()).rows
    assert rows.num_rows == 12
    with pytest.raises(KeyboardInterrupt):
        run("out", Stopping(1))
    assert run("out", Backwards()).rows.equals(rows)
    assert files(tmp_path / "out") == files(tmp_path / "whole")
