"""Rows grouped by key columns, against a dictionary of Python integers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accelsim.records.groups import Groups

# Dense keys are counted, keys far apart are sorted, and some do not fit together in 64 bits.
KEYS = st.sampled_from([0, 1, 2, -1, 10**6, -(10**12), 2**40, -(2**40)])
ROWS = st.lists(st.tuples(KEYS, KEYS, st.integers(-(2**55), 2**55)), max_size=60)


@given(ROWS)
def test_sums_are_those_of_a_dictionary(rows):
    one, other, values = (
        (np.array(column, np.int64) for column in zip(*rows, strict=True))
        if (rows)
        else [np.zeros(0, np.int64)] * 3
    )
    expected, first = {}, {}
    for place, (*key, value) in enumerate(rows):
        expected[tuple(key)] = expected.get(tuple(key), 0) + value
        first.setdefault(tuple(key), place)
    groups = Groups(len(rows), one, other)
    keys = [(int(one[row]), int(other[row])) for row in groups.first]
    assert keys == sorted(expected)
    assert groups.sums(values).tolist() == [expected[key] for key in keys]
    assert groups.first.tolist() == [first[key] for key in keys]
    assert len(groups) == len(expected)


def test_sums_above_what_a_float_holds_are_exact():
    values = np.array([2**53, 1, 1, 2**60 + 1], np.int64)
    assert Groups(4, np.array([0, 0, 0, 1])).sums(values).tolist() == [2**53 + 2, 2**60 + 1]


def test_a_sum_that_64_bits_may_not_hold_is_an_error():
    with pytest.raises(OverflowError, match="64 bits"):
        Groups(3, np.zeros(3, np.int64)).sums(np.full(3, 2**62))


def test_without_keys_all_rows_are_one_group():
    groups = Groups(3)
    assert (len(groups), groups.sums(np.array([1, 2, 3])).tolist()) == (1, [6])
