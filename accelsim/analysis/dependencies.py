"""What each record of an image had to wait for, step by step, in columns.

A record has a start and an end. Which moments are not before which others is read off the records:

* the phases of a step begin with its issue; its write phase begins when all its reading,
  carrying, computing and charging is over;
* a step is issued after the one before it, after what its waits name, after its sources have
  settled, and after whatever used its destination, arrays or datapath before it.

A wait for the image's own records takes no time of its own: what it waited for does. A wait
for another image's record does, because its end is given from outside. What came before the
load was issued is not part of the latency and is left out. Limits of ports are not in
the records; where they bound, a wait says so.

Rows are those of the image's table. An image may have millions: a step has lists of them, and no
record is an object unless somebody asks for it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from accelsim.errors import ReconciliationError
from accelsim.records import CodedTexts

WAIT, ISSUE, SETTLE = "wait", "issue", "settle"
PHASE = ("transfer", "convert", "read", "compute", "write")
COLUMNS = (
    "id", "t_start_ps", "t_end_ps", "component", "kind", "op", "step", "layer", "image", "cause",
    "resource", "cause_id", "energy_aJ",
)  # fmt: skip
"""Columns of the trace that are read."""
_NUMBERS = ("id", "t_start_ps", "t_end_ps", "step", "image", "cause_id", "energy_aJ")
_TEXTS = ("component", "kind", "op", "layer", "cause", "resource")
Column = NDArray[np.int64]


class Record(NamedTuple):
    """A row of the trace; step, image and cause_id are None where the trace has none."""

    id: int
    t_start_ps: int
    t_end_ps: int
    component: str
    kind: str
    op: str
    step: int | None
    layer: str
    image: int | None
    cause: str
    resource: str
    cause_id: int | None
    energy_aJ: int  # noqa: N815 - aJ is the unit

    @property
    def duration_ps(self) -> int:
        """How long it lasted."""
        return self.t_end_ps - self.t_start_ps


def records_of(table: pa.Table | pa.RecordBatch) -> list[Record]:
    """Return the rows of a table or batch of the trace's schema."""
    columns = [table[name].to_pylist() for name in Record._fields]
    return [Record(*row) for row in zip(*columns, strict=True)]


class StepRows(NamedTuple):
    """The records of a step, in order of their ids: its issue, phases, settlings; waits before."""

    step: int
    issue: int
    phases: list[int]
    settles: list[int]
    waits: list[int]


class Link(NamedTuple):
    """A record that begins once others have ended; of several that end last, the first counts."""

    row: int
    after: tuple[int, ...]


class StepLinks(NamedTuple):
    """What a step waited for. waits: those for other images, one after another; then its issue."""

    rows: StepRows
    waits: list[Link]
    issue: Link


class ImageRecords:
    """The records of one image. before: rows of waits before the load was issued.

    start, end: of each row in ps. Raises ReconciliationError if no step of it was issued.
    """

    def __init__(self, table: pa.Table) -> None:
        numbers = {name: _integers(table[name]) for name in _NUMBERS}
        self.id, self.start, self.end = (numbers[name] for name in _NUMBERS[:3])
        self.step, self.image, self.cause_id, self._energy = (numbers[n] for n in _NUMBERS[3:])
        self._texts = {name: _coded(table[name]) for name in _TEXTS}
        self._by_id = np.argsort(self.id, kind="stable")
        of_step, waits = self.step >= 0, self.kind.where(WAIT)
        self.is_part = of_step & self.kind.where(ISSUE, SETTLE, *PHASE)
        if not self.is_part.any():
            raise ReconciliationError("an image has no record of a step that was issued")
        first = int(self.step[of_step].min())
        self.before = np.flatnonzero(waits & (self.step == first))
        self._waits = of_step & waits & (self.step != first)

    @property
    def kind(self) -> CodedTexts:
        """What each record says."""
        return self._texts["kind"]

    @property
    def component(self) -> CodedTexts:
        """Whose each record is."""
        return self._texts["component"]

    def record(self, row: int) -> Record:
        """Return a row as a record."""
        texts = {name: coded.texts[coded.codes[row]] for name, coded in self._texts.items()}
        step, image, cause = (
            None if column[row] < 0 else int(column[row])
            for column in (self.step, self.image, self.cause_id)
        )
        return Record(
            id=int(self.id[row]),
            t_start_ps=int(self.start[row]),
            t_end_ps=int(self.end[row]),
            step=step,
            image=image,
            cause_id=cause,
            energy_aJ=int(self._energy[row]),
            **texts,
        )

    def own_cause(self, wait: int) -> int | None:
        """Return the row of the image's own record whose end ended a wait, or None."""
        wanted = self.cause_id[wait]
        place = int(np.searchsorted(self.id, wanted, sorter=self._by_id))
        if place == len(self.id):
            return None
        row = int(self._by_id[place])
        return row if self.id[row] == wanted and self.end[row] == self.end[wait] else None

    def foreign(self) -> list[int]:
        """Return the rows of waits for other images' records, by step."""
        waits = np.flatnonzero(self._waits)
        waits = waits[np.argsort(self.step[waits], kind="stable")]
        return [row for row in waits.tolist() if self.own_cause(row) is None]

    def steps(self) -> Iterator[StepRows]:
        """Give the steps in order."""
        rows = np.flatnonzero(self.is_part | self._waits)
        rows = rows[np.argsort(self.step[rows], kind="stable")]
        steps = self.step[rows]
        begins = np.flatnonzero(np.diff(steps, prepend=-1)).tolist()
        codes, texts = self.kind.codes, self.kind.texts
        for begin, end in zip(begins, [*begins[1:], len(rows)], strict=True):
            here = rows[begin:end].tolist()
            named = [(row, texts[codes[row]]) for row in here]
            issue = [row for row, kind in named if kind == ISSUE]
            yield StepRows(
                int(steps[begin]),
                issue[0] if issue else -1,
                [row for row, kind in named if kind in PHASE],
                [row for row, kind in named if kind == SETTLE],
                [row for row, kind in named if kind == WAIT],
            )


