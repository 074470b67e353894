"""The schedule of one image: when each step ran, on what, and what it cost."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from accelsim.energy import Priced, PricedPeriod
from accelsim.ops import HANDOFFS
from accelsim.records import KINDS, Groups


@dataclass(frozen=True)
class ScheduleRow:
    """One step of one image. Times in ps, energy in aJ, counts as in docs/machine.md section 4.

    lanes: arrays (or, for a handoff, source lanes) that the step uses at once.
    """

    step: int
    op: str
    layer: str
    t_start_ps: int
    t_end_ps: int
    lanes: int
    cells_written: int
    cells_read: int
    tap_cycles: int
    energy_aJ: int  # noqa: N815 - aJ is the unit


class ScheduleTally:
    """A priced sink that keeps the steps of one image, as they were executed last.

    read_cycles: cycles of a read phase, to turn cell-cycles into cells.
    """

    def __init__(self, image: int, read_cycles: int) -> None:
        self._image = image
        self._read_cycles = read_cycles
        self._rows: dict[int, dict[str, int]] = {}
        self._texts: dict[int, tuple[str, str]] = {}
        self._issued: set[int] = set()

    def write(self, priced: Priced) -> None:
        """Add the image's records of one block."""
        rows = np.flatnonzero(priced.records.image == self._image)
        mine = priced.part(rows)
        begins = []
        for place in np.flatnonzero(mine.records.kind == _ISSUE).tolist():
            step = int(mine.records.step[place])
            if step in self._issued:  # it was lost, and is executed again
                begins.append(place)
            self._issued.add(step)
        for begin, end in pairwise([0, *begins, len(rows)]):
            if begin in begins:
                del self._rows[int(mine.records.step[begin])]
            if end > begin:
                self._add(mine.part(slice(begin, end)))

    def _add(self, priced: Priced) -> None:
        """Add records of the image; no step in them is issued that was issued before."""
        records, kind = priced.records, priced.records.kind
        groups = Groups(len(records), records.step)
        first, texts = groups.first, records.vocabulary.texts
        columns = {name: groups.exact_sums(records.actions[key]) for name, key in _COUNTS.items()}
        columns |= {
            "energy": groups.exact_sums(priced.energy_aJ),
            "arrays": groups.exact_sums(kind == _COMPUTE),
            "reads": groups.exact_sums(kind == _READ),
        }
        most = {
            "start": groups.most(np.where(kind == _ISSUE, records.t_start_ps, -1)).tolist(),
            "end": groups.most(np.where(kind == _SETTLE, records.t_end_ps, -1)).tolist(),
        }
        for place, row in enumerate(first.tolist()):
            step = int(records.step[row])
            self._texts[step] = texts[records.op[row]], texts[records.layer[row]]
            sums = self._rows.setdefault(step, dict.fromkeys(most, -1) | dict.fromkeys(columns, 0))
            for name, column in columns.items():
                sums[name] += column[place]
            for name, column in most.items():
                sums[name] = max(sums[name], column[place])

    def repeat(self, priced: PricedPeriod) -> None:
        """Add the image's records of a period that happens again and again."""
        period = priced.period
        ahead = self._image - np.unique(period.records.image[period.records.image >= 0])
        number, rest = np.divmod(ahead, period.stride.images)
        for each in np.sort(number[(rest == 0) & (number >= 0) & (number < period.times)]):
            self.write(priced.of(int(each)))

    def close(self) -> None:
        """Nothing is left to do."""

    def rows(self) -> tuple[ScheduleRow, ...]:
        """Return the steps in order."""
        return tuple(
            ScheduleRow(
                step=step,
                op=self._texts[step][0],
                layer=self._texts[step][1],
                t_start_ps=sums["start"],
                t_end_ps=sums["end"],
                lanes=sums["reads"] if self._texts[step][0] in HANDOFFS else sums["arrays"],
                cells_written=sums["written"],
                cells_read=sums["read"] // self._read_cycles,
                tap_cycles=sums["taps"],
                energy_aJ=sums["energy"],
            )
            for step, sums in sorted(self._rows.items())
        )


_COUNTS = {"written": "cell_write", "read": "cell_read_cycle", "taps": "ota_tap_cycle"}
_ISSUE, _COMPUTE, _READ, _SETTLE = map(KINDS.index, ("issue", "compute", "read", "settle"))
