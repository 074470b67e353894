"""VCD export: waveforms of the machine in ps, and a save file that opens them in GTKWave.

What is shown of each unit stands in `signals`. A unit that does nothing in the window, and
holds nothing, is not there. A plane's value at the begin of a window is that of the last
settling before it. The clock rises at every cycle; `cycle` counts them from the run's begin.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from accelsim.errors import InputError
from accelsim.files import new_files
from accelsim.records import BatchView, Decoder
from accelsim.records.reasons import sentence
from accelsim.topology import QUEUE
from accelsim.trace.export.gtkw import write_gtkw
from accelsim.trace.export.signals import ROOT, Event, Signal, Signals, bit, number
from accelsim.trace.export.source import TraceSource
from accelsim.trace.export.survey import Reorder, Survey, is_early, survey
from accelsim.trace.reader import Progress, Window

if TYPE_CHECKING:
    from vcd import VCDWriter

_CODED = ("component", "kind", "op", "cause", "resource")
_FIRST, _BEGIN, _LAST = range(3)
# A waveform of more is beyond any viewer: some 2 GB.
_MOST_CYCLES = 50_000_000


def export_vcd(
    path: Path, save: Path, source: TraceSource, period_ps: int, progress: Progress | None = None
) -> int:
    """Write the window as VCD, and a GTKWave save file; return how many records went in.

    save: the save file, in the same folder. period_ps: of the clock. Raises InputError if
    there are no records, too many cycles, no extra 'vcd', or a file cannot be written.
    """
    try:
        import vcd  # noqa: PLC0415, F401 - an extra
    except ImportError:
        raise InputError('the vcd format needs the extra: pip install "accelsim[vcd]"') from None
    seen = survey(source)
    _check_length(seen, period_ps)
    with new_files(path, save) as files:
        with files.text(path.name, "ascii", "replace") as out:
            signals = _write(out, source, seen, period_ps, progress)
        with files.text(save.name, "ascii", "replace") as out:
            write_gtkw(out, path.name, signals.all, (seen.first_ps, seen.end_ps), period_ps)
    return seen.records


def _write(
    out: IO[str], source: TraceSource, seen: Survey, period_ps: int, progress: Progress | None
) -> Signals:
    """Write the waveform; return its signals."""
    from vcd import VCDWriter  # noqa: PLC0415 - an extra

    lines = [f"Trace of {source.title}.", *source.provenance]
    writer = VCDWriter(
        out,
        timescale="1 ps",
        date="",
        comment="\n".join(line.replace("$", "_") for line in lines),
        check_values=False,
        init_timestamp=seen.start_ps,
    )
    signals = Signals(writer, seen.units, stored_before(source))
    _Waveform(writer, signals, seen, period_ps).write(source, progress)
    writer.close(seen.end_ps)
    return signals


def stored_before(source: TraceSource) -> dict[str, int]:
    """Return the image that each plane holds when the window begins; empty ones are left out."""
    window, stored = source.window, dict[str, int]()
    if not window.start_ps:
        return stored
    before = Window(None, window.start_ps, window.images, window.components)
    for batch in source.trace.batches(before, ["component", "kind", "image", "t_end_ps"]):
        view = BatchView(batch)
        done = view.texts("kind").where("settle")
        done &= view.integers("t_end_ps") <= window.start_ps
        components = view.texts("component").read(done)
        stored.update(zip(components, view.integers("image")[done].tolist(), strict=True))
    return stored


class _Waveform:
    """Turns batches into changes of signals, moment by moment."""

    def __init__(self, writer: "VCDWriter", signals: Signals, seen: Survey, period_ps: int) -> None:
        self._signals = signals
        self._seen = seen
        self._events = Reorder()
        self._decoder = Decoder()
        self._clock = _Clock(writer, period_ps, seen.start_ps)

    def write(self, source: TraceSource, progress: Progress | None) -> None:
        """Write all changes of the window."""
        for batch in self._seen.early:
            self._add(batch.filter(pa.array(BatchView(batch).texts("component").where(QUEUE))))
        for batch in source.batches(progress=progress):
            self._add(batch.filter(pa.array(~is_early(batch))))
            before = self._seen.settled_before(int(BatchView(batch).integers("id")[-1]))
            self._change(self._events.take(before))
        self._change(self._events.take())
        self._clock.advance(self._seen.end_ps)

    def _add(self, batch: pa.RecordBatch) -> None:
        """Add the begin and end of each record; an end outside the window never comes."""
        kinds = BatchView(batch).texts("kind")
        view = BatchView(batch.filter(pa.array(~kinds.where("clock", "standby"))))
        start, end = view.integers("t_start_ps"), view.integers("t_end_ps")
        what = [view.integers(name) for name in ("id", "step", "image")]
        what += [self._decoder.texts(view, name).codes for name in _CODED]
        # What ends makes room for what begins; a record without duration begins first.
        last = np.where(end == start, _LAST, _FIRST)
        begins = np.stack(
            [np.maximum(start, self._seen.start_ps), np.full(len(start), _BEGIN), *what]
        )
        ends = np.stack([end, last, *what])[:, end <= self._seen.end_ps]
        self._events.add(np.concatenate([begins, ends], axis=1).T)

    def _change(self, events: NDArray[np.int64]) -> None:
        touched: dict[Signal, None] = {}
        now = -1
        words = [self._decoder.words(name) for name in _CODED]
        for time, phase, _, step, image, *codes in events.tolist():
            if time != now:
                self._commit(touched, now)
                now = time
            component, kind, op, cause, resource = (
                texts[code] for texts, code in zip(words, codes, strict=True)
            )
            event = Event(phase == _BEGIN, kind, op, step, image, sentence(cause, resource))
            for signal in self._signals.of(component, kind):
                signal.apply(event)
                touched[signal] = None
        self._commit(touched, now)

    def _commit(self, touched: dict[Signal, None], time: int) -> None:
        if touched:
            self._clock.advance(time)
            for signal in touched:
                signal.write(time)
            touched.clear()


class _Clock:
    """The clock and its count, up to the time of other changes.

    A period of 1 ps has no half: then there is no `clk`, and `cycle` alone tells.
    """

    def __init__(self, writer: "VCDWriter", period_ps: int, start_ps: int) -> None:
        self._edges = self._schedule(writer, period_ps, start_ps)
        self._next = next(self._edges)

    def advance(self, until: int) -> None:
        """Write all edges up to and including a time."""
        while self._next <= until:
            self._next = next(self._edges)

    @staticmethod
    def _schedule(writer: "VCDWriter", period: int, start: int) -> Iterator[int]:
        """Yield the time of each edge, and write it when asked for the next one."""
        half, (cycle, since) = period // 2, divmod(start, period)
        clk, count = bit("clk"), number("cycle", cycle)
        counter = writer.register_var(ROOT, count.name, "integer", size=64, init=count.value)
        high = int(0 < since < half)
        level = writer.register_var(ROOT, clk.name, "wire", size=1, init=high) if half else None
        if since:
            if high and level is not None:
                yield cycle * period + half
                writer.change(level, cycle * period + half, 0)
            cycle += 1
        while True:
            yield cycle * period
            writer.change(counter, cycle * period, cycle)
            if level is not None:
                writer.change(level, cycle * period, 1)
                yield cycle * period + half
                writer.change(level, cycle * period + half, 0)
            cycle += 1


def _check_length(seen: Survey, period_ps: int) -> None:
    cycles = (seen.end_ps - seen.start_ps) // period_ps
    if cycles > _MOST_CYCLES:
        raise InputError(
            f"{cycles} clock cycles are too many for a waveform (at most {_MOST_CYCLES}): "
            "cut a window with --from and --to"
        )
