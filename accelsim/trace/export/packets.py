"""Perfetto packets: one for each begin, end and sample, on one interned sequence.

A slice's packet is built once for all records that are alike but for time and image; a
record sets what is its own and has it serialized. Texts are interned: written once.
"""

from typing import IO

from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import (
    DebugAnnotation,
    TracePacket,
    TrackDescriptor,
    TrackEvent,
)

_SEQUENCE = 1
_PACKET = b"\x0a"  # the tag of Trace.packet: a trace is its packets, one after the other
_SHORT, _LONG = 1 << 7, 1 << 14


class PacketWriter:
    """Writes packets to a file as they come; interned texts precede their first use."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self._interned: dict[str, dict[str, int]] = {}
        first = self.packet()
        first.sequence_flags = TracePacket.SEQ_INCREMENTAL_STATE_CLEARED
        first.first_packet_on_sequence = True
        self.write(first)

    def packet(self) -> TracePacket:
        """Return an empty packet of the sequence."""
        packet = TracePacket()
        packet.trusted_packet_sequence_id = _SEQUENCE
        packet.sequence_flags = TracePacket.SEQ_NEEDS_INCREMENTAL_STATE
        return packet

    def write(self, packet: TracePacket) -> None:
        """Write one packet.

        (The package's own streaming builder copies each packet into a Trace first, which
        takes twice as long.)
        """
        data = packet.SerializeToString()
        size = len(data)
        if size < _SHORT:
            self._out.write(b"%c%c" % (_PACKET, size))
        elif size < _LONG:
            self._out.write(b"%c%c%c" % (_PACKET, size & 0x7F | 0x80, size >> 7))
        else:
            self._out.write(_PACKET + _varint(size))
        self._out.write(data)

    def intern(self, table: str, text: str) -> int:
        """Return the number of a text in a table of InternedData."""
        known = self._interned.setdefault(table, {})
        number = known.get(text)
        if number is None:
            number = known[text] = len(known) + 1
            packet = self.packet()
            entry = getattr(packet.interned_data, table).add()
            entry.iid = number
            if table == "debug_annotation_string_values":
                entry.str = text.encode()
            else:
                entry.name = text
            self.write(packet)
        return number

    def event(self, kind: int, track: int) -> TracePacket:
        """Return a packet of an event on a track, without a time."""
        packet = self.packet()
        packet.track_event.type = kind
        packet.track_event.track_uuid = track
        return packet

    def annotate(self, event: TrackEvent, name: str, value: int | str) -> DebugAnnotation:
        """Add a debug annotation to an event and return it."""
        return self._fill(event.debug_annotations.add(), name, value)

    def annotate_all(self, event: TrackEvent, name: str, values: dict[str, int]) -> None:
        """Add a group of numbers to an event."""
        group = event.debug_annotations.add()
        group.name_iid = self.intern("debug_annotation_names", name)
        for key, value in values.items():
            self._fill(group.dict_entries.add(), key, value)

    def describe(self, descriptor: TrackDescriptor) -> None:
        """Write a track's descriptor."""
        packet = self.packet()
        packet.track_descriptor.CopyFrom(descriptor)
        self.write(packet)

    def _fill(self, annotation: DebugAnnotation, name: str, value: int | str) -> DebugAnnotation:
        annotation.name_iid = self.intern("debug_annotation_names", name)
        if isinstance(value, str):
            annotation.string_value_iid = self.intern("debug_annotation_string_values", value)
        else:
            annotation.int_value = value
        return annotation


def _varint(value: int) -> bytes:
    parts = []
    while value >= _SHORT:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])
