"""Parts of a network that are lowered one after another: what they read of one another."""

from dataclasses import replace
from functools import partial

import pytest

from accelsim.compiler.drafting import Drafting
from accelsim.compiler.regions import OUTPUT, Part, units_of
from accelsim.compiler.tiles import lower
from accelsim.network import INPUT
from tests.conftest import CONV, RELU

LIMITS, DRAFTING = (3, 3), partial(Drafting, 2)


def cut(network, *ends):
    """Return the parts of a network that end with some layers, and with the output."""
    units = units_of(network)
    shapes = {INPUT: network.input, OUTPUT: network.on_machine[-1].out_shape}
    shapes |= {layer.name: layer.out_shape for layer in network.on_machine}
    places = [0, *(next(n for n, unit in enumerate(units, 1) if unit.name == end) for end in ends)]
    return [
        Part(tuple(units[first:last]), (end,), shapes)
        for first, last, end in zip(places, [*places[1:], len(units)], [*ends, OUTPUT], strict=True)
    ]


@pytest.mark.parametrize(("kernel", "across"), [(1, set()), (3, {"relu1"})])
def test_a_layer_is_read_across_where_a_step_reads_several_tiles(make_network, kernel, across):
    # Tiles of 3 and 1 rows, in both parts: windows of one cell read the same tile alone.
    dot = CONV | {"kernel": 1}
    network = make_network([1, 4, 4], dot, RELU, CONV | {"kernel": kernel}, RELU)
    first, second = cut(network, "relu1")
    before = lower(first, {}, LIMITS, DRAFTING)
    after = lower(second, before.ends, LIMITS, DRAFTING)
    assert (before.grid, after.grid) == ((2, 2), (2, 2))
    assert (before.across, after.across) == (set(), across)


def test_sources_are_exchanged_in_the_order_of_their_names(make_network):
    # The sum's conv reads relu1 and relu3 with windows of 3 cells: tiles of 1 row need 2 or 3.
    joined = {"op": "concat", "inputs": ["relu1", "relu3"]}
    network = make_network([1, 4, 4], CONV, RELU, CONV, RELU, joined, CONV, RELU)
    one, other, last = cut(network, "relu1", "relu3")
    ends = {}
    for part in (one, other):
        ends |= lower(part, ends, LIMITS, DRAFTING).ends
    found = []
    for names in (("relu1", "relu3"), ("relu3", "relu1")):
        stages = lower(replace(last, exchanged=names), ends, LIMITS, DRAFTING).stages
        found.append([{draft.layer for chain in stage for draft in chain} for stage in stages[:-1]])
    assert found == [[{"relu1"}, {"relu1"}, {"relu3"}, {"relu3"}]] * 2
