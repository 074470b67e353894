"""The aligned records of a portion, side by side: in which fields each pair differs, and when."""

from dataclasses import dataclass, field

import numpy as np

from accelsim.records.columns import Column
from accelsim.trace.diff.causes import differ
from accelsim.trace.diff.rows import NONE, Mask, Rows

_TIMES = ("t_start_ps", "t_end_ps")
_COMPARED = (
    *_TIMES, "component", "op", "layer", "cause", "resource", "energy_aJ", "actions",
)  # fmt: skip
_NOT_OF_ITS_END = ("t_start_ps", "component", "op", "layer", "cause", "resource", "cause_id")


@dataclass(frozen=True)
class RecordPairs:
    """Records of a and their partners in b; differences: of each field, which pairs differ."""

    a: Rows
    b: Rows
    differences: dict[str, Mask] = field(repr=False)

    @classmethod
    def of(cls, a: Rows, b: Rows, causes_a: Column, causes_b: Column) -> "RecordPairs":
        """Compare records with their partners; causes_a, causes_b: the names of their causes.

        Ids do not count: a cause is the same if both name the same record.
        """
        differences = {name: getattr(a, name) != getattr(b, name) for name in _COMPARED}
        one_has_none = (a.cause_id == NONE) != (b.cause_id == NONE)
        differences["cause_id"] = differ(causes_a, causes_b) | one_has_none
        return cls(a, b, differences)

    @property
    def differing(self) -> Mask:
        """Which pairs differ in any field."""
        return self._any(*self.differences)

    @property
    def moved(self) -> Mask:
        """Which pairs last as long, and differ in nothing but when they happen."""
        a, b = self.a, self.b
        lasts = a.t_end_ps - a.t_start_ps == b.t_end_ps - b.t_start_ps
        others = self._any(*(name for name in self.differences if name not in _TIMES))
        return np.asarray(self._any(*_TIMES) & lasts & ~others)

    def parted_ps(self, standby: int) -> Column:
        """Return when each pair parts, if it differs; standby: the code of that kind.

        A record that only ends at another time parts where the earlier one ends: its counts
        and energy follow from how long it is. So does standby, a sum over what it covers.
        """
        a, b = self.a, self.b
        by_end = self.differences["t_end_ps"] & ~self._any(*_NOT_OF_ITS_END)
        by_end |= a.kind == standby
        start = np.minimum(a.t_start_ps, b.t_start_ps)
        return np.where(by_end, np.minimum(a.t_end_ps, b.t_end_ps), start)

    def fields(self, place: int) -> tuple[str, ...]:
        """Return the fields in which a pair differs."""
        return tuple(name for name, which in self.differences.items() if which[place])

    def _any(self, *names: str) -> Mask:
        found: Mask = np.zeros(len(self.a), np.bool_)
        for name in names:
            found |= self.differences[name]
        return found
