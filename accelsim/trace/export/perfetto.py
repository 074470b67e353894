"""Perfetto export: native protobuf, for ui.perfetto.dev and the trace processor.

One slice a record, on a track of the unit that did it; arrows from a plane's settling to
the steps that read it, and from what was waited for to the issue that ended the wait;
counters of power and energy. Perfetto counts nanoseconds: here 1 ns of its clock is 1 ps
of the simulated machine, so that nothing is rounded. The name of the root track says so.

A slice that sticks out of the window is cut there; its annotations keep the full times.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from accelsim.errors import InputError
from accelsim.files import new_binary
from accelsim.records import BatchView
from accelsim.topology import QUEUE
from accelsim.trace.export.counters import BLOCK_NAMES, Meter, Sample
from accelsim.trace.export.flows import find_flows
from accelsim.trace.export.source import TraceSource
from accelsim.trace.export.survey import Survey, survey
from accelsim.trace.reader import Progress

if TYPE_CHECKING:
    from accelsim.trace.export.slices import Slices
    from accelsim.trace.export.tracks import Tracks

SCALE = "1 ns shown = 1 ps simulated"


def export_perfetto(path: Path, source: TraceSource, progress: Progress | None = None) -> int:
    """Write the records of the window as a Perfetto trace; return how many slices.

    Raises InputError if there are none, if the extra 'perfetto' is not installed, or if the
    file cannot be written.
    """
    try:
        import perfetto.protos  # noqa: PLC0415, F401 - an extra
    except ImportError:
        raise InputError(
            'the perfetto format needs the extra: pip install "accelsim[perfetto]"'
        ) from None
    seen = survey(source)
    with new_binary(path) as out:
        return _write(out, source, seen, progress)


def _write(out: IO[bytes], source: TraceSource, seen: Survey, progress: Progress | None) -> int:
    from accelsim.trace.export.packets import PacketWriter  # noqa: PLC0415 - an extra
    from accelsim.trace.export.slices import Slices  # noqa: PLC0415
    from accelsim.trace.export.tracks import Tracks  # noqa: PLC0415

    writer = PacketWriter(out)
    provenance = "\n".join([f"{SCALE}.", *source.provenance])
    tracks = Tracks(writer, f"accelsim: {source.title} ({SCALE})", provenance)
    slices = Slices(writer, tracks, find_flows(source), (seen.start_ps, seen.end_ps))
    slices.about(seen.start_ps, (SCALE, *source.provenance))
    counters = _Counters(slices, tracks)
    counters.queue(seen)
    meter = Meter(seen)
    for batch in source.batches(progress=progress):
        slices.write(batch)
        counters.write(meter.take(batch))
    counters.write(meter.rest())
    return slices.written


class _Counters:
    """Power and energy of each block and of all; images in the host's queue."""

    def __init__(self, slices: "Slices", tracks: "Tracks") -> None:
        self._slices = slices
        self._tracks = tracks
        self._power = [0.0 for _ in BLOCK_NAMES]
        self._energy = [0 for _ in BLOCK_NAMES]
        self._written: dict[int, float] = {}

    def write(self, samples: Iterable[Sample]) -> None:
        """Write samples; the totals follow once for each moment."""
        now = None
        for sample in samples:
            if now is not None and sample.time_ps != now:
                self._total(now)
            now = sample.time_ps
            self._power[sample.block] = sample.power_uW
            self._energy[sample.block] = sample.energy_aJ
            self._pair(now, BLOCK_NAMES[sample.block], sample.power_uW, sample.energy_aJ)
        if now is not None:
            self._total(now)

    def queue(self, seen: Survey) -> None:
        """Write how many images wait in the host's queue."""
        steps: list[np.ndarray] = []
        for batch in seen.early:
            view = BatchView(batch)
            waits = view.texts("component").where(QUEUE)
            start = np.maximum(view.integers("t_start_ps")[waits], seen.start_ps)
            end = view.integers("t_end_ps")[waits]
            steps.append(np.stack([start, np.ones_like(start)]))
            steps.append(np.stack([end, -np.ones_like(end)])[:, end <= seen.end_ps])
        changes = np.concatenate(steps, axis=1) if steps else np.empty((2, 0), np.int64)
        if not changes.size:
            return
        times, place = np.unique(changes[0], return_inverse=True)
        waiting = np.cumsum(np.bincount(place, changes[1]).astype(np.int64))
        track = self._tracks.uuid(("images waiting",), unit="images")
        for time, images in zip(times.tolist(), waiting.tolist(), strict=True):
            self._slices.count(track, time, images)

    def _total(self, time: int) -> None:
        self._pair(time, "total", sum(self._power), sum(self._energy))

    def _pair(self, time: int, name: str, power: float, energy: int) -> None:
        self._sample(time, ("power", f"power, {name}"), "uW", power)
        self._sample(time, ("energy", f"energy, {name}"), "aJ", energy)

    def _sample(self, time: int, path: tuple[str, ...], unit: str, value: float) -> None:
        track = self._tracks.uuid(path, unit=unit)
        if self._written.get(track) != value:
            self._written[track] = value
            self._slices.count(track, time, value)
