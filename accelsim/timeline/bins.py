"""How much of what falls into which span of time: busy time by row, energy by group.

What a record counts is spread evenly over its time, so that energy a bin, divided by the
width of the bin, is its mean power. Streams: memory grows with bins and rows, not records.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from accelsim.records import CodedTexts, Table
from accelsim.records.view import Column
from accelsim.timeline.rows import TimelineRow, energy_group, ordered, ordered_groups, spot

Floats = NDArray[np.float64]
# Sums of floats leave residues of this relative size where nothing is.
_RESIDUE = 1e-9
_AJ_PER_PS_IN_MW = 1000  # 1 aJ/ps is 1 uW


def edges_of(start_ps: int, end_ps: int, period_ps: int, most: int) -> Column:
    """Return the edges of equal bins, whole cycles wide and at most `most` of them.

    The last edge is end_ps; the last bin may be narrower.
    """
    first = start_ps // period_ps * period_ps
    width = period_ps * max(1, -(-(end_ps - first) // (period_ps * most)))
    edges = np.arange(first, end_ps, width, dtype=np.int64)
    return np.append(edges, max(end_ps, first + 1))


class Spread:
    """Amounts spread over bins: by key, over the time that they belong to."""

    def __init__(self, edges: Column) -> None:
        self.edges = edges
        # The bin after the last takes what ends there, or lies beyond.
        self._local = np.zeros((0, len(edges)))
        self._rate = np.zeros((0, len(edges) + 1))

    def add(self, keys: Column, start: Column, end: Column, amount: Column) -> None:
        """Add amounts over [start, end); one without duration goes to the bin it is in.

        Of an amount that begins before the first edge or ends after the last, the part between
        them is added.
        """
        self._grow(int(keys.max(initial=-1)) + 1)
        lasts, (least, most) = end - start, self.edges[[0, -1]]
        point = (lasts == 0) & (start >= least) & (start <= most)
        start, end = np.clip(start, least, most), np.clip(end, least, most)
        long = end > start
        slope = amount[long] / lasts[long]
        self._edge(keys[long], start[long], slope)
        self._edge(keys[long], end[long], -slope)
        if point.any():
            place = np.minimum(self._bin(start[point]), len(self.edges) - 2)
            np.add.at(self._local, (keys[point], place), amount[point])

    def amounts(self, keys: int) -> Floats:
        """Return the amount of each key in each bin, shape (keys, bins)."""
        self._grow(keys)
        rate = np.cumsum(self._rate[:, :-1], axis=1)[:, :-1]
        found = self._local[:, :-1] + rate * np.diff(self.edges)
        found[np.abs(found) <= _RESIDUE * np.abs(found).max(initial=0.0)] = 0.0
        return found

    def _edge(self, keys: Column, time: Column, slope: Floats) -> None:
        place = self._bin(time)
        following = np.append(self.edges[1:], self.edges[-1])
        rows, bins = self._local.shape
        flat = keys * bins + place
        inside = slope * (following[place] - time)
        self._local += np.bincount(flat, inside, rows * bins).reshape(rows, bins)
        flat = keys * (bins + 1) + place + 1
        self._rate += np.bincount(flat, slope, rows * (bins + 1)).reshape(rows, bins + 1)

    def _bin(self, time: Column) -> Column:
        return np.searchsorted(self.edges, time, "right").astype(np.int64) - 1

    def _grow(self, keys: int) -> None:
        more = keys - len(self._local)
        if more > 0:
            self._local = np.vstack([self._local, np.zeros((more, self._local.shape[1]))])
            self._rate = np.vstack([self._rate, np.zeros((more, self._rate.shape[1]))])


@dataclass(frozen=True)
class Load:
    """What a stretch of a run did, bin by bin. Bins may differ in width.

    busy_ps: by row, summed over its stripes. energy_aJ: by group. stripes: how many each row
    was seen to have.
    """

    edges: Column = field(repr=False)
    busy_ps: dict[TimelineRow, Floats] = field(repr=False)
    energy_aJ: dict[str, Floats] = field(repr=False)  # noqa: N815 - aJ is the unit
    stripes: dict[TimelineRow, int]

    @property
    def widths(self) -> Column:
        """Width of each bin, ps."""
        return np.diff(self.edges)

    def share(self, row: TimelineRow) -> Floats:
        """Return the share of a row's stripes and time that was busy, 0 to 1, in each bin."""
        return self.busy_ps[row] / (self.widths * self.stripes[row])

    @property
    def power_mW(self) -> dict[str, Floats]:  # noqa: N802 - mW is the unit
        """Mean power of each group in each bin."""
        return {
            name: energy / self.widths / _AJ_PER_PS_IN_MW for name, energy in self.energy_aJ.items()
        }


