"""What an image takes behind the handoff of a recorded run, and what that costs."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

import pyarrow as pa

from accelsim.analysis import prices as priced
from accelsim.analysis.dependencies import COLUMNS, Record, records_of
from accelsim.config.digital import CLASSIFICATION
from accelsim.errors import InputError, ReconciliationError
from accelsim.reports.explanation import ActionCost, chosen_image
from accelsim.resources import display
from accelsim.runs import RecordedRun
from accelsim.topology import CLASSIFIER_PATHS
from accelsim.trace import Window

LEAKAGE = ("engine_leakage", "sram_leakage")
"""Actions behind the handoff that are no image's."""
_ACCESSES = ("read", "write")


@dataclass(frozen=True)
class LabelReport:
    """An image between its handoff and its label.

    path: records that follow one another from the one to the other; accesses of the SRAM are
    beside them. charges: its actions. standby: those of the whole run that its `images` share.
    """

    image: int
    images: int
    path: tuple[Record, ...]
    spent: priced.Spent = field(repr=False)
    charges: tuple[ActionCost, ...] = field(repr=False)
    standby: tuple[ActionCost, ...] = field(repr=False)

    @property
    def handed_off_ps(self) -> int:
        """When its results were at the host."""
        return self.path[0].t_start_ps

    @property
    def latency_ps(self) -> int:
        """From the handoff to the label."""
        return self.path[-1].t_end_ps - self.handed_off_ps

    @property
    def standby_aJ(self) -> int:  # noqa: N802 - aJ is the unit
        """Leakage behind the handoff in the whole run."""
        return sum(one.action.energy_aJ for one in self.standby)

    @property
    def total_aJ(self) -> Fraction:  # noqa: N802
        """Energy behind the handoff, with the image's part of leakage."""
        return self.spent.total_aJ + Fraction(self.standby_aJ, self.images)


def check_label(run: RecordedRun) -> None:
    """Refuse a run that ends with the handoff."""
    if not run.goes_on:
        raise InputError(
            f"{CLASSIFICATION}: {display(run.path)} ends with the handoff; expected a run up to "
            f"the class label (accelsim run --scope {CLASSIFICATION})"
        )


def explain_label(run: RecordedRun, image: int | None = None) -> LabelReport:
    """Return what an image takes behind the handoff (without a choice, the first).

    Raises InputError for an image that is not in the run, and for a run that ends with the handoff.
    """
    check_label(run)
    number = chosen_image(run, image)
    window = Window(images=(number, number + 1), components=CLASSIFIER_PATHS)
    found = records_of(pa.Table.from_batches(run.trace.batches(window, COLUMNS)))
    ordered = sorted(found, key=lambda record: (record.t_start_ps, record.id))
    path = tuple(record for record in ordered if record.kind not in _ACCESSES)
    _check(path)
    prices, at_clock = run.machine.prices, run.machine.prices_aJ
    spent = priced.spent(run.trace.batches(window, priced.COLUMNS), at_clock)
    report = LabelReport(
        number,
        int(run.manifest["images"]),
        path,
        spent,
        tuple(ActionCost(one, prices[one.action]) for one in spent.actions),
        tuple(_standby(run)),
    )
    recorded = run.stats["classification"]["behind_handoff"]["energy"]["value"]
    if report.images == 1 and report.total_aJ != recorded:
        raise ReconciliationError(
            f"the image's actions behind the handoff cost {report.total_aJ} aJ, and stats.json "
            f"says {recorded} aJ"
        )
    return report


def _standby(run: RecordedRun) -> Iterator[ActionCost]:
    prices, at_clock = run.machine.prices, run.machine.prices_aJ
    images, actions = int(run.manifest["images"]), run.stats["classification"]["actions"]
    for name in LEAKAGE:
        count = int(actions.get(name, {"value": 0})["value"])
        if count:
            action = priced.PricedAction(name, count, at_clock[name])
            yield ActionCost(action, prices[name], images)


def _check(path: tuple[Record, ...]) -> None:
    if not path:
        raise ReconciliationError("the image has no records behind the handoff")
    for before, record in pairwise(path):
        if record.t_start_ps != before.t_end_ps:
            raise ReconciliationError(
                f"behind the handoff record {record.id} begins at {record.t_start_ps} ps, and the "
                f"one before it ends at {before.t_end_ps} ps"
            )
