"""The schedule of one image: when each step ran, on what, and what it cost."""

from dataclasses import dataclass

import numpy as np

from accelsim.energy import Priced, PricedPeriod
from accelsim.ops import HANDOFFS
from accelsim.records import KINDS


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

    def write(self, priced: Priced) -> None:
        """Add the image's records of one block."""
        records = priced.records
        for row in np.flatnonzero(records.image == self._image).tolist():
            kind = KINDS[records.kind[row]]
            step = int(records.step[row])
            sums = self._rows.setdefault(
                step, {"start": -1, "end": -1, "arrays": 0, "reads": 0} | _ZEROS
            )
            texts = records.vocabulary.texts
            self._texts[step] = (texts[records.op[row]], texts[records.layer[row]])
            sums["energy"] += int(priced.energy_aJ[row])
            for name, action in _COUNTS.items():
                sums[name] += int(records.actions[action][row])
            if kind == "issue":
                if sums["start"] >= 0:  # it was lost, and is executed again
                    sums.update({"end": -1, "arrays": 0, "reads": 0} | _ZEROS)
                    sums["energy"] += int(priced.energy_aJ[row])
                sums["start"] = int(records.t_start_ps[row])
            if kind == "settle":
                sums["end"] = max(sums["end"], int(records.t_end_ps[row]))
            sums["arrays"] += kind == "compute"
            sums["reads"] += kind == "read"

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
_ZEROS = dict.fromkeys([*_COUNTS, "energy"], 0)
