"""A whole sweep: a space and a folder in, all its rows out."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from accelsim.sweeps.columns import ERROR, schema
from accelsim.sweeps.crew import Crew
from accelsim.sweeps.evaluate import Setting
from accelsim.sweeps.identity import Files, fingerprint, space_digest
from accelsim.sweeps.keys import MACHINE, WORKLOAD
from accelsim.sweeps.pareto import on_front
from accelsim.sweeps.points import points_of, within
from accelsim.sweeps.runner import Progress, Runner
from accelsim.sweeps.schema import SEARCH
from accelsim.sweeps.search import Search
from accelsim.sweeps.space import DEVICE, Space, load_space
from accelsim.sweeps.store import Store
from accelsim.version import __version__


@dataclass(frozen=True)
class Sweep:
    """A sweep that was made. rows: of all points that were evaluated, in order.

    folder: where its data set is. total: how many points there are to evaluate.
    """

    space: Space
    folder: Path
    rows: pa.Table = field(repr=False)
    total: int

    @property
    def failed(self) -> int:
        """How many rows have an error."""
        return sum(each is not None for each in self.rows.column(ERROR).to_pylist())

    @property
    def front(self) -> NDArray[np.bool_]:
        """Which rows are on the Pareto front of the objectives."""
        return on_front(self.rows, self.space.objectives)


@dataclass(frozen=True)
class Plan:
    """How a space is swept. budget: at most so many points. again: also those that failed.

    force: replace a sweep of another space.
    """

    budget: int | None = None
    again: bool = False
    force: bool = False


class Sweeping:
    """A sweep that can be run. Raises InputError before anything is written.

    space, folder, plan: what, where and how.
    """

    def __init__(self, space: Space, folder: Path, plan: Plan) -> None:
        self._space, self._plan = space, plan
        files = files_of(space)
        found = fingerprint(files)
        self.setting = Setting(files, found.digest, space.images, space.arrivals, space.values)
        self._points = None
        if space.sample.method != SEARCH:
            self._points = within(points_of(space), plan.budget, space.sample.seed)
        digest = space_digest(space, found)
        about = {
            "space": space.name,
            "description": space.description,
            "version": __version__,
            "objectives": dict(space.objectives),
        }
        self.store = Store(folder, schema(space, digest), space.chunk, about, force=plan.force)

    @property
    def is_done(self) -> bool:
        """Whether every point has its row; of a search never told."""
        if self._points is None:
            return False
        numbers = (point.number for point in self._points)
        return not self.store.missing(numbers, again=self._plan.again)

    @property
    def total(self) -> int:
        """How many points there are to evaluate, at most."""
        if self._points is not None:
            return len(self._points)
        points = self._space.sample.points or 0
        return points if self._plan.budget is None else min(points, self._plan.budget)

    def run(self, crew: Crew, progress: Progress) -> Sweep:
        """Evaluate what is missing; return all rows."""
        self.store.begin()
        runner = Runner(
            self._space, self.setting, self.store, crew, progress, again=self._plan.again
        )
        if self._points is not None:
            runner.evaluate(self._points)
        else:
            self._search(runner)
        progress("evaluating", self.total, self.total)
        return Sweep(self._space, self.store.folder, self.store.table(), self.total)

    def _search(self, runner: Runner) -> None:
        search = Search(self._space, self.total)
        for points in search.generations():
            runner.evaluate(points, self.total)
            chunks = dict.fromkeys(self.store.chunk_of(each.number) for each in points)
            search.tell([row for chunk in chunks for row in self.store.rows(chunk)])


def files_of(space: Space) -> Files:
    """Return the files that points of a space use."""
    return Files(
        machines=space.places_of(MACHINE),
        workloads=space.places_of(WORKLOAD),
        devices=tuple(name for name in space.places_of(DEVICE) if Path(name).is_absolute()),
        dataset=space.dataset,
    )


def described(path: Path) -> str:
    """Check the file of a space, and that it has points; return what it is, in a few words.

    Raises InputError.
    """
    space = load_space(path)
    sample = space.sample
    number = sample.points if sample.method == SEARCH else len(points_of(space))
    return f"space: '{space.name}', {number:,} points ({sample.method}) of {len(space.axes)} axes"
