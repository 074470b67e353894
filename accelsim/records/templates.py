"""Templates of rows: what a component reports together, again and again, in columns.

A machine with many contexts, or a long program, has hundreds of thousands of rows, so none of them
stays an object, and texts and counts that many rows have are kept once. So are the rows of many
templates: what a component does in one step it does in others of other layers.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from accelsim.records.actions import ACTIONS
from accelsim.records.columns import Vocabulary

Matrix = NDArray[np.int64]
LEADS = -1
"""What a row follows whose cause is known only when it happens."""
ISSUE_ROW = 0
"""What a row follows that the first record of its step causes."""
_ROW, _FACTS = 8, 7
_TEXTS = (0, 1, 2)  # of the columns of rows


class Row(NamedTuple):
    """One record of a template.

    follows: how many records before it the one is that causes it; ISSUE_ROW for the first of the
    same step; None where that is known only when it happens. after_start, after_end: when it begins
    and ends, in ps from the start and the end of the line that reports it; ends_at_start: its end,
    too, counts from the start of the line.
    """

    kind: str
    component: str
    actions: dict[str, int]
    cause: str = ""
    follows: int | None = None
    after_start: int = 0
    after_end: int = 0
    ends_at_start: bool = False


class Owner(NamedTuple):
    """What rows belong to; step -1: to none."""

    op: str = ""
    layer: str = ""
    step: int = -1


NOBODY = Owner()


@dataclass(frozen=True)
class RowTemplate:
    """Rows that happen together. place: of the first among the records of its step.

    from_arrival: whether its lines begin when an image arrived.
    """

    rows: tuple[Row, ...]
    owner: Owner = NOBODY
    place: int = 0
    from_arrival: bool = False


class Tables(NamedTuple):
    """All templates in columns, and all rows that they have, one after another.

    Of templates: from_arrival, begin and length among the rows, place, step, op and layer (codes).
    Of rows: component, kind, cause (codes); follows, after_start, after_end, ends_at_start as of
    `Row`; counts: the row's column in `actions`, (actions, different counts).
    """

    from_arrival: NDArray[np.bool_]
    begin: Matrix
    length: Matrix
    place: Matrix
    step: NDArray[np.int32]
    op: NDArray[np.int32]
    layer: NDArray[np.int32]
    component: NDArray[np.int32]
    kind: NDArray[np.int32]
    cause: NDArray[np.int32]
    follows: NDArray[np.int32]
    after_start: Matrix
    after_end: Matrix
    ends_at_start: NDArray[np.bool_]
    counts: NDArray[np.int32]
    actions: Matrix


class Templates:
    """The templates of a run, by the numbers under which they were added."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        # Numbers of texts and counts, in the order in which rows had them first.
        self._texts: dict[str, int] = {}
        self._counts: dict[tuple[tuple[str, int], ...], int] = {}
        self._shared: list[Sequence[Row]] = []
        self._begins: list[int] = []
        self._facts, self._rows = array("q"), array("q")
        self._most: dict[int, int] = {}
        self._owner: Owner | None = None
        self._owner_codes = (0, 0)
        self._number = 0
        self._tables: Tables | None = None

    def share(self, rows: Sequence[Row]) -> int:
        """Keep rows that several templates have; return their number."""
        self._shared.append(rows)
        self._begins.append(-1)
        return len(self._shared) - 1

    def add(self, rows: int, owner: Owner, place: int = 0, *, from_arrival: bool = False) -> int:
        """Add a template of shared rows, with the other attributes of it; return its number."""
        self._tables = None
        begin = self._begins[rows]
        if begin < 0:
            begin = self._begins[rows] = self._coded(self._shared[rows], owner)
        if owner is not self._owner:  # a step has several templates, one after another
            texts = self._texts
            op = texts.setdefault(owner.op, len(texts))
            self._owner, self._owner_codes = owner, (op, texts.setdefault(owner.layer, len(texts)))
        op, layer = self._owner_codes
        length = len(self._shared[rows])
        self._facts.extend((from_arrival, begin, length, place, owner.step, op, layer))
        self._number += 1
        return self._number - 1

    def component(self, number: int) -> str:
        """Return whose row is the first of a template."""
        texts = list(self._texts)
        return texts[self._rows[self._facts[number * _FACTS + 1] * _ROW]]

    def tables(self) -> Tables:
        """Return all of them; their texts get codes of the vocabulary when this is first asked."""
        if self._tables is None:
            codes = np.array([self._vocabulary.code(text) for text in self._texts], np.int32)
            facts = _columns(self._facts, _FACTS)
            from_arrival, begin, length, place, step, op, layer = (each.copy() for each in facts)
            rows = _columns(self._rows, _ROW)
            component, kind, cause = (codes.take(rows[column]) for column in _TEXTS)
            follows, after_start, after_end, ends_at_start, counts = rows[len(_TEXTS) :]
            known = [dict(each) for each in self._counts]
            actions = [[each.get(action, 0) for each in known] for action in ACTIONS]
            self._tables = Tables(
                from_arrival=from_arrival.astype(np.bool_),
                begin=begin,
                length=length,
                place=place,
                step=step.astype(np.int32),
                op=codes.take(op),
                layer=codes.take(layer),
                component=component,
                kind=kind,
                cause=cause,
                follows=follows.astype(np.int32),
                after_start=after_start.copy(),
                after_end=after_end.copy(),
                ends_at_start=ends_at_start.astype(np.bool_),
                counts=counts.astype(np.int32),
                actions=np.array(actions, np.int64).reshape(len(ACTIONS), -1),
            )
        return self._tables

    def most(self, number: int) -> int:
        """Return the largest count that a template has of an action, or 0."""
        found = self._most.get(number)
        if found is None:
            begin, length = self._facts[number * _FACTS + 1], self._facts[number * _FACTS + 2]
            counted = self._rows[(begin + 1) * _ROW - 1 : (begin + length) * _ROW : _ROW]
            known = list(self._counts)
            numbers = (most for each in set(counted) for _, most in known[each])
            found = self._most[number] = max(numbers, default=0)
        return found

    def _coded(self, rows: Sequence[Row], owner: Owner) -> int:
        """Keep rows as numbers; return the place of the first. owner: whose texts come between."""
        texts, counts = self._texts, self._counts
        begin = len(self._rows) // _ROW
        for row in rows:
            component, kind, _, _, cause = (
                texts.setdefault(text, len(texts))
                for text in (row.component, row.kind, owner.op, owner.layer, row.cause)
            )
            follows = LEADS if row.follows is None else row.follows
            counted = counts.setdefault(tuple(row.actions.items()), len(counts))
            times = row.after_start, row.after_end, row.ends_at_start
            self._rows.extend((component, kind, cause, follows, *times, counted))
        return begin


def _columns(values: "array[int]", width: int) -> NDArray[Any]:
    """Return the columns of rows that stand one after another; a copy, so that more can come."""
    return np.array(values, np.int64).reshape(-1, width).T
