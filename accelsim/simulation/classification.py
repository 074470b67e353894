"""The scope of a classification in a run: what its records add up to, checked."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from accelsim.analysis import (
    Classification,
    ClassificationTally,
    Load,
    Stats,
    Times,
    compute_stats,
    load_of,
)
from accelsim.compiler import ClassifierDesign, Program, stages_of
from accelsim.config import Machine
from accelsim.energy import Ledger, PricedSink, Scopes, Tally
from accelsim.errors import ReconciliationError


@dataclass(frozen=True, eq=False)
class ClassificationEvents:
    """What is behind the handoff in a run. load: what a stream met up to its labels, or None."""

    found: Classification = field(repr=False)
    load: Load | None

    def beside(self, published: Stats, period_ps: int, accuracy: float | None) -> Stats:
        """Return the figures of the published scope, and beside them those up to the label.

        In the steady state as many labels are known as images are handed off: one interval.
        """
        found = self.found
        stats = compute_stats(
            found.times,
            found.ledger,
            period_ps,
            accuracy,
            self.load,
            behind_handoff=found.figures,
        )
        stats = replace(stats, initiation_interval=published.initiation_interval)
        return replace(published, classification=stats)


class ClassificationTallies:
    """Tallies of a machine's records by scope; `of` makes them for one that has such a scope."""

    def __init__(self, machine: Machine, design: ClassifierDesign, program: Program) -> None:
        prices = machine.prices_aJ
        self._stages = stages_of(design, program)
        self._whole, self._behind = Tally(prices), Tally(prices)
        self._tally = ClassificationTally()

    @classmethod
    def of(cls, machine: Machine, program: Program) -> "ClassificationTallies | None":
        """Return tallies; None for a run that ends with the handoff."""
        design = ClassifierDesign.of(machine)
        return None if design is None else cls(machine, design, program)

    def sinks(self, published: Sequence[PricedSink]) -> list[PricedSink]:
        """Return sinks of all records; published: those of records up to the handoff."""
        return [self._whole, self._tally, Scopes(published, [self._behind])]

    def found(
        self,
        published: Ledger,
        times: Times,
        deadline_ps: NDArray[np.int64] | None,
        *,
        is_stream: bool,
    ) -> ClassificationEvents:
        """Return what they found, checked against the scope that ends with the handoff."""
        whole, behind = self._whole.ledger(), self._behind.ledger()
        whole.reconcile()
        behind.reconcile()
        if whole.total_aJ != published.total_aJ + behind.total_aJ:
            raise ReconciliationError(
                f"all records sum to {whole.total_aJ} aJ, but those up to the handoff to "
                f"{published.total_aJ} aJ and those behind it to {behind.total_aJ} aJ"
            )
        self._check_counts(behind, len(times))
        found = self._tally.found(times, whole, behind)
        load = load_of(found.times, deadline_ps) if is_stream else None
        return ClassificationEvents(found, load)

    def _check_counts(self, behind: Ledger, images: int) -> None:
        expected: Counter[str] = Counter()
        for stage in self._stages.all:
            for _, _, actions in stage.acts:
                for action, number in actions.items():
                    expected[action] += number * images
        for action, number in expected.items():
            found = behind.counts.get(action, 0)
            if found != number:
                raise ReconciliationError(
                    f"the trace counts {found} {action} behind the handoff, the layers there give "
                    f"for {images} images {number}"
                )
