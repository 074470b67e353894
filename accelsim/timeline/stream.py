"""The stream of a run on its timeline: when images arrived, and how many waited since."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from accelsim.records import BatchView
from accelsim.records.view import Column
from accelsim.runs.arrivals import recorded_stream
from accelsim.timeline.bars import Bars
from accelsim.timeline.bins import Floats
from accelsim.timeline.rows import TimelineRow
from accelsim.timeline.view import RunView
from accelsim.topology import QUEUE
from accelsim.trace import Window

ARRIVAL = "arrival"
"""The kind of a mark that stands for an image that arrives."""
ARRIVALS = TimelineRow("host", "arrivals")
_NO_RECORD = -1


@dataclass(frozen=True)
class Marks:
    """Arrivals of images, (m,) in order of time.

    stripe: of each, that of its tenant, of so many stripes.
    """

    image: Column = field(repr=False)
    time_ps: Column = field(repr=False)
    stripe: Column = field(repr=False)
    stripes: int

    def __len__(self) -> int:
        return len(self.image)

    def between(self, start_ps: int, end_ps: int, most: int) -> "Marks":
        """Return those of a span of time, the first `most` of them."""
        first, last = np.searchsorted(self.time_ps, [start_ps, end_ps])
        part = slice(first, min(last, first + most))
        return replace(
            self, image=self.image[part], time_ps=self.time_ps[part], stripe=self.stripe[part]
        )

    def rate(self, edges: Column) -> Floats:
        """Return how many come in each bin, against the bin in which most come: 0 to 1."""
        bounds = np.append(edges[:-1], edges[-1] + 1)
        rates = np.diff(np.searchsorted(self.time_ps, bounds)) / np.diff(edges)
        return np.asarray(rates / max(rates.max(initial=0.0), np.finfo(float).tiny))


def marks_of(view: RunView) -> Marks | None:
    """Return the arrivals of a run; None without a stream, or if components are asked for."""
    stream = recorded_stream(view.run)
    if stream is None or view.window.components:
        return None
    image = np.arange(len(stream))
    stripe = np.zeros(len(stream), np.int64) if stream.tenant is None else stream.tenant
    return Marks(image, stream.time_ps, stripe, len(view.run.tenancy.names))


def with_marks(bars: Bars, marks: Marks | None) -> Bars:
    """Return bars and, in a row below them, a bar without duration for each arrival."""
    if marks is None:
        return bars
    number = len(marks)
    added = {
        "row": np.full(number, len(bars.rows)),
        "stripe": marks.stripe,
        "count": np.ones(number, np.int64),
        "start": marks.time_ps,
        "end": marks.time_ps,
        "image": marks.image,
        "step": np.full(number, _NO_RECORD),
        "source": np.full(number, _NO_RECORD),
    }
    changed: dict[str, Any] = {
        name: np.append(getattr(bars, name), more) for name, more in added.items()
    }
    changed |= {name: getattr(bars, name) + ("",) * number for name in ("op", "layer")}
    return replace(
        bars,
        rows=(*bars.rows, ARRIVALS),
        stripes={**bars.stripes, ARRIVALS: marks.stripes},
        kind=bars.kind + (ARRIVAL,) * number,
        **changed,
    )


def queue_between(view: RunView, start_ps: int, end_ps: int) -> tuple[Column, Column]:
    """Return the number of images in the host's queue over a span of time: edges, and lengths.

    From the waits there that the run keeps; lengths are between edges, so there is one less.
    """
    window = Window(start_ps, end_ps, components=(QUEUE,))
    begins, ends = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for batch in view.run.kept_trace.batches(window):
        records = BatchView(batch)
        begins.append(records.integers("t_start_ps"))
        ends.append(records.integers("t_end_ps"))
    begin, end = np.sort(np.concatenate(begins)), np.sort(np.concatenate(ends))
    edges = np.unique(np.clip(np.concatenate([begin, end, [start_ps, end_ps]]), start_ps, end_ps))
    here = edges[:-1]
    lengths = np.searchsorted(begin, here, "right") - np.searchsorted(end, here, "right")
    return edges, lengths
