"""The CSV of a study: a row a point and seed, written as they are measured, so it resumes.

Lines that begin with '#' say what the rows are of. A study that is run again into the same
folder takes the rows that are there and measures the others; a line that an interrupted run
left unfinished is measured again.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from accelsim.errors import InputError
from accelsim.resources import display
from accelsim.study.measure import Row
from accelsim.study.points import Point, Study

_MEASURED = ("seed", "images", "correct", "accuracy", "cycles", "latency_ps", "energy_aJ", "set")


class Store:
    """Rows of a study in a CSV file.

    header: lines that say what the study is of; a file with others is another study's.
    seeds: in the order in which rows are kept.

    Raises InputError if the file is another study's, or damaged, and `force` is false.
    """

    def __init__(
        self, path: Path, study: Study, header: Sequence[str], seeds: Sequence[int], *, force: bool
    ) -> None:
        self.path = path
        self._study = study
        self._head = [*(f"# {line}" for line in header), ",".join([*study.columns, *_MEASURED])]
        self._order = [(point, seed) for point in study.points for seed in seeds]
        self.rows: dict[tuple[str, int], Row] = {}
        if path.is_file() and not force:
            self._resume()

    def missing(self) -> list[tuple[Point, int]]:
        """Return the points and seeds that have no row yet, in order."""
        return [(point, seed) for point, seed in self._order if self._key(point, seed) not in self]

    def __contains__(self, key: tuple[str, int]) -> bool:
        return key in self.rows

    def add(self, row: Row) -> None:
        """Keep a row; the file has it before this returns."""
        self.rows[self._key(row.point, row.seed)] = row
        self._replace(self.rows.values())

    def finish(self) -> list[Row]:
        """Return all rows in the order of points and seeds; the file is in that order too."""
        ordered = [self.rows[self._key(point, seed)] for point, seed in self._order]
        self._replace(ordered)
        return ordered

    def _key(self, point: Point, seed: int) -> tuple[str, int]:
        return ",".join(_text(point.coordinates[name]) for name in self._study.columns), seed

    def _replace(self, rows: Iterable[Row]) -> None:
        stream = io.StringIO()
        stream.writelines(f"{line}\n" for line in self._head)
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows(self._fields(row) for row in rows)
        partial = self.path.with_name(f".{self.path.name}.partial")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_text(stream.getvalue(), encoding="utf-8")
            partial.replace(self.path)
        except OSError as error:
            raise InputError(f"{display(self.path)}: cannot be written: {error.strerror}") from None

    def _fields(self, row: Row) -> list[str]:
        where = [_text(row.point.coordinates[name]) for name in self._study.columns]
        measured = (
            row.seed, row.images, row.correct, f"{row.accuracy:.6f}",
            row.cycles, row.latency_ps, row.energy_aJ, row.point.settings,
        )  # fmt: skip
        return [*where, *(_text(value) for value in measured)]

    def _resume(self) -> None:
        lines = self.path.read_text(encoding="utf-8").splitlines()
        if lines[: len(self._head)] != self._head:
            raise InputError(
                f"{display(self.path)}: holds another study: {self._difference(lines)}; "
                "choose another --outdir, or --force to replace it"
            )
        points = {self._key(point, seed): (point, seed) for point, seed in self._order}
        columns = len(self._study.columns)
        for number, fields in enumerate(csv.reader(lines[len(self._head) :]), len(self._head) + 1):
            try:
                seed, images, correct, _, cycles, latency, energy, _ = fields[columns:]
                key = ",".join(fields[:columns]), int(seed)
                counts = int(images), int(correct)
                row = Row(*points[key], *counts, *map(_number, (cycles, latency, energy)))
            except KeyError:
                raise InputError(
                    f"{display(self.path)}:{number}: holds a point or seed that this study has "
                    "not; choose another --outdir, or --force to replace it"
                ) from None
            except ValueError as error:
                raise InputError(f"{display(self.path)}:{number}: damaged: {error}") from None
            self.rows[key] = row

    def _difference(self, lines: Sequence[str]) -> str:
        for number, line in enumerate(self._head):
            found = lines[number] if number < len(lines) else "nothing"
            if found != line:
                return f"line {number + 1} is '{found}', expected '{line}'"
        return "its header differs"


def _text(value: str | float) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _number(text: str) -> float:
    return int(text) if text.isdigit() else float(text)
