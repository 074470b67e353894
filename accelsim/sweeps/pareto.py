"""The Pareto front of rows: those that no other beats in every objective.

A row without one of the figures, as one that failed, is on no front. Rows alike in all objectives
are on it together.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from accelsim.sweeps.columns import figure_column

Floats = NDArray[np.float64]


def on_front(rows: pa.Table, objectives: Mapping[str, str]) -> NDArray[np.bool_]:
    """Return which rows are on the front. objectives: figure -> min or max."""
    costs = np.empty((rows.num_rows, len(objectives)))
    for place, (name, goal) in enumerate(objectives.items()):
        values = rows.column(figure_column(name)).to_numpy(zero_copy_only=False).astype(float)
        costs[:, place] = values if goal == "min" else -values
    found = np.zeros(len(costs), np.bool_)
    whole = np.flatnonzero(~np.isnan(costs).any(axis=1))
    found[whole] = _undominated(costs[whole])
    return found


def _undominated(costs: Floats) -> NDArray[np.bool_]:
    """Return which rows no other is below in one column without being above in another."""
    found = np.zeros(len(costs), np.bool_)
    order = np.lexsort(costs.T[::-1])  # a row can be beaten by earlier ones alone
    front = np.empty((0, costs.shape[1]))
    for row in order:
        mine = costs[row]
        beaten = (front <= mine).all(axis=1) & (front < mine).any(axis=1)
        if not beaten.any():
            found[row] = True
            front = np.vstack([front, mine])
    return found
