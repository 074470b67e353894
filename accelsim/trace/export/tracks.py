"""Perfetto tracks: the tree of units, and a free slot for each slice.

Slices of one track follow one another. A unit that does several things at once (read
ports of a bank, images in the host's queue) has as many tracks as it ever needs.
"""

import heapq
import re

from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import TrackDescriptor

from accelsim.topology import QUEUE, component, levels
from accelsim.trace.export.packets import PacketWriter

Path = tuple[str, ...]

# What stands first, among the children of any track.
_ORDER = (
    "about", "power", "energy", "images waiting",
    "sequencer", "issue", "context", "clock", "host", "datapath", "classifier",
    "array", "read port", "plane", "standby",
)  # fmt: skip
_NUMBERED = re.compile(r"(.*?)\s?(\d*)")
_MOST = 1_000_000


class Tracks:
    """Writes the descriptor of a track, and of those above it, when it is first used."""

    def __init__(self, writer: PacketWriter, root: str, description: str) -> None:
        self._writer = writer
        self._uuids: dict[Path, int] = {(): 1}
        descriptor = TrackDescriptor(uuid=1, name=root, description=description)
        descriptor.child_ordering = TrackDescriptor.EXPLICIT
        writer.describe(descriptor)

    def uuid(self, path: Path, *, unit: str = "", description: str = "") -> int:
        """Return the track of a path; a unit makes it a counter."""
        number = self._uuids.get(path)
        if number is None:
            parent = self.uuid(path[:-1])
            number = self._uuids[path] = len(self._uuids) + 1
            descriptor = TrackDescriptor(uuid=number, parent_uuid=parent, name=path[-1])
            descriptor.sibling_order_rank = _rank(path[-1])
            descriptor.sibling_merge_behavior = TrackDescriptor.SIBLING_MERGE_BEHAVIOR_NONE
            if description:
                descriptor.description = description
            if unit:
                descriptor.counter.unit_name = unit
            else:
                descriptor.child_ordering = TrackDescriptor.EXPLICIT
            self._writer.describe(descriptor)
        return number


class TrackSlots:
    """The tracks of one unit; a slice takes the first one that is free."""

    def __init__(self, tracks: Tracks, unit: str, kind: str) -> None:
        self._tracks = tracks
        self._path, self._name = _place(unit, kind)
        self._ends: list[int] = []
        self._uuids: list[int] = []
        self._free: list[int] = []
        self._busy: list[tuple[int, int]] = []

    def take(self, start: int, end: int) -> int:
        """Return the track for a slice of [start, end)."""
        while self._busy and self._busy[0][0] <= start:
            heapq.heappush(self._free, heapq.heappop(self._busy)[1])
        # A slot that was freed for a later start may not be free for this one.
        if self._free and self._ends[self._free[0]] <= start:
            slot = heapq.heappop(self._free)
        else:
            slot = len(self._ends)
            self._ends.append(0)
            path = (*self._path, self._name.format(slot, f" {slot + 1}" if slot else ""))
            self._uuids.append(self._tracks.uuid(path))
        self._ends[slot] = end
        heapq.heappush(self._busy, (end, slot))
        return self._uuids[slot]


def unit_of_slices(path: str, kind: str) -> tuple[str, str]:
    """Return what stands for the tracks of a record of a component: a path, and a role in it."""
    if kind == "read":
        return component(path).unit, kind
    return path, kind if kind in ("issue", "standby") else ""


def _place(unit: str, kind: str) -> tuple[Path, str]:
    """Return the path above the tracks of a unit, and how they are called by slot."""
    path = levels(unit)
    if kind == "read":
        return path, "read port {0}"
    if unit == QUEUE:
        return path, "place {0}"
    if kind == "issue":
        return path, "issue{1}"
    if kind == "standby" and len(path) > 1:
        return path, "standby{1}"
    return path[:-1], f"{path[-1]}{{1}}"


def _rank(name: str) -> int:
    """Return the place of a track among its siblings: by what it is, then by number."""
    match = _NUMBERED.fullmatch(name)
    stem, number = (match[1], match[2]) if match else (name, "")
    first = _ORDER.index(stem) if stem in _ORDER else len(_ORDER)
    return first * _MOST + min(int(number or 0), _MOST - 1)