def links_of(image: ImageRecords) -> Iterator[StepLinks]:
    """Give what each step waited for, in order; ReconciliationError for what a later one ends."""
    users = _Users(image)
    previous = -1
    issued = np.zeros(len(image.id), np.bool_)
    for rows in image.steps():
        if rows.issue < 0:
            raise ReconciliationError(f"step {rows.step} has records, and was never issued")
        waits, after = _waits(image, rows, previous)
        earlier = [row for phase in rows.phases for row in users.before(phase)]
        link = Link(rows.issue, tuple(dict.fromkeys([*after, *earlier])))
        for row in (*link.after, *(row for wait in waits for row in wait.after)):
            if image.is_part[row] and not issued[row]:
                raise ReconciliationError(
                    f"step {rows.step} waited for record {image.id[row]}, which comes after it"
                )
        yield StepLinks(rows, waits, link)
        issued[[rows.issue, *rows.phases, *rows.settles]] = True
        users.remember(rows)
        previous = rows.issue


def settled_after(image: ImageRecords, rows: StepRows, settle: int) -> list[int]:
    """Return the phases after which a plane settles, the one that it names first."""
    cause = image.cause_id[settle]
    return sorted(rows.phases, key=lambda row: (image.id[row] != cause, image.id[row]))


def _waits(image: ImageRecords, rows: StepRows, previous: int) -> tuple[list[Link], list[int]]:
    """Return the waits for other images, and what the issue of a step then comes after."""
    if previous < 0:
        return [], []
    after, links = [previous], []
    for wait in rows.waits:
        cause = image.own_cause(wait)
        if cause is not None:
            after.insert(0, cause)
            continue
        links.append(Link(wait, tuple(after)))
        after = [wait]
    return links, after


class _Users:
    """Who used which plane or unit last."""

    def __init__(self, image: ImageRecords) -> None:
        self._component, self._kind = image.component.codes, image.kind.codes
        self._texts: Sequence[str] = image.kind.texts
        self._settled: dict[int, int] = {}
        self._used: dict[int, int] = {}
        self._reads: dict[int, list[int]] = defaultdict(list)

    def before(self, row: int) -> Iterator[int]:
        """Give what used the plane or unit of a record before."""
        component = int(self._component[row])
        for last in (self._settled, self._used):
            if component in last:
                yield last[component]
        if self._texts[self._kind[row]] == "write":
            yield from self._reads[component]

    def remember(self, rows: StepRows) -> None:
        """Take the records of a step."""
        for row in (*rows.phases, *rows.settles):
            component, kind = int(self._component[row]), self._texts[self._kind[row]]
            if kind == "read":
                self._reads[component].append(row)
            elif kind == SETTLE:
                self._settled[component] = row
                self._reads[component] = []
            elif kind in ("transfer", "convert", "compute"):
                self._used[component] = row


def _integers(column: pa.ChunkedArray) -> Column:
    """Return a column of numbers, -1 where it has none."""
    return np.asarray(column.cast(pa.int64()).fill_null(-1).to_numpy(), np.int64)


def _coded(column: pa.ChunkedArray) -> CodedTexts:
    """Return a column of texts as codes."""
    if pa.types.is_dictionary(column.type):
        coded = column.unify_dictionaries().combine_chunks()
    else:
        coded = column.dictionary_encode().combine_chunks()
    if isinstance(coded, pa.ChunkedArray):  # of no chunk
        coded = pa.array([], pa.string()).dictionary_encode()
    codes = np.asarray(coded.indices.cast(pa.int64()).to_numpy(zero_copy_only=False), np.int64)
    return CodedTexts(codes, coded.dictionary.to_pylist())
