"""The critical path of an image: why its latency is what it is, picosecond for picosecond."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from accelsim.analysis.dependencies import (
    ISSUE,
    SETTLE,
    WAIT,
    Column,
    ImageRecords,
    Link,
    Record,
    StepLinks,
    links_of,
    records_of,
    settled_after,
)
from accelsim.errors import InputError, ReconciliationError


@dataclass(frozen=True)
class Slack:
    """A record, and by how much longer (ps) it could have lasted with the same latency.

    Waits for other images are taken to end when they ended.
    """

    record: Record
    slack_ps: int


class Slacks(Sequence[Slack]):
    """The records beside a path, largest slack first, then by id; each is made when asked for."""

    def __init__(self, image: ImageRecords, rows: Column, slack_ps: Column) -> None:
        order = np.lexsort((image.id[rows], -slack_ps))
        self._image, self._rows, self._slack_ps = image, rows[order], slack_ps[order]

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> Slack: ...

    @overload
    def __getitem__(self, place: slice) -> list[Slack]: ...

    def __getitem__(self, place: int | slice) -> Slack | list[Slack]:
        if isinstance(place, slice):
            return [self[number] for number in range(*place.indices(len(self)))]
        return Slack(self._image.record(int(self._rows[place])), int(self._slack_ps[place]))

    def kinds(self) -> dict[int, Counter[str]]:
        """Return how many records of each kind have each slack (ps)."""
        kind = self._image.kind
        pairs = np.stack([self._slack_ps, kind.codes[self._rows]])
        found: dict[int, Counter[str]] = {}
        different, first, number = np.unique(pairs, axis=1, return_index=True, return_counts=True)
        for place in np.argsort(first).tolist():
            slack, code = different[:, place].tolist()
            found.setdefault(slack, Counter())[kind.texts[code]] = int(number[place])
        return found


@dataclass(frozen=True)
class StepPath:
    """What the path has of one step. Times in ps.

    issue_ps: issue slot, where the read phase is not what counted. read_ps, write_ps: the
    two phases. wait_ps: waits before it for what is not the image's own: other
    images, a refresh, a fault. waits: all waits that
    the trace has before the step, its own image's too (what those waited for is in the path).
    """

    step: int
    op: str
    layer: str
    t_start_ps: int
    t_end_ps: int
    issue_ps: int
    read_ps: int
    write_ps: int
    wait_ps: int
    waits: tuple[Record, ...] = field(repr=False)

    @property
    def on_path_ps(self) -> int:
        """Share of the latency."""
        return self.issue_ps + self.read_ps + self.write_ps + self.wait_ps


@dataclass(frozen=True)
class CriticalPath:
    """Latency of an image, from the issue of its load until its results are stored.

    path: records whose durations add up to latency_ps exactly, each beginning when the one
    before it ends. steps: the same, step by step. rest: the records beside the path, with
    slack, largest first. before_ps: time in the queue and before the load, not in the latency.
    """

    image: int
    t_start_ps: int
    latency_ps: int
    path: tuple[Record, ...] = field(repr=False)
    steps: tuple[StepPath, ...] = field(repr=False)
    rest: Slacks = field(repr=False)
    foreign: tuple[Record, ...] = field(repr=False)
    before_ps: int

    def needed(self) -> set[int]:
        """Return the ids of other images' records that waits of this image name."""
        return {wait.cause_id for wait in self.foreign if wait.cause_id is not None}


def critical_path(table: pa.Table) -> CriticalPath:
    """Return the critical path of the one image whose records a table holds.

    Raises InputError if steps were lost and issued again; ReconciliationError if the path does not
    add up to the latency: a defect of the trace or of this analysis, never of the input.
    """
    image = ImageRecords(table)
    _refuse_lost(image)
    links = list(links_of(image))
    parts = np.flatnonzero(image.is_part)
    start = int(image.start[parts].min())
    end = int(image.end[image.is_part & image.kind.where(SETTLE)].max())
    rows = _Forward(image, links).path()
    path = tuple(image.record(row) for row in rows)
    _check(path, start, end)
    latest = _latest(image, links, end)
    beside = np.setdiff1d(parts, rows)
    return CriticalPath(
        image=path[0].image or 0,
        t_start_ps=start,
        latency_ps=end - start,
        path=path,
        steps=tuple(_steps(image, links, path)),
        rest=Slacks(image, beside, latest[beside] - image.end[beside]),
        foreign=tuple(image.record(row) for row in image.foreign()),
        before_ps=int((image.end - image.start)[image.before].sum()),
    )


def named(batches: Iterable[pa.RecordBatch], ids: set[int]) -> dict[int, Record]:
    """Return the records of some ids, from batches of the trace."""
    wanted = pa.array(sorted(ids), pa.int64())
    found: dict[int, Record] = {}
    for batch in batches:
        inside = batch.filter(pc.is_in(batch["id"], value_set=wanted))
        found |= {record.id: record for record in records_of(inside)}
    return found


