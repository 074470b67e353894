"""How often images were overtaken, against counting each pair."""

import numpy as np
import pytest

from accelsim.analysis import Times
from accelsim.analysis.overtaking import overtaken


def times_of(arrived, started):
    arrived, started = np.array(arrived), np.array(started)
    none = np.zeros(len(arrived), np.int64)
    return Times(np.arange(len(arrived)), arrived, started, started + 1, none, none)


def test_by_hand():
    # Image 1 is loaded after both of those that came later, image 2 after one.
    assert overtaken(times_of([0, 1, 2, 3], [0, 9, 8, 7])).tolist() == [0, 2, 1, 0]
    assert overtaken(times_of([5], [7])).tolist() == [0]
    # Of one time the lower number came first.
    assert overtaken(times_of([0, 0], [3, 2])).tolist() == [1, 0]


@pytest.mark.parametrize("number", [2, 7, 64, 200])
def test_against_every_pair(number):
    rng = np.random.default_rng(number)
    arrived = np.sort(rng.integers(0, 50, number))
    started = rng.permutation(number) + 50
    expected = [(started[n + 1 :] < started[n]).sum() for n in range(number)]
    assert overtaken(times_of(arrived, started)).tolist() == expected
    # In whatever order they are numbered.
    order = rng.permutation(number)
    distinct = np.arange(number)
    found = overtaken(times_of(distinct[order], started[order]))
    assert found.tolist() == np.array(expected)[order].tolist()
