"""What the page holds: records, steps, images, rows, and the load of the run by bin."""

from dataclasses import dataclass, field

import numpy as np

from accelsim.timeline.bars import Bars, bars_of
from accelsim.timeline.bins import Floats, Load, Power, edges_of
from accelsim.timeline.detail import Detail
from accelsim.timeline.rows import TimelineRow, groups_of
from accelsim.timeline.spans import ImageSpan, Steps, find_images, find_steps
from accelsim.timeline.stream import Marks, marks_of, with_marks
from accelsim.timeline.view import RunView
from accelsim.topology import QUEUE

MOST_RECORDS = 100_000
"""Records that a page holds."""

_RUN_BINS, _HELD_BINS, _POWER_BINS = 1500, 12_000, 1_000_000


@dataclass(frozen=True)
class Content:
    """Everything of a run that its page shows.

    records: how many of the window are here. detail: those but for waits in the host's queue.
    held_ps: span in which all of the window are here. end_ps: end of the run. load: busy time
    and energy over the whole run in wide bins, over the held span in narrow ones. power: of
    all components that are shown, cycle by cycle, or of a long run in bins of several cycles.
    marks: all arrivals of a stream; those of the held span are among the bars.
    """

    records: int
    detail: Detail
    steps: Steps
    images: list[ImageSpan]
    bars: Bars
    load: Load
    power: Power
    held_ps: tuple[int, int]
    end_ps: int
    marks: Marks | None = field(default=None, repr=False)

    @property
    def whole(self) -> bool:
        """Tell whether the page holds the records of the whole run."""
        return self.held_ps == (0, self.end_ps)

    @property
    def queued(self) -> Floats | None:
        """Mean number of images in the host's queue in each bin of the load; None: never one."""
        busy = self.load.busy_ps.get(TimelineRow("host", "host queue"))
        return None if busy is None else busy / self.load.widths

    @property
    def rows(self) -> tuple[TimelineRow, ...]:
        """The rows from the top."""
        return self.bars.rows


def read_content(view: RunView) -> Content:
    """Read what a page shows: the records of the window, and the load of the whole run."""
    found = view.read(view.window, MOST_RECORDS)
    # Thousands may queue at one time: their number is drawn, not each of them.
    detail = found[~found.component.where(QUEUE)]
    steps = find_steps(detail)
    bars = bars_of(detail, None if view.window.components else steps, view.stripes)
    end = int(view.run.stats["makespan"]["value"])
    held = _held(view, detail, end)
    run_edges = edges_of(0, end, view.period_ps, _RUN_BINS)
    held_edges = edges_of(*held, view.period_ps, _HELD_BINS)
    cycles = edges_of(0, end, view.period_ps, _POWER_BINS)
    load, power = view.measure(np.union1d(run_edges, held_edges), cycles)
    images = find_images(detail, steps)
    marks = marks_of(view)
    if marks is not None:
        bars = with_marks(bars, marks.between(*held, MOST_RECORDS))
    return Content(len(found), detail, steps, images, bars, load, power, held, end, marks)


def _held(view: RunView, detail: Detail, end: int) -> tuple[int, int]:
    """Return the span in which every record that was asked for is here."""
    window = view.window
    start = window.start_ps or 0
    if window.images is not None:
        detail = detail.of_images()
        start = max(start, int(detail.t_start_ps.min(initial=end)))
        end = min(end, int(detail.t_end_ps.max(initial=0)))
    if window.end_ps is not None:
        end = min(end, window.end_ps)
    if detail.until_ps is not None:
        end = min(end, detail.until_ps)
    return start, max(end, start + 1)


def utilization(view: RunView, load: Load) -> dict[str, Floats]:
    """Return by name the share that was busy of arrays, directions, issue slots and planes."""
    series = {
        row.name: load.share(row)
        for row in load.busy_ps
        if row.group.endswith(" arrays") or row.group == "datapath" or row.name == "issue"
    }
    machine = view.run.machine
    planes = machine.arrays.lanes.value * machine.banks.planes.value
    for group in groups_of(load.busy_ps):
        if group.endswith(" banks"):
            busy = [load.busy_ps[row] for row in load.busy_ps if row.group == group]
            series[group] = np.sum(busy, axis=0) / (load.widths * planes)
    return series
