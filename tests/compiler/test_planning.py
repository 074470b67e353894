"""The search for plans, against one that lowers all that it looks at."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import accelsim
from accelsim.compiler.cost import AtOnce, Costs
from accelsim.compiler.planning import Plan, Planner
from accelsim.compiler.room import RoomError
from accelsim.network import INPUT
from tests.compiler.networks import random_layers
from tests.conftest import AVG2, CONV, MAX2, RELU

TO_4 = CONV | {"out": 4}


class Exhaustive(Planner):
    """Long parts before short ones, none of them given up."""

    def best(self):
        self._lack = None
        last = len(self._units)
        best = [Plan(), *[None] * last]
        for begin in range(last):
            for end in range(begin + 1, last + 1):
                if best[begin] is None or not (end <= self._fitting or end == last):
                    continue
                longer = self._with(best[begin], self._part(begin, end))
                known = best[end]
                if longer is not None and (known is None or longer.cost < known.cost):
                    best[end] = longer
        if best[last] is None:
            raise self._lack
        return best[last]


def found(planner):
    """Return all that a plan's steps follow from, or what a refusal says."""
    try:
        plan = planner.best()
    except RoomError as error:
        return error.layer, error.reads, error.of_bank
    return plan.cost, [
        ([unit.name for unit in part.units], part.ends, part.exchanged, lowered.grid)
        for part, lowered in plan.parts
    ]


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    side=st.integers(7, 11),
    cells=st.integers(3, 6),
    changes=st.fixed_dictionaries({
        "arrays.lanes": st.just(3),
        "arrays.fan_in": st.integers(1, 4),
        "banks.read_ports": st.integers(1, 4),
        "circuits": st.integers(1, 2),
        "timing.read_cycles": st.integers(1, 4),
    }),
)  # fmt: skip
def test_the_plan_is_that_of_a_search_of_all(make_network, seed, side, cells, changes):
    layers = random_layers(random.Random(seed), blocks=2)
    network = make_network([2, side, side], *layers, MAX2, TO_4, RELU)
    machine = accelsim.load_machine(
        "irmen", {**changes, "arrays.rows": cells, "arrays.cols": cells + 1}
    )
    assert found(Planner(network, machine)) == found(Exhaustive(network, machine))


def test_of_plans_that_cost_the_same_the_longest_part_is_first(make_network):
    # Windows of one cell: tiles are the same wherever the layers are cut, and nothing is joined.
    dot = CONV | {"kernel": 1}
    network = make_network([1, 4, 4], dot, RELU, dot, RELU)
    machine = accelsim.load_machine("irmen", {"arrays.rows": 3, "arrays.cols": 3})
    # Four tiles take 4 cycles in each of load, two convs, two relus and handoff.
    cost, parts = found(Planner(network, machine))
    assert (cost.cycles, len(parts)) == (6 * 4, 1)
    assert (cost, parts) == found(Exhaustive(network, machine))


@pytest.mark.parametrize("most", [0, 2])
def test_a_part_that_is_dear_across_is_looked_at_joined(make_network, monkeypatch, most):
    # Three maps of 7 x 7 in tiles of 4 and 3 rows; two planes a step. Of the output, 3, 2 and 2
    # rows need 4. Loaded once, in 4 x 3 steps, and joined: 2 steps join rows, 3 columns, which
    # take 3 cycles each. Then partial, conv, relu and handoff of 9 tiles: 12 + 3 + 3 + 4 x 9.
    # Known before it: a handoff whose tiles are joined once more, 60 cycles; across, it takes more.
    network = make_network([3, 7, 7], CONV, RELU)
    machine = accelsim.load_machine(
        "irmen",
        {"arrays.rows": 4, "arrays.cols": 4, "arrays.fan_in": 2, "banks.read_ports": 2},
    )
    monkeypatch.setattr("accelsim.compiler.planning._MOST_JOINED", most)
    cost, parts = found(Planner(network, machine))
    assert cost.cycles == 12 + 3 + 3 + 4 * 9
    assert [sorted(exchanged) for _, _, exchanged, _ in parts] == [[], [INPUT]]
    assert (cost, parts) == found(Exhaustive(network, machine))


def test_the_refusal_is_that_of_a_search_of_all(make_network):
    # A cell reads one plane: no way has a place for a partial sum beside another.
    holds_the_refusal(make_network([2, 9, 9], TO_4, RELU, MAX2, TO_4, RELU), 4, ("conv0", 2, False))


def test_the_refusal_is_of_the_longest_part_first(make_network):
    # The avgpool reads one plane, the maxpools two. The longest part ends at maxpool1; short
    # parts, which are looked at before, have the avgpool read across tiles.
    pools = make_network([1, 12, 12], AVG2, MAX2, MAX2)
    changes = {"circuits": 1, "banks.read_ports": 3}
    holds_the_refusal(pools, 5, ("maxpool1", 2, False), **changes)


def holds_the_refusal(network, cells, expected, **changes):
    square = {"arrays.rows": cells, "arrays.cols": cells, "arrays.fan_in": 1}
    machine = accelsim.load_machine("irmen", square | changes)
    assert found(Planner(network, machine)) == found(Exhaustive(network, machine)) == expected


def test_tiles_cost_more_one_after_another(make_network):
    # Folds and partial sums, whose turns two tiles share; read phases of 2 cycles.
    network = make_network([5, 14, 14], TO_4 | {"out": 10}, RELU, MAX2)
    changes = {"arrays.lanes": 3, "arrays.rows": 6, "arrays.cols": 6, "timing.read_cycles": 2}
    machine = accelsim.load_machine("irmen", changes)
    costs, plan = Costs(machine), Planner(network, machine).best()
    for stage in plan.stages:
        tiles, known = AtOnce(costs), 0
        for number, chain in enumerate(stage, start=1):
            tiles.add(chain)
            assert tiles.cycles == costs.of([stage[:number]], number).cycles >= known
            known = tiles.cycles
    assert max(map(len, plan.stages)) > 4
