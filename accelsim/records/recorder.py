"""Collects what components report, and passes it on as blocks of records in order of their ids.

A component registers, before the run, templates of the rows that it will report, and then
says in one line of integers that a template happened. Ids are given when something begins,
so that others can name it as their cause; its rows are passed on once all earlier ids are
reported. Without sinks nothing is kept.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from accelsim.errors import AccelsimError
from accelsim.records.batch import Batch, TakesBatches
from accelsim.records.columns import KINDS, Sink, Vocabulary
from accelsim.records.expand import Expander, Lines, join
from accelsim.records.period import Period, Stride, give, moved
from accelsim.records.reasons import REASONS
from accelsim.records.templates import Matrix, Row, RowTemplate
from accelsim.units import PS_PER_S

LINES_PER_BLOCK = 18_000
LONGEST_PS = 3600 * PS_PER_S
"""The longest record of what happens once a clock cycle."""
BLOCK = 1 << 16
"""Records of a block, but where a stretch repeats itself."""
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
        self._summing = [each for each in sinks if isinstance(each, TakesBatches)]
        plain = [each for each in sinks if not isinstance(each, TakesBatches)]
        self._writing = [*plain, *(each for each in self._summing if each.give_batches())]
        self._next_id = 0
        self._passed_on = self._begun = 0  # inside of a line, and where that begins
        self._summed = 0  # lines up to here were in batches
        self._expander = Expander(self.vocabulary)
        # Lists, as they take a tuple three times faster than an array does.
        self._phases: list[int] = []
        self._events: list[int] = []
        self._left = Lines(*(np.zeros(0, np.int64) for _ in Lines._fields))
        self._tape: list[Lines] | None = None
        self.codes: Mapping[str, int] = _Codes(self.vocabulary)
        """Codes of texts: those of reasons and resources in events."""
        self.shared = self._expander.templates.add
        """Register a template of rows that are kept already: called many times a step."""
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
        rows, from_arrival = self.share(template.rows, counted=counted), template.from_arrival
        return self.shared(rows, template.owner, template.place, from_arrival=from_arrival)

    def share(self, rows: Sequence[Row], *, counted: bool = False) -> int:
        """Keep rows that several templates have; return their number for `shared`."""
        if counted:
            self._expander.count(action for row in rows for action in row.actions)
        return self._expander.templates.share(rows)

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
        most = LINES_PER_BLOCK
        if len(self._phases) >= most * _PHASE or len(self._events) >= most * _EVENT:
            self._flush()
        first = self._next_id
        self._next_id = first + rows
        return first

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
        if times > 1 and times > _MOST // max(self._expander.templates.most(template), 1):
            component = self._expander.templates.component(template)
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

    def save(self) -> dict[str, list[int]]:
        """Return what is reported and not passed on, and the ids, as plain data for `load`."""
        if self.keeps:
            self._flush()
        lines = {name: column.tolist() for name, column in self._left._asdict().items()}
        ids = [self._next_id, self._passed_on, self._begun, self._summed]
        return lines | {"ids": ids}

    def load(self, saved: Mapping[str, Sequence[int]]) -> None:
        """Continue as a recorder with the same templates that was saved."""
        columns = (np.array(saved[name], np.int64) for name in Lines._fields)
        self._left = Lines(*columns)
        self._next_id, self._passed_on, self._begun, self._summed = saved["ids"]

    @property
    def next_id(self) -> int:
        """The id of the record that begins next."""
        return self._next_id

    def start_tape(self) -> None:
        """Keep what is reported from now on, until `repeat` or `stop_tape`."""
        self._flush()
        self._tape = []

    def stop_tape(self) -> None:
        """Keep it no longer."""
        self._tape = None

    def repeat(self, times: int, stride: Stride) -> bool:
        """Report what was reported since `start_tape` so many times more, each time moved on.

        Ids of what begins after that follow. Return False, and do nothing, if what begins in one
        period is not reported before so many more are over.
        """
        if self.keeps:
            self._flush()
            tape, self._tape = join(*self._tape or [self._left.part(slice(0))]), None
            # In how many periods the line is one of those that begin now or later.
            ahead = -((self._expander.begins(tape) - self._next_id) // stride.ids)
            whole = times + 1 - int(ahead.max())
            if whole < 1:
                return False
            self._repeat(tape, ahead, whole, stride)
        self._next_id += times * stride.ids
        return True

    def _repeat(self, tape: Lines, ahead: Matrix, whole: int, stride: Stride) -> None:
        """Pass on what completes the records before now, then `whole` periods; keep the rest."""
        expander, from_arrival = self._expander, self._expander.from_arrival(tape)
        ones = np.ones(len(ahead), np.int64)
        self._left = join(self._left, _copies(tape, ones, ahead - 1, stride, from_arrival))
        self._flush(to_the_last=True)
        period, _ = expander.ready(moved(tape, ahead, stride, from_arrival), self._next_id)
        if self._passed_on != self._next_id or len(period.first) != len(tape.first):
            raise RuntimeError(f"record {self._passed_on} is not of a period that repeats")
        begins = expander.per_record(period, expander.from_arrival(period))
        found = Period(expander.expand(period), whole, stride, begins)
        for sink in self._sinks:
            give(found, sink)
        self._begun = self._passed_on = self._summed = self._passed_on + whole * stride.ids
        rest = int(ahead.max()) - ahead
        self._left = _copies(tape, ahead + whole, rest, stride, from_arrival)

    def close(self) -> None:
        """Pass on what is left and close the sinks."""
        if self.keeps:
            self._flush(to_the_last=True)
            if len(self._left.first):
                raise RuntimeError(f"record {self._passed_on} has begun and was never reported")
        for sink in self._sinks:
            sink.close()

    def _flush(self, *, to_the_last: bool = False) -> None:
        template, first, image, start, end = _columns(self._phases, _PHASE)
        events = _columns(self._events, _EVENT)
        del self._phases[:], self._events[:]
        number = len(template)
        blank = np.full(number, self._blank)
        none, once = np.zeros(number, np.int64), np.ones(number, np.int64)
        plain = Lines(template, first, image, start, end, blank, blank, none, once)
        new = plain, Lines(*events)
        if self._tape is not None:
            self._tape += new
        lines, self._left = self._expander.ready(join(self._left, *new), self._begun)
        if len(lines.first):
            self._sum(lines)
            self._pass_on(lines, to_the_last=to_the_last)

    def _sum(self, lines: Lines) -> None:
        """Give as a batch what was not in one yet."""
        known = int(np.searchsorted(self._expander.begins(lines), self._summed))
        if self._summing and known < len(lines.first):
            batch = Batch(lines.part(slice(known, None)), self._expander)
            for sink in self._summing:
                sink.add_batch(batch)
        self._summed = int(self._expander.ends(lines)[-1])

    def _pass_on(self, lines: Lines, *, to_the_last: bool) -> None:
        """Pass on whole blocks, and what is behind the last of them if asked to; keep the rest.

        Blocks end at multiples of `BLOCK`, so that it does not show when records were passed on.
        """
        begins, ends = self._expander.begins(lines), self._expander.ends(lines)
        if not self._writing:
            self._begun = self._passed_on = int(ends[-1])
            return
        until = int(ends[-1])
        until -= 0 if to_the_last else until % BLOCK
        needed = int(np.searchsorted(ends, until)) + 1
        if until > self._passed_on:
            records = self._expander.expand(lines.part(slice(0, needed)))
            while self._passed_on < until:
                start = self._passed_on
                self._passed_on = min(until, start - start % BLOCK + BLOCK)
                first = int(begins[0])
                block = records.part(slice(start - first, self._passed_on - first))
                for sink in self._writing:
                    sink.write(block)
        done = int(np.searchsorted(ends, self._passed_on, side="right"))
        self._begun = int(begins[done]) if done < len(begins) else self._passed_on
        self._left = join(lines.part(slice(done, None)), self._left)


def _copies(
    lines: Lines,
    first: Matrix,
    number: Matrix,
    stride: Stride,
    from_arrival: NDArray[np.bool_],
) -> Lines:
    """Return so many copies of each line: `first` periods later, and each a period more."""
    owner = np.repeat(np.arange(len(number)), number)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(number) - number, number)
    return moved(lines.take(owner), first.take(owner) + place, stride, from_arrival.take(owner))


def _columns(lines: list[int], width: int) -> Matrix:
    try:
        # Twice as fast as np.array, which looks at every integer once more.
        return np.fromiter(lines, np.int64, len(lines)).reshape(-1, width).T
    except OverflowError:
        raise AccelsimError(f"the run takes {max(lines):.3g} ps, more than 64 bits hold") from None
