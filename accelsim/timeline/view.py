"""What a timeline is of: a run, the window that was asked for, and the figures beside it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from accelsim.errors import InputError, nearest
from accelsim.records import Decoder
from accelsim.records.view import Column
from accelsim.resources import display
from accelsim.runs import RecordedRun, tenants_of
from accelsim.runs.kept import kept_in_words
from accelsim.timeline.bins import Load, LoadMeter, Power, PowerMeter
from accelsim.timeline.detail import Detail, by_tenant, by_tile, read_detail
from accelsim.timeline.rows import TimelineRow
from accelsim.topology import lineage
from accelsim.trace import Window
from accelsim.units import render

Reading = Callable[[int, int], None]


@dataclass(frozen=True)
class RunView:
    """A run, and the part of it that is asked for. An empty window: the user left it open."""

    run: RecordedRun
    window: Window
    progress: Reading | None = field(default=None, repr=False)

    @property
    def period_ps(self) -> int:
        """Length of a clock cycle."""
        return self.run.machine.period_ps

    @property
    def only(self) -> str:
        """What of its records the run keeps, in words; "" for all."""
        return kept_in_words(self.run.kept) if self.run.kept else ""

    @property
    def contexts(self) -> int:
        """Images in flight at once."""
        return self.run.machine.sequencer.contexts.value

    def first_images(self) -> Window:
        """Return the window of the images that are in flight first: one a context."""
        first = int(self.run.manifest["first_image"])
        count = min(self.contexts, int(self.run.manifest["images"]))
        return Window(images=(first, first + count))

    def stripes(self, row: TimelineRow, seen: int) -> int:
        """Return how many stripes a row has: the lanes of the machine, or its contexts."""
        if row.group.endswith((" arrays", " banks")):
            return max(seen, self.run.machine.arrays.lanes.value)
        return max(seen, self.contexts) if row.name == "waits" else seen

    def read(self, window: Window, most: int) -> Detail:
        """Return the first `most` records of a window; InputError if there is none."""
        trace, progress = self.run.kept_trace, self.progress
        detail = read_detail(trace, window, most, progress, beside=True)
        if not len(detail):
            raise InputError(self._nothing_in(window))
        owners, programs = tenants_of(self.run), self.run.tenancy.programs
        detail = by_tile(detail, programs, owners)
        return detail if owners is None else by_tenant(detail, owners, self.run.tenancy.names)

    def measure(self, edges: Column, cycles: Column) -> tuple[Load, Power]:
        """Return what the components of the window did over the whole run, and their power.

        edges: of the bins of the load; cycles: of those of the power.
        """
        meter, power = LoadMeter(edges, self.stripes), PowerMeter(cycles)
        chosen = Window(components=self.window.components)
        for block in Decoder().tables(self.run.kept_trace.batches(chosen, progress=self.progress)):
            meter.add(block)
            power.add(block)
        return meter.load(), power.power()

    def figure(self, name: str) -> str:
        """Return a figure of the run's stats with its best unit."""
        return self.rendered(self.run.stats[name])

    @staticmethod
    def rendered(leaf: Any) -> str:
        """Return a figure {value, unit} with its best unit."""
        if leaf["unit"] in ("ps", "aJ"):
            return render(leaf["value"], leaf["unit"])
        if leaf["unit"] == "images/s" and leaf["value"] >= 1e6:
            return f"{leaf['value'] / 1e6:,.4g} million images/s"
        value = leaf["value"]
        return f"{value if isinstance(value, int) else round(value, 2):,} {leaf['unit']}"

    def _nothing_in(self, window: Window) -> str:
        run, stats = self.run, self.run.stats
        first = int(run.manifest["first_image"])
        text = (
            f"{display(run.path)}: no record in {describe(window)}; the run has images {first} to "
            f"{first + int(run.manifest['images']) - 1} and ends at "
            f"{render(stats['makespan']['value'], 'ps', 12)}"
        )
        if self.only:
            text += f"; it keeps the records of {self.only} alone"
        if not window.components:
            return text
        known = self._components()
        wrong = [path for path in window.components if path not in known]
        return text + (nearest(wrong[0], known) if wrong else "")

    def _components(self) -> set[str]:
        """Return the components of the first images, and every path above them."""
        first = read_detail(self.run.kept_trace, self.first_images(), 100_000)
        paths = (first.component.texts[code] for code in first.component.used())
        return {above for path in paths for above in lineage(path)}


def describe(window: Window) -> str:
    """Return a window in words: 'images 3 to 5, from 10 ns'; 'the whole run' if it is open."""
    parts = []
    if window.images is not None:
        first, end = window.images
        parts.append(f"image {first}" if end == first + 1 else f"images {first} to {end - 1}")
    bounds = (("from", window.start_ps), ("to", window.end_ps))
    if times := [f"{word} {render(time, 'ps', 12)}" for word, time in bounds if time is not None]:
        parts.append(" ".join(times))
    if window.components:
        parts.append(f"components {', '.join(window.components)}")
    return ", ".join(parts) or "the whole run"
