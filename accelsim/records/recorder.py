"""Collects what components report, and passes it on as blocks of records in order of their ids.

A component registers, before the run, templates of the rows that it will report, and then
says in one line of integers that a template happened. Ids are given when something begins,
so that others can name it as their cause; its rows are passed on once all earlier ids are
reported. Without sinks nothing is kept.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias, get_args

import numpy as np

from accelsim.errors import AccelsimError
from accelsim.records.columns import KINDS, Sink, Vocabulary
from accelsim.records.expand import Expander, Lines, Matrix, RowTemplate, join
from accelsim.records.reasons import REASONS
from accelsim.units import PS_PER_S

LINES_PER_BLOCK = 18_000
LONGEST_PS = 3600 * PS_PER_S
"""The longest record of what happens once a clock cycle."""
NO_CAUSE = -1
_MOST = 2**62


class Cause(NamedTuple):
    """Why a row began when it did: the reason, the resource it waited for, and a record's id."""

    reason: str
    resource: str = ""
    record: int = NO_CAUSE


Phase: TypeAlias = tuple[int, int, int, int, int]
"""Template, id of the step's first record, image, start and end in ps."""
Event: TypeAlias = tuple[int, int, int, int, int, int, int, int, int]
"""A line in the columns of `Lines`, reason and resource as codes."""
_PHASE, _EVENT = len(get_args(Phase)), len(get_args(Event))


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
        self.know(REASONS)
        self._sinks = sinks
        self._next_id = 0
        self._passed_on = 0
        self._expander = Expander(self.vocabulary)
        # Lists, as they take a tuple three times faster than an array does.
        self._phases: list[int] = []
        self._events: list[int] = []
        self._left = Lines(*(np.zeros(0, np.int64) for _ in Lines._fields))
        self._most: list[int] = []
        self.codes: Mapping[str, int] = _Codes(self.vocabulary)
        """Codes of texts: those of reasons and resources in events."""
        self.keeps = bool(sinks)
        """Whether anybody reads the records: if not, nobody needs to report."""
        self.phase: Callable[[Phase], None] = self._phases.extend
        """Report the rows of a phase of a step: called many times a step, so a bare extend."""
        self.event: Callable[[Event], None] = self._events.extend
        """Report rows whose cause is known only now."""

    def template(self, template: RowTemplate, *, counted: bool = False) -> int:
        """Register rows that will be reported together; return the number of the template.

        counted: their actions happen a number of times that each report says.
        """
        most = max(max(row.actions.values(), default=0) for row in template.rows)
        self._most.append(_MOST // max(most, 1))
        return self._expander.add(template, counted=counted)

    def know(self, texts: Iterable[str]) -> None:
        """Give texts their codes before the run, so that no order of events gives them."""
        for text in texts:
            self.vocabulary.code(text)

    def reserve(self, rows: int = 1) -> int:
        """Return the id of the first of some rows that will be reported."""
        first = self._next_id
        self._next_id += rows
        return first

    def begin(self, rows: int) -> int:
        """Return the id of the first row of a step; pass on a block when there is one."""
        if len(self._phases) >= LINES_PER_BLOCK * _PHASE:
            self._flush()
        return self.reserve(rows)

    def report(
        self,
        template: int,
        number: int,
        interval: tuple[int, int],
        cause: Cause,
        *,
        image: int = -1,
        times: int = 1,
    ) -> None:
        """Report rows with a reserved id; `times` is how often their actions happened.

        Raises AccelsimError if a count is more than 64 bits hold.
        """
        if not self.keeps:
            return
        if times > self._most[template]:
            component = self._expander.component(template)
            raise AccelsimError(f"{component} counts more than 64 bits hold, in {times:.3g} cycles")
        why = (self.codes[cause.reason], self.codes[cause.resource], cause.record)
        self.event((template, number, image, *interval, *why, times))

    def report_cycles(
        self, template: int, rows: int, interval: tuple[int, int], cause: Cause, period_ps: int
    ) -> int:
        """Report rows whose actions happen once a clock cycle; return the id of the last.

        An interval of more than an hour becomes several records of at most that, so that what
        draws less than a milliwatt for days still fits 64 bits.
        """
        start, end = interval
        longest = LONGEST_PS // period_ps * period_ps
        last = NO_CAUSE
        for since in range(start, end, longest):
            until = min(end, since + longest)
            first = self.reserve(rows)
            times = (until - since) // period_ps
            self.report(template, first, (since, until), cause, times=times)
            last = first + rows - 1
        return last

    def close(self) -> None:
        """Pass on what is left and close the sinks."""
        if self.keeps:
            self._flush()
            if len(self._left.first):
                raise RuntimeError(f"record {self._passed_on} has begun and was never reported")
        for sink in self._sinks:
            sink.close()

    def _flush(self) -> None:
        template, first, image, start, end = _columns(self._phases, _PHASE)
        events = _columns(self._events, _EVENT)
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


def _columns(lines: list[int], width: int) -> Matrix:
    # Twice as fast as np.array, which looks at every integer once more.
    return np.fromiter(lines, np.int64, len(lines)).reshape(-1, width).T
