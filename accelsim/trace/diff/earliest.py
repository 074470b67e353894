"""Finds where two traces part first, among the differences of one portion after another."""

from dataclasses import dataclass

import numpy as np

from accelsim.records import KINDS
from accelsim.records.columns import Column
from accelsim.trace.diff.pairs import RecordPairs
from accelsim.trace.diff.rows import NONE, Coder, Rows

_Rank = tuple[int | str, ...]


@dataclass(frozen=True)
class Parting:
    """A difference: when, the ids of its two records (None: one lacks it), and in which fields."""

    moment_ps: int
    id_a: int | None
    id_b: int | None
    fields: tuple[str, ...]


class Earliest:
    """The earliest difference so far.

    Of several at one moment, what was going on already comes before what begins, then they come
    in the order of kinds in an instruction, of time, image, step and component. Ids do not count.
    """

    def __init__(self, coder: Coder) -> None:
        self.parting: Parting | None = None
        self._rank: _Rank = ()
        self._coder = coder
        self._standby = coder.code("standby")
        self._kinds = {coder.code(kind): place for place, kind in enumerate(KINDS)}

    def changed(self, pairs: RecordPairs) -> None:
        """Take the aligned records of a portion."""
        places = np.flatnonzero(pairs.differing)
        if not len(places):
            return
        moments = pairs.parted_ps(self._standby)[places]
        place, rank = self._first(moments, pairs.a.take(places), pairs.b.take(places))
        found = int(places[place])
        id_a, id_b = int(pairs.a.id[found]), int(pairs.b.id[found])
        self._note(rank, Parting(int(moments[place]), id_a, id_b, pairs.fields(found)))

    def only_in_a(self, rows: Rows) -> None:
        """Take records of a portion that only a has."""
        self._alone(rows, in_a=True)

    def only_in_b(self, rows: Rows) -> None:
        """Take records of a portion that only b has."""
        self._alone(rows, in_a=False)

    def _alone(self, rows: Rows, *, in_a: bool) -> None:
        if not len(rows):
            return
        moments = np.where(rows.kind == self._standby, rows.t_end_ps, rows.t_start_ps)
        place, rank = self._first(moments, rows, rows)
        number = int(rows.id[place])
        id_a, id_b = (number, None) if in_a else (None, number)
        self._note(rank, Parting(int(moments[place]), id_a, id_b, ()))

    def _first(self, moments: Column, a: Rows, b: Rows) -> tuple[int, _Rank]:
        """Return which of some differences is first, and its rank among those of any portion."""
        moment = int(moments.min())
        at_once = np.flatnonzero(moments == moment).tolist()  # few: those of one instant
        ranks = {place: (moment, *self._rank_at_once(a, b, place, moment)) for place in at_once}
        return min(ranks.items(), key=lambda item: item[1])

    def _rank_at_once(self, a: Rows, b: Rows, place: int, moment: int) -> _Rank:
        """Both records of a pair have one kind, image and step; a and b may be exchanged."""
        begun = min(int(a.t_start_ps[place]), int(b.t_start_ps[place]))
        ended = min(int(a.t_end_ps[place]), int(b.t_end_ps[place]))
        image, step = int(a.image[place]), int(a.step[place])
        kind = self._kinds.get(int(a.kind[place]), len(self._kinds))
        less, more = sorted(self._values(rows, place) for rows in (a, b))
        return (begun == moment, kind, begun, ended, image == NONE, image, step, *less, *more)

    def _values(self, rows: Rows, place: int) -> tuple[str, str, str, int]:
        text = self._coder.text
        component, cause, resource = (
            text(int(column[place])) for column in (rows.component, rows.cause, rows.resource)
        )
        return component, cause, resource, int(rows.t_end_ps[place])

    def _note(self, rank: _Rank, parting: Parting) -> None:
        if self.parting is None or rank < self._rank:
            self.parting, self._rank = parting, rank
