"""What went wrong in a run, from the records of its faults. Times in ps."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from accelsim.energy import Priced, PricedPeriod
from accelsim.records import KINDS
from accelsim.records.reasons import FAULTY, INJECTED, WAKING
from accelsim.topology import QUEUE, component

_FAULT, _WAIT = KINDS.index("fault"), KINDS.index("wait")


class Strike(NamedTuple):
    """Something that was hit. event: number of the fault. image, step: -1 if it was no write."""

    event: int
    at_ps: int
    path: str
    image: int
    step: int


@dataclass(frozen=True)
class FaultUse:
    """What went wrong.

    events: kind of each event of the machine file. strikes: in order of their records. lasted_ps:
    for how long something did not go on, all together. waited_ps: for how long contexts waited for
    that.
    """

    events: tuple[str, ...]
    strikes: tuple[Strike, ...] = field(repr=False)
    lasted_ps: int
    waited_ps: int

    @property
    def by_kind(self) -> dict[str, int]:
        """How often faults of each kind of the machine file hit something."""
        counts = Counter(self.events[strike.event] for strike in self.strikes)
        return {kind: counts[kind] for kind in dict.fromkeys(self.events)}

    @property
    def without_effect(self) -> int:
        """How many events hit nothing."""
        return len(self.events) - len({strike.event for strike in self.strikes})


class FaultTally:
    """A priced sink that keeps what faults hit. events: kind of each event of the machine."""

    def __init__(self, events: Sequence[str]) -> None:
        self._events = tuple(events)
        self._strikes: list[Strike] = []
        self._lasted_ps = self._waited_ps = 0

    def write(self, priced: Priced) -> None:
        """Add one block."""
        self._add(priced, 1)
        records = priced.records
        texts, injected = records.vocabulary.texts, records.vocabulary.find(INJECTED)
        for row in np.flatnonzero(records.kind == _FAULT).tolist():
            if records.cause[row] != injected:
                self._lasted_ps += int(records.t_end_ps[row] - records.t_start_ps[row])
                continue
            event = component(texts[records.component[row]]).fault
            self._strikes.append(
                Strike(
                    -1 if event is None else event,
                    int(records.t_start_ps[row]),
                    texts[records.resource[row]],
                    int(records.image[row]),
                    int(records.step[row]),
                )
            )

    def repeat(self, priced: PricedPeriod) -> None:
        """Add a period as often as it happens: nothing strikes in one."""
        self._add(priced.one, priced.period.times)

    def close(self) -> None:
        """Nothing is left to do."""

    def use(self) -> FaultUse:
        """Return what was found."""
        return FaultUse(self._events, tuple(self._strikes), self._lasted_ps, self._waited_ps)

    def _add(self, priced: Priced, times: int) -> None:
        records, find = priced.records, priced.records.vocabulary.find
        waits = (records.kind == _WAIT) & (
            (records.cause == find(FAULTY))
            | ((records.cause == find(WAKING)) & (records.component != find(QUEUE)))
        )
        lasted = records.t_end_ps[waits] - records.t_start_ps[waits]
        self._waited_ps += int(lasted.sum()) * times
