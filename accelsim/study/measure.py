"""Measures a point: time and energy from the discrete events, accuracy from the values.

Points that differ in nothing that the events depend on share one simulation; each of
them, and each seed, has values of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from accelsim.analysis import Stats
from accelsim.compiler import Program, compile_network
from accelsim.config import Machine
from accelsim.errors import InputError
from accelsim.model import Arrival
from accelsim.network import Network
from accelsim.records import StepTimes
from accelsim.simulation import run_events, select_images
from accelsim.simulation.alike import events_key
from accelsim.study.points import Point
from accelsim.values import Cells, Effects, Engine, Values, compute_values
from accelsim.values.noisy import NoisyEngine
from accelsim.values.program import Observer


@dataclass(frozen=True)
class Measured:
    """Result of a point for one seed. Times in ps, energy of an image in aJ."""

    point: Point
    seed: int
    images: int
    correct: int
    cycles: float
    latency_ps: float
    energy_aJ: float  # noqa: N815 - aJ is the unit

    @property
    def accuracy(self) -> float:
        """Share of images that are classified as labelled."""
        return self.correct / self.images


@dataclass(frozen=True)
class _Events:
    """What the discrete events of a machine gave."""

    program: Program
    stats: Stats
    times: StepTimes


class Bench:
    """A network with images and labels, on which machines are measured.

    Raises InputError if the network has no weights, images, labels or classes.
    """

    def __init__(self, network: Network, images: int | range) -> None:
        self.network = network
        self.chosen = range(images) if isinstance(images, int) else images
        self._chosen = select_images(network, images)
        if self._chosen.weights is None:
            raise InputError(f"no accuracy: {self._chosen.no_values}")
        if self._chosen.labels is None:
            raise InputError(f"no accuracy: the data set of '{network.name}' has no labels")
        if network.classifier is None:
            raise InputError(f"no accuracy: network '{network.name}' ends without a layer 'fc'")
        self._known: dict[str, _Events] = {}

    @property
    def images(self) -> int:
        """Number of images."""
        return len(self._chosen.numbers)

    def measure(self, point: Point, seed: int) -> Measured:
        """Return the result of a point for one seed, of the die and of all noise."""
        stats = self.events(point.machine).stats
        correct = self.values(point.machine, Effects.of(point.machine, seed)).correct
        assert correct is not None  # noqa: S101 - for the type checker; there are labels
        return Measured(
            point=point,
            seed=seed,
            images=self.images,
            correct=correct,
            cycles=stats.cycles_per_image.value,
            latency_ps=stats.latency.value,
            energy_aJ=stats.energy_per_image.value,
        )

    def values(self, machine: Machine, effects: Effects | None, first: int | None = None) -> Values:
        """Return the values of the images, or of the first so many, under effects."""
        chosen, events = self._chosen, self.events(machine)
        assert chosen.weights is not None  # noqa: S101 - for the type checker
        assert chosen.pixels is not None  # noqa: S101
        part = slice(0, first)
        cells = None
        if effects is not None:
            cells = Cells(effects, events.times.of(part), machine.arrays.fan_in.value)
        return compute_values(
            events.program,
            self.network,
            chosen.weights,
            chosen.pixels[part],
            chosen.numbers[part],
            None if chosen.labels is None else chosen.labels[part],
            cells,
        )

    def runner(
        self, machine: Machine, effects: Effects | None
    ) -> Callable[[slice, Observer], None]:
        """Return what runs some of the images on a machine, observed step by step."""
        chosen, events = self._chosen, self.events(machine)
        assert chosen.weights is not None  # noqa: S101 - for the type checker
        assert chosen.pixels is not None  # noqa: S101
        pixels, numbers = chosen.pixels, chosen.numbers
        if effects is None:
            ideal = Engine(events.program, chosen.weights)

            def run_ideal(part: slice, observe: Observer) -> None:
                ideal.run(pixels[part], observe)

            return run_ideal
        fan_in = machine.arrays.fan_in.value
        noisy = NoisyEngine(events.program, chosen.weights, effects, fan_in)

        def run(part: slice, observe: Observer) -> None:
            rows = np.arange(len(pixels))[part]
            memory = noisy.found(pixels, numbers, events.times, rows)
            noisy.run(pixels[part], numbers[part], events.times.of(part), observe, memory)

        return run

    def events(self, machine: Machine) -> _Events:
        """Return what the discrete events of a machine give, simulated once."""
        key = events_key(machine)
        if key not in self._known:
            self._known[key] = self._simulate(machine)
        return self._known[key]

    def _simulate(self, machine: Machine) -> _Events:
        program = compile_network(self.network, machine)
        arrivals = [Arrival(number, 0) for number in self._chosen.numbers.tolist()]
        events = run_events(machine, program, arrivals, step_times=True)
        assert events.step_times is not None  # noqa: S101 - for the type checker; asked for
        return _Events(program, events.stats(), events.step_times)
