"""Lines of a ledger in columns: each as it was counted, and sums as those of the lines."""

import numpy as np
import pytest

from accelsim.energy import counts as step_counts
from accelsim.energy.counts import StepCounts
from accelsim.energy.entries import Entries, Entry, EntrySum, sums_of
from accelsim.records import ACTIONS

WRITE, ISSUE = ACTIONS.index("cell_write"), ACTIONS.index("issue")


def _entries(counts):
    return Entries(
        units=["clock", "sequencer"],
        owners={1: ("conv1", "conv"), 2: ("relu1", "relu")},
        prices_aJ=[10 if action == "cell_write" else 3 for action in ACTIONS],
        unit=np.array([0, 0, 1]),
        step=np.array([1, 2, 2]),
        action=np.array([WRITE, ISSUE, ISSUE]),
        counts=counts,
    )


LINES = (
    Entry("clock", "conv1", 1, "conv", "cell_write", 5, 10),
    Entry("clock", "relu1", 2, "relu", "issue", 7, 3),
    Entry("sequencer", "relu1", 2, "relu", "issue", 9, 3),
)


def test_lines_are_a_sequence():
    entries = _entries(np.array([5, 7, 9]))
    assert (len(entries), tuple(entries)) == (3, LINES)
    assert (entries[0], entries[-1], entries[1:]) == (LINES[0], LINES[2], LINES[1:])
    assert LINES[0].energy_aJ == 50
    with pytest.raises(IndexError):
        entries[3]


@pytest.mark.parametrize("more", [0, 2**70])
def test_sums_are_those_of_the_lines(more):
    kind = object if more else np.int64
    entries = _entries(np.array([5, 7 + more, 9], kind))
    assert entries.sums() == sums_of(tuple(entries))
    assert entries.sums()[1] == EntrySum("clock", "issue", 7 + more, 3 * (7 + more))


@pytest.mark.parametrize("few", [0, 1 << 17])
def test_counts_are_merged_and_exact(monkeypatch, few):
    monkeypatch.setattr(step_counts, "_FEW", few)
    counts, zeros = StepCounts(), np.zeros(2, np.int64)
    for _ in range(5):  # component 4 and 7 of step 1; 7 alone of step 2, with more than 64 bits
        more = dict.fromkeys(ACTIONS, zeros) | {"issue": np.array([1, 2])}
        counts.add(np.array([4, 7]), np.array([1, 1]), more, 3)
        large = dict.fromkeys(ACTIONS, zeros) | {"cell_write": np.array([2**61, 2**61])}
        counts.add(np.array([7, 7]), np.array([2, 2]), large, 2)
    assert counts.components() == [4, 7]
    one_unit = np.zeros(8, np.int64)
    unit, step, found = counts.sums(one_unit)
    assert (unit.tolist(), step.tolist()) == ([0, 0], [1, 2])
    assert found[:, ISSUE].tolist() == [5 * 3 * (1 + 2), 0]
    assert found[:, WRITE].tolist() == [0, 5 * 2 * 2**62]
