"""Runs a given program with given arrivals on a machine, computes values, and keeps the trace.

`simulate` runs what it compiled, a replay runs what was recorded: both come here.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Protocol, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from accelsim.analysis import Classification, ScheduleRow, Stats, Times
from accelsim.compiler import Program, Tenancy
from accelsim.config import Machine
from accelsim.config.energy_by_value import BY_COUNT
from accelsim.energy import Ledger, PricedSink
from accelsim.errors import InputError
from accelsim.model import Arrival, Stream
from accelsim.records import StepTimes
from accelsim.simulation.events import Events, run_events
from accelsim.simulation.position import Position, Progress
from accelsim.simulation.tenants import TenantEvents
from accelsim.trace import EVERY_RECORD, TableTrace, Window
from accelsim.values import Values


@dataclass(frozen=True)
class ValueSource:
    """How the values of a run are computed: `compute` is given the times of its steps.

    need_times: whether it uses them; without, it is given None. The function that it is given
    takes the number of images that are computed. need_before: whether it uses what the image
    before left in the same planes.
    """

    compute: Callable[[StepTimes | None, Callable[[int], None]], Values]
    need_times: bool = False
    need_before: bool = False


@dataclass(frozen=True, eq=False)
class Execution:
    """What running a program, or those of several tenants, left.

    values: of each tenant, None if nothing computes them. tenants: none for a program that is
    alone. skipped, not_skipped: as of `Events`. classification: what is behind the handoff; None
    for a run that ends with it.
    """

    stats: Stats
    ledger: Ledger
    times: Times
    schedule: tuple[ScheduleRow, ...]
    values: tuple[Values | None, ...]
    read_trace: Callable[[], pa.Table] = field(repr=False, compare=False)
    tenants: tuple[TenantEvents, ...] = ()
    skipped: int = 0
    not_skipped: str = ""
    classification: Classification | None = None

    @property
    def whole_ledger(self) -> Ledger:
        """The ledger of all records, of those behind the handoff, too."""
        return self.ledger if self.classification is None else self.classification.ledger


class Output(Protocol):
    """Where a run leaves what it makes; left with an error, nothing of the run stays.

    start: is told what runs. trace: the sink that its records go to, None if they are not kept.
    passed: how far the run has come, after each block of records and as values are computed; what
    it raises ends the run. finish: takes the rest, once all was checked. read_trace: reads the
    records again, afterwards.
    """

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def start(self, machine: Machine, program: Program | Tenancy) -> None:
        """Learn what runs."""

    def trace(self) -> PricedSink | None:
        """Return the sink of the run's records."""

    def passed(self, position: Position) -> None:
        """Learn how far the run has come."""

    def read_trace(self) -> pa.Table:
        """Return the whole trace."""

    def finish(self, execution: Execution) -> None:
        """Take what the run left beside its trace."""


class InMemory:
    """Keeps the trace, or the records of a window, as a table, and nothing else; None: nothing."""

    def __init__(self, window: Window | None = EVERY_RECORD) -> None:
        self._table = None if window is None else TableTrace(window)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing is left to do."""

    def start(self, machine: Machine, program: Program | Tenancy) -> None:
        """Nothing is left to do."""

    def trace(self) -> PricedSink | None:
        """Return the sink of the run's records."""
        return self._table

    def passed(self, position: Position) -> None:
        """Nothing is left to do."""

    def read_trace(self) -> pa.Table:
        """Return the records that were kept; InputError if none should be."""
        if self._table is None:
            raise InputError("no trace: it was asked for none")
        return self._table.table()

    def finish(self, execution: Execution) -> None:
        """Nothing is left to do."""


class _Told:
    """Passes on how far a run has come, and adds how many values are computed."""

    def __init__(self, output: Output, progress: Progress | None) -> None:
        self._output, self._progress = output, progress
        self.is_before_run = False
        self._now = Position()

    def passed(self, position: Position) -> None:
        """Tell the output first, of the run that it keeps: it may end it."""
        self._now = position
        if not self.is_before_run:
            self._output.passed(position)
        if self._progress is not None:
            self._progress(position)

    def valued_after(self, before: int) -> Callable[[int], None]:
        """Return what tells that so many images more are computed than before."""
        return lambda images: self.passed(self._now._replace(valued=before + images))


