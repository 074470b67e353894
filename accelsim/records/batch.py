"""What was reported, for sinks that only sum it: they need not see each record.

A run's records are the rows of few templates, over and over. What a sum needs of them is how often
each template happened, and for which image.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from accelsim.records.columns import Records
from accelsim.records.expand import Expander, Lines
from accelsim.records.templates import Matrix

Chosen = NDArray[np.bool_] | NDArray[np.intp]


@dataclass(frozen=True)
class Batch:
    """Lines, whole and in the order of their ids; `Records` of some of them where they are wanted.

    lines: that happened. expander: that knows their templates.
    """

    lines: Lines
    expander: Expander

    def __len__(self) -> int:
        """Return the number of records."""
        return int(self._length.sum())

    def records(self, which: Chosen) -> Records:
        """Return the records of some of the lines."""
        return self.expander.expand(Lines(*(column[which] for column in self.lines)))

    @cached_property
    def templates(self) -> Matrix:
        """Numbers of the templates that happened, in order, (templates,)."""
        return np.flatnonzero(np.bincount(self.lines.template))

    @cached_property
    def owner(self) -> Matrix:
        """Which of `templates` each line is of."""
        place = np.zeros(int(self.templates[-1]) + 1, np.int64)
        place[self.templates] = np.arange(len(self.templates))
        return place.take(self.lines.template)

    @cached_property
    def rows(self) -> Records:
        """What one line of each template reports, one after another.

        Only what does not change from line to line means anything: component, kind, op, step,
        layer, and actions as of a line that counts them once.
        """
        first = np.zeros(len(self.templates), np.int64)
        number = len(self.owner)
        first[self.owner[::-1]] = np.arange(number - 1, -1, -1)
        return self.expander.expand(self.lines.take(first)._replace(times=np.ones_like(first)))

    @cached_property
    def row_owner(self) -> Matrix:
        """Which of `templates` each of `rows` is of."""
        return np.repeat(np.arange(len(self.templates)), self.expander.lengths(self.templates))

    @cached_property
    def times(self) -> Matrix:
        """How often the actions of each template happened, (templates,)."""
        found = np.zeros(len(self.templates), np.int64)
        np.add.at(found, self.owner, self.lines.times)
        return found

    @cached_property
    def most(self) -> Matrix:
        """How often the actions of a line of each template happened at most, (templates,)."""
        found = np.zeros(len(self.templates), np.int64)
        np.maximum.at(found, self.owner, self.lines.times)
        return found

    def of_kinds(self, *kinds: int) -> NDArray[np.bool_]:
        """Tell which lines report a record of one of some kinds, as places in KINDS."""
        found = np.zeros(len(self.templates), np.bool_)
        found[self.row_owner[np.isin(self.rows.kind, kinds)]] = True
        return found.take(self.owner)

    def of_step(self, step: int) -> NDArray[np.bool_]:
        """Tell which lines belong to a step of a program."""
        wanted: NDArray[np.bool_] = self.expander.templates.tables().step == step
        return wanted.take(self.lines.template)

    @cached_property
    def _length(self) -> Matrix:
        return self.expander.lengths(self.lines.template)


@runtime_checkable
class TakesBatches(Protocol):
    """A sink that may be given batches."""

    def give_batches(self) -> bool:
        """Expect batches from now on; return whether blocks of records are wanted, too."""

    def add_batch(self, batch: Batch) -> None:
        """Take a batch."""
