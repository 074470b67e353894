"""The schedule of one image: when each step ran, on what, and what it cost."""

from dataclasses import dataclass
from itertools import pairwise
from operator import add
from typing import NamedTuple

import numpy as np

from accelsim.energy import Priced, PricedBatch, PricedPeriod
from accelsim.ops import IN_WORDS, TO_HOST
from accelsim.records import KINDS, Groups


@dataclass(frozen=True)
class ScheduleRow:
    """One step of one image. Times in ps, energy in aJ, counts as in docs/machine.md section 4.

    lanes: arrays (or, for a handoff and what has no arrays, source lanes) that the step uses at
    once.
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


class _Sums(NamedTuple):
    """What is known of a step: when it was issued and settled, -1 for not yet, and sums."""

    start_ps: int
    end_ps: int
    arrays: int
    reads: int
    written: int
    read_cycles: int
    tap_cycles: int
    energy_aJ: int  # noqa: N815

    def plus(self, more: "_Sums") -> "_Sums":
        """Return this with what later records say."""
        times = max(self.start_ps, more.start_ps), max(self.end_ps, more.end_ps)
        return _Sums(*times, *map(add, self[2:], more[2:]))


class ScheduleTally:
    """A priced sink that keeps the steps of one image, as they were executed last.

    read_cycles: cycles of a read phase, to turn cell-cycles into cells.
    """

    def __init__(self, image: int, read_cycles: int) -> None:
        self._image = image
        self._read_cycles = read_cycles
        self._rows: dict[int, _Sums] = {}
        self._texts: dict[int, tuple[str, str]] = {}
        self._issued: set[int] = set()

    def write(self, priced: Priced) -> None:
        """Add the image's records of one block."""
        rows = np.flatnonzero(priced.records.image == self._image)
        mine = priced.part(rows)
        places = np.flatnonzero(mine.records.kind == _ISSUE)
        begins: dict[int, int] = {}
        steps = mine.records.step.take(places).tolist()
        for place, step in zip(places.tolist(), steps, strict=True):
            if step in self._issued:  # it was lost, and is executed again
                begins[place] = step
            self._issued.add(step)
        for begin, end in pairwise([0, *begins, len(rows)]):
            if begin in begins:
                del self._rows[begins[begin]]
            if end > begin:
                self._add(mine.part(slice(begin, end)))

    def add_batch(self, priced: PricedBatch) -> None:
        """Add the image's records of a batch."""
        mine = priced.batch.lines.image == self._image
        if mine.any():
            self.write(priced.priced(mine))

    def _add(self, priced: Priced) -> None:
        """Add records of the image; no step in them is issued that was issued before."""
        records, kind = priced.records, priced.records.kind
        groups = Groups(len(records), records.step)
        first, texts = groups.first, records.vocabulary.texts
        columns = (
            groups.most(np.where(kind == _ISSUE, records.t_start_ps, -1)).tolist(),
            groups.most(np.where(kind == _SETTLE, records.t_end_ps, -1)).tolist(),
            *(
                groups.exact_sums(column)
                for column in (
                    kind == _COMPUTE,
                    kind == _READ,
                    *(records.counts(action) for action in _COUNTS),
                    priced.energy_aJ,
                )
            ),
        )
        ops, layers = records.op.take(first).tolist(), records.layer.take(first).tolist()
        steps = records.step.take(first).tolist()
        for step, op, layer, sums in zip(
            steps, ops, layers, zip(*columns, strict=True), strict=True
        ):
            self._texts[step] = texts[op], texts[layer]
            before = self._rows.get(step)
            self._rows[step] = _Sums(*sums) if before is None else before.plus(_Sums(*sums))

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
                t_start_ps=sums.start_ps,
                t_end_ps=sums.end_ps,
                lanes=sums.reads if self._texts[step][0] in _BY_READS else sums.arrays,
                cells_written=sums.written,
                cells_read=sums.read_cycles // self._read_cycles,
                tap_cycles=sums.tap_cycles,
                energy_aJ=sums.energy_aJ,
            )
            for step, sums in sorted(self._rows.items())
        )


_BY_READS = {*TO_HOST, *IN_WORDS}
_COUNTS = ("cell_write", "cell_read_cycle", "ota_tap_cycle")
_ISSUE, _COMPUTE, _READ, _SETTLE = map(KINDS.index, ("issue", "compute", "read", "settle"))
