"""Values of many images: batches on all cores, then the fully-connected layer."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from accelsim.compiler import Program
from accelsim.energy import ValueEnergies
from accelsim.network import Network, Weights
from accelsim.records import StepTimes
from accelsim.values.chains import IdealChains, Remembers, chains, in_chains
from accelsim.values.digital import DigitalLayers
from accelsim.values.effects import Effects
from accelsim.values.host import HostLayers
from accelsim.values.layers import LayerEngine
from accelsim.values.program import Array, Engine, Pictures
from accelsim.values.spending import Spending

T = TypeVar("T")
BATCH = 128


@dataclass(frozen=True, eq=False)
class Values:
    """What a run computed for each image, in order of `images`.

    features: maps at the boundary, (n, maps, rows, cols). logits: (n, classes) and
    predicted: (n,) from the fully-connected layers outside the machine, or None if the
    network has none. labels: (n,) or None. Without maps, as `compute_values` may be asked for,
    features are of no image, and there are no logits. energies: what values cost, if energies
    follow them. classified: (n,) classes by the converters and the fully-connected engine of the
    machine; None where a run ends with the handoff.
    """

    images: NDArray[np.int64]
    features: Array = field(repr=False)
    logits: NDArray[np.float64] | None = field(repr=False)
    predicted: NDArray[np.integer] | None
    labels: NDArray[np.uint8] | None
    energies: ValueEnergies | None = field(default=None, repr=False)
    classified: NDArray[np.integer] | None = None

    @property
    def correct(self) -> int | None:
        """Images whose predicted class is the label; None without labels or classes."""
        if self.predicted is None or self.labels is None:
            return None
        return int((self.predicted == self.labels).sum())

    @property
    def accuracy(self) -> float | None:
        """Share of images that are correct; None without labels or classes."""
        return None if self.correct is None else self.correct / len(self.images)

    @property
    def classified_accuracy(self) -> float | None:
        """Share of images whose class by the machine's engine is the label; None without either."""
        if self.classified is None or self.labels is None:
            return None
        return int((self.classified == self.labels).sum()) / len(self.images)


class Share(NamedTuple):
    """One of several parts of the images, which are computed apart. number: from 0."""

    number: int
    parts: int


ALL = Share(0, 1)


@dataclass(frozen=True, eq=False)
class Cells:
    """What values depend on when cells are not ideal.

    effects: what is active. times: when each step of each image happened. fan_in: source
    planes that an array has synapses for.
    """

    effects: Effects
    times: StepTimes
    fan_in: int


def compute_values(  # noqa: PLR0913, PLR0917 - arrays of a data set, as callers have them
    program: Program,
    network: Network,
    weights: Weights,
    images: Pictures,
    numbers: NDArray[np.int64],
    labels: NDArray[np.uint8] | None = None,
    cells: Cells | None = None,
    computed: Callable[[int], None] | None = None,
    *,
    keep_maps: bool = True,
    digital: DigitalLayers | None = None,
    spending: Spending | None = None,
    share: Share = ALL,
) -> Values:
    """Run the program on images (n, maps, rows, cols), bytes, and classify its output.

    numbers: of the images, which name their noise. cells: None for ideal ones. computed: called
    with the number of images that are done; what it raises ends the computation. keep_maps:
    whether to keep features and logits, some KiB an image, or classes alone. digital: layers
    behind the handoff, as the machine's engine computes them, beside those of the host. spending:
    takes what the values cost. share: compute a part alone; what is returned is of its images, in
    order, and the parts together are the whole. The result does not depend on the number of cores:
    an image's values are its own.
    """
    tasks, rows = _tasks(program, weights, images, numbers, cells, spending, share)
    gathered = _Gathered(len(images), network, weights, keep_maps=keep_maps, digital=digital)
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        for done in gathered.take(pool.map(lambda task: task(), tasks)):
            if computed is not None:
                computed(done)
    finally:
        pool.shutdown(cancel_futures=True)
    found = Values(
        numbers,
        gathered.features,
        gathered.logits,
        gathered.predicted,
        labels,
        None if spending is None else spending.energies(),
        gathered.classified,
    )
    return found if share == ALL else _only(found, rows)


def _only(values: Values, rows: NDArray[np.int64]) -> Values:
    """Return the values of some images."""

    def some(array: T | None) -> T | None:
        return None if array is None else array[rows]  # type: ignore[index]

    features = values.features[rows] if len(values.features) else values.features
    return Values(
        values.images[rows], features, some(values.logits), some(values.predicted),
        some(values.labels), values.energies, some(values.classified),
    )  # fmt: skip


_Part = tuple["slice | NDArray[np.int64]", Array]
"""Which images, and their maps at the boundary."""
_Task = Callable[[], _Part]
"""Computes some images."""