def execute(  # noqa: PLR0913 - given by name
    machine: Machine,
    program: Program | Tenancy,
    arrivals: Iterable[Arrival],
    *,
    values: Sequence[ValueSource | None] = (),
    output: Output | None = None,
    deadline_ps: NDArray[np.int64] | None = None,
    progress: Progress | None = None,
    fast_forward: bool = True,
) -> Execution:
    """Run a program, or that of its tenant, for each arrival.

    arrivals: at least one, in order of arrival. values: of each tenant; with energies that follow
    values, of each that has images. output: where the run
    leaves what it makes; None keeps the trace in memory. deadline_ps: of each arrival, as of a
    stream. fast_forward: whether to skip what repeats itself, see `run_events`. Raises what the
    output raises, and DeadlockError or ReconciliationError for a defect.
    """
    with output or InMemory() as kept:
        kept.start(machine, program)
        told = _Told(kept, progress)
        run = _Run(machine, program, Stream.of(arrivals), deadline_ps, fast_forward)
        if machine.energy.follows_values:
            events, found = _by_value(run, values, kept.trace(), told)
        else:
            timed = any(each is not None and each.need_times for each in values)
            events = run.events(trace=kept.trace(), step_times=timed, progress=told.passed)
            found = tuple(_computed(events, values, told))
        found = found or (None,)
        execution = Execution(
            stats=events.stats(
                [None if each is None else each.accuracy for each in found],
                None if found[0] is None else found[0].classified_accuracy,
            ),
            ledger=events.ledger,
            times=events.times,
            schedule=events.schedule,
            values=found,
            read_trace=kept.read_trace,
            tenants=events.tenants,
            skipped=events.skipped,
            not_skipped=events.not_skipped,
            classification=None if events.classification is None else events.classification.found,
        )
        kept.finish(execution)
    return execution


@dataclass(frozen=True, eq=False)
class _Run:
    """What the events of a run are of, as `run_events` takes it."""

    machine: Machine
    program: Program | Tenancy
    arrivals: Stream
    deadline_ps: NDArray[np.int64] | None
    fast_forward: bool

    def events(self, **more: Any) -> Events:
        """Run the events."""
        return run_events(
            self.machine,
            self.program,
            self.arrivals,
            deadline_ps=self.deadline_ps,
            fast_forward=self.fast_forward,
            **more,
        )

    def by_count(self) -> "_Run":
        """Return the run with energies that follow no values: its times are the same."""
        energy = self.machine.energy.model_copy(update={"model": BY_COUNT})
        return replace(self, machine=self.machine.model_copy(update={"energy": energy}))


def _by_value(
    run: _Run, values: Sequence[ValueSource | None], trace: PricedSink | None, told: _Told
) -> tuple[Events, tuple[Values | None, ...]]:
    """Run the events twice: values need times, and energies values.

    The first time says when each step happens, and which image used the planes before.
    """
    told.is_before_run = True
    timed = run.by_count().events(step_times=True)
    found = tuple(_computed(timed, values, told))
    told.is_before_run = False
    energies = [each.energies for each in found if each is not None and each.energies is not None]
    return run.events(trace=trace, progress=told.passed, energies=energies), found


def _computed(
    events: Events, values: Sequence[ValueSource | None], told: _Told
) -> Iterator[Values | None]:
    """Compute the values of each tenant, from the times of its own steps."""
    times: list[StepTimes | None] = [events.step_times]
    if events.tenants and events.step_times is not None:
        times = [tenant.step_times(events.step_times) for tenant in events.tenants]
    elif events.tenants:
        times = [None] * len(events.tenants)
    before = 0
    for source, each in zip(values, times, strict=True) if values else ():
        found = None if source is None else source.compute(each, told.valued_after(before))
        before += 0 if found is None else len(found.images)
        yield found
