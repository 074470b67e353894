"""The discrete events of a run: the one place that puts machine, prices and tallies together.

Runs that keep a trace come here by `execute`; who needs time and energy alone, such as a study
of many machines, comes here directly.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from accelsim.analysis import (
    Load,
    ScheduleRow,
    ScheduleTally,
    Stats,
    StepTimesTally,
    Times,
    TimesTally,
    compute_stats,
    load_of,
)
from accelsim.compiler import Program, count
from accelsim.config import Machine
from accelsim.energy import Ledger, Priced, PricedSink, Pricing, Tally
from accelsim.errors import ReconciliationError
from accelsim.model import Accelerator, Arrival, Design
from accelsim.records import KINDS, StepTimes


class Position(NamedTuple):
    """How far a run has come.

    blocks, records: of records that the sinks have taken. images: whose results are stored.
    time_ps: of what is recorded. valued: images whose values are computed, after the last block.
    """

    blocks: int = 0
    records: int = 0
    images: int = 0
    time_ps: int = 0
    valued: int = 0


Progress = Callable[[Position], None]
"""Called after each block of records, and then as values are computed; it may end the run."""


@dataclass(frozen=True, eq=False)
class Events:
    """What the discrete events of a run gave, checked.

    schedule: the steps of the first image. step_times: of all images; None if nobody asked.
    load: what a stream met; None for images that came at one time.
    """

    period_ps: int
    ledger: Ledger
    times: Times
    schedule: tuple[ScheduleRow, ...]
    load: Load | None
    step_times: StepTimes | None = field(repr=False)

    def stats(self, accuracy: float | None = None) -> Stats:
        """Return the figures of the run. accuracy: share of images, if values were computed."""
        return compute_stats(self.times, self.ledger, self.period_ps, accuracy, self.load)


def run_events(  # noqa: PLR0913 - given by name
    machine: Machine,
    program: Program,
    arrivals: Sequence[Arrival],
    *,
    trace: PricedSink | None = None,
    step_times: bool = False,
    deadline_ps: NDArray[np.int64] | None = None,
    progress: Progress | None = None,
) -> Events:
    """Run a program once for each arrival, and check the ledger of what happened.

    arrivals: at least one, in order of arrival. trace: where each record goes; without one they
    are counted and forgotten. step_times: whether to keep the times of every step. deadline_ps:
    of each arrival, after it; negative for none.

    Raises what the trace raises, and DeadlockError or ReconciliationError for a defect of the
    program or the model. What `progress` raises ends the run.
    """
    prices = machine.prices_aJ
    first, steps = min(arrival.image for arrival in arrivals), len(program.instructions)
    tally, times = Tally(prices), TimesTally()
    schedule = ScheduleTally(first, machine.timing.read_cycles.value)
    sinks: list[PricedSink] = [tally, times, schedule]
    kept = StepTimesTally(first, len(arrivals), steps) if step_times else None
    if kept is not None:
        sinks.append(kept)
    if trace is not None:
        sinks.append(trace)
    if progress is not None:
        sinks.append(_PositionSink(progress, steps))
    Accelerator(Design.of(machine), program, arrivals, [Pricing(prices, sinks)]).run()
    ledger = tally.ledger()
    ledger.reconcile()
    _check_counts(ledger, program, machine, len(arrivals))
    found = times.times()
    is_stream = deadline_ps is not None or arrivals[-1].time_ps > arrivals[0].time_ps
    return Events(
        period_ps=machine.period_ps,
        ledger=ledger,
        times=found,
        load=load_of(found, deadline_ps) if is_stream else None,
        schedule=schedule.rows(),
        step_times=None if kept is None else kept.times(),
    )


class _PositionSink:
    """Tells how far a run has come. It is the last sink: the others have each block before."""

    def __init__(self, progress: Progress, steps: int) -> None:
        self._progress = progress
        self._steps = steps
        self._now = Position()

    def write(self, priced: Priced) -> None:
        """Count one block."""
        records, before = priced.records, self._now
        stored = (records.step == self._steps) & (records.kind == KINDS.index("settle"))
        self._now = Position(
            before.blocks + 1,
            before.records + len(records),
            before.images + int(stored.sum()),
            max(before.time_ps, int(records.t_end_ps.max())),
        )
        self._progress(self._now)

    def close(self) -> None:
        """Nothing is left to do."""


def _check_counts(ledger: Ledger, program: Program, machine: Machine, images: int) -> None:
    """Hold the counts of the run against those that the program's geometry gives."""
    read_cycles = machine.timing.read_cycles.value
    counts = [count(instruction, read_cycles) for instruction in program.instructions]
    expected = {
        "ota_tap_cycle": sum(step.tap_cycles for step in counts),
        "cell_read_cycle": sum(step.read for step in counts) * read_cycles,
        "cell_write": sum(step.written for step in counts),
        "cell_static_cycle": sum(step.static_cycles for step in counts),
        "issue": len(counts),
    }
    for action, number in expected.items():
        found = ledger.counts.get(action, 0)
        if found != number * images:
            raise ReconciliationError(
                f"the trace counts {found} {action}, the program's geometry gives "
                f"{number} x {images} images = {number * images}"
            )
