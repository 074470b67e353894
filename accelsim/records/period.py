"""A stretch of a run that happens again and again: the records of one period, and how often.

Each period is the one before, moved on by a `Stride`: so much later, and with so much higher
numbers of records and images. When images arrived moves on by a time of its own, which is less if
they come faster than they leave. Texts, counts and energy do not change, so they are made once.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from accelsim.records.columns import Records, Sink
from accelsim.records.expand import Lines
from accelsim.records.templates import Matrix

ROWS = 1 << 17
"""Records of a block of several periods, at most, if one period has fewer."""


class Stride(NamedTuple):
    """How far a period is from the one before; arrival_ps: how far its images' arrivals are."""

    time_ps: int
    arrival_ps: int
    images: int
    ids: int


@dataclass(frozen=True)
class Period:
    """Records without a gap in their ids that happen `times` times in a row.

    from_arrival: which of them begin when an image arrived.
    """

    records: Records
    times: int
    stride: Stride
    from_arrival: NDArray[np.bool_] = field(repr=False)

    def __len__(self) -> int:
        return len(self.records)

    def of(self, number: int) -> Records:
        """Return the records of one period, the first of which is number 0."""
        return self._wide(1, number)

    def blocks(self) -> Iterator[Records]:
        """Give all records, in order, in blocks of some periods."""
        width = min(self.times, max(1, ROWS // len(self)))
        first = self._wide(width, 0)
        moves = self._moves(first, np.tile(self.from_arrival, width))
        for number in range(0, self.times - width + 1, width):
            yield _moved(first, moves, number)
        rest = self.times % width
        if rest:
            yield self._wide(rest, self.times - rest)

    def _wide(self, width: int, first: int) -> Records:
        """Return some periods that follow one another."""
        records = self.records
        columns: dict[str, Any] = {
            name: np.tile(getattr(records, name), width)
            for name in records.__dataclass_fields__
            if name not in ("vocabulary", "actions")
        }
        actions = {name: np.tile(column, width) for name, column in records.actions.items()}
        wide = replace(records, **columns, actions=actions)
        moves = self._moves(wide, np.tile(self.from_arrival, width))
        return _moved(wide, moves, np.repeat(np.arange(first, first + width), len(records)))

    def _moves(self, records: Records, from_arrival: NDArray[np.bool_]) -> dict[str, Matrix]:
        """Return by how much each column that moves does from one period to the next."""
        by = self.stride
        number = len(records)
        return {
            "id": np.full(number, by.ids),
            "t_start_ps": np.where(from_arrival, by.arrival_ps, by.time_ps),
            "t_end_ps": np.full(number, by.time_ps),
            "image": np.where(records.image < 0, 0, by.images),
            "cause_id": np.where(records.cause_id < 0, 0, by.ids),
        }


def _moved(records: Records, moves: dict[str, Matrix], number: "int | Matrix") -> Records:
    return replace(
        records, **{name: getattr(records, name) + by * number for name, by in moves.items()}
    )


@runtime_checkable
class TakesPeriods(Protocol):
    """A sink that need not be given each record of a period."""

    def repeat(self, period: Period) -> None:
        """Take a period as often as it happens."""


def give(period: Period, sink: Sink) -> None:
    """Pass a period on to a sink."""
    if isinstance(sink, TakesPeriods):
        sink.repeat(period)
        return
    for records in period.blocks():
        sink.write(records)


def moved(lines: Lines, number: Matrix, stride: Stride, from_arrival: NDArray[np.bool_]) -> Lines:
    """Return lines, each so many periods later. from_arrival: those that begin with an arrival."""
    return lines._replace(
        first=lines.first + number * stride.ids,
        image=np.where(lines.image < 0, lines.image, lines.image + number * stride.images),
        start=lines.start + number * np.where(from_arrival, stride.arrival_ps, stride.time_ps),
        end=lines.end + number * stride.time_ps,
        cause_id=np.where(lines.cause_id < 0, lines.cause_id, lines.cause_id + number * stride.ids),
    )
