"""Where accuracy is lost: signal and error of every feature map, step by step.

The error of a map is what its cells hold beyond those of the ideal machine on the same
image; its signal is how much the ideal cells differ, over images and cells. Error is
carried on from step to step, so the steps where the ratio falls are those that lose.
"""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from accelsim.compiler import Instruction
from accelsim.config import Machine
from accelsim.errors import InputError
from accelsim.study.catalog import Setting
from accelsim.study.measure import Bench
from accelsim.values import Effects
from accelsim.values.engine import BATCH
from accelsim.values.program import Array

Floats = NDArray[np.float64]
ALL = "all"
ROUNDING_DB = 100.0
"""Above this ratio an error is that of single precision."""

Progress = Callable[[int, int, str], None]
"""Called with runs done, runs in all, and the next one."""


@dataclass(frozen=True)
class StepNoise:
    """One step. Arrays have a value a map, from `first_map` of the layer on.

    signal: standard deviation of the ideal cells over images and cells. error: by effect, ALL for
    those that are on: root mean square of what the machine's cells hold beyond them. Units of the
    full scale.
    """

    step: int
    op: str
    layer: str
    signal: Floats = field(repr=False)
    error: Mapping[str, Floats] = field(repr=False)
    first_map: int = 0

    def ratios(self, effect: str = ALL) -> Floats:
        """Return the signal-to-noise ratio of each map in dB; infinite without error."""
        return _decibels(self.signal, self.error[effect])

    def ratio(self, effect: str = ALL) -> float:
        """Return the signal-to-noise ratio of all maps together in dB."""
        return float(_decibels(_rms(self.signal), _rms(self.error[effect]))[0])


@dataclass(frozen=True)
class SignalStudy:
    """Steps in order, and what the images were classified as.

    accuracy: share that is right: 'ideal', ALL, and each effect alone; empty without labels.
    """

    effects: tuple[str, ...]
    images: int
    seed: int
    steps: tuple[StepNoise, ...]
    accuracy: Mapping[str, float]

    @property
    def felt(self) -> tuple[str, ...]:
        """Effects that alone leave an error beyond that of rounding to single precision."""
        return tuple(
            name
            for name in self.effects
            if any(step.ratio(name) < ROUNDING_DB for step in self.steps)
        )


def study_signal(
    setting: Setting, bench: Bench, seed: int, progress: Progress | None = None
) -> SignalStudy:
    """Compare the machine's cells with ideal ones: all effects that are on, and each alone.

    Raises InputError if no effect is on.
    """
    machine = setting.load(setting.active)
    names = machine.effects.names() if machine.effects is not None else ()
    if not names:
        raise InputError("effects.active is none: ideal cells lose no accuracy")
    runs = {name: Effects.of(setting.load({"effects.active": name}), seed) for name in names}
    runs = {ALL: Effects.of(machine, seed), **runs}
    accuracy = {"ideal": bench.values(machine, None).accuracy}
    sums: list[_Sums] = []
    for done, (name, effects) in enumerate(runs.items()):
        if progress is not None:
            progress(done, len(runs), name)
        _compare(bench, machine, name, effects, sums)
        accuracy[name] = bench.values(machine, effects).accuracy
    known = {name: share for name, share in accuracy.items() if share is not None}
    return SignalStudy(names, bench.images, seed, tuple(part.result() for part in sums), known)


def signal_csv(study: SignalStudy) -> str:
    """Return a line a map of a step: signal, and error and ratio by effect."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    effects = (ALL, *study.effects)
    writer.writerow(
        ["step", "op", "layer", "map", "signal_of_full_scale"]
        + [f"error_{name}_of_full_scale" for name in effects]
        + [f"snr_{name}_dB" for name in effects]
    )
    for step in study.steps:
        ratios = {name: step.ratios(name) for name in effects}
        for map_, signal in enumerate(step.signal):
            writer.writerow(
                [step.step, step.op, step.layer, step.first_map + map_, f"{signal:.6g}"]
                + [f"{step.error[name][map_]:.6g}" for name in effects]
                + [f"{ratios[name][map_]:.2f}" for name in effects]
            )
    return stream.getvalue()


class _Sums:
    """Sums over the images of one step, a value a map."""

    def __init__(self, step: Instruction) -> None:
        self._step = step
        self._cells = 0
        self._sum = np.zeros(step.maps)
        self._squares = np.zeros(step.maps)
        self._errors: dict[str, Floats] = {}

    def add_signal(self, ideal: Array) -> None:
        self._cells += ideal[:, 0].size
        self._sum += ideal.sum((0, 2, 3), dtype=np.float64)
        self._squares += np.square(ideal, dtype=np.float64).sum((0, 2, 3))

    def add_error(self, name: str, found: Array, ideal: Array) -> None:
        error = np.square(found - ideal, dtype=np.float64).sum((0, 2, 3))
        self._errors[name] = self._errors.get(name, 0.0) + error

    def result(self) -> StepNoise:
        mean = self._sum / self._cells
        return StepNoise(
            step=self._step.step,
            op=self._step.op,
            layer=self._step.layer,
            signal=np.sqrt(np.maximum(self._squares / self._cells - mean**2, 0)),
            error={name: np.sqrt(sums / self._cells) for name, sums in self._errors.items()},
            first_map=self._step.first_map,
        )


def _compare(
    bench: Bench, machine: Machine, name: str, effects: Effects | None, sums: list[_Sums]
) -> None:
    """Add what a run under effects holds beyond the ideal one; the first run adds the signal."""
    ideal, noisy = bench.runner(machine, None), bench.runner(machine, effects)
    first = not sums
    for start in range(0, bench.images, BATCH):
        batch = slice(start, start + BATCH)
        expected, found = _Windows(), _Windows()
        ideal(batch, expected.keep)
        noisy(batch, found.keep)
        sums += [_Sums(step) for step, _ in expected.kept] if not sums else []
        for part, (_, right), (_, window) in zip(sums, expected.kept, found.kept, strict=True):
            if first:
                part.add_signal(right)
            part.add_error(name, window, right)


class _Windows:
    """Keeps what the steps of a batch wrote."""

    def __init__(self) -> None:
        self.kept: list[tuple[Instruction, Array]] = []

    def keep(self, step: Instruction, window: Array) -> None:
        self.kept.append((step, window.copy()))


def _rms(values: Floats) -> Floats:
    mean: Floats = np.mean(values**2, keepdims=True)
    return np.sqrt(mean)


def _decibels(signal: Floats, error: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio: Floats = np.where(error > 0, 20 * np.log10(signal / error), np.inf)
    return ratio
