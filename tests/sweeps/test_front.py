"""The Pareto front against its definition, and how rows without figures are taken."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from accelsim.sweeps.pareto import on_front

GOALS = {"latency": "min", "accuracy": "max"}
NUMBER = st.one_of(st.none(), st.integers(0, 4).map(float))


def _table(rows):
    latency, accuracy = zip(*rows, strict=True) if rows else ((), ())
    return pa.table({"latency_ps": pa.array(latency, pa.float64()),
                     "accuracy": pa.array(accuracy, pa.float64())})  # fmt: skip


def _beats(one, other):
    """Tell whether a row is as good in both, and better in one."""
    return one[0] <= other[0] and one[1] >= other[1] and one != other


@given(st.lists(st.tuples(NUMBER, NUMBER), max_size=30))
def test_on_the_front_is_what_no_row_beats(rows):
    whole = [row for row in rows if None not in row]
    expected = [None not in row and not any(_beats(other, row) for other in whole) for row in rows]
    assert on_front(_table(rows), GOALS).tolist() == expected


def test_a_front_by_hand():
    rows = [(3, 0.9), (1, 0.5), (2, 0.5), (3, 0.9), (4, 0.95), (None, 1.0)]
    # (2, 0.5) is beaten by (1, 0.5); the two alike are both on it; no latency, no place.
    assert on_front(_table(rows), GOALS).tolist() == [True, True, False, True, True, False]
    assert np.flatnonzero(on_front(_table(rows), {"latency": "min"})).tolist() == [1]
