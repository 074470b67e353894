"""The critical path of an image: why its latency is what it is, picosecond for picosecond."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

import networkx as nx
import pyarrow as pa
import pyarrow.compute as pc

from accelsim.analysis.dependencies import (
    END,
    ISSUE,
    SETTLE,
    WAIT,
    ImageRecords,
    Record,
    dependencies,
    records_of,
)
from accelsim.errors import InputError, ReconciliationError


@dataclass(frozen=True)
class Slack:
    """A record, and by how much longer (ps) it could have lasted with the same latency.

    Waits for other images are taken to end when they ended.
    """

    record: Record
    slack_ps: int


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
    rest: tuple[Slack, ...] = field(repr=False)
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
    image = ImageRecords(records_of(table))
    _refuse_lost(image)
    graph = dependencies(image)
    records = [record for step in image.steps.values() for record in step]
    start = min(record.t_start_ps for record in records)
    end = max(record.t_end_ps for record in records if record.kind == SETTLE)
    moments = nx.dag_longest_path(graph, weight="weight")
    path = tuple(
        image.by_id[one[0]]
        for one, other in pairwise(moments)
        if one[0] == other[0] and image.by_id[one[0]].duration_ps
    )
    _check(path, start, end)
    return CriticalPath(
        image=records[0].image or 0,
        t_start_ps=start,
        latency_ps=end - start,
        path=path,
        steps=tuple(_steps(image, path)),
        rest=_slack(image, graph, path, end),
        foreign=tuple(image.foreign),
        before_ps=sum(wait.duration_ps for wait in image.before),
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
    for step, records in sorted(image.steps.items()):
        issues = [record for record in records if record.kind == ISSUE]
        if len(issues) > 1:
            raise InputError(
                f"image {issues[0].image}: step {step} was issued at {issues[0].t_start_ps} ps, "
                f"lost with the supply, and issued again at {issues[-1].t_start_ps} ps: such an "
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


def _steps(image: ImageRecords, path: tuple[Record, ...]) -> list[StepPath]:
    found = []
    for step, records in sorted(image.steps.items()):
        parts = {"issue": 0, "read": 0, "write": 0, "wait": 0}
        for record in path:
            if record.step == step:
                kinds = {ISSUE: "issue", SETTLE: "write", WAIT: "wait"}
                parts[kinds.get(record.kind, "read")] += record.duration_ps
        found.append(
            StepPath(
                step=step,
                op=records[0].op,
                layer=records[0].layer,
                t_start_ps=min(record.t_start_ps for record in records),
                t_end_ps=max(record.t_end_ps for record in records),
                issue_ps=parts["issue"],
                read_ps=parts["read"],
                write_ps=parts["write"],
                wait_ps=parts["wait"],
                waits=tuple(image.waits[step]),
            )
        )
    return found


def _slack(
    image: ImageRecords, graph: nx.DiGraph, path: tuple[Record, ...], end: int
) -> tuple[Slack, ...]:
    latest: dict[tuple[int, str], int] = {}
    for moment in reversed(list(nx.topological_sort(graph))):
        allowed = []
        for after, edge in graph.adj[moment].items():
            # A wait for another image ends when it ends, whenever it begins.
            given = moment[0] == after[0] and image.by_id[moment[0]].kind == WAIT
            allowed.append(latest[after] - (0 if given else edge["weight"]))
        latest[moment] = min(allowed, default=end)
    on_path = {record.id for record in path}
    rest = [
        Slack(image.by_id[number], time - image.by_id[number].t_end_ps)
        for (number, which), time in latest.items()
        if which == END and number not in on_path and image.by_id[number].kind != WAIT
    ]
    return tuple(sorted(rest, key=lambda item: (-item.slack_ps, item.record.id)))
