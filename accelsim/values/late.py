"""Planes that settle late without the machine noticing it: what reads find in them meanwhile.

Such a plane begins to relax so much later than the step that wrote it says. A read that comes
before it has relaxed for a whole write finds what a write of the shorter length leaves, with the
same noise; one that comes before it has begun finds the value before.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from accelsim.compiler import Instruction, Program
from accelsim.records import StepTimes
from accelsim.records.steptimes import LateWrite
from accelsim.values.cells import Cells, Noise
from accelsim.values.program import Array, Planes


class _Write(NamedTuple):
    """What one image's late write started from. levels: that were driven. old: before it."""

    late: LateWrite
    levels: Array
    old: Array
    noise: Noise


class LateWrites:
    """The late writes of some images. stick: sets stuck cells of a step's destination, in place."""

    def __init__(
        self,
        program: Program,
        times: StepTimes,
        cells: Cells,
        stick: Callable[[Instruction, Array], object],
    ) -> None:
        self._program, self._times = program, times
        self._cells, self._stick = cells, stick
        self._late: defaultdict[int, list[LateWrite]] = defaultdict(list)
        for late in times.late:
            self._late[late.place].append(late)
        self._writes: defaultdict[int, list[_Write]] = defaultdict(list)

    def keep(self, place: int, levels: Array, old: Array, noise: Noise) -> None:
        """Keep what late writes of a step start from: (images, maps, n), before they are made."""
        for late in self._late.get(place, ()):
            one = slice(late.row, late.row + 1)
            variance = noise.variance[one] if len(noise.variance) > 1 else noise.variance
            own = Noise(variance.copy(), noise.images[one], noise.draw)
            self._writes[place].append(_Write(late, levels[one].copy(), old[one].copy(), own))

    def overlaid(self, reader: int, writers: Sequence[int], memory: Planes, read: "Read") -> Array:
        """Return what a step reads of some planes, each written by one of `writers`.

        read: gives the cells that are read of planes, (images, planes, rows, cols).
        """
        source = read(memory)
        found = [write for writer in dict.fromkeys(writers) for write in self._writes[writer]]
        for write in found:
            length = self._length(reader, write.late)
            if length is None:
                continue
            if not source.flags.owndata:
                source = np.array(source)
            part = memory.take(np.array([write.late.row]))
            step = self._program.instructions[write.late.place]
            window = part.window(step)
            lanes = [ref.lane for ref in step.destination]
            if write.late.lane in lanes:
                map_ = lanes.index(write.late.lane)
                window[0, map_] = self._after(write, length)[map_]
                part.write(step, window)
                changed = read(part)[0]
                which = [writer == write.late.place for writer in writers]
                source[write.late.row, which] = changed[which]
        return source

    def _length(self, reader: int, late: LateWrite) -> int | None:
        """Return for how long (ps) a plane has relaxed when a step reads it; None: long enough."""
        times, row, place = self._times, late.row, late.place
        charged = int(times.charged_ps[row, place])
        length = int(times.issued_ps[row, reader]) - charged - late.late_ps
        whole = int(times.settled_ps[row, place]) - charged
        return None if length >= whole else max(0, length)

    def _after(self, write: _Write, length_ps: int) -> Array:
        """Return what destination cells hold after so long, (maps, rows, cols)."""
        step = self._program.instructions[write.late.place]
        values = write.old.copy()
        if length_ps:
            values = write.levels.copy()
            lengths: NDArray[np.int64] = np.array([length_ps])
            self._cells.write(write.late.place, values, write.old, lengths, write.noise)
        window: Array = values.reshape(1, step.maps, step.rows, step.cols)
        self._stick(step, window)
        first: Array = window[0]
        return first


Read = Callable[[Planes], Array]