def _refuse_lost(image: ImageRecords) -> None:
    issues = np.flatnonzero(image.is_part & image.kind.where(ISSUE))
    steps, number = np.unique(image.step[issues], return_counts=True)
    if (number > 1).any():
        step = int(steps[number > 1][0])
        first, *_, last = image.start[issues[image.step[issues] == step]].tolist()
        raise InputError(
            f"image {image.image[issues[0]]}: step {step} was issued at {first} ps, "
            f"lost with the supply, and issued again at {last} ps: such an "
            "image has no critical path; expected another image"
        )


def _check(path: tuple[Record, ...], start: int, end: int) -> None:
    now = start
    for record in path:
        if record.t_start_ps != now:
            raise ReconciliationError(
                f"the critical path has a gap: record {record.id} begins at "
                f"{record.t_start_ps} ps, and the one before it ends at {now} ps"
            )
        now = record.t_end_ps
    if now != end:
        raise ReconciliationError(
            f"the critical path ends at {now} ps, and the image is done at {end} ps"
        )


class _Forward:
    """How long, at least, it takes to get to the end of each record, and what came last before."""

    def __init__(self, image: ImageRecords, links: Sequence[StepLinks]) -> None:
        self._lasts = (image.end - image.start).tolist()
        self._reached = [0] * len(self._lasts)
        # The record whose end, or -2 - row: whose start, it begins with; NOTHING: no other.
        self._after = [_NOTHING] * len(self._lasts)
        self._last = -1
        for step in links:
            self._step(image, step)

    def path(self) -> list[int]:
        """Return the rows of the records that follow one another to the last end."""
        rows, row = [], self._last
        while row != _NOTHING:
            if self._lasts[row]:
                rows.append(row)
            row = self._after[row]
            if row < _NOTHING:  # it begins with an issue, which is over later
                row = self._after[-2 - row]
        return rows[::-1]

    def _step(self, image: ImageRecords, step: StepLinks) -> None:
        reached, rows = self._reached, step.rows
        for link in (*step.waits, step.issue):
            self._follow(link.row, link.after)
        issue = step.issue.row
        issued = reached[issue] - self._lasts[issue]
        for row in rows.phases:
            self._after[row] = -2 - issue
            reached[row] = issued + self._lasts[row]
        for row in rows.settles:
            self._follow(row, settled_after(image, rows, row))
        for row in (issue, *rows.phases, *rows.settles):
            if self._last < 0 or reached[row] > reached[self._last]:
                self._last = row

    def _follow(self, row: int, after: Sequence[int]) -> None:
        """Let a record begin once others have ended."""
        begin = 0
        if after:
            self._after[row] = max(after, key=self._reached.__getitem__)
            begin = self._reached[self._after[row]]
        self._reached[row] = begin + self._lasts[row]


_NOTHING = -1


def _latest(image: ImageRecords, links: Sequence[StepLinks], end: int) -> Column:
    """Return when (ps) each record could end at the latest, with the same end of all."""
    lasts = (image.end - image.start).tolist()
    latest = [end] * len(lasts)

    def before(link: Link, begin: int) -> None:
        for row in link.after:
            latest[row] = min(latest[row], begin)

    for step in reversed(links):
        rows = step.rows
        settles = min((latest[row] - lasts[row] for row in rows.settles), default=end)
        for row in rows.phases:
            latest[row] = min(latest[row], settles)
        before(step.issue, min(latest[row] - lasts[row] for row in (rows.issue, *rows.phases)))
        for wait in reversed(step.waits):
            # A wait for another image ends when it ends, whenever it begins.
            before(wait, latest[wait.row])
    return np.array(latest, np.int64)


def _steps(
    image: ImageRecords, links: Sequence[StepLinks], path: tuple[Record, ...]
) -> Iterator[StepPath]:
    spent: dict[int, Counter[str]] = defaultdict(Counter)
    for record in path:
        spent[record.step or 0][_SHARES.get(record.kind, "read")] += record.duration_ps
    for step in links:
        rows = step.rows
        first = image.record(min(rows.issue, *rows.phases, *rows.settles))
        parts, here = spent[rows.step], [rows.issue, *rows.phases, *rows.settles]
        yield StepPath(
            step=rows.step,
            op=first.op,
            layer=first.layer,
            t_start_ps=int(image.start[here].min()),
            t_end_ps=int(image.end[here].max()),
            issue_ps=parts["issue"],
            read_ps=parts["read"],
            write_ps=parts["write"],
            wait_ps=parts["wait"],
            waits=tuple(image.record(row) for row in rows.waits),
        )


_SHARES = {ISSUE: "issue", SETTLE: "write", WAIT: "wait"}
