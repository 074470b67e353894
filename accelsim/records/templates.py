"""Templates of rows: what a component reports together, again and again, in columns.

A machine with many contexts has hundreds of thousands of rows, so none of them stays an object,
and texts and counts that many rows have are kept once.
"""

from array import array
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from accelsim.records.actions import ACTIONS
from accelsim.records.columns import Vocabulary

Matrix = NDArray[np.int64]
LEADS = -1
"""What a row follows whose cause is known only when it happens."""
_CODES, _TIMES, _FACTS = 7, 3, 3
_TEXTS = (0, 1, 2, 4, 5)  # of the codes: all but step and follows


class Row(NamedTuple):
    """One record of a template.

    follows: place, among the records of the same step, of the one that causes it; None where
    that is known only when it happens. after_start, after_end: when it begins and ends, in ps
    from the start and the end of the line that reports it; ends_at_start: its end, too, counts
    from the start of the line.
    """

    kind: str
    component: str
    actions: dict[str, int]
    cause: str = ""
    follows: int | None = None
    after_start: int = 0
    after_end: int = 0
    ends_at_start: bool = False


@dataclass(frozen=True)
class RowTemplate:
    """Rows that happen together. place: of the first among the records of its step.

    step: -1 for what belongs to none. from_arrival: whether its lines begin when an image arrived.
    """

    rows: tuple[Row, ...]
    op: str = ""
    layer: str = ""
    step: int = -1
    place: int = 0
    from_arrival: bool = False


class Tables(NamedTuple):
    """All templates in columns: of templates, and of their rows one after another.

    codes: (7, rows): component, kind, op, step, layer, cause, follows. counts: of each row, its
    column in `actions`, (actions, different counts).
    """

    from_arrival: NDArray[np.bool_]
    begin: Matrix
    length: Matrix
    place: Matrix
    codes: NDArray[np.int32]
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
        self._facts, self._codes = array("q"), array("i")
        self._times, self._counts_of = array("q"), array("i")
        self._tables: Tables | None = None

    def __len__(self) -> int:
        return len(self._facts) // _FACTS

    def add(self, template: RowTemplate) -> int:
        """Add a template; return its number."""
        self._tables = None
        number = len(self)
        self._facts.extend((template.from_arrival, len(template.rows), template.place))
        for row in template.rows:
            self._codes.extend(self._coded(template, row))
            self._times.extend((row.after_start, row.after_end, row.ends_at_start))
            counts = tuple(row.actions.items())
            self._counts_of.append(self._counts.setdefault(counts, len(self._counts)))
        return number

    def component(self, number: int) -> str:
        """Return whose row is the first of a template."""
        tables = self.tables()
        text: str = self._vocabulary.texts[tables.codes[0, tables.begin[number]]]
        return text

    def tables(self) -> Tables:
        """Return all of them; their texts get codes of the vocabulary when this is first asked."""
        if self._tables is None:
            code = [self._vocabulary.code(text) for text in self._texts]
            codes = _columns(self._codes, _CODES, np.int32).copy()
            for column in _TEXTS:
                codes[column] = np.array(code, np.int32).take(codes[column])
            from_arrival, length, place = _columns(self._facts, _FACTS, np.int64)
            after_start, after_end, ends_at_start = _columns(self._times, _TIMES, np.int64)
            counts = [dict(each) for each in self._counts]
            actions = [[each.get(action, 0) for each in counts] for action in ACTIONS]
            self._tables = Tables(
                from_arrival=from_arrival.astype(np.bool_),
                begin=np.cumsum(length) - length,
                length=length.copy(),
                place=place.copy(),
                codes=codes,
                after_start=after_start.copy(),
                after_end=after_end.copy(),
                ends_at_start=ends_at_start.astype(np.bool_),
                counts=np.array(self._counts_of, np.int32),
                actions=np.array(actions, np.int64).reshape(len(ACTIONS), -1),
            )
        return self._tables

    def _coded(self, template: RowTemplate, row: Row) -> tuple[int, ...]:
        texts, follows = self._texts, row.follows
        component, kind, op, layer, cause = (
            texts.setdefault(text, len(texts))
            for text in (row.component, row.kind, template.op, template.layer, row.cause)
        )
        return (
            component,
            kind,
            op,
            template.step,
            layer,
            cause,
            LEADS if follows is None else follows,
        )


def _columns(values: "array[int]", width: int, kind: type[np.integer]) -> NDArray[Any]:
    """Return the columns of rows that stand one after another; a copy, so that more can come."""
    return np.array(values, kind).reshape(-1, width).T
