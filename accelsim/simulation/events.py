"""The discrete events of a run: the one place that puts machine, prices and tallies together.

Runs that keep a trace come here by `execute`; who needs time and energy alone, such as a study
of many machines, comes here directly.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from accelsim.analysis import (
    FaultTally,
    FaultUse,
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
    with_faults,
)
from accelsim.collector import left_alone
from accelsim.compiler import Program, Tenancy, count
from accelsim.compiler.counts import alike, count_words
from accelsim.config import Machine
from accelsim.energy import (
    EvenBlocks,
    Ledger,
    PricedSink,
    Pricing,
    Tally,
    ValueEnergies,
    ValuePricing,
)
from accelsim.errors import InputError, ReconciliationError
from accelsim.model import Accelerator, Arrival, Design, Stream
from accelsim.records import Sink, StepTimes
from accelsim.simulation.bounds import check_bounds
from accelsim.simulation.classification import ClassificationEvents, ClassificationTallies
from accelsim.simulation.position import Passing, Progress
from accelsim.simulation.rest import oracle_of
from accelsim.simulation.tenants import TenantEvents, TenantTallies
from accelsim.wording import switched


@dataclass(frozen=True, eq=False)
class Events:
    """What the discrete events of a run gave, checked.

    schedule: the steps of the first image. step_times: of all images; None if nobody asked.
    load: what a stream met; None for images that came at one time. power: what power states did;
    None for a machine that is always on. tenants: the share of each; none for a program that is
    alone. skipped: images that were not run event by event, as the machine repeated itself.
    not_skipped: why there are none; "" if there are. faults: what went wrong; None for a machine
    without faults. classification: what is behind the handoff; None for a run that ends with it.
    """

    period_ps: int
    ledger: Ledger
    times: Times
    schedule: tuple[ScheduleRow, ...]
    load: Load | None
    power: PowerUse | None
    step_times: StepTimes | None = field(repr=False)
    tenants: tuple[TenantEvents, ...] = ()
    skipped: int = 0
    not_skipped: str = ""
    faults: FaultUse | None = None
    classification: ClassificationEvents | None = None

    def stats(
        self, accuracies: Sequence[float | None] = (None,), classified: float | None = None
    ) -> Stats:
        """Return the figures of the run.

        accuracies: share of images, if values were computed, of each tenant; a run of several
        has none as a whole. classified: the same by what is behind the handoff.
        """
        shares = {
            tenant.name: stats
            for tenant, accuracy in zip(self.tenants, accuracies, strict=False)
            if (stats := tenant.stats(self.period_ps, accuracy)) is not None
        }
        alone = None if self.tenants else accuracies[0]
        published = compute_stats(
            self.times,
            self.ledger,
            self.period_ps,
            alone,
            self.load,
            power=self.power,
            faults=self.faults,
            tenants=shares or None,
        )
        if self.classification is None:
            return published
        return self.classification.beside(published, self.period_ps, classified)


def run_events(  # noqa: PLR0913 - given by name
    machine: Machine,
    program: Program | Tenancy,
    arrivals: Iterable[Arrival],
    *,
    trace: PricedSink | None = None,
    step_times: bool = False,
    deadline_ps: NDArray[np.int64] | None = None,
    progress: Progress | None = None,
    fast_forward: bool = True,
    energies: Sequence[ValueEnergies] = (),
) -> Events:
    """Run a program, or that of its tenant, for each arrival, and check the ledger of it.

    arrivals: at least one, in order of arrival. trace: where each record goes; without one they
    are counted and forgotten. step_times: whether to keep the times of every step. deadline_ps:
    of each arrival, after it; negative for none. fast_forward: whether to skip what repeats itself,
    which changes nothing but the time that it takes. energies: of the values of each program's
    images, for a machine whose energies follow them.

    Raises InputError for times and energies beyond 64 bits, and for a machine whose energies follow
    values that there are none of, before anything runs; what the trace
    raises; and DeadlockError or ReconciliationError for a defect of the
    program or the model. What `progress` raises ends the run.
    """
    prices, tenancy, stream = machine.prices_aJ, Tenancy.of(program), Stream.of(arrivals)
    check_bounds(machine, tenancy.programs, stream)
    first = stream.lowest
    steps = [len(each.instructions) for each in tenancy.programs]
    tally, times = Tally(prices), TimesTally(restarts=machine.has_power_failures)
    schedule = ScheduleTally(first, machine.timing.read_cycles.value)
    sinks: list[PricedSink] = [tally, times, schedule]
    design = Design.of(machine)
    power = None if design.power is None else PowerTally()
    if power is not None:
        sinks.append(power)
    faults = _fault_tally(machine)
    if faults is not None:
        sinks.append(faults)
    kept = StepTimesTally(first, len(stream), max(steps)) if step_times else None
    if kept is not None:
        sinks.append(kept)
    shares = None if tenancy.is_alone else TenantTallies(tenancy, stream, machine)
    if shares is not None:
        sinks.append(shares.sink)
    classified = ClassificationTallies.of(machine, tenancy.programs[0])
    sinks = sinks if classified is None else classified.sinks(sinks)
    if trace is not None:
        sinks.append(EvenBlocks(Passing(trace, progress)))
    elif progress is not None:
        sinks.append(Passing(None, progress))
    accelerator = Accelerator(
        design,
        tenancy,
        stream,
        [_pricing(machine, energies, sinks)],
        oracle=oracle_of(machine, tenancy),
        fast_forward=fast_forward,
    )
    with left_alone():
        accelerator.run()
    ledger = tally.ledger()
    found = times.times()
    what = None if faults is None else faults.use()
    is_stream = deadline_ps is not None or stream[-1].time_ps > stream[0].time_ps
    tenants: tuple[TenantEvents, ...] = ()
    if shares is None:
        _check_counts(ledger, tenancy.programs[0], machine, len(stream))
    else:
        ledger = shares.ledger(ledger)
        tenants = shares.found(found, deadline_ps, is_stream=is_stream)
        for tenant in tenants:
            _check_counts(tenant.ledger, tenant.program, machine, tenant.images)
    _check_energies(energies, tenants, ledger)
    found_steps = None if kept is None else kept.times()
    if found_steps is not None and what is not None:
        found_steps = with_faults(found_steps, what.strikes, machine, first)
    return Events(
        period_ps=machine.period_ps,
        ledger=ledger,
        times=found,
        load=load_of(found, deadline_ps) if is_stream else None,
        power=None if power is None else power.use(),
        schedule=schedule.rows(),
        step_times=found_steps,
        tenants=tenants,
        skipped=accelerator.skipped,
        not_skipped="" if accelerator.skipped else _why_none(stream, fast_forward=fast_forward),
        faults=what,
        classification=None
        if classified is None
        else classified.found(ledger, found, deadline_ps, is_stream=is_stream),
    )


def _pricing(
    machine: Machine, energies: Sequence[ValueEnergies], sinks: Sequence[PricedSink]
) -> Sink:
    """Return what prices the records of a machine, by count or by the values of its images."""
    if not machine.energy.follows_values:
        return Pricing(machine.prices_aJ, sinks)
    if not energies:
        raise InputError(
            "energy.model: got 'by_value'; expected 'by_count': no values are computed here, only "
            "times and energies"
        )
    return ValuePricing(machine.prices_aJ, energies, sinks)


def _why_none(stream: Stream, *, fast_forward: bool) -> str:
    """Say why no image was skipped."""
    if not fast_forward:
        return switched("fast-forward", on=False)
    if stream.kinds is not None and (stream.kinds != stream.kinds[0]).any():
        return "several tenants or priorities"
    return "nothing repeats often enough"


def _fault_tally(machine: Machine) -> FaultTally | None:
    """Return what keeps the faults of a machine; None for one without."""
    if machine.faults is None or not machine.faults.events:
        return None
    return FaultTally([event.kind for event in machine.faults.events])


def _check_energies(
    energies: Sequence[ValueEnergies], tenants: Sequence[TenantEvents], ledger: Ledger
) -> None:
    """Check that the ledger adds up, and has what was made of values. energies: by program."""
    if energies:
        parts = [each.ledger for each in tenants if each.images] or [ledger]
        for each, part in zip(energies, parts, strict=True):
            each.reconcile(part)
    ledger.reconcile()


def _check_counts(ledger: Ledger, program: Program, machine: Machine, images: int) -> None:
    """Hold the counts of the run against those that the program's geometry gives.

    Each step is issued once an image, unless steps are lost with the supply and issued again.
    """
    issues: Counter[int] = Counter()
    if machine.has_power_failures:
        for entry in ledger.entries:
            issues[entry.step] += entry.count if entry.action == "issue" else 0
    read_cycles = machine.timing.read_cycles.value
    expected: Counter[str] = Counter()
    for instructions in alike(program.instructions):
        step = count(instructions[0], read_cycles)
        times = images * len(instructions)
        if machine.has_power_failures:
            times = sum(issues[each.step] for each in instructions)
        expected["ota_tap_cycle"] += step.tap_cycles * times
        expected["cell_read_cycle"] += step.read * read_cycles * times
        expected["cell_write"] += step.written * times
        expected["cell_static_cycle"] += step.static_cycles * times
        expected["issue"] += times
        if machine.codes is not None:
            for action, number in count_words(instructions[0], machine.codes).items():
                expected[action] += number * times
    for action, number in expected.items():
        found = ledger.counts.get(action, 0)
        if found != number:
            raise ReconciliationError(
                f"the trace counts {found} {action}, the program's geometry gives for {images} "
                f"images {number}"
            )
