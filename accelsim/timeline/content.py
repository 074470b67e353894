"""What the page holds: records in codes, loads by bin, rows, and the texts of the codes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from accelsim.records import ACTIONS, CodedTexts
from accelsim.records.view import Column
from accelsim.timeline.bars import STEP, Bars, bars_of
from accelsim.timeline.bins import Floats, Load, edges_of
from accelsim.timeline.detail import Detail
from accelsim.timeline.look import IMAGES, OF_NO_IMAGE, op_colour
from accelsim.timeline.rows import TimelineRow, groups_of
from accelsim.timeline.spans import ImageSpan, Steps, find_images, find_steps
from accelsim.timeline.stream import ARRIVAL, Marks, marks_of, with_marks
from accelsim.timeline.view import RunView
from accelsim.topology import QUEUE

MOST_RECORDS = 100_000
"""Records that a page holds."""

_RUN_BINS, _HELD_BINS = 1500, 12_000
_PHASES = {
    "issue": "issued",
    "transfer": "datapath held, read phase",
    "read": "plane read, read phase",
    "compute": "weighs and sums, read phase",
    "write": "plane charged, read phase",
    "settle": "plane settles, write phase",
    "wait": "waits",
    "clock": "clock, from this issue to the next",
    "refresh": "plane read and written again, takes ports",
    "enter": "machine goes into a power state",
    "sleep": "machine is in a power state",
    "exit": "machine comes back from a power state",
    "restore": "what was lost is written again",
    ARRIVAL: "arrives at the host",
    "fault": "something goes wrong, or does not go on for it",
    STEP: "whole step: issue, read phase, write phase",
}


@dataclass(frozen=True)
class Content:
    """Everything of a run that its page shows.

    records: how many of the window are here. detail: those but for waits in the host's queue.
    held_ps: span in which all of the window are here. end_ps: end of the run. load: busy time
    and energy over the whole run in wide bins, over the held span in narrow ones.
    marks: all arrivals of a stream; those of the held span are among the bars.
    """

    records: int
    detail: Detail
    steps: Steps
    images: list[ImageSpan]
    bars: Bars
    load: Load
    held_ps: tuple[int, int]
    end_ps: int
    run_edges: Column = field(repr=False)
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
    load = view.measure(np.union1d(run_edges, held_edges))
    images = find_images(detail, steps)
    marks = marks_of(view)
    if marks is not None:
        bars = with_marks(bars, marks.between(*held, MOST_RECORDS))
    return Content(len(found), detail, steps, images, bars, load, held, end, run_edges, marks)


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


def coded_bars(content: Content) -> dict[str, Any]:
    """Return the columns of the bars: numbers, and codes into `names`."""
    detail, steps, bars = content.detail, content.steps, content.bars
    is_step = np.array([kind == STEP for kind in bars.kind], bool)
    # Of a step: what its issue says, but for its own kind, actions and energy.
    source = np.where(is_step | (bars.source < 0), 0, bars.source)
    source[is_step] = steps.first[bars.source[is_step]]
    kinds = list(_PHASES)
    energy = detail.energy_aJ[source].astype(np.float64)
    energy[is_step] = steps.energy_aJ[bars.source[is_step]]
    actions = detail.actions[source]
    actions[is_step] = steps.actions[bars.source[is_step]]
    is_mark = bars.source < 0  # it has no record
    energy[is_mark], actions[is_mark] = 0, 0
    return {
        "start": bars.start.astype(np.float64),
        "end": bars.end.astype(np.float64),
        "row": bars.row.astype(np.uint16),
        "stripe": bars.stripe.astype(np.uint16),
        "kind": np.array([kinds.index(kind) for kind in bars.kind], np.uint8),
        "op": detail.op.codes[source].astype(np.uint16),
        "layer": detail.layer.codes[source].astype(np.uint16),
        "step": bars.step.astype(np.int32),
        "image": bars.image.astype(np.int32),
        "component": detail.component.codes[source].astype(np.uint16),
        "cause": detail.cause.codes[source].astype(np.uint16),
        "resource": detail.resource.codes[source].astype(np.uint16),
        "cause_id": detail.cause_id[source].astype(np.float64),
        "id": detail.id[source].astype(np.float64),
        "actions": np.unique(actions, axis=0, return_inverse=True)[1].astype(np.int32),
        "energy": energy,
    } | {"_actions": actions}


def names_of(content: Content, actions: Column) -> dict[str, Any]:
    """Return the text of each code, and the colours of ops, layers and images."""
    detail = content.detail
    different = np.unique(actions, axis=0)
    layers = detail.layer.texts
    return {
        "kind": list(_PHASES),
        "phase": list(_PHASES.values()),
        "op": list(detail.op.texts),
        "layer": list(layers),
        "component": list(detail.component.texts),
        "cause": list(detail.cause.texts),
        "resource": list(detail.resource.texts),
        "actions": [_counted(row.tolist()) for row in different],
        "op_colour": [op_colour(op) for op in detail.op.texts],
        "layer_colour": [IMAGES[place % len(IMAGES)] for place in _places(detail.layer)],
        "image_colour": list(IMAGES),
        "kind_colour": OF_NO_IMAGE,
    }


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


def cumulated(load: Load, mean: Floats) -> Floats:
    """Return the integral of what has a mean in each bin, at the edges of the bins."""
    return np.append(0.0, np.cumsum(mean * load.widths))


def _places(layer: CodedTexts) -> list[int]:
    """Return for each code of a layer its place among the layers that are used."""
    used = list(dict.fromkeys(layer.codes.tolist()))
    return [used.index(code) if code in used else 0 for code in range(len(layer.texts))]


def _counted(counts: Sequence[int]) -> str:
    pairs = zip(ACTIONS, counts, strict=True)
    return ", ".join(f"{count:,} {action}" for action, count in pairs if count)
