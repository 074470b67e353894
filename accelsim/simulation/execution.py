"""Runs a given program with given arrivals on a machine, and checks and writes what came out.

`simulate` runs what it compiled, a replay runs what was recorded: both come here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

import pyarrow as pa

from accelsim.analysis import (
    ScheduleRow,
    ScheduleTally,
    Stats,
    StepTimesTally,
    Times,
    TimesTally,
    compute_stats,
)
from accelsim.compiler import Program, count
from accelsim.config import Machine
from accelsim.energy import Ledger, Priced, PricedSink, Pricing, Tally
from accelsim.errors import ReconciliationError
from accelsim.model import Accelerator, Arrival, Design
from accelsim.records import KINDS, StepTimes
from accelsim.trace import TableTrace
from accelsim.values import Values

Progress = Callable[[int], None]
"""Called with the number of images that have left the machine so far."""


@dataclass(frozen=True)
class ValueSource:
    """How the values of a run are computed: `compute` is given the times of its steps.

    need_times: whether it uses them; without, it is given None.
    """

    compute: Callable[[StepTimes | None], Values]
    need_times: bool = False


@dataclass(frozen=True, eq=False)
class Execution:
    """What running a program left. values: None if nothing computes them."""

    stats: Stats
    ledger: Ledger
    times: Times
    schedule: tuple[ScheduleRow, ...]
    values: Values | None
    read_trace: Callable[[], pa.Table] = field(repr=False, compare=False)


class Output(Protocol):
    """Where a run leaves what it makes; left with an error, nothing of the run stays.

    trace: the sink that its records go to. read_trace: reads them again, afterwards.
    finish: takes the rest, once all was checked.
    """

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def trace(self) -> PricedSink:
        """Return the sink of the run's records."""

    def read_trace(self) -> pa.Table:
        """Return the whole trace."""

    def finish(self, machine: Machine, program: Program, execution: Execution) -> None:
        """Take what the run left beside its trace."""


class InMemory:
    """Keeps the trace as a table, and nothing else."""

    def __init__(self) -> None:
        self._table = TableTrace()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing is left to do."""

    def trace(self) -> PricedSink:
        """Return the sink of the run's records."""
        return self._table

    def read_trace(self) -> pa.Table:
        """Return the whole trace."""
        return self._table.table()

    def finish(self, machine: Machine, program: Program, execution: Execution) -> None:
        """Nothing is left to do."""


def execute(
    machine: Machine,
    program: Program,
    arrivals: Sequence[Arrival],
    *,
    values: ValueSource | None = None,
    output: Output | None = None,
    progress: Progress | None = None,
) -> Execution:
    """Run a program once for each arrival.

    arrivals: at least one, in order of arrival. output: where the run leaves what it makes;
    None keeps the trace in memory. Raises what the output raises, and DeadlockError or
    ReconciliationError for a defect.
    """
    with output or InMemory() as kept:
        run = _Run(machine, program, arrivals, kept.trace(), progress, values)
        execution = run.finish(kept.read_trace)
        kept.finish(machine, program, execution)
    return execution


class _Run:
    """The discrete-event part of a run, with what its sinks kept."""

    def __init__(
        self,
        machine: Machine,
        program: Program,
        arrivals: Sequence[Arrival],
        trace: PricedSink,
        progress: Progress | None,
        values: ValueSource | None,
    ) -> None:
        self.machine, self.program, self.values = machine, program, values
        self.images = len(arrivals)
        prices = machine.energy.prices_aJ()
        first = min(arrival.image for arrival in arrivals)
        self.tally = Tally(prices)
        self.times = TimesTally()
        self.schedule = ScheduleTally(first, machine.timing.read_cycles.value)
        sinks: list[PricedSink] = [self.tally, self.times, self.schedule, trace]
        self.step_times: StepTimesTally | None = None
        if values is not None and values.need_times:
            self.step_times = StepTimesTally(first, self.images, len(program.instructions))
            sinks.append(self.step_times)
        if progress is not None:
            sinks.append(_ProgressSink(progress, len(program.instructions)))
        Accelerator(Design.of(machine), program, arrivals, [Pricing(prices, sinks)]).run()

    def finish(self, read_trace: Callable[[], pa.Table]) -> Execution:
        """Check the ledger, compute the values, and put everything together."""
        ledger = self.tally.ledger()
        ledger.reconcile()
        _check_counts(ledger, self.program, self.machine, self.images)
        values = None
        if self.values is not None:
            values = self.values.compute(self.step_times.times() if self.step_times else None)
        accuracy = None if values is None else values.accuracy
        times = self.times.times()
        return Execution(
            stats=compute_stats(times, ledger, self.machine.period_ps, accuracy),
            ledger=ledger,
            times=times,
            schedule=self.schedule.rows(),
            values=values,
            read_trace=read_trace,
        )


class _ProgressSink:
    """Counts the images whose last step was issued, which is a write phase before they leave."""

    def __init__(self, progress: Progress, steps: int) -> None:
        self._progress = progress
        self._steps = steps
        self._done = 0

    def write(self, priced: Priced) -> None:
        """Count the images of one block."""
        records = priced.records
        last = (records.step == self._steps) & (records.kind == KINDS.index("issue"))
        self._done += int(last.sum())
        self._progress(self._done)

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
