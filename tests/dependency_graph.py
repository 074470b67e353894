"""What each record of an image had to wait for, as a graph of moments: for tests.

Made record by record, as `accelsim.analysis.dependencies` is not: the two have to agree.

A node is (record id, START) or (record id, END); an edge says that one moment is not before
another, and its `weight` is the time in ps between them that the record itself takes. All of
it is read off the records:

* the phases of a step begin with its issue; its write phase begins when all its reading,
  carrying, computing and charging is over;
* a step is issued after the one before it, after what its waits name, after its sources have
  settled, and after whatever used its destination, arrays or datapath before it.

A wait for the image's own records takes no time of its own: what it waited for does. A wait
for another image's record does, because its end is given from outside. What came before the
load was issued is not part of the latency and not in the graph. Limits of ports are not in
the records; where they bound, a wait says so.
"""

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

import networkx as nx

from accelsim.analysis.dependencies import Record

START, END = "start", "end"
WAIT, ISSUE, SETTLE = "wait", "issue", "settle"
PHASE = ("transfer", "read", "compute", "write")


class ImageRecords:
    """The records of one image, as the graph needs them.

    steps: records of each step in order of ids. before: waits before the load was issued
    (in the host's queue or for the load port). foreign: waits for other images' records.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        everything = list(records)
        self.by_id = {record.id: record for record in everything}
        self.steps: dict[int, list[Record]] = defaultdict(list)
        self.waits: dict[int, list[Record]] = defaultdict(list)
        self.before: list[Record] = []
        first = min(record.step for record in everything if record.step is not None)
        for record in everything:
            if record.step is None:
                continue
            if record.kind == WAIT and record.step == first:
                self.before.append(record)
            elif record.kind == WAIT:
                self.waits[record.step].append(record)
            elif record.kind in (ISSUE, SETTLE, *PHASE):
                self.steps[record.step].append(record)
        self.foreign = [
            wait for waits in self.waits.values() for wait in waits if self.own_cause(wait) is None
        ]

    def own_cause(self, wait: Record) -> Record | None:
        """Return the image's own record whose end ended a wait, or None."""
        cause = self.by_id.get(-1 if wait.cause_id is None else wait.cause_id)
        return cause if cause is not None and cause.t_end_ps == wait.t_end_ps else None


def dependencies(image: ImageRecords) -> nx.DiGraph:
    """Return the graph of an image's moments; recorded causes are the first edges of a node."""
    return _Builder(image).graph


class _Builder:
    def __init__(self, image: ImageRecords) -> None:
        self.graph = nx.DiGraph()
        self._image = image
        self._settled: dict[str, Record] = {}
        self._reads: dict[str, list[Record]] = defaultdict(list)
        self._used: dict[str, Record] = {}
        previous: Record | None = None
        for step in sorted(image.steps):
            previous = self._step(step, previous)

    def _step(self, step: int, previous: Record | None) -> Record:
        records = self._image.steps[step]
        issue = next(record for record in records if record.kind == ISSUE)
        phase = [record for record in records if record.kind in PHASE]
        self._lasts(issue)
        if previous is not None:
            self._waits(step, issue, previous)
        for record in phase:
            for earlier in self._earlier(record):
                self._edge((earlier.id, END), (issue.id, START))
        for record in phase:
            self._lasts(record)
            self._edge((issue.id, START), (record.id, START))
        for record in records:
            if record.kind == SETTLE:
                self._settle(record, phase)
        self._remember(records)
        return issue

    def _waits(self, step: int, issue: Record, previous: Record) -> None:
        after = [(previous.id, END)]
        for wait in self._image.waits[step]:
            cause = self._image.own_cause(wait)
            if cause is not None:
                after.insert(0, (cause.id, END))
                continue
            self._lasts(wait)
            for moment in after:
                self._edge(moment, (wait.id, START))
            after = [(wait.id, END)]
        for moment in after:
            self._edge(moment, (issue.id, START))

    def _settle(self, record: Record, phase: list[Record]) -> None:
        self._lasts(record)
        causes = sorted(phase, key=lambda other: (other.id != record.cause_id, other.id))
        for other in causes:
            self._edge((other.id, END), (record.id, START))

    def _earlier(self, record: Record) -> list[Record]:
        """Return what used the plane or unit of a record before."""
        found = [self._settled.get(record.component), self._used.get(record.component)]
        readers = self._reads[record.component] if record.kind == "write" else []
        return [other for other in (*found, *readers) if other is not None]

    def _remember(self, records: list[Record]) -> None:
        for record in records:
            if record.kind == "read":
                self._reads[record.component].append(record)
            elif record.kind == SETTLE:
                self._settled[record.component] = record
                self._reads[record.component] = []
            elif record.kind in ("transfer", "compute"):
                self._used[record.component] = record

    def _lasts(self, record: Record) -> None:
        self._edge((record.id, START), (record.id, END), record.duration_ps)

    def _edge(self, first: tuple[int, str], then: tuple[int, str], weight: int = 0) -> None:
        if not self.graph.has_edge(first, then):
            self.graph.add_edge(first, then, weight=weight)


def longest(image: ImageRecords, graph: nx.DiGraph) -> list[Record]:
    """Return the records along the longest path that take time."""
    moments = nx.dag_longest_path(graph, weight="weight")
    return [
        image.by_id[one[0]]
        for one, other in pairwise(moments)
        if one[0] == other[0] and image.by_id[one[0]].duration_ps
    ]


def slack(image: ImageRecords, graph: nx.DiGraph, end: int, path: set[Record]) -> dict[int, int]:
    """Return by id how much longer each record beside a path could last with the same end."""
    latest: dict[tuple[int, str], int] = {}
    for moment in reversed(list(nx.topological_sort(graph))):
        allowed = []
        for after, edge in graph.adj[moment].items():
            # A wait for another image ends when it ends, whenever it begins.
            given = moment[0] == after[0] and image.by_id[moment[0]].kind == WAIT
            allowed.append(latest[after] - (0 if given else edge["weight"]))
        latest[moment] = min(allowed, default=end)
    return {
        number: time - image.by_id[number].t_end_ps
        for (number, which), time in latest.items()
        if which == END and image.by_id[number] not in path and image.by_id[number].kind != WAIT
    }
