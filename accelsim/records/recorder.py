"""Collects what components report, and passes it on as blocks of records in order of their ids.

A component registers, before the run, templates of the rows that it will report, and then
says in one line of integers that a template happened. Ids are given when something begins,
so that others can name it as their cause; its rows are passed on once all earlier ids are
reported. Without sinks nothing is kept.
"""

from array import array
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias, get_args

import numpy as np

from accelsim.errors import AccelsimError
from accelsim.records.columns import KINDS, Sink, Vocabulary
from accelsim.records.expand import Expander, Lines, Template, join

LINES_PER_BLOCK = 18_000
NO_CAUSE = -1
_MOST = 2**62
_EVENT = len(Lines._fields)


class Cause(NamedTuple):
    """Why a row began when it did: the reason, the resource it waited for, and a record's id."""

    reason: str
    resource: str = ""
    record: int = NO_CAUSE


Phase: TypeAlias = tuple[int, int, int, int, int]
"""Template, id of the step's first record, image, start and end in ps."""
_PHASE = len(get_args(Phase))


class _Codes(dict[str, int]):
    """Codes of texts, which the vocabulary gives when a text is first looked up."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self._vocabulary = vocabulary

    def __missing__(self, text: str) -> int:
        code = self[text] = self._vocabulary.code(text)
        return code


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
        self._codes = _Codes(self.vocabulary)
        self._most: list[int] = []
        self.keeps = bool(sinks)
        """Whether anybody reads the records: if not, nobody needs to report."""
        self.phase: Callable[[Phase], None] = self._phases.extend
        """Report the rows of a phase of a step."""

    def template(self, template: Template, *, counted: bool = False) -> int:
        """Register rows that will be reported together; return the number of the template.

        counted: their actions happen a number of times that each report says.
        """
        most = max(max(row.actions.values(), default=0) for row in template.rows)
        self._most.append(_MOST // max(most, 1))
        return self._expander.add(template, counted=counted)

    def reserve(self, rows: int = 1) -> int:
        """Return the id of the first of some rows that will be reported."""
        first = self._next_id
        self._next_id += rows
        return first

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
        if count > self._most[template]:
            component = self._expander.component(template)
            raise AccelsimError(f"{component} counts more than 64 bits hold, in {count:.3g} cycles")
        reason, resource, record = cause
        codes = self._codes
        self._events.extend(
            (template, number, image, *interval, codes[reason], codes[resource], record, count)
        )
        if len(self._phases) >= LINES_PER_BLOCK * _PHASE:
            self._flush()

    def close(self) -> None:
        """Pass on what is left and close the sinks."""
        if self.keeps:
            self._flush()
            if len(self._left.first):
                raise RuntimeError(f"record {self._passed_on} has begun and was never reported")
        for sink in self._sinks:
            sink.close()

    def _flush(self) -> None:
        template, first, image, start, end = np.array(self._phases, np.int64).reshape(-1, _PHASE).T
        events = np.array(self._events, np.int64).reshape(-1, _EVENT).T
        del self._phases[:], self._events[:]
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
