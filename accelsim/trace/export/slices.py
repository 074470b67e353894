"""Perfetto slices: from the records of a batch to begin and end packets."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import TracePacket, TrackEvent

from accelsim.records import ACTIONS, BatchView, Groups
from accelsim.records.reasons import sentence
from accelsim.records.view import TEXTS
from accelsim.topology import levels
from accelsim.trace.export.flows import Flows
from accelsim.trace.export.packets import PacketWriter
from accelsim.trace.export.tracks import Tracks, TrackSlots, unit_of_slices

# Idle times are all different: what is kept for them is dropped when it grows.
_MOST_SHAPES = 20_000
# Columns of numbers that are a record's own.
_OWN = ("id", "step", "image", "cause_id")
_OWN_NAME = ("clock", "standby", "refresh")

Shape = tuple[tuple[str, ...], tuple[int, ...]]


class Slice:
    """The packets of records that differ in no more than time, image, step, number and cause."""

    def __init__(self, writer: PacketWriter, shape: Shape, slots: TrackSlots) -> None:
        words, numbers = shape
        named = dict(zip(TEXTS, words, strict=True))
        has_step, has_image, has_cause, energy, *counts = numbers
        self.slots = slots
        self.begin = writer.event(TrackEvent.TYPE_SLICE_BEGIN, 0)
        self.event = event = self.begin.track_event
        event.name_iid = writer.intern("event_names", _name(named))
        event.category_iids.append(writer.intern("event_categories", named["kind"]))
        for name in TEXTS:
            if named[name] and name != "kind":  # the kind is its category
                writer.annotate(event, name, named[name])
        self.step = writer.annotate(event, "step", 0) if has_step else None
        self.image = writer.annotate(event, "image", 0) if has_image else None
        self.record = writer.annotate(event, "id", 0)
        self.cause = writer.annotate(event, "cause_id", 0) if has_cause else None
        actions = {name: count for name, count in zip(ACTIONS, counts, strict=True) if count}
        if actions:
            writer.annotate_all(event, "actions", actions)
        writer.annotate(event, "energy_aJ", energy)


class Slices:
    """Writes the slices of batches; `written` says how many.

    bounds: first and last time of the window in ps; slices are cut there.
    """

    def __init__(
        self, writer: PacketWriter, tracks: Tracks, flows: Flows, bounds: tuple[int, int]
    ) -> None:
        self.written = 0
        self._writer = writer
        self._tracks = tracks
        self._flows = flows
        self._bounds = bounds
        self._slots: dict[tuple[str, str], TrackSlots] = {}
        self._shapes: dict[Shape, Slice] = {}
        self._end = writer.event(TrackEvent.TYPE_SLICE_END, 0)
        self._counter = writer.event(TrackEvent.TYPE_COUNTER, 0)

    def about(self, time: int, lines: Sequence[str]) -> None:
        """Write where the trace comes from: an instant whose annotations say it."""
        packet = self._writer.event(TrackEvent.TYPE_INSTANT, self._tracks.uuid(("about",)))
        packet.timestamp = time
        packet.track_event.name = "about this trace"
        for number, line in enumerate(lines, start=1):
            self._writer.annotate(packet.track_event, f"line {number}", line)
        self._writer.write(packet)

    def count(self, track: int, time: int, value: float) -> None:
        """Write one sample of a counter track."""
        packet = self._counter
        packet.timestamp = time
        packet.track_event.track_uuid = track
        if isinstance(value, int):
            packet.track_event.counter_value = value
        else:
            packet.track_event.double_counter_value = value
        self._writer.write(packet)

    def write(self, batch: pa.RecordBatch) -> None:
        """Write the slices of one batch."""
        view = BatchView(batch)
        starts, ends = (view.integers(name).tolist() for name in ("t_start_ps", "t_end_ps"))
        own = [view.integers(name).tolist() for name in _OWN]
        ids = own[0]
        arrows = self._flows.among(ids[0], ids[-1])
        slices = self._slices_of(view)
        rows = zip(slices, zip(*own, strict=True), starts, ends, strict=True)
        for slice_, numbers, start, end in rows:
            self._write(slice_, numbers, start, end, arrows.get(numbers[0]))
        self.written += len(view)

    def _write(
        self,
        slice_: Slice,
        own: tuple[int, ...],
        start: int,
        end: int,
        arrows: list[int] | None,
    ) -> None:
        first, last = self._bounds
        begin: TracePacket = slice_.begin
        slice_.record.int_value, step, image, cause = own
        if slice_.step is not None:
            slice_.step.int_value = step
        if slice_.image is not None:
            slice_.image.int_value = image
        if slice_.cause is not None:
            slice_.cause.int_value = cause
        cut = start < first or end > last
        if cut:
            begin, start, end = self._cut(begin, start, end)
        begin.timestamp = start
        event = begin.track_event
        event.track_uuid = self._end.track_event.track_uuid = slice_.slots.take(start, end)
        if arrows:
            event.flow_ids.extend(arrows)
        self._writer.write(begin)
        if arrows and not cut:
            del event.flow_ids[:]
        self._end.timestamp = end
        self._writer.write(self._end)

    def _cut(self, packet: TracePacket, start: int, end: int) -> tuple[TracePacket, int, int]:
        """Return a packet, start and end of a slice that sticks out of the window."""
        whole = TracePacket()
        whole.CopyFrom(packet)
        self._writer.annotate(whole.track_event, "t_start_ps", start)
        self._writer.annotate(whole.track_event, "t_end_ps", end)
        return whole, max(start, self._bounds[0]), min(end, self._bounds[1])

    def _slices_of(self, view: BatchView) -> list[Slice]:
        """Return the slice of each record; records that are alike share one."""
        words = [view.texts(name) for name in TEXTS]
        numbers = [
            *((view.integers(name) >= 0).astype(np.int64) for name in _OWN[1:]),
            view.integers("energy_aJ"),
            *(view.counts(action) for action in ACTIONS),
        ]
        alike = Groups(len(view), *(word.codes for word in words), *numbers)
        if len(self._shapes) > _MOST_SHAPES:
            self._shapes.clear()
        shapes = [
            self._slice(
                (
                    tuple(word.texts[word.codes[row]] for word in words),
                    tuple(int(column[row]) for column in numbers),
                )
            )
            for row in alike.first.tolist()
        ]
        return [shapes[place] for place in alike.of.tolist()]

    def _slice(self, shape: Shape) -> Slice:
        found = self._shapes.get(shape)
        if found is None:
            component, kind = shape[0][:2]
            unit = unit_of_slices(component, kind)
            if unit not in self._slots:
                self._slots[unit] = TrackSlots(self._tracks, unit[0], kind)
            found = self._shapes[shape] = Slice(self._writer, shape, self._slots[unit])
        return found


def _name(named: dict[str, str]) -> str:
    """Return what stands on a slice."""
    kind, op = named["kind"], named["op"]
    if kind == "wait":
        return sentence(named["cause"], named["resource"])
    if kind in _OWN_NAME:
        return named["cause"] if kind == "standby" else kind
    if kind == "read":
        return f"read {levels(named['component'])[-1]}, {op}"
    return f"{kind} {op}" if kind in ("write", "settle") else op
