"""Expands compact executions into records, a block at a time, in NumPy.

A step is one line of integers: its template, image, times and cause. Its template
holds the rows that every execution makes. A bare row (wait, clock, standby) is an
execution of a template of its own with one row, so that both take the same path.
"""

from array import array
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from accelsim.model.step import Binding
from accelsim.records import ACTIONS, Records, Vocabulary

Matrix = NDArray[np.int64]
Codes = NDArray[np.int32]

STEP_FIELDS = 8
"""template, image, first_id, t_issued, t_charged, t_settled, cause, cause_id."""
COUNTED = ("clock_cycle", "leakage", "refresh")
"""Actions that a bare row can count."""
BARE_FIELDS = 11 + len(COUNTED)
"""id, t_start, t_end, component, kind, op, step, layer, image, cause, cause_id, counts."""

# A bare row begins at the first moment of its execution and ends at the second.
_MOMENTS = 4
_BARE_BEGIN, _BARE_END, _BARE_FOLLOWS = 0, 1, -1


class _Executions(NamedTuple):
    """Columns of executions, in order of their first id."""

    first: Matrix
    begin: Matrix
    length: Matrix
    image: Matrix
    cause: Matrix
    cause_id: Matrix
    moments: Matrix


class Expander:
    """Knows the templates of all bindings; `expand` makes records of executions."""

    def __init__(self, vocabulary: Vocabulary, period_ps: int) -> None:
        self._vocabulary = vocabulary
        self._period_ps = period_ps
        self._begin: list[int] = [0]
        self._rows: list[tuple[int, ...]] = []
        self._actions: list[tuple[int, ...]] = []
        self._tables: tuple[Codes, Matrix, Matrix] | None = None

    def add_template(self, binding: Binding) -> int:
        """Register the rows of a binding; return its template's number."""
        code, instruction = self._vocabulary.code, binding.instruction
        op, layer = code(instruction.op), code(instruction.layer)
        for row in binding.rows:
            component, kind, cause = code(row.component), code(row.kind), code(row.cause)
            self._rows.append(
                (
                    component,
                    kind,
                    op,
                    instruction.step,
                    layer,
                    cause,
                    row.begin,
                    row.end,
                    row.follows,
                )
            )
            self._actions.append(tuple(row.actions.get(action, 0) for action in ACTIONS))
        self._begin.append(len(self._rows))
        return len(self._begin) - 2

    def expand(self, steps: "array[int]", bare: "array[int]") -> Records:
        """Return the records of a block whose ids leave no gap, in order of their ids."""
        rows, actions, _ = self._frozen()
        lines = np.frombuffer(bare, np.int64).reshape(-1, BARE_FIELDS)
        done = self._executions(np.frombuffer(steps, np.int64).reshape(-1, STEP_FIELDS), lines)
        columns = np.concatenate([rows, _bare_rows(lines)], axis=1)
        owner = np.repeat(np.arange(len(done.first)), done.length)
        ids = np.arange(done.first[0], done.first[0] + len(owner))
        row = ids + (done.begin - done.first)[owner]
        component, kind, op, step, layer, cause, begin, end, follows = (
            column.take(row) for column in columns
        )
        moments = done.moments.ravel()
        at = owner * _MOMENTS
        leads = follows < 0
        return Records(
            self._vocabulary,
            id=ids,
            t_start_ps=moments.take(at + begin),
            t_end_ps=moments.take(at + end),
            component=component,
            kind=kind,
            op=op,
            step=step,
            layer=layer,
            image=done.image.take(owner),
            cause=np.where(leads, done.cause.take(owner), cause).astype(np.int32),
            cause_id=np.where(leads, done.cause_id.take(owner), done.first.take(owner) + follows),
            actions={
                action: _counts(actions[place], lines, action, row)
                for place, action in enumerate(ACTIONS)
            },
        )

    def _frozen(self) -> tuple[Codes, Matrix, Matrix]:
        """Return the templates as contiguous columns; none is added after the first block."""
        if self._tables is None:
            self._tables = (
                np.array(self._rows, np.int32).reshape(-1, 9).T.copy(),
                np.array(self._actions, np.int64).reshape(-1, len(ACTIONS)).T.copy(),
                np.array(self._begin, np.int64),
            )
        return self._tables

    def _executions(self, steps: Matrix, bare: Matrix) -> _Executions:
        begins = self._frozen()[2]
        template, image, first, issued, charged, settled, cause, cause_id = steps.T
        moments = np.empty((len(steps) + len(bare), _MOMENTS), np.int64)
        moments[: len(steps)] = np.stack(
            [issued, issued + self._period_ps, charged, settled], axis=1
        )
        moments[len(steps) :, :2] = bare[:, 1:3]
        ids = np.concatenate([first, bare[:, 0]])
        order = np.argsort(ids, kind="stable")

        def merged(of_steps: Matrix, of_bare: Matrix) -> Matrix:
            return np.concatenate([of_steps, of_bare])[order]

        return _Executions(
            first=ids[order],
            begin=merged(begins[template], begins[-1] + np.arange(len(bare))),
            length=merged(np.diff(begins)[template], np.ones(len(bare), np.int64)),
            image=merged(image, bare[:, 8]),
            cause=merged(cause, bare[:, 9]),
            cause_id=merged(cause_id, bare[:, 10]),
            moments=moments[order],
        )


def _bare_rows(lines: Matrix) -> Codes:
    """Return template columns for bare rows, one template each."""
    rows = np.zeros((9, len(lines)), np.int32)
    rows[:5] = lines[:, 3:8].T
    rows[6], rows[7], rows[8] = _BARE_BEGIN, _BARE_END, _BARE_FOLLOWS
    return rows


def _counts(templates: Matrix, lines: Matrix, action: str, row: Matrix) -> Matrix:
    """Return the column of an action; most actions never happen in bare rows, or at all."""
    bare = np.zeros(len(lines), np.int64)
    if action in COUNTED:
        bare = lines[:, BARE_FIELDS - len(COUNTED) + COUNTED.index(action)]
    if not templates.any() and not bare.any():
        return np.zeros(len(row), np.int64)
    return np.concatenate([templates, bare]).take(row)
