"""Executes a micro-program on cells with noise, variation, finite precision and memory.

Like `program.Engine`, step by step, with the effects of docs/machine.md section 7:

* a read sees what is left of the stored value at its age, plus noise of its own for each step and
  cell, as large as the value makes it;
* each synapse weighs with a gain of its own, fixed on the die; convolution weights are
  rounded to `weight_bits`;
* a write drives a level, with the noise of its charge; the value is the mean that a cell at
  that level is read with, and what a write of that length leaves of the value before;
* stuck cells stay at -1 or 1.

An image gets the same numbers whatever the batch: they follow from seed, image and step. Its
first writes start from what the image before left in the same planes, with its own errors (0
for the first image of a run).
The handoff adds read-out noise alone, and so does an ADC: codes in the SRAM have no errors but
those of rounding (`codes.py`). Cells and synapses are those of the planes and arrays
that the program's first context uses.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from accelsim.compiler import Instruction, Operand, Program
from accelsim.network import Weights
from accelsim.network.arrays import PixelArray
from accelsim.ops import Pixels, synapse_of
from accelsim.records import StepTimes
from accelsim.values.ageing import Limit
from accelsim.values.cells import At, Biases, Noise
from accelsim.values.codes import Codes, reads_codes
from accelsim.values.die import NEIGHBOURHOOD, Die
from accelsim.values.diecells import cells_of
from accelsim.values.effects import Effects
from accelsim.values.flow import flow
from accelsim.values.kernels import add_noise, weigh
from accelsim.values.late import LateWrites
from accelsim.values.program import (
    Array,
    Boundary,
    Engine,
    Observer,
    Pictures,
    Planes,
    overlap,
    quantized,
)
from accelsim.values.terms import biases as biases_of
from accelsim.values.terms import length, place_of, reads_once, used

_DRAWS = 8  # draws that a step may take: one an operand, and one of its destination's own


@dataclass(frozen=True)
class _Term:
    """One operand of a step, ready for the kernel.

    rows, cols: source cells that are read. weights: weight x gain, (maps, planes, taps,
    rows x cols). windows: a row a tap, as `kernels.weigh` takes it. reads_once: no cell is
    seen by two synapses, so that the noise of the reads is that of the sums.
    """

    operand: Operand
    reads_once: bool
    rows: slice
    cols: slice
    weights: Array
    windows: NDArray[np.int64]


class _Batch(NamedTuple):
    """Images that are computed together. late: their late writes; None: they have none."""

    numbers: NDArray[np.int64]
    times: StepTimes
    memory: Planes
    late: LateWrites | None


class NoisyEngine:
    """A program with weights on one die, ready for batches of images.

    fan_in: source planes that an array has synapses for. planes: what holds values. before: how
    many images back matter at least for what planes hold before an image.
    """

    def __init__(
        self,
        program: Program,
        weights: Weights,
        effects: Effects,
        fan_in: int,
        planes: type[Planes] = Planes,
        before: int = 0,
    ) -> None:
        self._program, self._planes = program, planes
        most = max(len(step.operands) for step in program.instructions)
        self._draws = max(_DRAWS, most + 1)
        self._effects = effects
        self._die = Die(effects, Planes.shape_of(program), fan_in)
        rounded = {
            name: quantized(weight, effects.weight_bits) for name, weight in weights.weight.items()
        }
        self._weights = {name: weight.astype(np.float32) for name, weight in rounded.items()}
        self._codes = Codes(program, weights, effects.adc_bits, effects.dac_bits)
        self._digital = Engine(program, replace(weights, weight={}, bias={}))
        self._terms = [
            [] if reads_codes(step) else self._terms_of(step) for step in program.instructions
        ]
        self._cells = cells_of(effects, self._die)
        self._pixels = weights.pixels or Pixels.plain(program.input.maps)
        biases = [biases_of(step, weights) for step in program.instructions]
        for place, step in enumerate(program.instructions):
            self._cells.prepare(place, step, self._terms[place], biases[place])
        self._ageing = effects.ageing
        # Of grains that lie at random: all of them at level 0, none at 1.
        self._grains = effects.storage.spread**2 if effects.storage else 0.0
        self._depth = max(before, effects.cell.depth())
        self._z = [
            self._constant(step, bias)
            for step, bias in zip(program.instructions, biases, strict=True)
        ]
        self._written_by = [
            [[source.step for source in sources] for sources in node.sources]
            for node in flow(program)
        ]

    def run(
        self,
        images: PixelArray,
        numbers: NDArray[np.int64],
        times: StepTimes,
        observe: Observer | None = None,
        memory: Planes | None = None,
    ) -> Array:
        """Return the maps at the boundary, (images, maps, rows, cols).

        images: bytes; numbers: theirs, which name their noise. times: of
        these images. memory: what the planes hold before, from `found`; None: 0. It is changed.
        """
        late = None
        if times.late:
            late = LateWrites(self._program, times, self._cells, self._die.stick)
        if memory is None:
            memory = self._planes(self._program, len(images), np.float32)
        batch = _Batch(numbers, times, memory, late)
        boundary = Boundary(self._program, images, np.float32, self._pixels)
        for place, step in enumerate(self._program.instructions):
            if not step.operands:
                window, variance = boundary.loaded(step), None
            else:
                window, variance = self._computed(place, step, batch)
            window = self._kept(place, step, window, variance, batch)
            if not step.destination:
                boundary.hand_off(step, window)
                memory.hand_off(step, window)
            if observe is not None:
                observe(step, self._cells.as_read(place, window))
        return boundary.features

    def found(
        self,
        images: Pictures,
        numbers: NDArray[np.int64],
        times: StepTimes,
        rows: NDArray[np.int64],
    ) -> Planes:
        """Return what the planes hold before some images of a run, (rows), begin.

        images, numbers, times: of the whole run. The images before are run for it, as many as
        matter, the first of them from empty planes.
        """
        memory = self._planes(self._program, len(rows), np.float32)
        ancestors = [rows]
        for _ in range(self._depth):
            last = ancestors[-1]
            ancestors.append(np.where(last < 0, -1, times.before[last]))
        for level in reversed(ancestors[1:]):
            some = np.flatnonzero(level >= 0)
            if len(some):
                part, chosen = memory.take(some), level[some]
                self.run(images[chosen], numbers[chosen], times.of(chosen), memory=part)
                memory.put(some, part)
        return memory

    def _computed(self, place: int, step: Instruction, batch: _Batch) -> tuple[Array, Array | None]:
        """Return what a step makes of planes or codes, and a variance as `_weigh` does."""
        if not reads_codes(step):
            return self._weigh(place, step, batch)
        window = self._digital.step(step, batch.memory, len(batch.numbers))
        return self._codes.rounded(place, step, window), None

    def _kept(
        self, place: int, step: Instruction, window: Array, variance: Array | None, batch: _Batch
    ) -> Array:
        """Write what a step drives, with its noise; return what is kept of it."""
        numbers = batch.numbers
        noise = self._own_noise(place, window, variance, numbers)
        if step.writes_cells:
            return self._write(place, step, window, noise, batch)
        if noise.variance.any():
            flat, each = window.reshape(len(numbers), -1), noise.variance
            add_noise(flat, each.reshape(len(each), -1), self._effects.seed, numbers, noise.draw)
        if step.destination:
            if not reads_codes(step):
                window = self._codes.rounded(place, step, window)
            batch.memory.write(step, window)
        return window

    def _weigh(
        self,
        place: int,
        step: Instruction,
        batch: _Batch,
    ) -> tuple[Array, Array | None]:
        """Return the sums of a step, and the variance of what cells read once bring along."""
        numbers, times = batch.numbers, batch.times
        shape = (len(numbers), step.maps, step.rows, step.cols)
        total, variance = np.empty(shape, np.float32), None
        total[:] = self._z[place]
        for draw, term in enumerate(self._terms[place]):
            stored = times.settled_ps[:, self._written_by[place][draw]]
            age = times.issued_ps[:, place, None] - stored
            limit = self._ageing.limit(
                times.issued_ps[:, place], place_of(term.operand), times.lapses
            )
            source = self._read(term, age, (place, draw), limit, batch)
            if self._cells.is_noisy and term.reads_once:
                if variance is None:
                    variance = np.empty(shape, np.float32)
                    variance[:] = self._cells.own_variance(place, step)
                self._cells.weigh_own(total, variance, source, term, (place, draw))
                continue
            if self._cells.is_noisy:
                source = np.array(source, order="C")
                flat = source.reshape(len(numbers), -1)
                self._cells.add_read(flat, (place, draw), numbers, place * self._draws + draw)
            weigh(total, source, term.weights, term.windows, term.operand.shared)
        return total, variance

    def _own_noise(
        self, place: int, level: Array, variance: Array | None, numbers: NDArray[np.int64]
    ) -> Noise:
        """Return the noise of a destination: of kT/C, its grains, and cells read for it alone.

        A sum of independent normal numbers is one normal number, drawn once. variance: of
        both, in the shape of the levels; None: of kT/C alone.
        """
        step = self._program.instructions[place]
        if variance is None:
            variance = np.empty((1, *level.shape[1:]), np.float32)
            variance[:] = self._cells.own_variance(place, step)
        if self._grains and step.writes_cells:
            random = self._grains * (1 - np.clip(level, -1, 1) ** 2)
            variance = (variance + random).astype(np.float32)
        return Noise(variance, numbers, (place + 1) * self._draws - 1)

    def _read(
        self,
        term: _Term,
        age_ps: NDArray[np.int64],
        at: At,
        limit: Limit,
        batch: _Batch,
    ) -> Array:
        """Return what an operand's cells give, (images, planes, rows, cols); maybe a view."""

        def read(planes: Planes) -> Array:
            return planes.read(term.operand.planes)[:, :, term.rows, term.cols]

        place, draw = at
        if batch.late is None:
            source = read(batch.memory)
        else:
            written_by = self._written_by[place][draw]
            source = batch.late.overlaid(place, written_by, batch.memory, read)
        return self._ageing.read(source, age_ps, self._cells.transfer(at), limit)

    def _write(
        self,
        place: int,
        step: Instruction,
        window: Array,
        noise: Noise,
        batch: _Batch,
    ) -> Array:
        times, memory, late = batch.times, batch.memory, batch.late
        target = np.ascontiguousarray(window)
        flat = target.reshape(*target.shape[:2], -1)
        lengths = times.settled_ps[:, place] - times.charged_ps[:, place]
        remembers = self._effects.cell.left or late is not None
        old = memory.window(step).reshape(flat.shape) if remembers else flat
        if late is not None:
            late.keep(place, flat, old, noise)
        self._cells.write(place, flat, old, lengths, noise)
        self._die.stick(step, target)
        memory.write(step, target)
        return target

    def _terms_of(self, step: Instruction) -> list[_Term]:
        terms, first_slot = [], 0
        for operand in step.operands:
            terms.append(self._term(step, operand, first_slot))
            first_slot += len(operand.planes) if operand.shared else 1
        return terms

    def _term(self, step: Instruction, operand: Operand, first_slot: int) -> _Term:
        kernel, taps = operand.kernel, operand.taps
        planes = len(operand.planes) if operand.shared else 1
        if kernel.layer:
            block = kernel.of(self._weights[kernel.layer], step.maps, planes)
        else:
            block = np.broadcast_to(np.array(kernel.fixed), (step.maps, planes, len(taps)))
        weights = np.empty((step.maps, planes, len(taps), step.rows, step.cols), np.float32)
        for map_, plane, tap in np.ndindex(*weights.shape[:3]):
            synapse = (first_slot + plane) * NEIGHBOURHOOD + synapse_of(taps[tap], taps)
            gain = self._die.gain(step, map_, synapse)
            weights[map_, plane, tap] = kernel.gain * block[map_, plane, tap] * gain
        rows, row_step = used([tap.row for tap in taps], operand.grid.row_step, operand.extent[0])
        cols, col_step = used([tap.col for tap in taps], operand.grid.col_step, operand.extent[1])
        extent = (length(rows, operand.extent[0]), length(cols, operand.extent[1]))
        windows = []
        for tap in taps:
            to_rows, _ = overlap(tap.row, row_step, step.rows, extent[0])
            to_cols, _ = overlap(tap.col, col_step, step.cols, extent[1])
            windows.append(
                (to_rows.start, to_rows.stop, tap.row, to_cols.start, to_cols.stop, tap.col,
                 row_step, col_step)
            )  # fmt: skip
        flat = weights.reshape(*weights.shape[:3], -1)
        return _Term(operand, reads_once(operand), rows, cols, flat, np.array(windows, np.int64))

    def _constant(self, step: Instruction, biases: Biases) -> Array:
        """Return z of each destination cell: the biases through the gains of its bias synapse."""
        z = np.zeros((step.maps, step.rows, step.cols), np.float32)
        for map_, value in enumerate(biases):
            if value:
                z[map_] = value * self._die.gain(step, map_, None)
        return z