class _Gathered:
    """What is kept of images that are computed part by part."""

    def __init__(
        self,
        images: int,
        network: Network,
        weights: Weights,
        *,
        keep_maps: bool,
        digital: DigitalLayers | None,
    ) -> None:
        self._digital = digital
        self.classified: NDArray[np.integer] | None = None
        self._images, self._keep = images, keep_maps
        self._host = HostLayers(network, weights) if network.on_host else None
        self.features: Array = np.empty(0)
        self.logits: NDArray[np.float64] | None = None
        self.predicted: NDArray[np.integer] | None = np.empty(0, np.int64) if self._host else None

    def take(self, parts: Iterable[_Part]) -> Iterator[int]:
        """Keep parts; give after each the number of images that are there."""
        done = 0
        for rows, maps in parts:
            if not done:
                self._begin(maps)
            if self._keep:
                self.features[rows] = maps
            if self._host is not None:
                self._classify(self._host, rows, maps)
            if self._digital is not None and self.classified is not None:
                self.classified[rows] = self._digital.classes(maps)
            done += len(maps)
            yield done

    def _begin(self, maps: Array) -> None:
        kept = self._images if self._keep else 0
        self.features = np.empty((kept, *maps.shape[1:]), maps.dtype)
        if self._host is not None:
            classes = self._host.classes
            self.logits = np.empty((self._images, classes)) if self._keep else None
            kind = np.int64 if self._keep else np.min_scalar_type(classes)
            self.predicted = np.empty(self._images, kind)
            if self._digital is not None:
                self.classified = np.empty(self._images, kind)

    def _classify(self, host: HostLayers, rows: "slice | NDArray[np.int64]", maps: Array) -> None:
        logits = host.logits(maps)
        assert self.predicted is not None  # noqa: S101 - for the type checker; `take` began
        self.predicted[rows] = logits.argmax(axis=1)
        if self.logits is not None:
            self.logits[rows] = logits


def _tasks(  # noqa: PLR0913, PLR0917 - those of `compute_values`
    program: Program,
    weights: Weights,
    images: Pictures,
    numbers: NDArray[np.int64],
    cells: Cells | None,
    spending: Spending | None,
    share: Share,
) -> tuple[Sequence[_Task], NDArray[np.int64]]:
    """Return what computes a share of the images, in parts that need nothing of each other.

    Beside it which images these are, in order.
    """
    which, parts = share
    if cells is None and spending is None:
        ideal = LayerEngine(program, weights)
        size = ideal.batch(BATCH)
        starts = range(0, len(images), size)[which::parts]
        batches = [slice(start, min(start + size, len(images))) for start in starts]
        rows = [row for batch in batches for row in range(batch.start, batch.stop)]
        return [partial(_ideal, ideal, images, each) for each in batches], np.array(rows, np.int64)
    engine, times, found = _in_order(program, weights, cells, spending)
    mine = found[which::parts]
    tasks = [
        partial(in_chains, engine, images, numbers, times, spending, each)
        for each in _shared_out(mine)
    ]
    return tasks, np.array(sorted(row for chain in mine for row in chain), np.int64)


def _in_order(
    program: Program, weights: Weights, cells: Cells | None, spending: Spending | None
) -> tuple[Remembers, StepTimes, Sequence[Sequence[int]]]:
    """Return an engine, the times of the run, and which images have to follow one another."""
    if cells is None:
        assert spending is not None  # noqa: S101 - for the type checker; the caller looked
        return (
            IdealChains(program, weights, spending.planes),
            spending.times,
            chains(spending.times.before),
        )
    from accelsim.values.noisy import NoisyEngine  # noqa: PLC0415 - loads numba

    effects, times = cells.effects, cells.times
    if spending is not None:
        noisy = NoisyEngine(program, weights, effects, cells.fan_in, spending.planes, before=1)
    else:
        noisy = NoisyEngine(program, weights, effects, cells.fan_in)
    if effects.cell.left or spending is not None:
        return noisy, times, chains(times.before)
    return noisy, times, [[row] for row in range(len(times.before))]


def _ideal(engine: Engine, images: Pictures, batch: slice) -> tuple[slice, Array]:
    return batch, engine.run(images[batch])


def _shared_out(found: Sequence[Sequence[int]]) -> list[list[Sequence[int]]]:
    """Return chains in groups, as many for each core and none too large: larger ones are faster."""
    cores = os.cpu_count() or 1
    groups = cores * -(-len(found) // (cores * BATCH))
    most = max(1, -(-len(found) // max(1, groups)))
    longest = sorted(found, key=len, reverse=True)
    return [list(longest[start : start + most]) for start in range(0, len(longest), most)]
