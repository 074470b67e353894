"""What the planner takes steps to cost, against the instructions that they become."""

import random
from collections import defaultdict

import numpy as np
import pytest

import accelsim
from accelsim.compiler.allocate import instruction_of
from accelsim.compiler.cost import Costs
from accelsim.compiler.counts import count, distinct_cells
from accelsim.compiler.folding import Folding
from accelsim.compiler.partial import PartialSums
from accelsim.compiler.planning import Planner
from accelsim.ops import Grid, Tap
from tests.conftest import CONV, MAX2, RELU

LAYERS = (
    CONV | {"out": 10},
    RELU,
    MAX2,
    CONV | {"out": 10, "kernel": 5},
    {"op": "add", "inputs": ["conv3", "maxpool2"]},
    RELU,
)


@pytest.mark.parametrize(
    ("name", "circuits", "read"), [("irmen", 1, 2), ("irmen", 2, 2), ("charge", 2, 9)]
)
def test_drafts_cost_what_their_instructions_do(make_network, name, circuits, read):
    # Folds of 3, 3, 3 and 1 maps, partial sums, tiles that read one another.
    changes = {"arrays.lanes": 3, "circuits": circuits, "arrays.rows": 6, "arrays.cols": 6}
    machine = accelsim.load_machine(name, {**changes, "timing.read_cycles": read})
    costs, folding = Costs(machine), Folding(machine, PartialSums({}, lambda: None))
    plan = Planner(make_network([5, 14, 14], *LAYERS), machine).best()
    drafts = [draft for stage in plan.stages for chain in stage for draft in chain]
    assert len({(draft.op, draft.rows, draft.cols) for draft in drafts}) > 10
    for draft in drafts:
        chains = folding.chains(draft)
        steps = [instruction_of(1, step, defaultdict(int)) for chain in chains for step in chain]
        counts = [count(step, read) for step in steps]
        found = costs.of_draft(draft)
        assert found.steps == len(steps)
        turns = range(max(map(len, chains)))
        assert found.turns == tuple(sum(turn < len(chain) for chain in chains) for turn in turns)
        assert found.written == sum(each.written for each in counts)
        prices = machine.prices_aJ
        assert found.energy_aJ == sum(
            each.written * prices["cell_write"]
            + each.read * read * prices["cell_read_cycle"]
            + each.tap_cycles * prices["ota_tap_cycle"]
            + each.static_cycles * prices["cell_static_cycle"]
            + prices["issue"]
            for each in counts
        )


def test_distinct_cells_are_those_that_any_tap_uses():
    chance = random.Random(4)
    for _ in range(400):
        taps = tuple(Tap(chance.randint(-5, 5), chance.randint(-5, 5)) for _ in range(4))
        window, extent = ((chance.randint(1, 7), chance.randint(1, 7)) for _ in range(2))
        grid = Grid(chance.randint(1, 3), chance.randint(1, 3))
        used = np.zeros(extent, bool)
        for i, j in np.ndindex(window):
            for tap in taps:
                row, col = i * grid.row_step + tap.row, j * grid.col_step + tap.col
                if 0 <= row < extent[0] and 0 <= col < extent[1]:
                    used[row, col] = True
        assert distinct_cells(taps, window, grid, extent) == used.sum()
