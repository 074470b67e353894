"""The spread of energy over images: what weights and values make of it, and what counts alone do.

The machine runs with energies that follow values, for the share of the synapses' current that
follows what they read as the machine file has it, and for all of it (class AB): what is assumed of
a synapse decides how much the data matter.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from accelsim.config import Machine
from accelsim.config.energy_by_value import BY_VALUE, FOLLOW_VALUES
from accelsim.errors import InputError
from accelsim.network import Network
from accelsim.simulation import run_network
from accelsim.simulation.execution import InMemory
from accelsim.simulation.position import Position
from accelsim.study.catalog import Setting

Floats = NDArray[np.float64]
Column = NDArray[np.int64]

_MODEL, _SHARE = "energy.model", "energy.by_value.signal_share"
OTHERS, IMAGE = "counted", "image"
"""Actions that no value changes, together; and all of an image."""
PERCENTILES = (5, 50, 95)


@dataclass(frozen=True)
class Spread:
    """Energies of one part of what images cost, in aJ.

    by_count: of an image, if nothing followed values. each: of every image, (images,).
    """

    part: str
    by_count: float
    each: Column = field(repr=False)

    def figures(self) -> tuple[float, ...]:
        """Return mean, standard deviation, least, the PERCENTILES, and most."""
        found = np.percentile(self.each, PERCENTILES)
        return (
            float(self.each.mean()),
            float(self.each.std()),
            float(self.each.min()),
            *(float(each) for each in found),
            float(self.each.max()),
        )


@dataclass(frozen=True)
class Case:
    """What images cost with one share of the synapses' current that follows what they read."""

    signal_share: float
    parts: tuple[Spread, ...]

    @property
    def images(self) -> Spread:
        """All that images cost; standby is no image's."""
        return self.parts[-1]


@dataclass(frozen=True)
class SpreadStudy:
    """Cases of one machine. numbers, labels: of the images; labels None if there are none."""

    cases: tuple[Case, ...]
    numbers: Column = field(repr=False)
    labels: NDArray[np.integer] | None = field(repr=False)

    def of_labels(self, case: Case) -> Iterator[tuple[int, Column]]:
        """Give each label, and what its images cost."""
        labels = np.zeros(0, np.int64) if self.labels is None else self.labels
        for label in np.unique(labels).tolist():
            yield label, case.images.each[labels == label]


def study_spread(
    setting: Setting,
    network: Network,
    images: range,
    seed: int,
    progress: Callable[[int, int, str], None] | None = None,
) -> SpreadStudy:
    """Return what each image costs. progress: called with images done, of how many, and of what.

    Raises InputError for a machine whose prices follow nothing, and a network without values.
    """
    machine = setting.load({_MODEL: BY_VALUE})
    assert machine.energy.by_value is not None  # noqa: S101 - for the type checker
    own = machine.energy.by_value.signal_share.value
    cases, numbers, labels = [], np.array(images), None
    for share in dict.fromkeys((own, 1.0)):
        if share != own:
            machine = setting.load({_MODEL: BY_VALUE, _SHARE: share})
        case, labels = _case(machine, network, images, seed, share, progress)
        cases.append(case)
    return SpreadStudy(tuple(cases), numbers, labels)


def _case(
    machine: Machine,
    network: Network,
    images: range,
    seed: int,
    share: float,
    progress: Callable[[int, int, str], None] | None,
) -> tuple[Case, NDArray[np.integer] | None]:
    def passed(position: Position) -> None:
        if progress is not None:
            done = position.images or position.valued
            progress(done, len(images), "energies" if position.images else "values")

    result = run_network(
        machine,
        network,
        images,
        seed,
        output=lambda _: InMemory(None),
        progress=passed,
        keep_maps=False,
    )
    values, ledger = result.values, result.ledger
    if values is None or values.energies is None:
        raise InputError(f"no spread of energies: {result.no_values}")
    whole = np.asarray(ledger.image_aJ)[images.start :]
    parts, rest = [], whole.copy()
    for action in FOLLOW_VALUES:
        each = values.energies.actions[action].of_images(len(images))
        counted = ledger.counts[action] * machine.prices_aJ[action] / len(images)
        parts.append(Spread(action, counted, each))
        rest -= each
    parts.append(Spread(OTHERS, float(rest.mean()), rest))
    total = sum(part.by_count for part in parts)
    return Case(share, (*parts, Spread(IMAGE, total, whole))), values.labels


def spread_csv(study: SpreadStudy) -> str:
    """Return a row for each image and case, energies in aJ."""
    parts = [part.part for part in study.cases[0].parts]
    lines = [",".join(["image", "label", "signal_share", *(f"{part}_aJ" for part in parts)])]
    for case in study.cases:
        columns = [part.each.tolist() for part in case.parts]
        labels: Sequence[object] = [""] * len(study.numbers)
        if study.labels is not None:
            labels = study.labels.tolist()
        for number, label, *energies in zip(study.numbers.tolist(), labels, *columns, strict=True):
            lines.append(",".join(map(str, [number, label, f"{case.signal_share:g}", *energies])))
    return "\n".join(lines) + "\n"
