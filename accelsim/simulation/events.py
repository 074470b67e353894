"""The discrete events of a run: the one place that puts machine, prices and tallies together.

Runs that keep a trace come here by `execute`; who needs time and energy alone, such as a study
of many machines, comes here directly.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from accelsim.analysis import (
    Load,
    PowerTally,
    PowerUse,
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
from accelsim.energy import EvenBlocks, Ledger, PricedSink, Pricing, Tally
from accelsim.errors import ReconciliationError
from accelsim.model import Accelerator, Arrival, Design, Stream
from accelsim.records import StepTimes
from accelsim.simulation.position import Passing, Progress
from accelsim.simulation.rest import oracle_of


@dataclass(frozen=True, eq=False)
class Events:
    """What the discrete events of a run gave, checked.

    schedule: the steps of the first image. step_times: of all images; None if nobody asked.
    load: what a stream met; None for images that came at one time. power: what power states did;
    None for a machine that is always on. skipped: images that were not run event by event, as the
    machine repeated itself.
    """

    period_ps: int
    ledger: Ledger
    times: Times
    schedule: tuple[ScheduleRow, ...]
    load: Load | None
    power: PowerUse | None
    step_times: StepTimes | None = field(repr=False)
    skipped: int = 0

    def stats(self, accuracy: float | None = None) -> Stats:
        """Return the figures of the run. accuracy: share of images, if values were computed."""
        return compute_stats(
            self.times, self.ledger, self.period_ps, accuracy, self.load, self.power
        )


def run_events(  # noqa: PLR0913 - given by name
    machine: Machine,
    program: Program,
    arrivals: Iterable[Arrival],
    *,
    trace: PricedSink | None = None,
    step_times: bool = False,
    deadline_ps: NDArray[np.int64] | None = None,
    progress: Progress | None = None,
    fast_forward: bool = True,
) -> Events:
    """Run a program once for each arrival, and check the ledger of what happened.

    arrivals: at least one, in order of arrival. trace: where each record goes; without one they
    are counted and forgotten. step_times: whether to keep the times of every step. deadline_ps:
    of each arrival, after it; negative for none. fast_forward: whether to skip what repeats itself,
    which changes nothing but the time that it takes.

    Raises what the trace raises, and DeadlockError or ReconciliationError for a defect of the
    program or the model. What `progress` raises ends the run.
    """
    prices = machine.prices_aJ
    stream = Stream.of(arrivals)
    first, steps = stream.lowest, len(program.instructions)
    tally, times = Tally(prices), TimesTally()
    schedule = ScheduleTally(first, machine.timing.read_cycles.value)
    sinks: list[PricedSink] = [tally, times, schedule]
    design = Design.of(machine)
    power = None if design.power is None else PowerTally()
    if power is not None:
        sinks.append(power)
    kept = StepTimesTally(first, len(stream), steps) if step_times else None
    if kept is not None:
        sinks.append(kept)
    if trace is not None:
        sinks.append(EvenBlocks(Passing(trace, progress, steps)))
    elif progress is not None:
        sinks.append(Passing(None, progress, steps))
    accelerator = Accelerator(
        design,
        program,
        stream,
        [Pricing(prices, sinks)],
        oracle=oracle_of(machine, program),
        fast_forward=fast_forward,
    )
    accelerator.run()
    ledger = tally.ledger()
    ledger.reconcile()
    _check_counts(ledger, program, machine, len(stream))
    found = times.times()
    is_stream = deadline_ps is not None or stream[-1].time_ps > stream[0].time_ps
    return Events(
        period_ps=machine.period_ps,
        ledger=ledger,
        times=found,
        load=load_of(found, deadline_ps) if is_stream else None,
        power=None if power is None else power.use(),
        schedule=schedule.rows(),
        step_times=None if kept is None else kept.times(),
        skipped=accelerator.skipped,
    )


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
