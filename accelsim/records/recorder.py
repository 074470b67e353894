"""Collects what components report, and passes it on as blocks of records in order of their ids.

A component registers, before the run, templates of the rows that it will report, and then
says in one line of integers that a template happened. Ids are given when something begins,
so that others can name it as their cause; its rows are passed on once all earlier ids are
reported. Without sinks nothing is kept.
"""

from array import array
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from accelsim.errors import AccelsimError
from accelsim.records.columns import KINDS, Sink, Vocabulary
from accelsim.records.expand import Expander, Lines, Template, join

LINES_PER_BLOCK = 30_000
NO_CAUSE = -1
_MOST = 2**62
_PHASE = 5  # template, first, image, start, end
_EVENT = len(Lines._fields)


class Cause(NamedTuple):
    """Why a row began when it did: the reason, the resource it waited for, and a record's id."""

    reason: str
    resource: str = ""
    record: int = NO_CAUSE


class Recorder:
    """Collects records and passes them to sinks in blocks."""

    def __init__(self, sinks: Sequence[Sink]) -> None:
        self.vocabulary = Vocabulary()
        for kind in KINDS:  # so that the code of a kind is its place in KINDS
            self.vocabulary.code(kind)
        self._blank = self.vocabulary.code("")
        self._sinks = sinks
        self._next_id = 0
        self._passed_on = 0
        self._expander = Expander(self.vocabulary)
        self._phases = array("q")
        self._events = array("q")
        self._left = Lines(*(np.zeros(0, np.int64) for _ in Lines._fields))
        self.keeps = bool(sinks)
        """Whether anybody reads the records: if not, nobody needs to report."""

    def template(self, template: Template, *, counted: bool = False) -> int:
        """Register rows that will be reported together; return the number of the template."""
        return self._expander.add(template, counted=counted)

    def reserve(self, rows: int = 1) -> int:
        """Return the id of the first of some rows that will be reported."""
        first = self._next_id
        self._next_id += rows
        return first

    def phase(self, template: int, first: int, image: int, start: int, end: int) -> None:
        """Report the rows of a phase of a step, whose first record has the id `first`."""
        self._phases.extend((template, first, image, start, end))

    def event(
        self,
        template: int,
        number: int,
        image: int,
        interval: tuple[int, int],
        cause: Cause,
        count: int = 1,
    ) -> None:
        """Report rows whose cause is known only now.

        number: a reserved id; with `Template.place`, of the first row of the step. count: how
        many times the template's actions happened. Raises AccelsimError if a count is more
        than 64 bits hold.
        """
        if not self.keeps:
            return
        if count > 1:
            self._check(template, count)
        code = self.vocabulary.code
        self._events.extend(
            (
                template,
                number,
                image,
                *interval,
                code(cause.reason),
                code(cause.resource),
                cause.record,
                count,
            )
        )
        if len(self._phases) >= LINES_PER_BLOCK * _PHASE:
            self._flush()

    def close(self) -> None:
        """Pass on what is left and close the sinks."""
        if self.keeps:
            self._flush()
        for sink in self._sinks:
            sink.close()

    def _check(self, template: int, count: int) -> None:
        most, component = self._expander.most(template)
        if most * count > _MOST:
            raise AccelsimError(f"{component} counts {most * count:.3g}, more than 64 bits hold")

    def _flush(self) -> None:
        template, first, image, start, end = (
            np.frombuffer(self._phases, np.int64).reshape(-1, _PHASE).T
        )
        events = np.frombuffer(self._events, np.int64).reshape(-1, _EVENT).T
        self._phases, self._events = array("q"), array("q")
        number = len(template)
        blank = np.full(number, self._blank)
        none, once = np.zeros(number, np.int64), np.ones(number, np.int64)
        plain = Lines(template, first, image, start, end, blank, blank, none, once)
        lines, self._left = self._expander.ready(
            join(self._left, plain, Lines(*events)), self._passed_on
        )
        if not len(lines.first):
            return
        records = self._expander.expand(lines)
        self._passed_on = int(records.id[-1]) + 1
        for sink in self._sinks:
            sink.write(records)
