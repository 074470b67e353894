"""Executes a micro-program on cells with noise, variation, finite precision and memory.

Like `program.Engine`, step by step, with the effects of docs/machine.md section 7:

* a read sees the stored value, decayed over its age, plus the read-out's noise, new for each
  step and cell;
* each synapse weighs with a gain of its own, fixed on the die; convolution weights are
  rounded to `weight_bits`;
* a write charges the capacitor with kT/C noise, and the plane settles from what it held
  toward the clipped new value for as long as its write phase lasted;
* stuck cells stay at -1 or 1.

An image gets the same numbers whatever the batch: they follow from seed, image and step. Its
first writes settle from what the image before left in the same planes, as ideal cells hold it
(0 for the first image).
The handoff adds read-out noise alone. Cells and synapses are those of the planes and arrays
that the program's first context uses.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accelsim.compiler import Instruction, Operand, Program
from accelsim.network import Weights
from accelsim.records import StepTimes
from accelsim.values.die import NEIGHBOURHOOD, Die
from accelsim.values.effects import Effects
from accelsim.values.kernels import add_noise, settle, weigh
from accelsim.values.program import Array, Engine, Observer, Planes, overlap, quantized

_DRAWS = 8  # draws that a step may take: one an operand, and one of its destination's own
_OWN_DRAW = _DRAWS - 1


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


class NoisyEngine:
    """A program with weights on one die, ready for batches of images.

    fan_in: source planes that an array has synapses for.
    """

    def __init__(self, program: Program, weights: Weights, effects: Effects, fan_in: int) -> None:
        self._program = program
        self._effects = effects
        self._memory_shape = Planes.shape_of(program)
        self._die = Die(effects, self._memory_shape, fan_in)
        rounded = {
            name: quantized(weight, effects.weight_bits) for name, weight in weights.weight.items()
        }
        self._ideal = Engine(program, Weights(rounded, weights.bias))
        self._weights = {name: weight.astype(np.float32) for name, weight in rounded.items()}
        self._terms = [self._terms_of(step) for step in program.instructions]
        self._noise = [
            self._noise_of(step, terms)
            for step, terms in zip(program.instructions, self._terms, strict=True)
        ]
        self._z = [self._bias_of(step, weights) for step in program.instructions]
        self._written_by = _writers(program)

    def run(
        self,
        images: NDArray[np.uint8],
        numbers: NDArray[np.int64],
        times: StepTimes,
        observe: Observer | None = None,
        memory: Planes | None = None,
    ) -> Array:
        """Return the maps at the boundary, (images, maps, rows, cols).

        images: bytes; numbers: theirs in the data set, which name their noise. times: of
        these images. memory: what the planes hold before, from `found`; None: 0. It is changed.
        """
        if memory is None:
            memory = Planes(self._program.planes, len(images), self._memory_shape, np.float32)
        window: Array = images.astype(np.float32) / np.float32(255)
        self._add_noise(window.reshape(len(images), -1), self._noise[0], numbers, _OWN_DRAW)
        for place, step in enumerate(self._program.instructions):
            if step.operands:
                window = self._weigh(place, step, memory, numbers, times)
            if step.destination:
                window = self._write(place, step, window, memory, numbers, times)
            if observe is not None:
                observe(step, window)
        return window

    def found(self, images: NDArray[np.uint8], times: StepTimes) -> Planes | None:
        """Return what the planes hold before images whose times these are; None: it is all one.

        images: all of the run. It is what ideal cells of the image before hold in the end: the
        noise of what a write leaves over is a noise of noise.
        """
        if not self._effects.settling_ps:
            return None
        memory = self._ideal.leaves(images[np.maximum(times.before, 0)])
        memory.clear(times.before < 0)
        return memory

    def _weigh(
        self,
        place: int,
        step: Instruction,
        memory: Planes,
        numbers: NDArray[np.int64],
        times: StepTimes,
    ) -> Array:
        total = np.empty((len(numbers), step.maps, step.rows, step.cols), np.float32)
        total[:] = self._z[place]
        for draw, term in enumerate(self._terms[place]):
            stored = times.settled_ps[:, self._written_by[place][draw]]
            age = times.issued_ps[:, place, None] - stored
            source = self._read(term, memory, age, numbers, place * _DRAWS + draw)
            weigh(total, source, term.weights, term.windows, term.operand.shared)
        if self._noise[place].any():
            flat = total.reshape(len(numbers), -1)
            self._add_noise(flat, self._noise[place], numbers, place * _DRAWS + _OWN_DRAW)
        return total

    def _read(
        self,
        term: _Term,
        memory: Planes,
        age_ps: NDArray[np.int64],
        numbers: NDArray[np.int64],
        draw: int,
    ) -> Array:
        """Return what an operand's cells give, (images, planes, rows, cols); maybe a view."""
        source = memory.read(term.operand.planes)[:, :, term.rows, term.cols]
        decay = np.exp(-age_ps / self._effects.retention_ps).astype(np.float32)
        if (decay < 1).any():
            source = source * decay[:, :, None, None]
        if self._effects.read_noise and not term.reads_once:
            source = np.array(source, order="C")
            flat = source.reshape(len(numbers), -1)
            sigma = np.full(flat.shape[1], self._effects.read_noise, np.float32)
            self._add_noise(flat, sigma, numbers, draw)
        return source

    def _write(
        self,
        place: int,
        step: Instruction,
        window: Array,
        memory: Planes,
        numbers: NDArray[np.int64],
        times: StepTimes,
    ) -> Array:
        target = np.ascontiguousarray(window)
        flat = target.reshape(len(numbers), -1)
        old = memory.window(step).reshape(len(numbers), -1)
        settle(flat, old, self._residual(times.settled_ps[:, place] - times.charged_ps[:, place]))
        self._die.stick(step, target)
        memory.write(step, target)
        return target

    def _add_noise(self, flat: Array, sigma: Array, numbers: NDArray[np.int64], draw: int) -> None:
        add_noise(flat, sigma, self._effects.seed, numbers, draw)

    def _residual(self, length_ps: NDArray[np.int64]) -> NDArray[np.float64]:
        if not self._effects.settling_ps:
            return np.zeros(len(length_ps))
        return np.asarray(np.exp(-length_ps / self._effects.settling_ps))

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
            block = self._weights[kernel.layer][
                kernel.first_out : kernel.first_out + step.maps,
                kernel.first_in : kernel.first_in + planes,
            ].reshape(step.maps, planes, len(taps))
        else:
            block = np.broadcast_to(np.array(kernel.fixed), (step.maps, planes, len(taps)))
        weights = np.empty((step.maps, planes, len(taps), step.rows, step.cols), np.float32)
        for map_, plane, tap in np.ndindex(*weights.shape[:3]):
            synapse = (first_slot + plane) * NEIGHBOURHOOD + _position(taps[tap])
            gain = self._die.gain(step, map_, synapse)
            weights[map_, plane, tap] = kernel.gain * block[map_, plane, tap] * gain
        rows, row_step = _used([tap.row for tap in taps], operand.grid.row_step, operand.extent[0])
        cols, col_step = _used([tap.col for tap in taps], operand.grid.col_step, operand.extent[1])
        extent = (_length(rows, operand.extent[0]), _length(cols, operand.extent[1]))
        windows = []
        for tap in taps:
            to_rows, _ = overlap(tap.row, row_step, step.rows, extent[0])
            to_cols, _ = overlap(tap.col, col_step, step.cols, extent[1])
            windows.append(
                (to_rows.start, to_rows.stop, tap.row, to_cols.start, to_cols.stop, tap.col,
                 row_step, col_step)
            )  # fmt: skip
        flat = weights.reshape(*weights.shape[:3], -1)
        return _Term(operand, _reads_once(operand), rows, cols, flat, np.array(windows, np.int64))

    def _noise_of(self, step: Instruction, terms: Sequence[_Term]) -> Array:
        """Return the standard deviation that each destination cell's own noise has.

        The write's, and that of cells that are read by this synapse alone: a sum of
        independent normal numbers is one normal number, drawn once.
        """
        variance = np.zeros((step.maps, step.rows, step.cols), np.float64)
        if step.destination:
            variance += self._effects.write_noise**2
        for term in terms:
            if term.reads_once:
                self._add_reads(variance, term)
        return np.asarray(np.sqrt(variance).ravel(), np.float32)

    def _add_reads(self, variance: NDArray[np.float64], term: _Term) -> None:
        weights = term.weights.astype(np.float64).reshape(len(variance), -1, *variance.shape[1:])
        for tap, (first, last, _, begin, end, *_) in enumerate(term.windows.tolist()):
            seen = weights[:, tap, first:last, begin:end]
            variance[:, first:last, begin:end] += (self._effects.read_noise * seen) ** 2

    def _bias_of(self, step: Instruction, weights: Weights) -> Array:
        """Return z of each destination cell through the gain of its bias synapse."""
        z = np.zeros((step.maps, step.rows, step.cols), np.float32)
        if step.bias is None:
            return z
        for map_ in range(step.maps):
            value = step.bias.offset
            if step.bias.layer:
                value += step.bias.gain * weights.bias[step.bias.layer][step.first_map + map_]
            z[map_] = value * self._die.gain(step, map_, None)
        return z


def _position(tap: tuple[int, int]) -> int:
    """Return the place of a tap in the 3 x 3 template."""
    return (tap[0] + 1) * 3 + tap[1] + 1


def _reads_once(operand: Operand) -> bool:
    """Tell whether every cell of the operand is seen by one synapse at most."""
    rows, cols = operand.grid
    places = {(tap.row % rows, tap.col % cols) for tap in operand.taps}
    return not operand.shared and len(places) == len(operand.taps)


def _used(offsets: Sequence[int], step: int, extent: int) -> tuple[slice, int]:
    """Return the source lines that are read, and the step between window lines among them."""
    if set(offsets) == {0} and step > 1:
        return slice(0, extent, step), 1
    return slice(0, extent), step


def _length(lines: slice, extent: int) -> int:
    return len(range(*lines.indices(extent)))


def _writers(program: Program) -> list[list[list[int]]]:
    """Return, for each step, operand and plane, the step (from 0) that wrote the plane."""
    last: dict[object, int] = {}
    writers = []
    for place, step in enumerate(program.instructions):
        writers.append([[last[ref] for ref in operand.planes] for operand in step.operands])
        last.update(dict.fromkeys(step.destination, place))
    return writers
