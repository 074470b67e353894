"""Expands what components report into records, a block at a time, in NumPy.

A *template* holds the rows that a component reports together, again and again, with other
times: the reads of one operand of an instruction, the settling of its destination, a wait of
a context. A *line* says that a template happened: integers in the columns of `Lines`.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from accelsim.records.actions import ACTIONS
from accelsim.records.columns import Records, Vocabulary
from accelsim.records.templates import LEADS, Matrix, Tables, Templates


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


class Expander:
    """Knows the templates; makes records of lines."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self.templates = Templates(vocabulary)
        self._counted = set[str]()

    def count(self, actions: Iterable[str]) -> None:
        """Take note of actions whose lines have a count of their own."""
        self._counted.update(actions)

    def begins(self, lines: Lines) -> Matrix:
        """Return the id of the first record of each line."""
        return lines.first + self.templates.tables().place.take(lines.template)

    def ends(self, lines: Lines) -> Matrix:
        """Return the id behind the last record of each line."""
        return self.begins(lines) + self.templates.tables().length.take(lines.template)

    def from_arrival(self, lines: Lines) -> NDArray[np.bool_]:
        """Tell which lines begin when an image arrived."""
        return self.templates.tables().from_arrival.take(lines.template)

    def per_record(self, lines: Lines, values: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return a value of each line for each of its records."""
        return np.repeat(values, self.templates.tables().length.take(lines.template))

    def lengths(self, templates: Matrix) -> Matrix:
        """Return the number of records of templates."""
        return self.templates.tables().length.take(templates)

    def ready(self, lines: Lines, next_id: int) -> tuple[Lines, Lines]:
        """Return the lines that continue the ids from next_id without gap, in order, and the rest.

        A gap is left by what has begun and is not reported yet.
        """
        tables = self.templates.tables()
        ids = self.begins(lines)
        order = np.argsort(ids, kind="stable")
        ids, lines = ids.take(order), lines.take(order)
        ends = next_id + np.cumsum(tables.length.take(lines.template))
        begins = np.concatenate([[next_id], ends[:-1]])
        gaps = np.flatnonzero(ids != begins)
        whole = int(gaps[0]) if len(gaps) else len(ids)
        return lines.part(slice(0, whole)), lines.part(slice(whole, None))

    def expand(self, lines: Lines) -> Records:
        """Return the records of lines, in their order."""
        tables = self.templates.tables()
        length = tables.length.take(lines.template)
        ids = self.begins(lines)
        owner = np.repeat(np.arange(len(length)), length)
        place = np.arange(len(owner)) - (np.cumsum(length) - length).take(owner)
        number = place + ids.take(owner)
        row = place + tables.begin.take(lines.template).take(owner)
        follows, first = tables.follows.take(row), lines.first.take(owner)
        leads, start = follows == LEADS, lines.start.take(owner)
        caused_by = np.where(follows > 0, number - follows, first)
        return Records(
            self._vocabulary,
            id=number,
            t_start_ps=start + tables.after_start.take(row),
            t_end_ps=np.where(tables.ends_at_start.take(row), start, lines.end.take(owner))
            + tables.after_end.take(row),
            component=tables.component.take(row),
            kind=tables.kind.take(row),
            op=np.repeat(tables.op.take(lines.template), length),
            step=np.repeat(tables.step.take(lines.template), length),
            layer=np.repeat(tables.layer.take(lines.template), length),
            image=lines.image.take(owner),
            cause=np.where(leads, lines.cause.take(owner), tables.cause.take(row)).astype(np.int32),
            resource=lines.resource.take(owner).astype(np.int32),
            cause_id=np.where(leads, lines.cause_id.take(owner), caused_by),
            actions=self._actions(tables, row, lines.times, owner),
        )

    def _actions(
        self, tables: Tables, row: Matrix, count: Matrix, owner: NDArray[np.intp]
    ) -> dict[str, Matrix]:
        found, counts = {}, tables.counts.take(row)
        for action, column in zip(ACTIONS, tables.actions, strict=True):
            if not column.any():
                continue
            found[action] = column.take(counts)
            if action in self._counted:
                found[action] *= count.take(owner)
        return found
