"""Evaluates the points of a space that have no row yet, and keeps every row as it comes."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import pyarrow as pa

from accelsim.sweeps.cells import Cells
from accelsim.sweeps.columns import ERROR, POINT, Row, coordinates, figure_column
from accelsim.sweeps.crew import Crew, Died
from accelsim.sweeps.evaluate import Setting, failed
from accelsim.sweeps.points import Point
from accelsim.sweeps.space import ACCURACY, Space
from accelsim.sweeps.store import Store
from accelsim.sweeps.work import Cell, Evaluation, Named, Part, Task
from accelsim.values import Share

Progress = Callable[[str, int, int], None]
"""Called with what goes on, how much of it is done, and how much there is."""
DIED = "each worker that evaluated this point died, perhaps for lack of memory"


def _silent(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""


@dataclass
class Runner:
    """Evaluates points of a space with a crew into a store. again: also those that failed."""

    space: Space
    setting: Setting
    store: Store
    crew: Crew
    progress: Progress = _silent
    again: bool = False
    _cells: Cells = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._cells = Cells(self.space.characterize)

    def evaluate(self, points: Sequence[Point], total: int = 0) -> None:
        """Evaluate the points that have no row. total: of the sweep, for progress."""
        numbers = set(self.store.missing((each.number for each in points), again=self.again))
        missing = [point for point in points if point.number in numbers]
        total = total or len(points)
        done = total - len(missing) if total == len(points) else points[0].number
        if not missing:
            return
        named, devices = self._characterized(missing)
        tasks = list(self._tasks(missing, named, devices))
        gathering = _Gathering(self.space, self.store.columns, missing)
        self.progress("evaluating", done, total)
        for task, result in self.crew.results(tasks):
            for rows in self._rows(task, result, gathering):
                self.store.add(self.store.chunk_of(rows[0][POINT]), rows)
                done += len(rows)
                self.progress("evaluating", done, total)

    def _characterized(
        self, points: Sequence[Point]
    ) -> tuple[Mapping[int, Named], Mapping[str, str]]:
        """Return the cell of each point, and the device files of them all."""
        cells = self._cells.of(points)
        wanted = {cell.name: cell for cell in cells if cell is not None}
        devices, errors = self.store.devices() if wanted else {}, dict[str, str]()
        missing = [cell for name, cell in wanted.items() if name not in devices]
        for done, (task, result) in enumerate(self.crew.results(missing)):
            assert isinstance(task, Cell)  # noqa: S101 - for the type checker
            self.progress("characterizing cells", done, len(missing))
            text, error = ("", DIED) if isinstance(result, Died) else result
            if error:
                errors[task.name] = error
            else:
                devices[task.name] = text
                self.store.add_device(task.name, text)
        named = {
            point.number: Named()
            if cell is None
            else Named(error=errors[cell.name])
            if cell.name in errors
            else Named(cell.name)
            for point, cell in zip(points, cells, strict=True)
        }
        return named, devices

    def _tasks(
        self, points: Sequence[Point], named: Mapping[int, Named], devices: Mapping[str, str]
    ) -> Iterator[Task]:
        """Give the points in chunks; each apart, and its images in shares, if it has many."""
        parts = -(-len(self.space.images) // self.space.block) if self.space.values else 1
        for _, chunk in groupby(points, key=lambda each: self.store.chunk_of(each.number)):
            together = list(chunk)
            if parts == 1:
                yield self._evaluation(together, named, devices)
                continue
            for point in together:
                yield self._evaluation([point], named, devices, values=False)
                of = named[point.number]
                for number in range(parts):
                    share = Share(number, parts)
                    yield Part(self.setting, point, of, devices.get(of.device, ""), share)

    def _evaluation(
        self,
        points: Sequence[Point],
        named: Mapping[int, Named],
        devices: Mapping[str, str],
        *,
        values: bool = True,
    ) -> Evaluation:
        of = [named[point.number] for point in points]
        texts = {each.device: devices[each.device] for each in of if each.device}
        return Evaluation(self.setting, points, of, texts, values)

    def _rows(self, task: Task, result: object, gathering: "_Gathering") -> Iterator[list[Row]]:
        """Give rows that are whole now."""
        if not isinstance(result, Died):
            yield from gathering.take(task, result)
            return
        if isinstance(task, Evaluation) and len(task.points) > 1:
            # One of them is to blame: each for itself.
            apart = [
                Evaluation(task.setting, [point], [named], task.devices, task.values)
                for point, named in zip(task.points, task.named, strict=True)
            ]
            for one, found in self.crew.results(apart):
                yield from self._rows(one, found, gathering)
            return
        yield from gathering.died(task)


class _Gathering:
    """Puts rows together: of points whose images are shared out, once all shares are there."""

    def __init__(self, space: Space, columns: pa.Schema, points: Sequence[Point]) -> None:
        self._space, self._columns = space, columns
        self._points = {point.number: point for point in points}
        self._rows: dict[int, Row] = {}
        self._correct: dict[int, list[int | None]] = defaultdict(list)
        self._errors: dict[int, str] = {}

    def take(self, task: Task, result: object) -> Iterator[list[Row]]:
        """Take the result of a task; give the rows that are whole with it."""
        if isinstance(task, Evaluation):
            assert isinstance(result, list)  # noqa: S101 - for the type checker
            if task.values or not self._space.values:
                yield [self._placed(row) for row in result]
                return
            (row,) = result
            self._rows[row[POINT]] = row
            yield from self._whole(row[POINT])
        elif isinstance(task, Part):
            assert isinstance(result, tuple)  # noqa: S101 - for the type checker
            number = task.point.number
            correct, error = result
            self._correct[number].append(correct)
            if error:
                self._errors.setdefault(number, error)
            yield from self._whole(number, task.share.parts)

    def died(self, task: Task) -> Iterator[list[Row]]:
        """Give what is whole when the workers of a task died."""
        if isinstance(task, Part):
            yield from self.take(task, (None, DIED))
        elif isinstance(task, Evaluation):
            yield from self.take(task, [failed(point, DIED) for point in task.points])

    def _whole(self, number: int, parts: int = 0) -> Iterator[list[Row]]:
        parts = parts or -(-len(self._space.images) // self._space.block)
        row, correct = self._rows.get(number), self._correct[number]
        if row is None or len(correct) < parts:
            return
        if number in self._errors and row.get(ERROR) is None:
            row = failed(self._points[number], self._errors[number])
        elif row.get(ERROR) is None and None not in correct:
            share = sum(each or 0 for each in correct) / len(self._space.images)
            row[figure_column(ACCURACY)] = share
        yield [self._placed(row)]

    def _placed(self, row: Row) -> Row:
        """Return a row with the coordinates of its point."""
        return row | coordinates(self._columns, self._points[row[POINT]].coordinates)
