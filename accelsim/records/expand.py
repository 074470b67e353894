"""Expands what components report into records, a block at a time, in NumPy.

A *template* holds the rows that a component reports together, again and again, with other
times: the reads of one operand of an instruction, the settling of its destination, a wait of
a context. A *line* says that a template happened: integers in the columns of `Lines`.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from accelsim.records.actions import ACTIONS
from accelsim.records.columns import Records, Vocabulary

Matrix = NDArray[np.int64]
_CODES = 7  # component, kind, op, step, layer, cause, follows
_LEADS = -1


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


class Lines(NamedTuple):
    """Columns of lines.

    template; first: id of the first record of the step; image, or -1; start and end in ps; for
    rows that do not say it themselves their cause and resource (codes) and what they waited
    for or followed; times: how often the actions of the template happened.
    """

    template: Matrix
    first: Matrix
    image: Matrix
    start: Matrix
    end: Matrix
    cause: Matrix
    resource: Matrix
    cause_id: Matrix
    times: Matrix

    def take(self, places: NDArray[np.intp]) -> "Lines":
        """Return some lines, in an order."""
        return Lines(*(column.take(places) for column in self))

    def part(self, some: slice) -> "Lines":
        """Return some lines that follow one another."""
        return Lines(*(column[some] for column in self))


def join(*parts: Lines) -> Lines:
    """Return the lines of all parts."""
    return Lines(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


class _Tables(NamedTuple):
    """All templates in columns: of templates, and of their rows one after another."""

    from_arrival: NDArray[np.bool_]
    begin: Matrix
    length: Matrix
    place: Matrix
    codes: NDArray[np.int32]
    after_start: Matrix
    after_end: Matrix
    ends_at_start: NDArray[np.bool_]
    actions: Matrix


class Expander:
    """Knows the templates; makes records of lines."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._templates: list[RowTemplate] = []
        self._frozen: _Tables | None = None
        self._counted = set[str]()

    def add(self, template: RowTemplate, *, counted: bool) -> int:
        """Register a template; return its number. counted: its lines have a count of their own."""
        self._templates.append(template)
        self._frozen = None
        if counted:
            self._counted.update(action for row in template.rows for action in row.actions)
        return len(self._templates) - 1

    def component(self, number: int) -> str:
        """Return whose row is the first of a template."""
        return self._templates[number].rows[0].component

    def begins(self, lines: Lines) -> Matrix:
        """Return the id of the first record of each line."""
        return lines.first + self._tables().place.take(lines.template)

    def ends(self, lines: Lines) -> Matrix:
        """Return the id behind the last record of each line."""
        return self.begins(lines) + self._tables().length.take(lines.template)

    def from_arrival(self, lines: Lines) -> NDArray[np.bool_]:
        """Tell which lines begin when an image arrived."""
        return self._tables().from_arrival.take(lines.template)

    def per_record(self, lines: Lines, values: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return a value of each line for each of its records."""
        return np.repeat(values, self._tables().length.take(lines.template))

    def ready(self, lines: Lines, next_id: int) -> tuple[Lines, Lines]:
        """Return the lines that continue the ids from next_id without gap, in order, and the rest.

        A gap is left by what has begun and is not reported yet.
        """
        tables = self._tables()
        ids = self.begins(lines)
        order = np.argsort(ids, kind="stable")
        ids, lines = ids.take(order), lines.take(order)
        ends = next_id + np.cumsum(tables.length.take(lines.template))
        begins = np.concatenate([[next_id], ends[:-1]])
        gaps = np.flatnonzero(ids != begins)
        whole = int(gaps[0]) if len(gaps) else len(ids)
        return lines.part(slice(0, whole)), lines.part(slice(whole, None))

    def expand(self, lines: Lines) -> Records:
        """Return the records of lines that are ready."""
        tables = self._tables()
        length = tables.length.take(lines.template)
        ids = self.begins(lines)
        owner = np.repeat(np.arange(len(length)), length)
        number = np.arange(ids[0], ids[0] + len(owner))
        row = number + (tables.begin.take(lines.template) - ids).take(owner)
        component, kind, op, step, layer, cause, follows = (c.take(row) for c in tables.codes)
        leads, start = follows == _LEADS, lines.start.take(owner)
        return Records(
            self._vocabulary,
            id=number,
            t_start_ps=start + tables.after_start.take(row),
            t_end_ps=np.where(tables.ends_at_start.take(row), start, lines.end.take(owner))
            + tables.after_end.take(row),
            component=component,
            kind=kind,
            op=op,
            step=step,
            layer=layer,
            image=lines.image.take(owner),
            cause=np.where(leads, lines.cause.take(owner), cause).astype(np.int32),
            resource=lines.resource.take(owner).astype(np.int32),
            cause_id=np.where(leads, lines.cause_id.take(owner), lines.first.take(owner) + follows),
            actions=self._actions(tables, row, lines.times, owner),
        )

    def _actions(
        self, tables: _Tables, row: Matrix, count: Matrix, owner: NDArray[np.intp]
    ) -> dict[str, Matrix]:
        found = {}
        for action, column in zip(ACTIONS, tables.actions, strict=True):
            if not column.any():
                found[action] = np.zeros(len(row), np.int64)
                continue
            found[action] = column.take(row)
            if action in self._counted:
                found[action] *= count.take(owner)
        return found

    def _tables(self) -> _Tables:
        if self._frozen is None:
            lengths = [len(template.rows) for template in self._templates]
            rows = [(each, row) for each in self._templates for row in each.rows]
            codes = [self._coded(template, row) for template, row in rows]
            actions = [[row.actions.get(action, 0) for action in ACTIONS] for _, row in rows]
            self._frozen = _Tables(
                from_arrival=np.array([each.from_arrival for each in self._templates], np.bool_),
                begin=np.cumsum([0, *lengths[:-1]], dtype=np.int64),
                length=np.array(lengths, np.int64),
                place=np.array([template.place for template in self._templates], np.int64),
                after_start=np.array([row.after_start for _, row in rows], np.int64),
                after_end=np.array([row.after_end for _, row in rows], np.int64),
                ends_at_start=np.array([row.ends_at_start for _, row in rows], np.bool_),
                codes=np.array(codes, np.int32).reshape(-1, _CODES).T.copy(),
                actions=np.array(actions, np.int64).reshape(-1, len(ACTIONS)).T.copy(),
            )
        return self._frozen

    def _coded(self, template: RowTemplate, row: Row) -> tuple[int, ...]:
        code = self._vocabulary.code
        return (
            code(row.component),
            code(row.kind),
            code(template.op),
            template.step,
            code(template.layer),
            code(row.cause),
            _LEADS if row.follows is None else row.follows,
        )