class LoadMeter:
    """Takes records, block by block, and says what was busy and what took energy when."""

    def __init__(self, edges: Column, stripes: Callable[[TimelineRow, int], int]) -> None:
        """`stripes` returns how many stripes a row has, given how many were seen."""
        self._busy, self._energy = Spread(edges), Spread(edges)
        self._rows: dict[TimelineRow, int] = {}
        self._groups: dict[str, int] = {}
        self._seen: dict[TimelineRow, int] = {}
        self._stripes = stripes

    def add(self, block: Table) -> None:
        """Add a block of records."""
        rows, groups = self._places(block.component)
        times = block.t_start_ps, block.t_end_ps
        self._energy.add(groups[block.component.codes], *times, block.energy_aJ)
        row = rows[block.component.codes]
        busy = (row >= 0) & ~block.kind.where("standby")
        start, end = (time[busy] for time in times)
        self._busy.add(row[busy], start, end, end - start)

    def load(self) -> Load:
        """Return what was found; rows and groups that never did anything are left out."""
        busy = self._busy.amounts(len(self._rows))
        energy = self._energy.amounts(len(self._groups))
        rows = [row for row in ordered(self._rows) if busy[self._rows[row]].any()]
        return Load(
            self._busy.edges,
            {row: busy[self._rows[row]] for row in rows},
            {
                name: energy[self._groups[name]]
                for name in ordered_groups(self._groups)
                if energy[self._groups[name]].any()
            },
            {row: self._stripes(row, self._seen[row]) for row in rows},
        )

    def _places(self, component: CodedTexts) -> tuple[Column, Column]:
        """Return the row (-1: none) and the group of each code."""
        rows = np.full(len(component.texts), -1)
        groups = np.zeros(len(component.texts), np.int64)
        for code in component.used():
            text = component.texts[code]
            groups[code] = self._groups.setdefault(energy_group(text), len(self._groups))
            found = spot(text)
            if found is not None:
                rows[code] = self._rows.setdefault(found.row, len(self._rows))
                self._seen[found.row] = max(self._seen.get(found.row, 0), found.stripe + 1)
        return rows, groups


@dataclass(frozen=True)
class Power:
    """Power of all that a run's components do, mean in each bin: what peaks are read from."""

    edges: Column = field(repr=False)
    mean_mW: Floats = field(repr=False)  # noqa: N815 - mW is the unit

    @property
    def width_ps(self) -> int:
        """Width of the bins; the last may be narrower."""
        return int(self.edges[1] - self.edges[0])

    def peaks(self, edges: Column) -> Floats:
        """Return the highest power between edges, which lie within those of the bins.

        A bin that an edge divides counts on both sides.
        """
        first = np.searchsorted(self.edges, edges[:-1], "right") - 1
        end = np.searchsorted(self.edges, edges[1:], "left")
        # From first to end, and from there to the next first, which is left out.
        bounds = np.stack([first, end], axis=1).ravel()
        highest: Floats = np.maximum.reduceat(np.append(self.mean_mW, 0.0), bounds)[::2]
        return highest


class PowerMeter:
    """Takes records, block by block, and says the power of all of them together."""

    def __init__(self, edges: Column) -> None:
        self._energy = Spread(edges)

    def add(self, block: Table) -> None:
        """Add a block of records."""
        one = np.zeros(len(block), np.int64)
        self._energy.add(one, block.t_start_ps, block.t_end_ps, block.energy_aJ)

    def power(self) -> Power:
        """Return what was found."""
        edges = self._energy.edges
        return Power(edges, self._energy.amounts(1)[0] / np.diff(edges) / _AJ_PER_PS_IN_MW)
