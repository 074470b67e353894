"""When layers ran, and images, in a window of any number of records: read block by block."""

from dataclasses import dataclass, field

import numpy as np

from accelsim.ops import HANDOFF_STEP, LOAD_STEP
from accelsim.records import Decoder, Groups, Table
from accelsim.records.view import Mask
from accelsim.timeline.bins import Load, LoadMeter, edges_of
from accelsim.timeline.spans import ImageSpan
from accelsim.timeline.view import RunView
from accelsim.topology import QUEUE
from accelsim.trace import Window

MOST_LAYERS = 1000
"""Layers of images whose times are kept."""
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class LayerSpan:
    """A layer of an image: from the issue of its first step until its last one has settled."""

    layer: str
    image: int
    start_ps: int
    end_ps: int


@dataclass
class _Image:
    """What is known of an image: when its load was issued and its handoff settled, its energy."""

    start_ps: int = _NEVER
    end_ps: int = -1
    energy_aJ: int = 0  # noqa: N815 - aJ is the unit


@dataclass
class Passing:
    """What a window has of images and layers. records, steps: how many, of all images.

    layers: in order of their begin; none of windows with more than MOST_LAYERS.
    """

    records: int = 0
    steps: int = 0
    start_ps: int = _NEVER
    end_ps: int = 0
    _layers: dict[tuple[int, str], tuple[int, int]] = field(default_factory=dict)
    _images: dict[int, _Image] = field(default_factory=dict)

    @property
    def layers(self) -> list[LayerSpan]:
        """Return the layers; none if there are too many to tell them apart."""
        if len(self._layers) > MOST_LAYERS:
            return []
        spans = [LayerSpan(name, image, *span) for (image, name), span in self._layers.items()]
        return sorted(spans, key=lambda span: (span.start_ps, span.image, span.layer))

    @property
    def images(self) -> list[ImageSpan]:
        """Return the images that are whole, in order; none if there are too many."""
        return [
            ImageSpan(number, image.start_ps, image.end_ps, image.energy_aJ)
            for number, image in sorted(self._images.items())
            if image.start_ps < image.end_ps and len(self._layers) <= MOST_LAYERS
        ]

    def add(self, block: Table) -> None:
        """Take a block of records."""
        self.records += len(block)
        begun = block.t_start_ps[~block.component.where(QUEUE) & (block.image >= 0)]
        self.start_ps = min(self.start_ps, int(begun.min(initial=_NEVER)))
        self.end_ps = max(self.end_ps, int(block.t_end_ps.max(initial=0)))
        of_step = block[(block.step >= 0) & (block.image >= 0)]
        issues, settles = of_step.kind.where("issue"), of_step.kind.where("settle")
        self.steps += int(issues.sum())
        if len(self._layers) <= MOST_LAYERS:
            self._add_layers(of_step[issues | settles])
            self._add_images(of_step, issues, settles)

    def _add_layers(self, block: Table) -> None:
        groups = Groups(len(block), block.image, block.layer.codes)
        starts, ends = groups.least(block.t_start_ps), groups.most(block.t_end_ps)
        for row, start, end in zip(
            groups.first.tolist(), starts.tolist(), ends.tolist(), strict=True
        ):
            key = int(block.image[row]), block.layer.texts[block.layer.codes[row]]
            before = self._layers.get(key, (start, end))
            self._layers[key] = min(before[0], start), max(before[1], end)

    def _add_images(self, block: Table, issues: Mask, settles: Mask) -> None:
        groups = Groups(len(block), block.image)
        loads = issues & block.op.where(LOAD_STEP)
        handoffs = settles & block.op.where(HANDOFF_STEP)
        starts = groups.least(np.where(loads, block.t_start_ps, _NEVER))
        ends = groups.most(np.where(handoffs, block.t_end_ps, -1))
        energies = groups.exact_sums(block.energy_aJ)
        for row, start, end, energy in zip(
            groups.first.tolist(), starts.tolist(), ends.tolist(), energies, strict=True
        ):
            image = self._images.setdefault(int(block.image[row]), _Image())
            image.start_ps, image.end_ps = min(image.start_ps, start), max(image.end_ps, end)
            image.energy_aJ += energy


def read_passing(view: RunView, window: Window) -> Passing:
    """Return what a window has; InputError if it has no record."""
    found = Passing()
    for block in Decoder().tables(view.run.kept_trace.batches(window, progress=view.progress)):
        found.add(block)
    return found


def read_load(view: RunView, window: Window, span_ps: tuple[int, int], bins: int) -> Load:
    """Return the load of the records of a window alone, in at most so many bins of a span."""
    meter = LoadMeter(edges_of(*span_ps, view.period_ps, bins), view.stripes)
    for block in Decoder().tables(view.run.kept_trace.batches(window, progress=view.progress)):
        meter.add(block)
    return meter.load()
