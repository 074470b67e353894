"""What a run did behind the handoff: when each label was known, and what waited for what."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from accelsim.analysis.figure import Figure
from accelsim.analysis.times import Times
from accelsim.energy import Ledger, PerImage, Priced, PricedPeriod, repeated
from accelsim.energy.images import ImageColumn
from accelsim.records import KINDS, Records
from accelsim.records.reasons import UNCONVERTED
from accelsim.topology import CLASSIFIER_ADC, CLASSIFIER_ENGINE, CLASSIFIER_QUEUE, CLASSIFIER_SRAM

_WAIT, _READ, _WRITE = (KINDS.index(kind) for kind in ("wait", "read", "write"))
_SUMS = ("conversion", "compute", "conversion_wait", "compute_wait", "handoff_wait")
Column = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Classification:
    """The scope of a classification: from the load of an image to its label.

    ledger: of all records; behind: of those behind the handoff. times: as of the published scope,
    but done when the label is known. handed_off_ps: sum over images of when their results were at
    the host. sums_ps: over images, by name of a figure of `figures`.
    """

    ledger: Ledger = field(repr=False)
    behind: Ledger = field(repr=False)
    times: Times = field(repr=False)
    handed_off_ps: int
    sums_ps: dict[str, int]

    @property
    def figures(self) -> dict[str, Figure]:
        """Return what is behind the handoff, by name.

        Figures
            latency             mean from the handoff of an image until its label is known
            conversion          mean time that the ADC works on an image
            compute             mean time that the fully-connected engine works on an image
            conversion_wait     mean wait of results at the host's boundary for the ADC
            compute_wait        mean wait of codes in the SRAM for the engine
            handoff_wait        mean wait of handoffs for a place with results that are not
                                converted; a part of the published latency
            adc_utilization     share of the makespan in which the ADC works
            engine_utilization  share of it in which the engine works
            energy              of ADC, engine and SRAM in the whole run
            energy_per_image    mean of that
        """
        images, sums, total = len(self.times), self.sums_ps, self.behind.total_aJ
        labelled = sum(int(piece.done_ps.sum()) for piece in self.times.pieces())
        means = {name: Figure(_mean(sums[name], images), "ps") for name in _SUMS}
        makespan = self.times.makespan_ps
        return {
            "latency": Figure(_mean(labelled - self.handed_off_ps, images), "ps"),
            **means,
            "adc_utilization": Figure(sums["conversion"] / makespan, "1"),
            "engine_utilization": Figure(sums["compute"] / makespan, "1"),
            "energy": Figure(total, "aJ"),
            "energy_per_image": Figure(_mean(total, images), "aJ"),
        }


class ClassificationTally:
    """A priced sink of all records that notes what happens behind the handoff."""

    def __init__(self) -> None:
        self._labels = PerImage(["most"])
        self._sums = dict.fromkeys(_SUMS, 0)

    def write(self, priced: Priced) -> None:
        """Add one block."""
        self._add(priced.records, 1)
        self._labels.add(*_labels(priced.records))

    def repeat(self, priced: PricedPeriod) -> None:
        """Add a period as often as it happens."""
        period, records = priced.period, priced.one.records
        self._add(records, period.times)
        images, labels = _labels(records)
        for moved, which, number in repeated(images, period.times, period.stride.images):
            self._labels.add(moved, labels[:, which] + number * period.stride.time_ps)

    def close(self) -> None:
        """Nothing is left to do."""

    def found(self, published: Times, ledger: Ledger, behind: Ledger) -> Classification:
        """Return the scope of a run. published: its times up to the handoff."""
        labels = np.asarray(ImageColumn(self._labels))
        pieces = [
            np.stack([
                each.image, each.arrived_ps, each.started_ps, labels[each.image], each.queued_ps,
                each.load_wait_ps,
            ])
            for each in published.pieces()
        ]  # fmt: skip
        handed_off = sum(int(each.done_ps.sum()) for each in published.pieces())
        times = Times.of_pieces(lambda: iter(pieces))
        return Classification(ledger, behind, times, handed_off, dict(self._sums))

    def _add(self, records: Records, times: int) -> None:
        """Add how long each thing took, so many times."""
        find, waits = records.vocabulary.find, records.kind == _WAIT
        works = (records.image >= 0) & ~np.isin(records.kind, (_WAIT, _READ, _WRITE))
        lasted = records.t_end_ps - records.t_start_ps
        for name, which in (
            ("conversion", works & (records.component == find(CLASSIFIER_ADC))),
            ("compute", works & (records.component == find(CLASSIFIER_ENGINE))),
            ("conversion_wait", waits & (records.component == find(CLASSIFIER_QUEUE))),
            ("compute_wait", waits & (records.component == find(CLASSIFIER_SRAM))),
            ("handoff_wait", waits & (records.cause == find(UNCONVERTED))),
        ):
            self._sums[name] += int(lasted[which].sum()) * times


def _labels(records: Records) -> tuple[Column, Column]:
    """Return images in order, (n,), and the last end of the engine's work on each, (1, n)."""
    engine = records.vocabulary.find(CLASSIFIER_ENGINE)
    which = np.flatnonzero((records.component == engine) & (records.image >= 0))
    images, place = np.unique(records.image[which], return_inverse=True)
    labels = np.zeros((1, len(images)), np.int64)
    np.maximum.at(labels[0], place, records.t_end_ps[which])
    return images, labels


def _mean(total: int, number: int) -> int | float:
    """Return an exact integer where the mean is one."""
    return total // number if total % number == 0 else total / number
