"""The CSV of a study: a row a point and seed, written as they are measured, so it resumes.

Lines that begin with '#' say what the rows are of, and each row names its machine by a hash. A
study that is run again into the same folder takes the rows that are there and measures the
others; rows of another machine are refused, never taken.
"""

import csv
import io
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from accelsim.errors import InputError
from accelsim.files import read_text, what_is, write_text
from accelsim.resources import display
from accelsim.study.measure import Measured
from accelsim.study.points import Point, Study
from accelsim.wording import given, replacing

_MEASURED = (
    "seed", "images", "correct", "accuracy", "cycles_per_image", "latency_ps",
    "energy_per_image_aJ", "machine", "set",
)  # fmt: skip


def _another(what: str) -> InputError:
    """Return the error of a file that is another study's, or damaged."""
    return InputError(f"{what}; {replacing()}")


class Store:
    """Rows of a study in a CSV file.

    header: lines that say what the study is of; a file with others is another study's.
    seeds: in the order in which rows are kept.

    Raises InputError if the file is another study's, or damaged, and `force` is false, and if
    two points have the same coordinates.
    """

    def __init__(
        self, path: Path, study: Study, header: Sequence[str], seeds: Sequence[int], *, force: bool
    ) -> None:
        self.path = path
        self._study = study
        self._head = [*(f"# {line}" for line in header), ",".join([*study.columns, *_MEASURED])]
        self._order = [(point, seed) for point in study.points for seed in seeds]
        self._refuse_twins()
        self.rows: dict[tuple[str, int], Measured] = {}
        if not force and (text := self._present()):
            self._resume(text)

    def missing(self) -> list[tuple[Point, int]]:
        """Return the points and seeds that have no row yet, in order."""
        return [(point, seed) for point, seed in self._order if self._key(point, seed) not in self]

    def __contains__(self, key: tuple[str, int]) -> bool:
        return key in self.rows

    def add(self, row: Measured) -> None:
        """Keep a row; the file has it before this returns."""
        self.rows[self._key(row.point, row.seed)] = row
        self._replace(self.rows.values())

    def finish(self) -> list[Measured]:
        """Return all rows in the order of points and seeds; the file is in that order too."""
        ordered = [self.rows[self._key(point, seed)] for point, seed in self._order]
        self._replace(ordered)
        return ordered

    def _key(self, point: Point, seed: int) -> tuple[str, int]:
        return ",".join(_text(point.coordinates[name]) for name in self._study.columns), seed

    def _refuse_twins(self) -> None:
        seen: set[tuple[str, int]] = set()
        for point, seed in self._order:
            key = self._key(point, seed)
            if key in seen:
                raise InputError(f"two points of the study are alike: {key[0]}; leave one out")
            seen.add(key)

    def _replace(self, rows: Iterable[Measured]) -> None:
        stream = io.StringIO()
        stream.writelines(f"{line}\n" for line in self._head)
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows(self._fields(row) for row in rows)
        write_text(self.path, stream.getvalue())

    def _fields(self, row: Measured) -> list[str]:
        where = [_text(row.point.coordinates[name]) for name in self._study.columns]
        measured = (
            row.seed, row.images, row.correct, f"{row.accuracy:.6f}",
            row.cycles, row.latency_ps, row.energy_aJ, row.point.hash, row.point.settings,
        )  # fmt: skip
        return [*where, *(_text(value) for value in measured)]

    def _present(self) -> str:
        """Return what the file holds, or nothing if there is none."""
        try:
            return read_text(self.path) if what_is(self.path) else ""
        except InputError as error:
            raise _another(f"{error}") from None

    def _resume(self, text: str) -> None:
        lines = text.split("\n")
        if lines[: len(self._head)] != self._head:
            raise _another(f"{display(self.path)}: holds another study: {self._difference(lines)}")
        points = {self._key(point, seed): (point, seed) for point, seed in self._order}
        rows = csv.reader(lines[len(self._head) :])
        for number, fields in enumerate(rows, len(self._head) + 1):
            if fields:
                self._take(points, fields, f"{display(self.path)}:{number}")

    def _take(
        self, points: dict[tuple[str, int], tuple[Point, int]], fields: list[str], where: str
    ) -> None:
        columns = len(self._study.columns)
        try:
            seed, images, correct, _, cycles, latency, energy, machine, _ = fields[columns:]
            key = ",".join(fields[:columns]), int(seed)
            counts = int(images), int(correct)
            times = [_number(text) for text in (cycles, latency, energy)]
        except ValueError as error:
            raise _another(f"{where}: damaged: {error}") from None
        if key not in points:
            raise _another(f"{where}: holds a point or seed that this study has not")
        if not 0 <= counts[1] <= counts[0]:
            raise _another(f"{where}: damaged: {correct} of {images} images correct")
        point, seed_ = points[key]
        if machine != point.hash:
            raise _another(
                f"{where}: this row is of another machine (another file, or {given('set')})"
            )
        self.rows[key] = Measured(point, seed_, *counts, *times)

    def _difference(self, lines: Sequence[str]) -> str:
        for number, line in enumerate(self._head):
            found = lines[number] if number < len(lines) else "nothing"
            if found != line:
                return f"line {number + 1} is '{found}', expected '{line}'"
        return "its header differs"


def _text(value: str | float) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def _number(text: str) -> float:
    number = int(text) if text.isdigit() else float(text)
    if "_" in text or not text.isascii() or not 0 < number < math.inf:
        raise ValueError(f"'{text}' is no time or energy")
    return number
